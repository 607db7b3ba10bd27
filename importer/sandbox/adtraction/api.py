"""Adtraction's partner API under `/adtraction/` (docs/networks/adtraction.md 1 to 3)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from importer.sandbox.adtraction import files as adtraction_files
from importer.sandbox.adtraction import reports
from importer.sandbox.adtraction.advertiser import APPROVED, REJECTED
from importer.sandbox.adtraction.files import product
from importer.sandbox.catalogue.families import DEPARTMENTS
from importer.sandbox.catalogue.shops import MARKETS, Feed, network_feeds
from importer.sandbox.credentials import (
    ADTRACTION_ADVERTISER_TOKEN,
    ADTRACTION_OTHER_CHANNEL_ID,
    DEMO_CREDENTIALS,
)
from importer.sandbox.state import State
from importer.sandbox.web import JSON, Request, Response, json_response

PREFIX = "/adtraction"
_TOKEN = DEMO_CREDENTIALS["adtraction"]["token"]
CHANNEL_ID = int(DEMO_CREDENTIALS["adtraction"]["channel_id"])
_CHANNELS = {CHANNEL_ID: "Good finds", ADTRACTION_OTHER_CHANNEL_ID: "Newsletter"}
_FEEDS = network_feeds("adtraction")
_STATUS = {"rejected": 0, "connected": 1, "pending": 2, "open": 3, "unlinked": 1}
_MARKET_IDS = {code: 12 + place for place, code in enumerate(MARKETS)}
_STOCKHOLM = timezone(timedelta(hours=1), "CET")


@dataclass(frozen=True, slots=True)
class Call:
    state: State
    request: Request
    values: dict  # the JSON body
    parts: tuple[str, ...]  # what the path's placeholders held


class ApiError(Exception):
    """An error as `{"message": ..., "status": ...}`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> Response:
        return json_response({"message": str(self), "status": self.status}, self.status)


def answer(state: State, request: Request) -> Response:
    """Answer with the three rate headers, whatever the answer is."""
    path = request.path.removeprefix(PREFIX)
    if path == "/productfeed.htm":
        return adtraction_files.feed_file(state, request)
    found = next(((route, match) for route in ROUTES if (match := route.pattern.fullmatch(path))), None)
    limit = state.options.slow_rate_limit if found and found[0].slow else state.options.rate_limit
    remaining, reset = state.bucket.take((found[0].pattern.pattern if found else "",), limit)
    try:
        response = _dispatch(state, request, found, remaining, reset)
    except ApiError as error:
        response = error.response()
    response.headers |= {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(max(remaining, 0)),
        "x-ratelimit-reset": str(reset),
        "Connection": "close",
    }
    if isinstance(response.body, bytes):
        response.body = iter([response.body])  # chunked, like the real one
    return response


def _dispatch(
    state: State, request: Request, found: tuple[Route, re.Match] | None, remaining: int, reset: int
) -> Response:
    if found is None:
        raise ApiError(404, "Not found")
    route, match = found
    token = request.headers.get("x-token") or request.query.get("token", "")
    if token.upper() != (ADTRACTION_ADVERTISER_TOKEN if route.client else _TOKEN):
        raise ApiError(401, "Unauthorized")
    if remaining < 0:
        raise ApiError(429, f"Too many requests. Reset time {reset}")
    if (
        request.method == "GET"
        and route.pattern.pattern.startswith(r"/v2/(?:partner|affiliate)")
        and route.method == "POST"
    ):
        raise ApiError(415, "Unsupported media type")
    if request.method not in route.method.split():
        raise ApiError(400, f"Request method '{request.method}' not supported")
    values: dict = {}
    if request.method in ("POST", "PUT"):
        if not request.headers.get("content-type", "").lower().startswith("application/json"):
            raise ApiError(415, "Unsupported media type")
        try:
            values = json.loads(request.body)
        except ValueError:
            raise ApiError(400, "Malformed JSON request") from None
        if not isinstance(values, dict):
            raise ApiError(400, "Malformed JSON request")
    return route.handler(Call(state, request, values, match.groups()))


