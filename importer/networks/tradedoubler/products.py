"""Tradedoubler's products and links: pure functions (docs/networks/tradedoubler.md 2, 9)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from importer.networks import columns as names
from importer.networks.columns import Fields
from importer.networks.contract import FeedData, ItemData
from importer.networks.items import as_dict, as_dicts, category_path, find_sale_dates, make_item, unquoted
from importer.normalise import parse_stock, parse_time

EPI_BYTES = 64
CLOCK_SKEW = 86_400  # seconds: a day of another time zone
# Columns without a place of their own in `ItemData`.
PRODUCT_EXTRAS = ("model", "size", "weight", "manufacturer", "techSpecs", "promoText", "warranty")
OFFER_EXTRAS = ("condition", "deliveryTime", "warranty")
IDENTIFIER_EXTRAS = ("mpn", "sku")


def parse_product(product: Mapping[str, Any], feed: FeedData | None = None) -> Iterator[ItemData]:
    """Yield an item for each offer of a product; one product has several where offers are grouped."""
    custom = [(field.get("name"), field.get("value")) for field in as_dicts(product.get("fields"))]
    for offer in as_dicts(product.get("offers")):
        yield _parse_offer(product, offer, custom, feed)


def _parse_offer(
    product: Mapping[str, Any],
    offer: Mapping[str, Any],
    custom: list[tuple[object, object]],
    feed: FeedData | None,
) -> ItemData:
    columns = Fields(custom)
    price, changes_at = current_price(offer)
    identifiers = as_dict(product.get("identifiers"))
    link = str(offer.get("productUrl") or "")
    stock = parse_stock(offer.get("availability"))
    return make_item(
        feed_id=offer.get("feedId") or (feed.external_id if feed else ""),
        # The network's own `id` changes between two looks at the same product (tradedoubler.md 2).
        external_id=offer.get("sourceProductId") or offer.get("id"),
        program_id=program_id(link) or (feed.program_id if feed else ""),
        shop_name=offer.get("programName") or (feed.program_name if feed else ""),
        title=product.get("name"),
        description=product.get("description") or product.get("shortDescription"),
        brand=product.get("brand") or product.get("manufacturer") or columns.first(names.BRAND),
        category=category_path(product.get("categories"), columns),
        price=price.get("value"),
        currency=price.get("currency"),
        feed=feed,
        sale_price=columns.first(names.SALE_PRICE),
        sale_dates=find_sale_dates(columns),
        old_prices=columns.all(names.OLD_PRICE),
        shipping=offer.get("shippingCost"),
        gtins=(*map(identifiers.get, ("ean", "upc", "isbn")), *columns.all(names.GTIN)),
        stock=offer.get("inStock") if stock is None else stock,
        link=link,
        product_url=offer.get("sourceProductUrl") or shop_url(link),
        images=[image.get("url") for image in as_dicts(product.get("productImage"))],
        attributes=[
            *custom,
            *[(name, value) for name in PRODUCT_EXTRAS if (value := product.get(name))],
            *[(name, value) for name in OFFER_EXTRAS if (value := offer.get(name))],
            *[(name, value) for name in IDENTIFIER_EXTRAS if (value := identifiers.get(name))],
        ],
        changes_at=changes_at,
    )


def current_price(offer: Mapping[str, Any]) -> tuple[Mapping[str, Any], datetime | None]:
    """Return `{"value", "currency"}` of the greatest date in `priceHistory`; of equal dates, the last.

    And when another of its prices becomes the current one, None where no price is of the future.
    """
    current: Mapping[str, Any] = {}
    history = as_dicts(offer.get("priceHistory"))
    if len(history) == 1:
        return as_dict(history[0].get("price")), None
    newest, next_at = float("-inf"), float("inf")
    latest = datetime.now(UTC).timestamp() + CLOCK_SKEW  # a price of next week is not today's
    for entry in history:
        time = parse_time(entry.get("date"))
        stamp = time.timestamp() if time else float("-inf")
        if newest <= stamp <= latest and isinstance(entry.get("price"), Mapping):
            newest, current = stamp, entry["price"]
        elif stamp > latest:
            next_at = min(next_at, stamp)
    changes_at = datetime.fromtimestamp(next_at - CLOCK_SKEW, UTC) if next_at < float("inf") else None
    return current, changes_at


def program_id(link: str) -> str:
    """Return the program in a tracking link of either form, else ""."""
    found = re.search(r"click\?(?:.*?[)&])?p(?:\((\d+)\)|=(\d+))", link)
    return (found[1] or found[2]) if found else ""


def shop_url(link: str) -> str:
    """Return the destination inside a tracking link, else ""."""
    _, mark, rest = link.partition("url(")
    target, end, _ = rest.partition(")")
    if mark and end and target:
        return unquoted(target)
    return dict(parse_qsl(urlsplit(link).query)).get("url", "") if "url=" in link else ""


def with_epi(url: str, sub_id: str) -> str:
    """Return the tracking link with `sub_id` as its epi, at most 64 bytes; a bare shop link is unchanged."""
    if "click?" not in url:
        return url
    epi = sub_id.encode()[:EPI_BYTES].decode("utf-8", "ignore")
    value = quote(epi, safe="")
    if re.search(r"click\?\w+\(", url):
        return re.sub(r"(?<=[)?])epi\([^)]*\)", "", url) + f"epi({value})"
    head, mark, destination = url.partition("&url=")
    head = re.sub(r"(?<=[?&])epi=[^&]*&?", "", head).rstrip("&")
    return f"{head}&epi={value}{mark}{destination}"
