"""The Products API as an advertiser sees it (docs/networks/tradedoubler.md 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.sandbox.own_shop import OWN_FEEDS, PROGRAMS, OwnFeed
from importer.sandbox.web import Response, json_response

if TYPE_CHECKING:
    from importer.sandbox.tradedoubler.api import Call


def answer(call: Call) -> Response | None:
    """Answer what is an advertiser's; None for anything else."""
    if call.module == "productFeeds" and call.request.method == "GET":
        return _product_feeds(call)
    return None


def _product_feeds(call: Call) -> Response:
    shown = [feed for feed in OWN_FEEDS if not call.rest or str(feed.feed_id) == call.rest]
    return json_response({"feeds": [_feed(feed) for feed in shown]}, pretty=call.flag("pretty"))


def _feed(feed: OwnFeed) -> dict[str, object]:
    return {
        "feedId": feed.feed_id,
        "name": feed.name,
        "active": True,
        "sendToNewPF": False,
        "visible": True,
        "currencyISOCode": feed.currency,
        "languageISOCode": feed.language,
        "secret": False,
        "numberOfUnmappedCategories": 0,
        "numberOfProducts": 0,
        "lastModifiedTime": "2026-01-01T9:09:03.374+0100",
        "programs": [{"programId": feed.program_id, "name": PROGRAMS[feed.program_id]}],
    }
