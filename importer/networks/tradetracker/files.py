"""The rows of TradeTracker's feed files: five formats, one item (docs/networks/tradetracker.md 7)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from importer.feed_files import Row
from importer.networks.contract import FeedData, ItemData
from importer.networks.items import as_dict, as_dicts
from importer.networks.tradetracker.products import make_product

# The network's own names, in any of the formats; all else is the shop's.
OWN = frozenset(
    {"ID", "@ID", "productID", "product ID", "name", "price", "currency", "URL", "productURL", "imageURL"}
    | {"images", "description", "categories", "categoryPath", "additional", "properties", "variations"}
    | {"campaignID"}
)
_LETTER = re.compile(r"[^\W\d]")
_NUMBER = re.compile(r" #\d+$")  # of a column whose name comes again


def parse_file_row(row: Row, locale_currency: str, feed: FeedData) -> ItemData:
    """Return the item of a row of `xml`, `xml-v2`, `xml-v2-simple`, `json` or `csv`."""
    price = row.get("price")
    currency = row.get("currency", "")
    if isinstance(price, dict):
        currency = price.get("currency") or price.get("@currency")
        price = price.get("amount") or price.get("#text")
    identity = (row.get(name) for name in ("ID", "@ID", "productID", "product ID"))
    return make_product(
        list(_pairs(row)),
        external_id=next(filter(None, map(_text, identity)), ""),
        title=_text(row.get("name")),
        description=_text(row.get("description")),
        category=_category(row),
        price=price,
        currency=currency,
        link=_text(row.get("URL") or row.get("productURL")),
        images=[row.get("imageURL"), *_images(row.get("images"))],
        locale_currency=locale_currency,
        feed=feed,
    )


def _pairs(row: Row) -> Iterator[tuple[object, object]]:
    """Yield the shop's own columns as (name, value)."""
    for field in as_dicts(as_dict(row.get("additional")).get("field")):
        yield field.get("@name"), field.get("#text")
    properties = as_dict(row.get("properties"))
    for name, value in properties.items():
        if name == "property":
            for entry in as_dicts(value):
                yield from ((entry.get("@name"), one) for one in _values(entry.get("value")))
        else:
            inner = value.get("value") if isinstance(value, dict) else value
            yield from ((name, one) for one in _values(inner))
    for name, value in row.items():
        if name not in OWN and isinstance(value, str | list):
            yield from ((_NUMBER.sub("", name), one) for one in _values(value))


def _category(row: Row) -> object:
    """Return what says most of the category: the path, unless it is made of the shop's numbers."""
    path = _text(row.get("categoryPath"))
    return path if _LETTER.search(path) else row.get("categories")


def _images(value: object) -> list[object]:
    return _values(value.get("image") if isinstance(value, dict) else value)


def _values(value: object) -> list[object]:
    return [_text(one) for one in value] if isinstance(value, list) else [_text(value)]


def _text(value: object) -> str:
    """Return the text of a value that may be wrapped; "" for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        value = value.get("#text")
    return "" if value is None or isinstance(value, list | dict) else str(value)
