"""Tradedoubler's Products API under `/tradedoubler/1.0/` (docs/networks/tradedoubler.md 1 to 8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from urllib.parse import unquote, unquote_plus

from importer.sandbox.catalogue.families import DEPARTMENTS, FAMILIES, LANGUAGES
from importer.sandbox.catalogue.matching import Query, split_words
from importer.sandbox.catalogue.shops import Feed, network_feeds
from importer.sandbox.credentials import (
    DEMO_CREDENTIALS,
    TRADEDOUBLER_ADVERTISER_TOKEN,
    TRADEDOUBLER_VOUCHER_TOKEN,
)
from importer.sandbox.own_shop import OwnFeed
from importer.sandbox.state import State
from importer.sandbox.tradedoubler import advertiser_products
from importer.sandbox.tradedoubler import files as tradedoubler_files
from importer.sandbox.tradedoubler import products as tradedoubler_products
from importer.sandbox.tradedoubler.csv_files import Dialect, csv_lines
from importer.sandbox.tradedoubler.own_search import find_own, published_feeds
from importer.sandbox.tradedoubler.own_shelf import FEEDS as OWN
from importer.sandbox.tradedoubler.xml_files import errors_xml, feeds_xml, products_xml, tree_xml
from importer.sandbox.web import Request, Response, json_response, text_response

PREFIX = "/tradedoubler/"
PRODUCT_CAP = 1000
_TOKEN = DEMO_CREDENTIALS["tradedoubler"]["token"]
_FEEDS = network_feeds("tradedoubler")
_SORTS = {
    "priceAsc": "price",
    "priceDesc": "-price",
    "modificationDateAsc": "modified",
    "modificationDateDesc": "-modified",
}
_STOCKHOLM = timezone(timedelta(hours=1), "CET")
_XML = "application/xml;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Call:
    """A request taken apart: `products.xml;q=shoe;fid=1,2?token=..`; `keys` holds every value of each key."""

    state: State
    request: Request
    module: str
    rest: str
    extension: str
    keys: dict[str, list[str]]

    def value(self, name: str, default: str = "") -> str:
        return self.keys.get(name, [default])[0]

    def flag(self, name: str) -> bool:
        return self.value(name).lower() == "true"


class ApiError(Exception):
    """An error inside `{"errors": [...]}`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def answer(state: State, request: Request) -> Response:
    # The front firewall: no user agent, no words.
    if not request.headers.get("user-agent"):
        return Response(400, b"")
    version, _, path = request.path.removeprefix(PREFIX).partition("/")
    if not re.fullmatch(r"\d\.\d", version):
        return text_response("6: Missing version.", 404)
    if version != "1.0":
        return text_response("3: Invalid API version.", 404)
    if path.startswith("files/"):
        return tradedoubler_files.download(state, request)
    call = parse_call(state, request, path)
    if not call.module:
        return text_response("7: Missing module.", 404)
    module = _MODULES.get(f"{call.module}/{call.rest}".rstrip("/")) or _MODULES.get(call.module)
    if module is None:
        return text_response("4: Invalid module version.", 404)
    token = request.query.get("token", "")
    if not token:
        return text_response("1: Missing token.", 400)
    if token == TRADEDOUBLER_VOUCHER_TOKEN:
        return text_response("2: Token not authorized for request.", 403)
    if token == TRADEDOUBLER_ADVERTISER_TOKEN:
        if own := advertiser_products.answer(call):
            return own
    elif token != _TOKEN:
        return text_response("2: Invalid token.", 403)
    elif request.method in ("POST", "DELETE"):
        return _error_response(call, ApiError("PF_300", "Token request is not valid"))
    if request.method != "GET":
        return text_response("Method Not Allowed", 405)
    try:
        response = module(call)
    except ApiError as error:
        response = _error_response(call, error)
    return _wrap_jsonp(request, response)