# --- checks ------------------------------------------------------------------------------------


def _check_filter(values: dict, name: str, allowed: tuple[int, ...], words: str) -> None:
    """Refuse null and unknown values: a filter that is not meant has to be left out."""
    if name in values and values[name] not in allowed:
        raise ApiError(400, f"Invalid {name}. Expected value: {words}")


def _read_channel(value: object) -> int:
    if not isinstance(value, int | str) or not str(value).isdecimal():
        raise ApiError(400, "Invalid channelId")
    if int(value) not in _CHANNELS:
        raise ApiError(403, "You do not have access to this channel")
    return int(value)


def _find_feed(program_id: object) -> Feed:
    feed = next((feed for feed in _FEEDS if str(feed.program_id) == str(program_id)), None)
    if feed is None:
        raise ApiError(404, "Program not found")
    return feed


def _approval(state: State, feed: Feed, channel_id: int) -> int:
    decided = state.channels.status_of(feed, channel_id)
    if decided is not None:
        return decided
    return _STATUS[feed.state] if channel_id == CHANNEL_ID else 3


# --- endpoints ---------------------------------------------------------------------------------


def programs(call: Call) -> Response:
    values = call.values
    market = values.get("market")
    if not isinstance(market, str) or market.upper() not in MARKETS:
        raise ApiError(400, "Invalid market. Expected value: ISO 3166-1 Alpha-2 country code")
    _check_filter(values, "status", (0, 3), "0 = live, 3 = closing")
    _check_filter(values, "approvalStatus", (0, 1, 2), "0 = rejected, 1 = approved, 2 = pending review")
    if "programId" in values and not isinstance(values["programId"], int):
        raise ApiError(400, "Invalid programId")
    channel_id = _read_channel(values["channelId"]) if "channelId" in values else CHANNEL_ID
    listed = [
        _program(call, feed, channel_id)
        for feed in _FEEDS
        if feed.shop.market.code == market.upper()
        and values.get("programId", feed.program_id) == feed.program_id
        and values.get("approvalStatus", _approval(call.state, feed, channel_id))
        == _approval(call.state, feed, channel_id)
        and values.get("status", 0) == 0
    ]
    return json_response(listed)


def _program(call: Call, feed: Feed, channel_id: int) -> dict:
    shop, approval = feed.shop, _approval(call.state, feed, channel_id)
    base = call.request.base_url
    department = list(DEPARTMENTS).index(shop.departments[0])
    ad_id = 1487000000 + feed.feed_id
    program = {
        "programId": feed.program_id,
        "market": shop.market.code,
        "currency": shop.market.currency,
        "approvalStatus": approval,
        "ppcMarketing": 2,
        "socialMarketing": 1,
        "emailMarketing": 1,
        "cashbackMarketing": 0,
        "couponMarketing": 1,
        "programName": f"{shop.name} {shop.market.code}",
        "programURL": f"{base}/shop/{shop.slug}/",
        "currentSegment": "Standard",
        "pendingActive": False,
        "adId": ad_id,
        "commissions": _commissions(feed, call.state.rate_of(feed.key)),
        "feeds": [_feed_info(call, feed, channel_id)] if approval == 1 else [],
        "categoryName": DEPARTMENTS[shop.departments[0]][2],
        "categoryId": department + 1,
        "trackingType": 2,
        "status": 0,
    }
    if feed.feed_id % 3:  # optional in life
        program |= {"logoURL": f"{base}/logos/{shop.slug}.png", "cookieDuration": 45, "epc": 1.94}
    if approval == 1:
        program["trackingURL"] = f"{base}/t/t?a={ad_id}&as={channel_id}&t=2&tk=1"
    return program


