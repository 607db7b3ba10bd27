"""A row of a shop's own file -> a product as the network takes it, or why it is none. Pure.

`columns` says once for each feed which column is which field: field -> name of the column. Others can go
along as extra fields (`FIELD_PREFIX`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from importer.networks.columns import field_key
from importer.networks.tradedoubler.own_products import FIELDS, LOST, MAX_ID, find_problem
from importer.normalise import UNKNOWN_STYLE, PriceStyle, ProfileNotes, parse_price, parse_stock
from importer.reasons import Reason

ID = "sourceProductId"
_BROKEN = re.compile("[\x00\ud800-\udfff]")  # no text, and what PostgreSQL and JSON do not take
FIELD_PREFIX = "field:"  # of a mapping of one's own: "field:Colour" -> column
SEPARATOR = " > "
MAX_FIELDS = 50
# What shops call their columns, as `field_key` makes it; Google Merchant's names are among them.
_NAMES: dict[str, tuple[str, ...]] = {
    ID: (
        "sourceproductid",
        "id",
        "productid",
        "offerid",
        "articleid",
        "artikelnummer",
        "articlenumber",
        "sku",
    ),
    "name": ("name", "title", "productname", "titel", "bezeichnung"),
    "description": ("description", "longdescription", "beschreibung", "omschrijving", "beskrivning"),
    "productUrl": ("producturl", "link", "url", "deeplink", "productlink"),
    "productImage": ("productimage", "imagelink", "imageurl", "image", "bild", "picture"),
    "imageWidth": ("imagewidth", "width"),
    "imageHeight": ("imageheight", "height"),
    "price": ("price", "preis", "prijs", "pris", "currentprice"),
    "category": (
        "category",
        "categories",
        "producttype",
        "kategorie",
        "categorie",
        "kategori",
        "categorypath",
    ),
    "categoryId": ("tdcategoryid", "tradedoublercategory", "categoryid"),
    "shippingCost": ("shippingcost", "shipping", "versandkosten", "deliverycost"),
    "shortDescription": ("shortdescription",),
    "promoText": ("promotext", "promotion"),
    "warranty": ("warranty", "garantie"),
    "inStock": ("instock", "stock", "quantity", "stockquantity", "lagerbestand"),
    "availability": ("availability", "verfuegbarkeit"),
    "deliveryTime": ("deliverytime", "lieferzeit"),
    "condition": ("condition", "zustand"),
    "weight": ("weight", "shippingweight", "gewicht"),
    "size": ("size", "groesse", "maat"),
    "model": ("model", "modell"),
    "brand": ("brand", "marke", "merk", "varumarke"),
    "manufacturer": ("manufacturer", "hersteller"),
    "techSpecs": ("techspecs", "technicaldata"),
    "ean": ("ean", "gtin", "ean13", "gtin13", "barcode"),
    "upc": ("upc",),
    "isbn": ("isbn",),
    "mpn": ("mpn", "partnumber"),
    "sku": ("sku",),
}
_TEXTS = tuple(
    field.name
    for field in FIELDS
    if field.name
    not in (
        *("name", "description", "productUrl", "productImage", "imageWidth", "imageHeight", "price"),
        *("category", "categoryId", "inStock"),
    )
)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """What became of a row. `reason`: why it is refused; `price_text`: the price as the row has it."""

    id: str
    product: dict[str, Any]
    reason: Reason | None
    price_text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one feed are read. `in_cents`: its prices are hundredths."""

    columns: Mapping[str, str]
    currency: str
    style: PriceStyle = UNKNOWN_STYLE
    in_cents: bool = False


