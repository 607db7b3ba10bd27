"""Adtraction's products and links: pure functions (docs/networks/adtraction.md 2, 4, 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from importer.networks import columns as names
from importer.networks.columns import Fields
from importer.networks.contract import FeedData, ItemData
from importer.networks.items import as_dict, as_dicts, find_sale_dates, make_item

EPI_BYTES = 64  # Adtraction states none; its other sites keep below this

# Column of the feed file (CSV and XML), in lower case -> name in the API's rows.
FILE_COLUMNS = {
    "sku": "sku",
    "name": "productName",
    "description": "productDescription",
    "category": "productCategory",
    "price": "productPrice",
    "shipping": "shipping",
    "currency": "currency",
    "instock": "inStock",
    "producturl": "productUrl",
    "imageurl": "imageUrl",
    "trackingurl": "trackingUrl",
    "brand": "manufacturer",
    "originalprice": "oldPrice",
    "ean": "ean",
    "manufacturerarticlenumber": "manufacturerArticleNumber",
    "extras": "extras",
}
_EXTRA = re.compile(r"\{([^#{}]{1,100})#([^{}]{0,500})\}")


def parse_row(row: Mapping[str, Any], feed: FeedData) -> ItemData:
    """Return the item of one feed row (adtraction.md 2); numbers may be text, and text numbers."""
    extras = [(extra.get("key"), extra.get("value")) for extra in as_dicts(row.get("extraInfo"))]
    return _make_item(row, extras, feed)


def _make_item(row: Mapping[str, Any], extras: list[tuple[object, object]], feed: FeedData) -> ItemData:
    link = str(row.get("trackingUrl") or "")
    columns = Fields(extras)
    return make_item(
        feed_id=feed.external_id,
        external_id=row.get("sku") or row.get("ean") or row.get("productUrl"),
        program_id=row.get("programId") or feed.program_id,
        shop_name=feed.program_name,
        title=row.get("productName"),
        description=row.get("productDescription"),
        brand=row.get("manufacturer"),
        category=row.get("productCategory"),
        price=row.get("productPrice"),
        currency=row.get("currency"),
        feed=feed,
        sale_price=columns.first(names.SALE_PRICE),
        sale_dates=find_sale_dates(columns),
        old_prices=[row.get("oldPrice"), *columns.all(names.OLD_PRICE)],
        shipping=row.get("shipping"),
        gtins=[row.get("ean")],
        stock=row.get("inStock"),
        link=link,
        product_url=row.get("productUrl") or link.partition("&url=")[2],
        images=[row.get("imageUrl")],
        attributes=[*extras, ("manufacturerArticleNumber", row.get("manufacturerArticleNumber"))],
    )


def parse_file_row(row: Mapping[str, Any], feed: FeedData) -> ItemData:
    """Return the item of a row of the feed file: CSV, XML or, with `g:` tags, Google's RSS."""
    api_row = {name: value for column, value in row.items() if (name := FILE_COLUMNS.get(column.lower()))}
    if "productName" in api_row or "sku" in api_row:
        return _make_item(api_row, list(_extras(api_row.get("extras"))), feed)
    return _parse_google(row, feed)


def _extras(value: object) -> Iterator[tuple[object, object]]:
    """Yield the pairs of `{SIZE#86 92}{CONDITION#new}`, or of elements below `<Extras>`, in any case."""
    if isinstance(value, str):
        yield from _EXTRA.findall(value)
    for element, content in as_dict(value).items():
        if element.lower() != "extra":
            yield element.removeprefix("@"), content  # `<Extras><SIZE>42</SIZE>`
            continue
        for extra in as_dicts(content):
            parts = {name.lower().removeprefix("@"): part for name, part in extra.items()}
            yield parts.get("name") or parts.get("key"), parts.get("value") or parts.get("#text")
        if isinstance(content, str):
            yield from _EXTRA.findall(content)


def _parse_google(row: Mapping[str, Any], feed: FeedData) -> ItemData:
    columns = Fields((name, _first(value)) for name, value in row.items())
    link = str(_first(row.get("link")) or "")
    extras = ("condition", "color", "size", "material", "gender", "age_group", "mpn", "item_group_id")
    images = [row.get("image_link"), *_list(row.get("additional_image_link"))]
    return make_item(
        feed_id=feed.external_id,
        external_id=_first(row.get("id")) or row.get("guid"),
        program_id=feed.program_id,
        shop_name=feed.program_name,
        title=_first(row.get("title")),
        description=_first(row.get("description")),
        brand=_first(row.get("brand")),
        category=_first(row.get("product_type")) or _first(row.get("google_product_category")),
        price=_first(row.get("price")),
        feed=feed,
        sale_price=columns.first(names.SALE_PRICE),
        sale_dates=find_sale_dates(columns),
        shipping=row.get("shipping"),
        gtins=_list(row.get("gtin")),
        stock=_first(row.get("availability")),
        link=link,
        product_url=link.partition("&url=")[2],
        images=[_first(image) for image in images],
        attributes=[(name, _first(row.get(name))) for name in extras],
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _first(value: object) -> object:
    """Return the value, the first where its element is repeated."""
    return value[0] if isinstance(value, list) and value else value


def with_epi(url: str, sub_id: str) -> str:
    """Return the tracking link with `sub_id` as epi, before the raw `url=` at its end (adtraction.md 5)."""
    if "?" not in url:
        return url
    head, mark, destination = url.partition("&url=")
    head = re.sub(r"(?<=[?&])epi=[^&]*&?", "", head).rstrip("&")
    epi = sub_id.encode()[:EPI_BYTES].decode("utf-8", "ignore")
    return f"{head}&epi={quote(epi, safe='')}{mark}{destination}"
