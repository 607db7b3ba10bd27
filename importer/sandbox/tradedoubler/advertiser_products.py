"""The Products API as an advertiser sees it (docs/networks/tradedoubler.md 12)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from importer.sandbox.own_shop import OWN_FEEDS, OwnFeed
from importer.sandbox.tradedoubler.own_search import find_own
from importer.sandbox.tradedoubler.own_shelf import CATEGORIES, FEEDS
from importer.sandbox.tradedoubler.posts import POISON, error_of, read_products
from importer.sandbox.web import Response, json_response, text_response

if TYPE_CHECKING:
    from importer.sandbox.tradedoubler.api import Call

_XML = "application/xml;charset=UTF-8"
Error = tuple[str, str, str]  # code, message, sourceProductId


class RequestError(Exception):
    """A request that is refused as a whole."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.error: Error = (code, message, "")


def answer(call: Call) -> Response | None:
    """Answer what is an advertiser's; None for what is the same for everybody."""
    method = call.request.method
    try:
        if call.module == "products" and not call.rest:
            if method == "GET":
                return _search(call)
            return (
                _post(call) if method == "POST" else _delete(call) if method == "DELETE" else _not_allowed()
            )
        if call.module == "categoryMappings":
            return _map(call) if method == "POST" else _mappings(call) if method == "GET" else _not_allowed()
        if method != "GET":
            return _not_allowed()
        if call.module == "productFeeds":
            return _product_feeds(call)
        if f"{call.module}/{call.rest}" == "productsUnlimited/lastUpdated":
            feed = _one_feed(call)
            when = call.state.shelf.last_update(feed.feed_id)
            return json_response({"feedIds": [feed.feed_id], "lastUpdatedTime": when})
    except RequestError as error:
        return _answer(call, [error.error])
    return None


def _not_allowed() -> Response:
    return text_response("Method Not Allowed", 405)


def _answer(call: Call, errors: list[Error]) -> Response:
    """Answer a write: 200 without errors, else 400 and an error for each product."""
    status = 400 if errors else 200
    accepts = call.request.headers.get("accept", "")
    if not call.state.options.names_products:
        errors = [(code, message, "") for code, message, _ in errors[:1]]
    if "xml" in accepts and "json" not in accepts:
        rows = "".join(
            f"<e><code>{code}</code><message>{escape(message)}</message>"
            f"<sourceProductId>{escape(key)}</sourceProductId></e>"
            for code, message, key in errors
        )
        body = (
            f'<Response xmlns="http://api.tradedoubler.com/1.0/products"><errors>{rows}</errors></Response>'
        )
        return text_response(body, status, _XML)
    listed = [
        {"code": code, **({"sourceProductId": key} if key else {}), "message": message}
        for code, message, key in errors
    ]
    return json_response({"errors": listed}, status)


def _one_feed(call: Call) -> OwnFeed:
    fids = [text for text in call.keys.get("fid", []) if text]
    if not fids:
        raise RequestError("PF_200", "Parameters is missing : fid")
    if not fids[0].isdecimal():
        raise RequestError("PF_260", "Value expected to be numeric but was not : fid")
    if int(fids[0]) not in FEEDS:
        raise RequestError("PF_392", f"Query against a feed not belonging to a program of caller ({fids[0]})")
    return FEEDS[int(fids[0])]