def parse_call(state: State, request: Request, path: str) -> Call:
    """Read the matrix syntax: `module[/rest][.ext];key=a,b;key=c;`. A `%252C` in a value is a real comma."""
    head, *pairs = path.split(";")
    keys: dict[str, list[str]] = {}
    for pair in filter(None, pairs):
        name, _, raw = pair.partition("=")
        values = [unquote(part) for part in unquote_plus(raw).split(",")]
        keys.setdefault(name, []).extend(values)
    stem, dot, extension = unquote(head).rpartition(".")
    if not dot or "/" in extension:
        stem, extension = unquote(head), ""
    module, _, rest = stem.strip("/").partition("/")
    return Call(state, request, module, rest, extension or keys.get("format", [""])[0], keys)


def _error_response(call: Call, error: ApiError) -> Response:
    if call.extension == "xml":
        return text_response(errors_xml(error.code, str(error)), 400, _XML)
    return json_response({"errors": [{"code": error.code, "message": str(error)}]}, 400)


def _wrap_jsonp(request: Request, response: Response) -> Response:
    callback = request.query.get("jsonp", "")
    if not re.fullmatch(r"[A-Za-z_$][\w$.]*", callback) or not isinstance(response.body, bytes):
        return response
    if response.content_type.startswith("application/json"):
        code = "" if response.status == 200 else f",{response.status}"
        response.body = callback.encode() + b"(" + response.body + code.encode() + b");"
        response.content_type = "application/javascript;charset=UTF-8"
        response.status = 200
    return response


# --- reading keys ------------------------------------------------------------------------------


def number_key(call: Call, name: str) -> int | None:
    text = call.value(name)
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise ApiError("PF_260", f"Value expected to be numeric but was not : {name}")
    return int(text)


def cents_key(call: Call, name: str) -> int | None:
    text = call.value(name)
    if not text:
        return None
    try:
        return int(Decimal(text) * 100)
    except (ArithmeticError, ValueError):
        raise ApiError("PF_260", f"Value expected to be numeric but was not : {name}") from None


def connected_feeds(call: Call) -> tuple[Feed, ...]:
    """Return the feeds named by `fid`, or all of ours; raise PF_392 for one that is not connected."""
    ours = {feed.feed_id: feed for feed in _FEEDS if feed.state == "connected"}
    wanted = [text for text in call.keys.get("fid", []) if text]
    for text in wanted:
        if not text.isdecimal():
            raise ApiError("PF_260", "Value expected to be numeric but was not : fid")
        if int(text) not in ours and int(text) not in OWN:
            raise ApiError("PF_392", f"Requester is not connected to Feed ({text})")
    if not wanted:
        return tuple(ours.values())
    return tuple(ours[int(text)] for text in wanted if int(text) in ours)


def pushed_feeds(call: Call) -> list[OwnFeed]:
    """Return the feeds that an advertiser of the sandbox filled, of those named by `fid`."""
    wanted = {text for text in call.keys.get("fid", []) if text}
    return [feed for feed in published_feeds(call) if not wanted or str(feed.feed_id) in wanted]


# --- modules -----------------------------------------------------------------------------------


def products(call: Call) -> Response:
    if call.extension == "csv":
        return _csv_products(call)
    page, size = number_key(call, "page") or 1, number_key(call, "pageSize")
    limit = number_key(call, "limit")
    size = min(limit or 100, 100) if size is None else size
    if size < 1 or page < 1:
        raise ApiError("PF_430", "Parameter has illegal value")
    if size > call.state.options.page_size_cap:
        raise ApiError("PF_430", f"Page size can't exceed {call.state.options.page_size_cap}")
    if page * size > PRODUCT_CAP:
        raise ApiError("PF_430", f"Can't paginate beyond {PRODUCT_CAP} products")
    # What was pushed comes first, so that a demo finds it.
    start = (page - 1) * size
    pushed, listed = find_own(call, pushed_feeds(call), start, size, is_own=False)
    query = read_query(call)
    total, items = 0, []
    if query.feeds:
        total, items = call.state.searcher.find(query, max(start - pushed, 0), size - len(listed))
    total += pushed
    renderer = tradedoubler_products.Renderer(
        call.state.catalogue, call.request.base_url, call.flag("priceHistory"), call.value("dateOutputFormat")
    )
    listed += [renderer.product(item) for item in items]
    if call.flag("groupOffersByProduct"):
        listed = tradedoubler_products.group(listed)
    if call.extension == "xml":
        return text_response(products_xml(total, listed), 200, _XML)
    answer = {"productHeader": {"totalHits": total}, "products": listed}
    return json_response(answer, pretty=call.flag("pretty"))


