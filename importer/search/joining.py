"""Which product an item joins, or why it must not: one rule for imports and for the rows of a search."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.db import connection

from catalog.lib.named_sql import read_statements
from catalog.lib.variants import variant_of
from catalog.models import Brand, Offer, Product
from importer.feed_index.columns import Columns
from importer.models import FeedItem, JoinDoubt
from importer.normalise.likeness import (
    AS_NEAR,
    FAR,
    Article,
    Likeness,
    are_alike,
    feed_of,
    is_as_near,
    likeness,
    price_ratio,
)

Decision = JoinDoubt.Decision
_DECISIONS = frozenset(Decision.values)
_SAID = ("title", "brand", "source_key")  # by its feed, of a product (`Product.imported`)
_PRODUCT = Columns(Product, ("id", "title", "slug", "gtin", "status", "lowest_price", "currency"))
_OFFER = Columns(Offer, ("id", "product_id", "title", "price", "currency", "source_key"))
_FOUND = read_statements(__file__)["find"].format(
    product=_PRODUCT.sql("product"),
    said=", ".join(f"product.imported ->> '{name}'" for name in _SAID),
    survivor=_PRODUCT.sql("survivor"),
    survivor_said=", ".join(f"survivor.imported ->> '{name}'" for name in _SAID),
    offer=_OFFER.sql("offer"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The product that an item joins, unless a person says it `is_apart` or there is a `doubt`, in words.

    `variant` is which variant of the product it is, where it has several.
    """

    product: Product
    doubt: str = ""
    is_apart: bool = False
    variant: Mapping[str, str] = field(default_factory=dict)


def group_of(item: FeedItem) -> str:
    """Return what the variants of the item's model share, as `Offer.variant_group`; "" where it has none."""
    if not item.variant_key:
        return ""
    return item.source_key[: len(item.source_key) - len(item.external_id)] + item.variant_key


def article_of_item(item: FeedItem) -> Article:
    """Return an item (or a row with its columns) as a side to compare."""
    return Article(item.title, item.brand, item.price, item.currency, feed_of(item.source_key))


def articles_of_product(product: Product) -> list[Article]:
    """Return a product, read with its brand, as sides to compare: as an editor and as its feed named it."""
    imported = product.imported
    brand = product.brand.name if product.brand else imported.get("brand", "")
    feed = feed_of(imported.get("source_key", ""))
    sides = [Article(product.title, brand, product.lowest_price, product.currency)]
    if said := imported.get("title"):
        of_feed = Article(said, brand, product.lowest_price, product.currency, feed)
        return [of_feed] if said == product.title else [of_feed, *sides]
    return sides


class Catalogue:
    """What the catalogue has of items: the offers that were made of them, and what they may join.

    `items` are (item, its EAN that tells an article, or ""). `with_offers`: look for their own offers, too.
    One query, which costs as little as a query can: it is asked for each page of hits, and for each chunk of
    an import. The products have no more than is compared and shown.
    """

    def __init__(
        self,
        items: Iterable[tuple[FeedItem, str]],
        *,
        product_ids: Collection[int] = (),
        with_offers: bool = False,
    ) -> None:
        items = list(items)
        keys = [item.source_key for item, _ in items]
        gtins = list({gtin for _, gtin in items} - {""})
        self._by: dict[str, dict] = {
            kind: {} for kind in ("offer", "id", "gtin", "variant", "group", *Decision.values)
        }
        groups = list({group_of(item) for item, _ in items} - {""})
        if keys or product_ids:
            params = {
                **{"offers": keys if with_offers else [], "ids": [*product_ids], "gtins": gtins},
                **{"groups": groups, "decided": keys if gtins else []},
            }
            self._read(params)

    def _read(self, params: dict[str, list]) -> None:
        made: dict[int, Product] = {}
        with connection.cursor() as cursor:
            cursor.execute(_FOUND, params)
            for kind, key, *values in cursor.fetchall():
                values = iter(values)
                product, survivor = _make_product(values, made), _make_product(values, made)
                target = survivor or product
                if kind in _DECISIONS:
                    self._by[kind][key, target.pk] = True
                elif kind in ("variant", "group"):
                    self._by[kind][key] = _make_offer(values, target)
                else:
                    self._by[kind][key] = product, target

    def product_of(self, item: FeedItem) -> Product | None:
        """Return the product that has the offer made of the item."""
        product, _ = self._by["offer"].get(item.source_key, (None, None))
        return product

    def get(self, product_id: int) -> Product | None:
        """Return the product of `product_ids`, or the one it was joined with; None where it is gone."""
        _, target = self._by["id"].get(str(product_id), (None, None))
        return target

    def find(self, item: FeedItem, gtin: str) -> Found | None:
        """Return the product that has the item's EAN, else the one that has other variants of its model."""
        if found := self._find_by_gtin(item, gtin):
            return found
        offer = self._by["group"].get(group_of(item))
        if offer is None:
            return None
        variant = variant_of(item.attributes)
        if not is_of_model(article_of_item(item), variant, article_of_offer(offer), offer.variant):
            return None
        return Found(offer.product, variant=variant)

    def _find_by_gtin(self, item: FeedItem, gtin: str) -> Found | None:
        if offer := self._by["variant"].get(gtin):
            target, variant = offer.product, offer.variant
            sides = [article_of_offer(offer)]
        elif gtin in self._by["gtin"]:
            product, target = self._by["gtin"][gtin]
            sides = [side for each in dict.fromkeys((product, target)) for side in articles_of_product(each)]
            variant = {}
        else:
            return None
        pair = item.source_key, target.pk
        if pair in self._by[Decision.APART]:
            return Found(target, is_apart=True)
        if pair not in self._by[Decision.SAME]:
            found = most_alike(article_of_item(item), sides)
            if found.is_doubtful:
                return Found(target, doubt=found.reason)
        return Found(target, variant=variant)


