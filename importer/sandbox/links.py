"""Tracking links in each network's own syntax, pointing at the sandbox, and how they are read back."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, unquote

from importer.sandbox.catalogue.item import Item
from importer.sandbox.credentials import TRADEDOUBLER_SITE_ID


def destination(base: str, item: Item) -> str:
    """Return the shop's own address of the item, or what the shop wrote in its place."""
    return base + item.link if item.link.startswith("/") else item.link


def tradedoubler_link(base: str, item: Item) -> str:
    """Paren form, destination encoded (tradedoubler.md 9); an odd destination is handed on as it is."""
    if not item.link.startswith("/"):
        return item.link
    product = quote(f"{item.feed.feed_id}-{item.sku}", safe="")
    return (
        f"{base}/click?a({TRADEDOUBLER_SITE_ID})p({item.feed.program_id})product({product})ttid(3)"
        f"url({quote(destination(base, item), safe='')})"
    )


def adtraction_link(base: str, item: Item, channel_id: str) -> str:
    """Query form, `url` last and raw (docs/networks/adtraction.md 5)."""
    if not item.link.startswith("/"):
        return item.link
    ad_id = 1487000000 + item.feed.feed_id
    return f"{base}/t/t?a={ad_id}&as={channel_id}&t=2&tk=1&url={destination(base, item)}"


def tradetracker_link(base: str, item: Item, site_id: str, reference: str = "") -> str:
    """Click form; every third campaign links directly to its shop (docs/networks/tradetracker.md 8)."""
    if not item.link.startswith("/"):
        return item.link
    feed, target = item.feed, quote(destination(base, item), safe="")
    if feed.program_id % 3 == 0:
        label = f"{feed.program_id}_{feed.feed_id}_{site_id}_{reference}"
        return f"{base}/tracker/{feed.shop.slug}/?tt={label}&r={target}"
    return f"{base}/tc/?c={feed.program_id}&m={feed.feed_id}&a={site_id}&r={reference}&u={target}"


def read_tradedoubler(query: str) -> dict[str, str]:
    """Read a click in paren or query form: `program`, `site`, `sub_id`, `sub_id2`, `url`."""
    if "(" in query.partition("=")[0]:
        fields = dict(re.findall(r"(\w+)\(([^()]*)\)", query))
    else:
        fields = {name: values[0] for name, values in parse_qs(query).items()}
        fields["url"] = quote(fields.get("url", ""), safe="")
    return {
        "network": "tradedoubler",
        "program": fields.get("p", ""),
        "site": fields.get("a", ""),
        "sub_id": unquote(fields.get("epi", "")),
        "sub_id2": unquote(fields.get("epi2", "")),
        "url": unquote(fields.get("url", "")),
    }


def read_adtraction(query: str) -> dict[str, str]:
    """Everything after `url=` is the destination, its own `&` included."""
    head, _, url = query.partition("url=")
    fields = {name: values[0] for name, values in parse_qs(head).items()}
    return {
        "network": "adtraction",
        "program": fields.get("a", ""),
        "site": fields.get("as", ""),
        "sub_id": fields.get("epi", ""),
        "sub_id2": fields.get("epi2", ""),
        "url": unquote(url) if url.lower().startswith(("http%3a", "https%3a")) else url,
    }


def read_tradetracker(query: str) -> dict[str, str]:
    """Read a click link, or a direct link, whose `tt` has four parts: a fifth is lost (tradetracker.md 8)."""
    fields = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    if "tt" in fields:
        parts = [*fields["tt"].split("_"), "", "", "", ""]
        campaign, site, reference, url = parts[0], parts[2], parts[3], fields.get("r", "")
    else:
        campaign, site = fields.get("c", ""), fields.get("a", "")
        reference, url = fields.get("r", ""), fields.get("u", "")
    return {
        "network": "tradetracker",
        "program": campaign,
        "site": site,
        "sub_id": reference,
        "sub_id2": "",
        "url": url,
    }
