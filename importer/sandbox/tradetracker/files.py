"""TradeTracker's product feed files, five formats of one catalogue (docs/networks/tradetracker.md 7)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from xml.sax.saxutils import quoteattr

from importer.sandbox.catalogue.item import Item
from importer.sandbox.catalogue.shops import network_feeds
from importer.sandbox.links import tradetracker_link
from importer.sandbox.markup import clean
from importer.sandbox.state import State
from importer.sandbox.tradetracker.products import NAMES, additional
from importer.sandbox.tradetracker.service import SITE_ID
from importer.sandbox.web import Request, Response, text_response

_FAILURE = (
    "<html><head><title>pf.tradetracker.net</title></head><body><h1>An error has occured.</h1><p>The "
    "requested product "
    "feed could not be generated:<br/><br/><code>No suitable product feeds found</code></p></body></html>"
)


class _Row:
    """One item with everything the five writers need."""

    def __init__(self, base: str, item: Item, reference: str) -> None:
        self.item = item
        self.id, self.name, self.price, self.currency = item.sku, item.title, item.price, item.currency
        self.link = tradetracker_link(base, item, str(SITE_ID), reference)
        self.images = [base + path for path in item.images]
        self.description, self.category = item.description or "", item.category or ""
        self.extras = {entry["name"]: entry["value"] for entry in additional(base, item)}


def feed_file(state: State, request: Request) -> Response:
    """Hand out the whole feed; what cannot be made is an HTML page with status 200."""
    query = request.query
    wanted, campaign = query.get("fid"), query.get("campaignID")
    feeds = [
        feed
        for feed in network_feeds("tradetracker")
        if feed.state == "connected" and (str(feed.feed_id) == wanted or str(feed.program_id) == campaign)
    ]
    writer = _WRITERS.get(query.get("type", "xml"))
    if query.get("aid") != str(SITE_ID) or not feeds or writer is None:
        return text_response(_FAILURE, 200, "text/html; charset=utf-8")
    limit = int(query["limit"]) if query.get("limit", "").isdecimal() else None
    items = islice(state.catalogue.rows(feeds[0]), limit)
    rows = (_Row(request.base_url, item, query.get("r", "")) for item in items)
    write, content_type = writer
    return Response(200, write(rows, query), {}, content_type)


def _xml_frame(rows: Iterable[_Row], write_row: Callable[[_Row], str]) -> Iterator[bytes]:
    moment = datetime.now(UTC).strftime("%m/%d/%y at %H:%M:%S")  # month first
    head = f"<!-- Generated on {moment} (https://pf.tradetracker.net) -->"
    yield f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n<products>\n'.encode()
    count = 0
    for row in rows:
        yield write_row(row).encode()
        count += 1
    # The only sign that the file is whole.
    yield f"</products>\n<!-- Total number of products: {count} -->\n".encode()


def _cdata(text: str) -> str:
    """Character data as the shop sent it, `&apos;` left alone; `]]>` is split so that it stays inside."""
    raw = clean(text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return f"<![CDATA[{raw.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _category(row: _Row) -> str:
    path = quoteattr(row.category) if row.category else ""
    leaf = clean(row.category.rpartition(" > ")[2])
    return f"<categories><category path={path}>{leaf}</category></categories>" if path else "<categories/>"


def _xml_v1(row: _Row) -> str:
    extras = "".join(
        f"<field name={quoteattr(name)}>{clean(value)}</field>" for name, value in row.extras.items()
    )
    image = clean(row.images[0]) if row.images else ""
    return (
        f"<product><productID>{clean(row.id)}</productID><name>{clean(row.name or '')}</name>"
        f'<price currency="{row.currency}">{clean(row.price or "")}</price>'
        f"<productURL>{clean(row.link)}</productURL>"
        f"<imageURL>{image}</imageURL><description>{_cdata(row.description)}</description>{_category(row)}"
        f"<additional>{extras}</additional></product>\n"
    )


def _xml_v2(row: _Row) -> str:
    extras = "".join(
        f"<property name={quoteattr(name)}><value>{clean(value)}</value></property>"
        for name, value in row.extras.items()
    )
    return (
        f"<product ID={quoteattr(row.id)}><name>{clean(row.name or '')}</name>"
        f'<price currency="{row.currency}">{clean(row.price or "")}</price>'
        f"<URL>{clean(row.link)}</URL>{_images(row)}"
        f"<description>{_cdata(row.description)}</description>{_category(row)}<properties>{extras}</properties>"
        f"<variations/><campaignID>{row.item.feed.program_id}</campaignID></product>\n"
    )


def _xml_simple(row: _Row) -> str:
    extras = "".join(f"<{name}><value>{clean(value)}</value></{name}>" for name, value in row.extras.items())
    return (
        f"<product><ID>{clean(row.id)}</ID><name>{clean(row.name or '')}</name>"
        f"<price><currency>{row.currency}</currency>"
        f"<amount>{clean(row.price or '')}</amount></price><URL>{clean(row.link)}</URL>{_images(row)}"
        f"<description>{_cdata(row.description)}</description>{_category(row)}"
        f"<properties>{extras}</properties></product>\n"
    )


def _images(row: _Row) -> str:
    return f"<images>{''.join(f'<image>{clean(image)}</image>' for image in row.images)}</images>"


def _json(rows: Iterable[_Row], query: dict[str, str]) -> Iterator[bytes]:
    separator = b'{"products":['
    for row in rows:
        value = {
            "ID": row.id,
            "name": row.name,
            "price": {"currency": row.currency, "amount": row.price},
            "URL": row.link,
            "images": row.images,
            "description": row.description,
            "categories": [row.category] if row.category else [],
            "properties": {name: [text] for name, text in row.extras.items()},
            "variations": [],
            "campaignID": row.item.feed.program_id,
        }
        yield separator + json.dumps(value, ensure_ascii=False).encode()
        separator = b","
    yield b"]}" if separator == b"," else separator + b"]}"


def _csv(rows: Iterable[_Row], query: dict[str, str]) -> Iterator[bytes]:
    delimiter, mark = query.get("csvDelimiter", ";")[:1] or ";", query.get("csvEnclosure", '"')[:1] or '"'

    def line(cells: Iterable[object]) -> bytes:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=delimiter, quotechar=mark, quoting=csv.QUOTE_ALL).writerow(cells)
        return buffer.getvalue().encode()

    extras: list[str] = []
    for row in rows:
        if not extras:
            # `currency` may come twice: the network's column, then the shop's of the same name.
            extras = [name for name in NAMES[row.item.feed.feed_id % len(NAMES)] if name]
            extras += ["deliveryTime", "deliveryCosts", "SKU", "imageURL_2", "imageURL_3"]
            head = "product ID|name|description|productURL|imageURL|price|currency|categories|categoryPath"
            yield line([*head.split("|"), *extras])
        image, leaf = (row.images or [""])[0], row.category.rpartition(" > ")[2]
        cells = [
            row.id,
            row.name,
            row.description,
            row.link,
            image,
            row.price,
            row.currency,
            leaf,
            row.category,
        ]
        yield line([*cells, *(row.extras.get(name, "") for name in extras)])


_WRITERS = {
    "xml": (lambda rows, query: _xml_frame(rows, _xml_v1), "text/xml; charset=utf-8"),
    "xml-v2": (lambda rows, query: _xml_frame(rows, _xml_v2), "text/xml; charset=utf-8"),
    "xml-v2-simple": (lambda rows, query: _xml_frame(rows, _xml_simple), "text/xml; charset=utf-8"),
    "json": (_json, "application/json; charset=utf-8"),
    "csv": (_csv, "text/csv; charset=utf-8"),
}
