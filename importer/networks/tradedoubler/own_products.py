"""An advertiser's own product: what Tradedoubler asks of it, how it is written (tradedoubler.md 12). Pure.

A product is plain data, as JSON has it: its fields are named as Tradedoubler's, the price is text ("149.90"),
`categories` are `{"id"?, "name"?}`, `fields` are `{"name", "value"}`. Its id, `sourceProductId`, goes beside.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

import orjson

from importer.reasons import Reason

Product = Mapping[str, Any]
MAX_ID = 250  # characters


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a product: Tradedoubler's name, ours, and what it is for."""

    name: str
    label: str
    help: str
    is_required: bool = False
    is_number: bool = False


# In the order in which they are written.
FIELDS = (
    Field("name", "Name", "The title of the product.", is_required=True),
    Field(
        "description", "Description", "A long one. Where there is none, the name is sent.", is_required=True
    ),
    Field("productUrl", "Address", "The page of your shop, without tracking.", is_required=True),
    Field("productImage", "Picture", "The address of a picture, about 500 x 300 pixels.", is_required=True),
    Field("imageWidth", "Width of the picture", "In pixels.", is_number=True),
    Field("imageHeight", "Height of the picture", "In pixels.", is_number=True),
    Field("price", "Price", "In the currency of the program.", is_required=True),
    Field("category", "Category", "As your shop calls it. It is mapped once, by its name."),
    Field(
        "categoryId", "Tradedoubler category", "The number of a Tradedoubler category, in place of a mapping."
    ),
    Field("shippingCost", "Shipping cost", "“Free” or an amount."),
    Field("shortDescription", "Short description", "In fewer words."),
    Field("promoText", "Promotion", "A text that advertises."),
    Field("warranty", "Warranty", "What it covers."),
    Field("inStock", "In stock", "How many. What is out of stock is sent with 0, so that visitors find it."),
    Field("availability", "Availability", "In words: “In stock”, “From 12 May”."),
    Field("deliveryTime", "Delivery time", "How long it takes."),
    Field("condition", "Condition", "“New” or “Used”."),
    Field("weight", "Weight", "With its unit: “25 kg”."),
    Field("size", "Size", "With its unit: “200x120x40 mm”."),
    Field("model", "Model", "The name of the model."),
    Field("brand", "Brand", "Who sells it under its name."),
    Field("manufacturer", "Manufacturer", "Who makes it."),
    Field("techSpecs", "Technical data", "In words."),
    Field("ean", "EAN", "8 to 14 digits. Publishers and Tradedoubler group products by it."),
    Field("upc", "UPC", "Universal Product Code."),
    Field("isbn", "ISBN", "Of books."),
    Field("mpn", "Part number", "The manufacturer's."),
    Field("sku", "SKU", "Your stock number."),
)
LABELS = {field.name: field.label for field in FIELDS}
_TEXTS = (
    *("shippingCost", "shortDescription", "promoText", "warranty"),
    *("availability", "deliveryTime", "condition", "weight", "size", "model", "brand", "manufacturer"),
    *("techSpecs", "ean", "upc", "isbn", "mpn", "sku"),
)
_IDENTIFIERS = frozenset(("ean", "upc", "isbn", "mpn", "sku"))
_REQUIRED = tuple(field.name for field in FIELDS if field.is_required)

_PRICE = re.compile(r"\d{1,9}(?:\.\d\d)?")
_SPACE = re.compile(r"[\s\x1c-\x1f\x85]")
_EAN = re.compile(r"\d{8}|\d{12,14}")
# Tradedoubler takes what XML takes, but for CR.
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LOST = "\ufffd"


def digest_of(product: Product) -> str:
    """Return what changes with any change of a product: 32 characters."""
    return hashlib.md5(orjson.dumps(product), usedforsecurity=False).hexdigest()


def find_problem(source_product_id: str, product: Product) -> Reason | None:
    """Return why Tradedoubler would refuse a product, or may read it in another way; None for a good one."""
    return (
        _id_problem(source_product_id)
        or _missing(product)
        or _price_problem(str(product["price"]))
        or _address_problem("productUrl", product["productUrl"])
        or _address_problem("productImage", product["productImage"])
        or _category_problem(product.get("categories") or ())
        or _number_problem(product)
        or _ean_problem(product.get("ean", ""))
        or _letter_problem(source_product_id, product)
    )


def _id_problem(text: str) -> Reason | None:
    if not text.strip():
        return Reason("own_id_missing")
    if "," in text or ";" in text:
        return Reason("own_id_comma", {"id": text})
    return Reason("own_id_long", {"most": MAX_ID}) if len(text) > MAX_ID else None


def _missing(product: Product) -> Reason | None:
    for name in _REQUIRED:
        if not str(product.get(name) or "").strip():
            return Reason("own_value_missing", {"field": LABELS[name]})
    return None


def _price_problem(text: str) -> Reason | None:
    if not _PRICE.fullmatch(text):
        is_number = re.fullmatch(r"\d+\.\d+", text)
        return Reason("own_price_decimals" if is_number else "own_price_unreadable", {"text": text[:60]})
    return Reason("own_price_zero") if not text.strip("0.") else None


def _address_problem(name: str, text: str) -> Reason | None:
    try:
        parts = urlsplit(text)
        is_good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and not _SPACE.search(text)
        )
    except ValueError:
        is_good = False
    return None if is_good else Reason("own_address", {"field": LABELS[name], "text": text[:100]})