def _post(call: Call) -> Response:
    content_type = call.request.headers.get("content-type", "").lower().replace(" ", "")
    found = re.fullmatch(r"application/(json|xml);charset=utf-8", content_type)
    if not found:
        return text_response("Unsupported Media Type", 415)
    accepts = call.request.headers.get("accept", "*/*")
    if not any(kind in accepts for kind in ("json", "xml", "*/*")):
        return text_response("Not Acceptable", 406)
    if len(call.request.body) > call.state.options.max_post_bytes:
        return text_response("Request Entity Too Large", 413)
    feed = _one_feed(call)
    if call.value("mode") not in ("", "replace", "merge"):
        raise RequestError("PF_430", "Parameter has illegal value : mode")
    products = read_products(call.request.body, found[1] == "xml")
    if products is None:
        raise RequestError("PF_210", "No parsable content received")
    if any(POISON in str(product.get("name")) for product in products):
        raise RequestError("PF_230", "An error not expected and not known")
    errors: list[Error] = []
    good = []
    for product in products:
        if error := error_of(product):
            errors.append((*error, str(product.get("sourceProductId") or "")))
        else:
            good.append(product)
    if not errors or call.state.options.keeps_good:
        call.state.shelf.put(feed.feed_id, good, replaces=call.value("mode") == "replace")
    return _answer(call, errors)


def _delete(call: Call) -> Response:
    feed = _one_feed(call)
    ids = [text for text in call.keys.get("spId", []) if text]
    if call.flag("deleteAll"):
        if ids:
            raise RequestError("PF_430", "Parameter has illegal value : spId and deleteAll")
        call.state.shelf.delete(feed.feed_id, None)
    elif not ids:
        raise RequestError("PF_200", "Parameters is missing : spId")
    else:
        call.state.shelf.delete(feed.feed_id, ids)
    return _answer(call, [])


def _search(call: Call) -> Response:
    """Find own products; the address is the shop's own."""
    feed = _one_feed(call)
    size = int(call.value("pageSize") or call.value("limit") or 100)
    page = int(call.value("page") or 1)
    if size > call.state.options.page_size_cap or page * size > 1000:
        raise RequestError("PF_430", "Can't paginate beyond 1000 products")
    total, listed = find_own(call, [feed], (page - 1) * size, size, is_own=True)
    return json_response({"productHeader": {"totalHits": total}, "products": listed})


def _product_feeds(call: Call) -> Response:
    programs = {text for text in call.keys.get("programId", []) if text}
    shown = [feed for feed in OWN_FEEDS if not programs or str(feed.program_id) in programs]
    if call.rest:
        shown = [feed for feed in OWN_FEEDS if str(feed.feed_id) == call.rest]
        if not shown:
            raise RequestError(
                "PF_392", f"Query against a feed not belonging to a program of caller ({call.rest})"
            )
    return json_response(
        {"feeds": [call.state.shelf.feed_row(feed) for feed in shown]}, pretty=call.flag("pretty")
    )


def _mappings(call: Call) -> Response:
    _one_feed(call)
    wanted = [FEEDS[int(text)] for text in call.keys["fid"] if text.isdecimal() and int(text) in FEEDS]
    state = call.value("state")
    rows = []
    for feed in wanted:
        for name, number in sorted(call.state.shelf.own_categories(feed.feed_id).items()):
            if state in ("", "mapped" if number else "unmapped"):
                known = {"feedId": str(feed.feed_id), "externalCategoryName": name}
                rows.append(known | ({"tdCategoryId": number} if number else {}))
    return json_response({"totalAvailableObjectCount": len(rows), "categoryMappings": rows})


def _map(call: Call) -> Response:
    try:
        rows = json.loads(call.request.body)["categoryMappings"]
        wanted = [
            (int(row["feedId"]), str(row["externalCategoryName"]), int(row["tdCategoryId"])) for row in rows
        ]
    except (ValueError, KeyError, TypeError):
        raise RequestError("PF_210", "No parsable content received") from None
    for feed_id, name, number in wanted:
        if feed_id not in FEEDS:
            raise RequestError(
                "PF_392", f"Query against a feed not belonging to a program of caller ({feed_id})"
            )
        if number not in CATEGORIES or not name:
            raise RequestError("PF_430", "Parameter has illegal value : tdCategoryId")
    with call.state.shelf.lock:
        call.state.shelf.mappings |= {(feed_id, name): number for feed_id, name, number in wanted}
    return _answer(call, [])