def _csv_products(call: Call) -> Response:
    separators, quote = call.keys.get("csvSeparators"), call.value("csvEmbrace", '"')
    # A comma among the separators was split like any value: put it back.
    signs = ",".join(separators) if separators else ",;:"
    if len(signs) != 3 or len(quote) != 1:
        raise ApiError("PF_430", "Parameter has illegal value")
    _, items = call.state.searcher.find(read_query(call), 0, PRODUCT_CAP)
    renderer = tradedoubler_products.Renderer(call.state.catalogue, call.request.base_url, False, "")
    dialect = Dialect(signs, quote, call.flag("csvFlattenFields"))
    return Response(200, csv_lines(items, renderer, dialect), {}, "text/csv;charset=UTF-8")


def read_query(call: Call) -> Query:
    """Turn the search keys into a query over the connected feeds."""
    feeds = connected_feeds(call)
    if currency := call.value("currency").upper():
        feeds = tuple(feed for feed in feeds if feed.shop.market.currency == currency)
    if language := call.value("language").lower():
        feeds = tuple(feed for feed in feeds if feed.shop.market.language == language)
    ids = {int(text) for text in call.keys.get("tdCategoryId", []) if text.isdecimal()}
    slugs = tuple(family.slug for family in FAMILIES if ids & set(category_ids(family.slug)))
    available = call.value("availability").lower().replace("_", " ")
    least = number_key(call, "minInStock")
    return Query(
        feeds=feeds,
        words=split_words(" ".join(call.keys.get("q", []))),
        categories=tuple(text.lower() for text in call.keys.get("category", []) if text),
        family_slugs=slugs or (("none",) if ids else ()),
        brands=tuple(text.lower() for text in call.keys.get("brand", []) if text),
        gtins=tuple(text for text in (*call.keys.get("ean", []), *call.keys.get("upc", [])) if text),
        skus=tuple(text for text in (*call.keys.get("spId", []), *call.keys.get("sku", [])) if text),
        min_cents=cents_key(call, "minPrice"),
        max_cents=cents_key(call, "maxPrice"),
        min_stock=1 if available == "in stock" and least is None else least,
        max_stock=0 if available == "out of stock" else number_key(call, "maxInStock"),
        sort=_SORTS.get(call.value("orderBy"), ""),
    )


def product_feeds(call: Call) -> Response:
    programs = {text for text in call.keys.get("programId", []) if text}
    shown = [feed for feed in _FEEDS if not programs or str(feed.program_id) in programs]
    if call.rest:
        shown = [feed for feed in _FEEDS if str(feed.feed_id) == call.rest]
        if not shown:
            raise ApiError("PF_392", f"Requester is not connected to Feed ({call.rest})")
    listed = [_feed(call.state, feed) for feed in shown]
    if not call.rest:
        pushed = [feed for feed in pushed_feeds(call) if not programs or str(feed.program_id) in programs]
        listed += [call.state.shelf.feed_row(feed) for feed in pushed]
    if call.extension == "xml":
        return text_response(feeds_xml(listed), 200, _XML)
    return json_response({"feeds": listed}, pretty=call.flag("pretty"))


