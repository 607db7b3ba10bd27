"""Adtraction's product rows, and its feed file `productfeed.htm` (docs/networks/adtraction.md 2, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from urllib.parse import quote_plus
from zipfile import ZIP_DEFLATED, ZipFile

from importer.sandbox.catalogue.item import Item, format_cents
from importer.sandbox.catalogue.shops import network_feeds
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.sandbox.links import adtraction_link, destination
from importer.sandbox.markup import clean
from importer.sandbox.state import State
from importer.sandbox.web import Request, Response, text_response

_COLUMNS = [
    "SKU",
    "Name",
    "Description",
    "Category",
    "Price",
    "Shipping",
    "Currency",
    "Instock",
    "ProductUrl",
    "ImageUrl",
    "TrackingUrl",
    "Brand",
    "OriginalPrice",
    "Ean",
    "ManufacturerArticleNumber",
    "Extras",
]
_DELIMITERS = {"tab": "\t", "comma": ","}


def product(base: str, item: Item, channel_id: str, epi: bool = False) -> dict:
    """Return a row of the JSON feed: `productPrice` is text, `oldPrice` and `shipping` are numbers."""
    tracking_url = adtraction_link(base, item, channel_id)
    if epi and "&url=" in tracking_url:
        tracking_url = tracking_url.replace("&url=", f"&epi={quote_plus(item.title or '')}&url=", 1)
    row = {
        "productName": item.title,
        "productPrice": _short_price(item),
        "productUrl": destination(base, item),
        "trackingUrl": tracking_url,
        "currency": item.currency,
        "programId": item.feed.program_id,
        "approvalStatus": 1,
        "ean": item.gtin,
        "sku": item.sku,
        "extraInfo": [{"key": name, "value": value} for name, value in _extras(item)],
        "imageUrl": base + item.images[0] if item.images else "",
        "inStock": item.stock > 0,
        "manufacturer": item.brand,
        "manufacturerArticleNumber": "",
        "market": item.feed.shop.market.code,
        "oldPrice": (item.old_cents or 0) / 100,
        "productCategory": (item.category or "").replace(" > ", " - "),
        "productDescription": item.description,
        "shipping": 49 if item.feed.shop.market.rate > 5 else 4.95,
    }
    if item.oddity == "no_price":
        del row["productPrice"]
    return row


def _extras(item: Item) -> list[tuple[str, str]]:
    groups = [("ITEM_GROUP_ID", item.group_id)] if item.group_id else []
    return [("CONDITION", "new"), *groups]


def _short_price(item: Item) -> str | None:
    """Whole prices come without decimals: `1290`, `129.5`."""
    if item.price is None or item.oddity.startswith("price"):
        return item.price
    whole = item.price.removesuffix(".00")
    return whole.rstrip("0") if "." in whole else whole


def feed_file(state: State, request: Request) -> Response:
    """Hand out the feed: the link itself is the authorisation. A wrong one gets an empty page."""
    query = request.query
    feeds = [feed for feed in network_feeds("adtraction") if str(feed.program_id) == query.get("apid")]
    allowed = query.get("asid") == DEMO_CREDENTIALS["adtraction"]["channel_id"]
    if not feeds or not allowed or feeds[0].state != "connected":
        return text_response("", 200, "text/html;charset=UTF-8")
    channel_id = query["asid"]
    rows = (_flat(request.base_url, item, channel_id) for item in state.catalogue.rows(feeds[0]))
    if query.get("format", "XML").upper() == "CSV":
        delimiter = _DELIMITERS.get(query.get("cdelim", "comma"), ",")
        mark = "'" if query.get("tdelim") == "singlequote" else '"'
        name, parts, content_type = "feed.csv", _csv(rows, delimiter, mark), "text/csv;charset=UTF-8"
    else:
        name, parts, content_type = "feed.xml", _xml(rows), "text/xml;charset=UTF-8"
    if query.get("zip") == "1":
        return Response(200, _zip(name, parts), {}, "application/zip")
    return Response(200, parts, {}, content_type)


def _zip(name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Pack one file; what does not fit in a little memory waits on disk."""
    with SpooledTemporaryFile(max_size=4 << 20) as packed:
        with (
            ZipFile(packed, "w", ZIP_DEFLATED) as archive,
            archive.open(name, "w", force_zip64=True) as entry,
        ):
            entry.writelines(parts)
        packed.seek(0)
        while block := packed.read(1 << 16):
            yield block


def _flat(base: str, item: Item, channel_id: str) -> dict[str, str]:
    row = product(base, item, channel_id)
    price = row.get("productPrice") or ""
    return {
        "SKU": item.sku,
        "Name": item.title or "",
        "Description": (item.description or "").replace("\n", "\\n"),
        "Category": row["productCategory"],
        "Price": price,
        "Shipping": f"{row['shipping']:g}",
        "Currency": item.currency,
        "Instock": item.stock_words or ("yes" if item.stock else "no"),
        "ProductUrl": row["productUrl"],
        "ImageUrl": row["imageUrl"],
        "TrackingUrl": row["trackingUrl"],
        "Brand": item.brand,
        "OriginalPrice": format_cents(item.old_cents) if item.old_cents else price,
        "Ean": item.gtin,
        "ManufacturerArticleNumber": "",
        "Extras": "".join(f"{{{name}#{value}}}" for name, value in _extras(item)),
    }


def _csv(rows: Iterable[dict[str, str]], delimiter: str, mark: str) -> Iterator[bytes]:
    def line(cells: Iterable[str]) -> bytes:
        return (delimiter.join(mark + cell.replace(mark, mark * 2) + mark for cell in cells) + "\n").encode()

    yield line(_COLUMNS)
    for row in rows:
        yield line(row.values())


def _xml(rows: Iterable[dict[str, str]]) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<productFeed>\n'
    for row in rows:
        pairs = (extra.split("#") for extra in row["Extras"].strip("{}").split("}{"))
        extras = "".join(
            f"<Extra><name>{name}</name><value>{clean(value)}</value></Extra>" for name, value in pairs
        )
        cells = "".join(f"<{name}>{clean(value)}</{name}>" for name, value in row.items() if name != "Extras")
        yield f"<product>{cells}<Extras>{extras}</Extras></product>\n".encode()
    yield b"</productFeed>\n"