def guess_columns(names: Iterable[str]) -> dict[str, str]:
    """Return the mapping that the names of columns speak for; each column is used once, but for the SKU."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(field_key(name), name)
    found: dict[str, str] = {}
    for field, known in _NAMES.items():
        column = next((by_key[key] for key in known if key in by_key), None)
        if column is not None and (field == "sku" or column not in found.values()):
            found[field] = column
    return found


def learn_style(prices: Iterable[str]) -> PriceStyle:
    """Return how a feed writes its prices."""
    notes = ProfileNotes()
    for text in prices:
        if text:
            notes.note(text)
    return notes.style()


def id_of(row: Mapping[str, Any], reading: Reading) -> str:
    """Return what a row calls its product; "" where it does not say."""
    column = reading.columns.get(ID)
    return _text(row.get(column))[:MAX_ID] if column else ""


def price_text_of(row: Mapping[str, Any], reading: Reading) -> str:
    """Return the price as the row writes it."""
    column = reading.columns.get("price")
    return _text(row.get(column)) if column else ""


def read_row(row: Mapping[str, Any], reading: Reading) -> OwnRow:
    """Return the product of a row. One that is refused still has what could be read of it."""

    def get(field: str) -> Any:
        column = columns.get(field)
        return row.get(column) if column else None

    columns = reading.columns
    source_id = _text(get(ID))
    price_text = price_text_of(row, reading)
    price, problem = _price(get("price"), price_text, reading)
    name = _text(get("name")).replace("\n", " ")
    product: dict[str, Any] = {
        "name": name,
        "description": _text(get("description")) or name,
        "productUrl": _text(get("productUrl")),
        "productImage": _text(_first(get("productImage"))),
        "price": price,
        "categories": _categories(get("category"), get("categoryId")),
    }
    for field in ("imageWidth", "imageHeight"):
        if (number := _number(get(field))) is not None:
            product[field] = number
    for field in _TEXTS:
        if text := _text(get(field)):
            product[field] = text
    _add_stock(product, get("inStock"))
    if extra := _fields(row, columns):
        product["fields"] = extra
    reason = problem or find_problem(source_id, product)
    return OwnRow(source_id[:MAX_ID], product, reason, price_text)


def _text(value: Any) -> str:
    """Return a value as text, its lines ended by LF alone: Tradedoubler takes no CR."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).lower()
    if isinstance(value, dict):
        return _text(value.get("#text"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    text = value if isinstance(value, str) else str(value)
    if not text.isprintable():
        text = _BROKEN.sub(LOST, text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def _first(value: Any) -> Any:
    """Return the first of several values, such as pictures."""
    if isinstance(value, list):
        return _first(value[0]) if value else None
    return value.get("url", value) if isinstance(value, dict) else value


def _price(value: Any, text: str, reading: Reading) -> tuple[str, Reason | None]:
    """Return the price as it is sent; what cannot be read for sure as it stood, with the reason."""
    if not text:
        return "", None  # missing, and said so with the other fields
    number = value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else text
    amount, named = parse_price(number, reading.currency, reading.style)
    if amount is None:
        return text, Reason("own_price_unreadable", {"text": text[:60]})
    if named and named != reading.currency:
        return text, Reason("own_price_currency", {"currency": named, "own": reading.currency})
    if reading.in_cents:
        if amount != amount.to_integral_value():
            return text, Reason("own_price_cents", {"text": text[:60]})
        return str((amount / 100).quantize(Decimal("0.01"))), None
    if _has_more_decimals(text, amount):
        return text, Reason("own_price_decimals", {"text": text[:60]})
    return str(amount.quantize(Decimal("0.01"))), None


def _has_more_decimals(text: str, amount: Decimal) -> bool:
    """Tell whether a price says more than its two decimals hold."""
    found = re.search(r"[.,](\d{3,})\D*$", text)
    if not found:
        return False
    exact = Decimal(re.sub(r"\D", "", text)).scaleb(-len(found[1]))
    return exact != amount and abs(exact - amount) < 1


def _number(value: Any) -> Any:
    """Return a whole number, what stands there where it is none, None where nothing does."""
    text = _text(value)
    if not text:
        return None
    if re.fullmatch(r"\d{1,9}(?:\.0+)?", text):
        return int(text.partition(".")[0])
    return text


def _add_stock(product: dict[str, Any], value: Any) -> None:
    """Note how many there are; a word in place of a number says whether there are any."""
    number = _number(value)
    if isinstance(number, str):
        said = parse_stock(number)
        if said is None:
            product["inStock"] = number  # refused, in words
            return
        product.setdefault("availability", number)
        number = None if said else 0
    elif number is None and parse_stock(product.get("availability")) is False:
        number = 0
    if number is not None:
        product["inStock"] = number
        if number == 0:
            product.setdefault("availability", "Out of stock")


def _categories(name: Any, number: Any) -> list[dict[str, str]]:
    path = _text(name[0] if isinstance(name, list) and name else name)
    parts = (part.strip() for part in re.split(r"\s*>\s*", path.replace("\n", " ")))
    category = {"id": _text(number), "name": SEPARATOR.join(filter(None, parts))}
    category = {key: text for key, text in category.items() if text}
    return [category] if category else []


def _fields(row: Mapping[str, Any], columns: Mapping[str, str]) -> list[dict[str, str]]:
    named = [(key, column) for key, column in columns.items() if key.startswith(FIELD_PREFIX)]
    return [
        {"name": key.removeprefix(FIELD_PREFIX), "value": text}
        for key, column in named[:MAX_FIELDS]
        if (text := _text(row.get(column)))
    ]
