"""Build one `ItemData` from the raw values of any network: clean, cut, and with a word on what is wrong."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from importer.networks.base import ItemData
from importer.networks.fields import SUBCATEGORIES, Fields, is_attribute
from importer.normalise import (
    MAX_TITLE,
    clean_attributes,
    clean_brand,
    clean_category,
    clean_currency,
    clean_html,
    clean_id,
    clean_images,
    clean_shop_name,
    clean_text,
    clean_url,
    parse_gtin,
    parse_price,
    parse_shipping,
    parse_stock,
)

PATH_MARKS = (">", "»", "›", "|", ";", "/", " - ")


def as_dict(value: object) -> Mapping[str, Any]:
    """Return `value` where it is an object, else an empty one: no answer is sure of its shape."""
    return value if type(value) is dict or isinstance(value, Mapping) else {}


def as_dicts(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list, also where one object came in place of the list."""
    values = value if isinstance(value, list) else [value]
    # The exact type first: it is nearly always that one, and much quicker to ask.
    return [entry for entry in values if type(entry) is dict or isinstance(entry, Mapping)]


def unquoted(text: str) -> str:
    """Return `text` without its percent signs; quick for addresses that have no others than of `://`."""
    text = text.replace("%3A", ":").replace("%2F", "/")
    return unquote(text) if "%" in text else text


def category_path(category: object, columns: Fields) -> str:
    """Return the first category as a path, from whichever form an answer gives it.

    A text; a list; an object with its path; an object `path => name`. Where it is a single level, the
    columns for the levels below it are added.
    """
    text = _category_text(category)
    if text and any(mark in text for mark in PATH_MARKS):
        return text
    below = (columns.first(level) for level in SUBCATEGORIES)
    levels = [text, *(_category_text(level) for level in below)]
    return " > ".join(filter(None, levels))


def _category_text(value: object) -> str:
    while isinstance(value, list | tuple):
        value = next(filter(None, value), None)
    if not isinstance(value, Mapping):
        return "" if value is None else str(value).strip()
    for name in ("category", "@path", "path", "#text", "name", "tdCategoryName"):
        if found := _category_text(value.get(name)):
            return found
    if value.keys() & {"id", "ID", "@ID", "category", "@path", "path", "name", "tdCategoryName"}:
        return ""
    # `path => name`. A path of the shop's numbers says nothing to a reader.
    path, name = next(iter(value.items()), ("", ""))
    return str(path).strip() if any(map(str.isalpha, str(path))) else _category_text(name)


def first_gtin(*values: object) -> str:
    """Return the first valid GTIN among `values`, else ""."""
    return next((gtin for value in values if (gtin := parse_gtin(value))), "")


def make_item(
    *,
    feed_id: object,
    external_id: object,
    title: object,
    price: object,
    currency: object,
    link: object,
    program_id: object = "",
    shop_name: object = "",
    description: object = "",
    brand: object = "",
    category: object = "",
    sale_price: object = None,
    old_prices: Iterable[object] = (),
    shipping: object = None,
    gtins: Iterable[object] = (),
    stock: object = None,
    product_url: object = "",
    images: Iterable[object] = (),
    attributes: Iterable[tuple[object, object]] = (),
) -> ItemData:
    """Return the item; what makes it unfit to import stands in its `problem`, the first such thing.

    A readable `sale_price` below `price` becomes the price, and `price` the old one. The greatest of
    `old_prices` counts, if it is above the price.
    """
    amount, named = parse_price(price)
    currency = named or clean_currency(currency)
    amount = amount or None  # feeds write 0 where they have no price
    claims = [_amount(value, currency) for value in old_prices]
    sale = _amount(sale_price, currency)
    if amount and sale and sale < amount:
        claims.append(amount)
        amount = sale
    old = max(filter(None, claims), default=None)
    identity, name, url = clean_id(external_id), clean_text(title, MAX_TITLE), clean_url(link)
    return ItemData(
        feed_id=clean_id(feed_id)[:100],
        external_id=identity,
        title=name,
        tracking_url=url,
        program_id=clean_id(program_id)[:100],
        shop_name=clean_shop_name(shop_name),
        description=clean_html(description),
        brand=clean_brand(brand),
        category=clean_category(category),
        price=amount,
        old_price=old if amount and old and old > amount else None,
        shipping=parse_shipping(shipping),
        currency=currency,
        gtin=first_gtin(*gtins),
        in_stock=parse_stock(stock),
        product_url=clean_url(product_url),
        image_urls=clean_images(*images),
        attributes=clean_attributes(pair for pair in attributes if is_attribute(str(pair[0] or ""))),
        problem=_problem(identity, name, price, amount, currency, url),
    )


def _amount(value: object, currency: str) -> Decimal | None:
    """Return the amount unless it is in another currency."""
    amount, named = parse_price(value)
    return amount if named in ("", currency) else None


def _problem(
    external_id: str, title: str, price: object, amount: Decimal | None, currency: str, link: str
) -> str:
    if not title:
        return "has no name"
    if amount is None:
        said = clean_text(price, 40)
        return (
            f"the price “{said}” cannot be read" if said and parse_price(price)[0] is None else "has no price"
        )
    if not currency:
        return "has no currency"
    if not link:
        return "has no link that can be used"
    return "" if external_id else "has no id"
