"""The Unlimited service: a file made on demand, handed out three times per version (tradedoubler.md 5)."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Iterable, Iterator

from importer.sandbox.catalogue.item import Item
from importer.sandbox.catalogue.shops import Feed, network_feeds
from importer.sandbox.own_shop import OwnFeed
from importer.sandbox.state import State
from importer.sandbox.tradedoubler.csv_files import Dialect, csv_lines
from importer.sandbox.tradedoubler.products import Renderer
from importer.sandbox.tradedoubler.xml_files import product_xml
from importer.sandbox.web import Request, Response, json_response, redirect, text_response

_DAY = 86_400
_TYPES = {"json": "application/json;charset=UTF-8", "xml": "application/xml", "csv": "text/csv;charset=UTF-8"}


def updated_at(state: State, feed: Feed) -> str:
    """Return when the feed's current version was published: no zone, and a fraction of changing length."""
    change = state.catalogue.change(feed)
    tail = ("", ":12", ":12.470", ":12.470742", ":12.470742113")[(feed.feed_id + change.version) % 5]
    return change.published_at.strftime("%Y-%m-%dT%H:%M") + tail


def prepare(state: State, request: Request, feed: Feed, extension: str, keys: dict) -> Response:
    """Answer 202 while the file is made, 429 past the quota, else 302 to the signed file."""
    extension = extension or "json"
    if extension not in _TYPES:
        return text_response("Not Acceptable", 406)
    key = (feed.feed_id, state.catalogue.change(feed).version)
    now = time.time()
    with state.lock:
        asked_at = state.unlimited.setdefault(key, now)
        recent = [moment for moment in state.downloads.get(key, []) if now - moment < _DAY]
        waits = now - asked_at < state.options.unlimited_wait_seconds
        refused = not waits and len(recent) >= state.options.unlimited_quota
        if not waits and not refused:
            state.downloads[key] = [*recent, now]
    if waits:
        message = "Unlimited file will be created, please come back in a bit."
        return json_response({"message": message}, state.options.unlimited_wait_status)
    if refused:
        message = "Request Quota exceeded. Feed has not been updated recently"
        return json_response({"code": "429", "message": message}, 429)
    suffix = ".gz" if keys.get("compress", [""])[0] == "gz" else ""
    path = f"/tradedoubler/1.0/files/{feed.feed_id}-{key[1]}.{extension}{suffix}"
    page, size = keys.get("page", [""])[0], keys.get("pageSize", [""])[0]
    query = f"page={page}&pageSize={size}&" if page.isdecimal() and size.isdecimal() else ""
    return redirect(f"{request.base_url}{path}?{query}signature={_sign(path)}")


def pushed(state: State, request: Request, feed: OwnFeed) -> Response:
    """Hand out what an advertiser pushed and mapped, at once: it is no large file here."""
    found = [
        state.shelf.render(feed, key, held, base=request.base_url, is_own=False, history=False)
        for key, held in state.shelf.visible(feed.feed_id)
    ]
    return json_response({"products": found})


def _sign(path: str) -> str:
    return hashlib.sha256(f"sandbox {path}".encode()).hexdigest()[:32]


def download(state: State, request: Request) -> Response:
    """Hand out the file behind the signed address; it needs no token."""
    if request.query.get("signature") != _sign(request.path):
        return text_response("<Error><Code>AccessDenied</Code></Error>", 403, "application/xml")
    name, *extensions = request.path.rpartition("/")[2].split(".")
    feed_id = int(name.partition("-")[0])
    feed = next(feed for feed in network_feeds("tradedoubler") if feed.feed_id == feed_id)
    page, size = request.query.get("page"), request.query.get("pageSize")
    start, stop = (int(page) * int(size), (int(page) + 1) * int(size)) if page and size else (0, None)
    items = state.catalogue.rows(feed, start, stop)
    renderer = Renderer(state.catalogue, request.base_url, False, "")
    parts = _WRITERS[extensions[0]](items, renderer)
    if extensions[1:] == ["gz"]:
        return Response(200, _gzip(parts), {}, "application/gzip")
    return Response(200, parts, {}, _TYPES[extensions[0]])


def _json_parts(items: Iterable[Item], renderer: Renderer) -> Iterator[bytes]:
    """One object per line; `categories` are empty in the bulk file."""
    yield b'{"products":[\n'
    comma = b""
    for item in items:
        yield comma + json.dumps(renderer.product(item, bulk=True), ensure_ascii=False).encode()
        comma = b",\n"
    yield b"\n]}\n"


def _xml_parts(items: Iterable[Item], renderer: Renderer) -> Iterator[bytes]:
    yield (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<result version="3.0" '
        b'xmlns:ns2="urn:com:tradedoubler:pf:model:xml:common" '
        b'xmlns="urn:com:tradedoubler:pf:model:xml:output"><products>\n'
    )
    for item in items:
        yield product_xml(renderer.product(item, bulk=True)).encode() + b"\n"
    yield b"</products></result>\n"


def _csv_parts(items: Iterable[Item], renderer: Renderer) -> Iterator[bytes]:
    return csv_lines(items, renderer, Dialect(flatten=True))


_WRITERS = {"json": _json_parts, "xml": _xml_parts, "csv": _csv_parts}


def _gzip(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    for part in parts:
        if packed := packer.compress(part):
            yield packed
    yield packer.flush()