def _commissions(feed: Feed, rate: float | None) -> list[dict]:
    return [
        {
            "id": 1066000000 + feed.feed_id,
            "type": "%",
            "name": "Sale",
            "value": rate or 4.5 + feed.feed_id % 5,
            "transactionType": 3,
            "categories": [],
            "thresholds": [],
        }
    ]


def _feed_info(call: Call, feed: Feed, channel_id: int) -> dict:
    url = (
        f"{call.request.base_url}{PREFIX}/productfeed.htm?type=feed&format=XML&encoding=UTF8&epi=0&zip=0&cdelim=tab"
        f"&tdelim=singlequote&sd=0&sn=0&flat=0&apid={feed.program_id}&asid={channel_id}&pfid={feed.feed_id}"
    )
    return {
        "feedUrl": url,
        "lastUpdated": updated_at(call.state, feed).strftime("%Y-%m-%dT%H:%M:%S%z"),
        "numberOfProducts": call.state.catalogue.live_count(feed),
        "feedId": feed.feed_id,
        "name": "Standard",
    }


def updated_at(state: State, feed: Feed) -> datetime:
    """Return when the feed's current version was published, in Stockholm's time."""
    return state.catalogue.change(feed).published_at.astimezone(_STOCKHOLM)


def commissions(call: Call) -> Response:
    feed = _find_feed(call.parts[0])
    if call.parts[1]:
        _read_channel(call.parts[1])
    return json_response(_commissions(feed, call.state.rate_of(feed.key)))


def feed_info(call: Call) -> Response:
    feed, channel_id = _find_feed(call.parts[0]), _read_channel(call.parts[1])
    approval = _approval(call.state, feed, channel_id)
    if approval != 1:
        raise ApiError(403, "Channel is not approved for this program")
    return json_response([{**_feed_info(call, feed, channel_id), "approvalStatus": approval}])


def product_feed(call: Call) -> Response:
    """Stream every product as one JSON array; how many there are stands in the headers."""
    values = call.values
    for name in ("programId", "channelId"):
        if not isinstance(values.get(name), int):
            raise ApiError(400, f"Invalid {name}")
    if "feedId" in values and not isinstance(values["feedId"], int):
        raise ApiError(400, "Invalid feedId")
    feed, channel_id = _find_feed(values["programId"]), _read_channel(values["channelId"])
    if _approval(call.state, feed, channel_id) != 1:
        raise ApiError(403, "Channel is not approved for this program")
    if values.get("feedId", feed.feed_id) != feed.feed_id:
        raise ApiError(404, "Feed not found")
    headers = {
        "count": str(call.state.catalogue.live_count(feed)),
        # Java's Date.toString()
        "feed_lastupdated": updated_at(call.state, feed).strftime("%a %b %d %H:%M:%S CET %Y"),
    }
    return Response(200, _stream(call, feed, channel_id, bool(values.get("setEpi"))), headers, JSON)


def _stream(call: Call, feed: Feed, channel_id: int, epi: bool) -> Iterator[bytes]:
    base, separator = call.request.base_url, b"["
    for item in call.state.catalogue.rows(feed):
        row = product(base, item, str(channel_id), epi)
        yield separator + json.dumps(row, ensure_ascii=False).encode()
        separator = b","
    yield b"]" if separator == b"," else b"[]"


def markets(call: Call) -> Response:
    listed = [
        {"market": code, "marketName": market.name, "marketId": _MARKET_IDS[code]}
        for code, market in MARKETS.items()
    ]
    return json_response(listed)


def currencies(call: Call) -> Response:
    return json_response([{"currency": market.currency} for market in MARKETS.values()])


def channels(call: Call) -> Response:
    return json_response([{"channelId": key, "channelName": name} for key, name in _CHANNELS.items()])


