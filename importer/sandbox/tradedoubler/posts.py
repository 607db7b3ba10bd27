"""Posts of products, in JSON or XML; each is judged by the documented rules (tradedoubler.md 12)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from lxml import etree

from importer.sandbox.tradedoubler.own_shelf import CATEGORIES

_REQUIRED = ("name", "description", "productUrl", "productImage", "price", "sourceProductId")
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PRICE = re.compile(r"\d+(?:\.\d\d)?")
# A product of this name breaks the post that it is in, and no answer says which one it was.
POISON = "\N{SKULL AND CROSSBONES}"


def read_products(body: bytes, is_xml: bool) -> list[dict] | None:
    """Return the products of a post, None where nothing can be parsed."""
    try:
        return _read_xml(body) if is_xml else _read_json(body)
    except (ValueError, etree.XMLSyntaxError, RecursionError):
        return None


def _read_json(body: bytes) -> list[dict] | None:
    data = json.loads(body, parse_float=Decimal)
    products = data.get("products") if isinstance(data, dict) else None
    if not isinstance(products, list) or not all(isinstance(one, dict) for one in products):
        return None
    return products


def _read_xml(body: bytes) -> list[dict] | None:
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    if etree.QName(root).localname != "products":
        return None
    return [_read_product(node) for node in root]


def _read_product(node: etree._Element) -> dict:
    product: dict = {"sourceProductId": node.get("sourceProductId", "")}
    for child in node:
        name = etree.QName(child).localname
        if name == "categories":
            product[name] = [dict(each.attrib) for each in child]
        elif name == "fields":
            product[name] = [{"name": each.get("name"), "value": each.text or ""} for each in child]
        elif name == "productImage":
            product[name] = {"url": child.text or ""}
        else:
            product[name] = child.text or ""
    return product


def error_of(product: Mapping) -> tuple[str, str] | None:
    """Return code and message of what is wrong with a product; None where nothing is."""
    return _missing(product) or _values(product) or _letters(product)


def _missing(product: Mapping) -> tuple[str, str] | None:
    image = product.get("productImage")
    for name in _REQUIRED:
        value = product.get(name)
        if name == "productImage":
            value = image.get("url") if isinstance(image, dict) else None
        if value is None or not str(value).strip():
            return "PF_240", f"Value missing : {name}"
    categories = product.get("categories")
    if not isinstance(categories, list) or not any(
        isinstance(each, dict) and (each.get("id") or each.get("name")) for each in categories
    ):
        return "PF_240", "Value missing : categories"
    return None


def _values(product: Mapping) -> tuple[str, str] | None:
    if not _PRICE.fullmatch(str(product["price"])):
        return "PF_280", "Price could not be parsed from posted data"
    if (currency := product.get("currency")) and not re.fullmatch("[A-Z]{3}", str(currency)):
        return "PF_290", "The currency of the Price is not a valid ISO currency"
    for name, url in (
        ("productUrl", product["productUrl"]),
        ("productImage", product["productImage"]["url"]),
    ):
        if not _is_url(str(url)):
            return "PF_391", f"Malformed URL : {name}"
    for name, value in (
        ("inStock", product.get("inStock")),
        ("width", product["productImage"].get("width")),
        ("height", product["productImage"].get("height")),
    ):
        if value is not None and not re.fullmatch(r"\d+", str(value)):
            return "PF_260", f"Value expected to be numeric but was not : {name}"
    ean = product.get("ean") or (product.get("identifiers") or {}).get("ean")
    if ean and not re.fullmatch(r"\d+", str(ean)):
        return "PF_260", "Value expected to be numeric but was not : ean"
    for each in product["categories"]:
        if each.get("id") and (not str(each["id"]).isdecimal() or int(each["id"]) not in CATEGORIES):
            return "PF_430", "Parameter has illegal value : category id"
    return None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)


def _letters(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        return ("PF_430", "Parameter has illegal value : character") if _FORBIDDEN.search(value) else None
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return next(filter(None, map(_letters, parts)), None)