def _category_problem(categories: Iterable[Mapping[str, Any]]) -> Reason | None:
    found = list(categories)
    if not any(str(each.get("id") or "").strip() or str(each.get("name") or "").strip() for each in found):
        return Reason("own_category_missing")
    for each in found:
        if each.get("id") and not re.fullmatch(r"\d{1,18}", str(each["id"])):
            return Reason("own_category_number", {"text": str(each["id"])[:60]})
    return None


def _number_problem(product: Product) -> Reason | None:
    for name in ("inStock", "imageWidth", "imageHeight"):
        value = product.get(name)
        if value is not None and (type(value) is not int or value < 0):
            return Reason("own_number", {"field": LABELS[name], "text": str(value)[:60]})
    return None


def _ean_problem(text: str) -> Reason | None:
    if not text or _EAN.fullmatch(text):
        return None
    return Reason("own_ean", {"text": text[:60]})


def _letter_problem(source_product_id: str, product: Product) -> Reason | None:
    for label, text in _texts(source_product_id, product):
        if text.isascii() and text.isprintable():
            continue
        if found := _FORBIDDEN.search(text):
            return Reason("own_letters", {"field": label, "letter": f"U+{ord(found[0]):04X}"})
        if LOST in text:
            return Reason("own_encoding", {"field": label})
    return None


def _texts(source_product_id: str, product: Product) -> Iterator[tuple[str, str]]:
    yield "ID", source_product_id
    for name, value in product.items():
        if isinstance(value, str):
            yield LABELS.get(name, name), value
    for each in product.get("categories") or ():
        yield LABELS["category"], str(each.get("name") or "")
    for each in product.get("fields") or ():
        yield str(each["name"]), f"{each['name']}{each['value']}"


# --- How it is written ----------------------------------------------------------------------------
def write_json(source_product_id: str, product: Product, *, nests_identifiers: bool = False) -> bytes:
    """Return the JSON of a product as it is posted.

    The price is a number with exactly the decimals that it has here. Identifiers stand beside the other
    fields, as in the network's example, or below `identifiers`, as in its table.
    """
    values: dict[str, Any] = {"sourceProductId": source_product_id}
    values |= {name: product[name] for name in ("name", "description", "productUrl")}
    image: dict[str, Any] = {"url": product["productImage"]}
    image |= {key: product[name] for key, name in _SIZES if product.get(name) is not None}
    values["productImage"] = image
    price = str(product["price"])
    # One that is no number must not break the post that others are in.
    values["price"] = orjson.Fragment(price) if _PRICE.fullmatch(price) else price
    values["categories"] = list(product.get("categories") or ())
    if product.get("fields"):
        values["fields"] = product["fields"]
    if product.get("inStock") is not None:
        values["inStock"] = product["inStock"]
    texts = {name: product[name] for name in _TEXTS if product.get(name)}
    if nests_identifiers:
        values |= {name: text for name, text in texts.items() if name not in _IDENTIFIERS}
        if nested := {name: text for name, text in texts.items() if name in _IDENTIFIERS}:
            values["identifiers"] = nested
    else:
        values |= texts
    return orjson.dumps(values)


_SIZES = (("width", "imageWidth"), ("height", "imageHeight"))


def write_xml(source_product_id: str, product: Product) -> bytes:
    """Return the XML of a product as it is posted."""
    parts = [f"<product sourceProductId={quoteattr(source_product_id)}>"]
    for name in ("name", "description", "productUrl", "productImage", "price"):
        parts.append(f"<cm:{name}>{escape(str(product[name]))}</cm:{name}>")
    parts.append("<cm:categories>")
    for each in product.get("categories") or ():
        named = f" name={quoteattr(str(each['name']))}" if each.get("name") else ""
        numbered = f" id={quoteattr(str(each['id']))}" if each.get("id") else ""
        parts.append(f"<cm:category{named}{numbered}/>")
    parts.append("</cm:categories>")
    if fields := product.get("fields"):
        parts.append("<cm:fields>")
        parts += [
            f"<cm:field name={quoteattr(one['name'])}>{escape(one['value'])}</cm:field>" for one in fields
        ]
        parts.append("</cm:fields>")
    if product.get("inStock") is not None:
        parts.append(f"<cm:inStock>{product['inStock']}</cm:inStock>")
    parts += [f"<cm:{name}>{escape(product[name])}</cm:{name}>" for name in _TEXTS if product.get(name)]
    parts.append("</product>")
    return "".join(parts).encode()


JSON_FRAME = (b'{"products":[', b",", b"]}")
XML_FRAME = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<products xmlns="urn:com:tradedoubler:pf:model:xml:input"'
    b' xmlns:cm="urn:com:tradedoubler:pf:model:xml:common" version="3.0">',
    b"",
    b"</products>",
)


def write_post(
    products: Iterable[tuple[str, Product]], format: str, *, nests_identifiers: bool = False
) -> Iterator[bytes]:
    """Yield the pieces of a post of (id, product), in "json" or "xml"."""
    start, between, end = JSON_FRAME if format == "json" else XML_FRAME
    yield start
    is_first = True
    for source_product_id, product in products:
        if not is_first and between:
            yield between
        is_first = False
        if format == "json":
            yield write_json(source_product_id, product, nests_identifiers=nests_identifiers)
        else:
            yield write_xml(source_product_id, product)
    yield end