def applications(call: Call) -> Response:
    listed = [
        {
            "channelId": CHANNEL_ID,
            "channelName": _CHANNELS[CHANNEL_ID],
            "status": _STATUS[feed.state],
            "programId": feed.program_id,
            "programName": f"{feed.shop.name} {feed.shop.market.code}",
        }
        for feed in _FEEDS
        if feed.state != "open"
    ]
    return json_response(listed)


def directory(call: Call) -> Response:
    market_id, category_id = (int(part) for part in call.parts)
    base = call.request.base_url
    listed = [
        {
            "programId": feed.program_id,
            "programName": f"{feed.shop.name} {feed.shop.market.code}",
            "programUrl": f"{base}/shop/{feed.shop.slug}/",
            "logoUrl": f"{base}/logos/{feed.shop.slug}.png",
            "category": DEPARTMENTS[feed.shop.departments[0]][2],
        }
        for feed in _FEEDS
        if _MARKET_IDS[feed.shop.market.code] == market_id
        and list(DEPARTMENTS).index(feed.shop.departments[0]) + 1 == category_id
    ]
    return json_response(listed)


def report(name: str) -> Callable[[Call], Response]:
    """Return the handler of a report by its name in `reports`."""

    def handler(call: Call) -> Response:
        channel_id = _read_channel(call.values["channelId"]) if "channelId" in call.values else CHANNEL_ID
        try:
            return json_response(getattr(reports, name)(call.state, call.values, channel_id))
        except reports.BadValue as error:
            raise ApiError(400, str(error)) from None

    return handler


def balance(call: Call) -> Response:
    return json_response(reports.balance(call.state, call.parts[0].upper()))


def client_channels(call: Call) -> Response:
    """List the channels of the program, or decide on one."""
    values, channels = call.values, call.state.channels
    _check_filter(values, "approvalStatus", (0, 1, 2), "0 = rejected, 1 = approved, 2 = pending review")
    if call.request.method == "POST":
        return json_response(channels.listed(values))
    number, status, reason = (values.get(key) for key in ("channelId", "approvalStatus", "rejectReason"))
    if not isinstance(number, int) or number not in channels.rows:
        raise ApiError(404, "Channel not found")
    if status not in (REJECTED, APPROVED) or (status == REJECTED and reason not in range(13)):
        raise ApiError(400, "Invalid rejectReason. Expected value: 0 to 12")
    channels.decide(number, status, reason)
    return json_response({"success": True})


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern
    handler: Callable[[Call], Response]
    slow: bool = False

    @property
    def client(self) -> bool:
        """Is it an advertiser's?"""
        return "/client/" in self.pattern.pattern


ROUTES = tuple(
    Route(method, re.compile(pattern), handler, slow)
    for method, pattern, handler, slow in (
        ("POST", r"/v3/partner/programs/?", programs, False),
        ("GET", r"/v3/partner/programs/commissions/(\d+)/(?:(\d+)/?)?", commissions, False),
        ("GET", r"/v3/partner/products/feedinfo/(\d+)/(\d+)/?", feed_info, False),
        ("POST", r"/v3/partner/products/feed/?", product_feed, False),
        ("GET", r"/v2/partner/markets/?", markets, False),
        ("GET", r"/v2/partner/currencies/?", currencies, False),
        ("GET", r"/v2/(?:partner|affiliate)/channels/?", channels, True),
        ("GET", r"/v1/affiliate/approvedchannels/?", channels, True),
        ("POST", r"/v2/partner/applications/?", applications, False),
        ("POST PUT", r"/v3/client/channels/?", client_channels, True),
        ("GET", r"/v2/partner/programs/directory/(\d+)/(\d+)/?", directory, False),
        ("POST", r"/v2/(?:partner|affiliate)/transactions/?", report("transactions"), False),
        ("POST", r"/v2/(?:partner|affiliate)/clicks/?", report("clicks"), False),
        ("POST", r"/v2/(?:partner|affiliate)/statistics/?", report("statistics"), False),
        ("GET", r"/v2/partner/balance/([A-Za-z]{3})/?", balance, False),
    )
)