def _make_product(values: Iterator, made: dict[int, Product]) -> Product | None:
    """Return the product of the columns; one that several rows name is made once."""
    columns = [*islice(values, len(_PRODUCT))]
    brand, *said = islice(values, 1 + len(_SAID))
    if (pk := columns[0]) is None:
        return None
    if pk not in made:
        product = made[pk] = _PRODUCT.make(columns)
        product.brand = Brand(name=brand) if brand else None
        product.imported = {name: value for name, value in zip(_SAID, said, strict=True) if value is not None}
    return made[pk]


def _make_offer(values: Iterator, product: Product) -> Offer:
    offer = _OFFER.make([*islice(values, len(_OFFER))])
    offer.variant, offer.product = json.loads(next(values)), product
    return offer


def most_alike(one: Article, sides: Iterable[Article]) -> Likeness:
    """Return how like a side is to that of the others that it is most like; the first that will do."""
    best: Likeness | None = None
    for side in sides:
        found = AS_NEAR if is_as_near(one, side) else likeness(one, side)
        if not found.is_doubtful:
            return found
        best = found if best is None or found.points > best.points else best
    return best


def is_of_model(one: Article, variant: Mapping, other: Article, other_variant: Mapping) -> bool:
    """Tell whether two articles of one group may be variants: some shops have one group for all they sell."""
    ratio = price_ratio(one, other)
    titles = model_title(one.title, variant), model_title(other.title, other_variant)
    return (ratio is None or ratio <= FAR) and are_alike(titles)


def are_of_model(item: FeedItem, other: FeedItem) -> bool:
    """Tell the same of two items of one group."""
    one, two = ((article_of_item(each), variant_of(each.attributes)) for each in (item, other))
    return is_of_model(*one, *two)


def model_title(title: str, variant: Mapping[str, str]) -> str:
    """Return a title without the words for its variant, where anything is left.

    >>> model_title("Trail runner, black, 42", {"colour": "Black", "size": "42"})
    'Trail runner'
    """
    text = title
    for value in variant.values():
        if found := list(re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.I)):
            text = text[: found[-1].start()] + text[found[-1].end() :]
    text = _EMPTY.sub(" ", text)
    return _GLUE.sub(" ", text).strip(" ,;/|-–") or title


_EMPTY = re.compile(r"\(\s*[,/|-]*\s*\)|\[\s*\]")
_GLUE = re.compile(r"(?:\s*[,;/|–-]\s+(?=[,;/|–-]|$))+|\s{2,}")


def article_of_offer(offer: Offer) -> Article:
    """Return an offer, read with its product, as a side to compare."""
    product = offer.product
    brand = product.brand.name if product.brand else product.imported.get("brand", "")
    return Article(offer.title, brand, offer.price, offer.currency, feed_of(offer.source_key))
