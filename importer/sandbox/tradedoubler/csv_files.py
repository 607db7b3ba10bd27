"""The Products API's CSV form: three separators, and custom fields as columns (tradedoubler.md 3)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from importer.sandbox.catalogue.item import Item
from importer.sandbox.tradedoubler.products import SALE_FIELDS, Renderer

COLUMNS = [
    "name",
    "productImage",
    "description",
    "categories",
    "fields",
    "weight",
    "size",
    "model",
    "brand",
    "manufacturer",
    "techSpecs",
    "shortDescription",
    "promoText",
    "ean",
    "upc",
    "isbn",
    "mpn",
    "sku",
    "feedId",
    "productUrl",
    "priceValue",
    "priceCurrency",
    "modified",
    "dateFormat",
    "inStock",
    "availability",
    "deliveryTime",
    "sourceProductId",
    "warranty",
    "condition",
    "programLogo",
    "programName",
    "shippingCost",
    "id",
]
_FROM_PRODUCT = ("name", "description", "size", "model", "brand", "manufacturer", "shortDescription")
_FROM_OFFER = [
    "feedId",
    "productUrl",
    "modified",
    "inStock",
    "availability",
    "deliveryTime",
    "sourceProductId",
    "condition",
    "programLogo",
    "programName",
    "shippingCost",
    "id",
]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Column, part and attribute separators, the quote, and whether custom fields become columns."""

    separators: str = "|:;"
    quote: str = '"'
    flatten: bool = False


def csv_lines(items: Iterable[Item], renderer: Renderer, dialect: Dialect) -> Iterator[bytes]:
    """Yield a header and one line per item. The first item's feed decides which `(field)`s there are."""
    columns: list[str] = []
    for item in items:
        if not columns:
            columns = _columns(item, dialect)
            yield _line(columns, dialect)
        row = _row(renderer.product(item), dialect)
        yield _line([row.get(column, "") for column in columns], dialect)
    if not columns:
        yield _line(COLUMNS, dialect)


def _columns(item: Item, dialect: Dialect) -> list[str]:
    columns = list(COLUMNS)
    if dialect.flatten:
        sale = SALE_FIELDS[item.feed.feed_id % len(SALE_FIELDS)]
        at = columns.index("fields")
        columns[at:at] = ["(field)colour", f"(field){sale}"]
    return columns


def _line(cells: Iterable[object], dialect: Dialect) -> bytes:
    buffer = io.StringIO()
    csv.writer(
        buffer, delimiter=dialect.separators[0], quotechar=dialect.quote, quoting=csv.QUOTE_ALL
    ).writerow(["" if cell is None else cell for cell in cells])
    return buffer.getvalue().encode()


def _row(product: dict, dialect: Dialect) -> dict[str, object]:
    _, part, attribute = dialect.separators
    offer = product["offers"][0]
    row: dict[str, object] = {name: product.get(name, "") for name in _FROM_PRODUCT}
    row.update({name: offer.get(name, "") for name in _FROM_OFFER})
    row.update(product["identifiers"])
    # address:width:height and name;id;tdCategoryName, mostly with empty ends
    row["productImage"] = f"{product['productImage'].get('url', '')}{part}{part}"
    row["categories"] = ",".join(f"{entry['name']}{attribute * 2}" for entry in product["categories"])
    row["dateFormat"] = "EPOCH"
    for entry in offer["priceHistory"][:1]:
        row["priceValue"], row["priceCurrency"] = entry["price"]["value"], entry["price"]["currency"]
    fields = {entry["name"]: entry.get("value", "") for entry in product["fields"]}
    if dialect.flatten:
        row.update({f"(field){name}": value for name, value in fields.items()})
    else:
        row["fields"] = part.join(f"{name}{attribute}{value}" for name, value in fields.items())
    return row