def _feed(state: State, feed: Feed) -> dict:
    market = feed.shop.market
    moment = state.catalogue.change(feed).published_at.astimezone(_STOCKHOLM)
    return {
        "feedId": feed.feed_id,
        "name": f"{feed.shop.name} {market.code} products",
        "active": True,
        "sendToNewPF": False,
        "visible": True,
        "currencyISOCode": market.currency,
        "languageISOCode": market.language,
        "secret": False,
        "numberOfUnmappedCategories": 0,
        "numberOfProducts": state.catalogue.live_count(feed),
        # The hour has one digit before ten: so has the real one.
        "lastModifiedTime": f"{moment:%Y-%m-%d}T{moment.hour}:{moment:%M:%S}.374+0100",
        "programs": [{"programId": feed.program_id, "name": f"{feed.shop.name} {market.code}"}],
    }


def category_ids(family_slug: str) -> tuple[int, int]:
    """Return the Tradedoubler category ids of a family: its own and its department's."""
    place = next(place for place, family in enumerate(FAMILIES) if family.slug == family_slug)
    return 100 + place, 10 + list(DEPARTMENTS).index(FAMILIES[place].department)


def product_categories(call: Call) -> Response:
    language = call.value("language", "en").lower()
    language = language if language in LANGUAGES else "en"
    place = LANGUAGES.index(language)
    counts = _family_counts(call.state)
    trees = []
    for department, names in DEPARTMENTS.items():
        children = [
            {
                "language": language,
                "name": family.category(language)[1],
                "id": category_ids(family.slug)[0],
                "productCount": counts[family.slug],
                "subCategories": [],
            }
            for family in FAMILIES
            if family.department == department
        ]
        trees.append(
            {
                "language": language,
                "name": names[place],
                "id": 10 + list(DEPARTMENTS).index(department),
                "productCount": sum(child["productCount"] for child in children),
                "subCategories": children,
            }
        )
    if call.extension == "xml":
        return text_response(tree_xml(trees), 200, _XML)
    return json_response({"categoryTrees": trees})


def _family_counts(state: State) -> dict[str, int]:
    counts = {family.slug: 0 for family in FAMILIES}
    for feed in _FEEDS:
        if feed.state == "connected":
            for family, count in zip(feed.shop.families, state.catalogue.family_counts(feed), strict=True):
                counts[family.slug] += count
    return counts


def _unlimited_feed(call: Call) -> Feed:
    if not call.value("fid"):
        raise ApiError("PF_4001", "fid is required.")
    return connected_feeds(call)[0]


def _own_feed(call: Call) -> OwnFeed | None:
    text = call.value("fid")
    return OWN.get(int(text)) if text.isdecimal() else None


def products_unlimited(call: Call) -> Response:
    if own := _own_feed(call):
        return tradedoubler_files.pushed(call.state, call.request, own)
    feed = _unlimited_feed(call)
    if bool(call.value("page")) != bool(call.value("pageSize")):
        raise ApiError("PF_200", "Parameters is missing : page and pageSize belong together")
    return tradedoubler_files.prepare(call.state, call.request, feed, call.extension, call.keys)


def last_updated(call: Call) -> Response:
    if own := _own_feed(call):
        when = call.state.shelf.last_update(own.feed_id)
        return json_response({"feedIds": [own.feed_id], "lastUpdatedTime": when})
    feed = _unlimited_feed(call)
    when = tradedoubler_files.updated_at(call.state, feed)
    if call.extension == "xml":
        body = f"<feedIds>{feed.feed_id}</feedIds><lastUpdatedTime>{when}</lastUpdatedTime>"
        return text_response(f"<lastUpdated>{body}</lastUpdated>", 200, _XML)
    return json_response({"feedIds": [feed.feed_id], "lastUpdatedTime": when})


def for_advertisers(call: Call) -> Response:
    raise ApiError("PF_300", "Token request is not valid")


_MODULES: dict[str, Callable[[Call], Response]] = {
    "categoryMappings": for_advertisers,
    "products": products,
    "productFeeds": product_feeds,
    "productCategories": product_categories,
    "productsUnlimited": products_unlimited,
    "productsUnlimited/lastUpdated": last_updated,
}
