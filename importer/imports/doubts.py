"""Which product an item is by its EAN, and what a person said or must say about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from catalog.models import Product
from importer.models import FeedItem, JoinDoubt
from importer.normalise.likeness import Article, Likeness, feed_of, likeness

Kind, Decision = JoinDoubt.Kind, JoinDoubt.Decision
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Pair:
    """An offer, by its source key, and a product that it may be an offer of."""

    source_key: str
    product_id: int


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
        sides.insert(0, Article(said, brand, product.lowest_price, product.currency, feed))
    return sides


def compare(item: FeedItem, *products: Product) -> Likeness:
    """Return how like the item is to that name of these products, which are one, that it is most like."""
    one = article_of_item(item)
    sides = [side for product in products for side in articles_of_product(product)]
    return max((likeness(one, side) for side in sides), key=lambda found: found.points)


def find_decisions(source_keys: Collection[str]) -> dict[Pair, str]:
    """Return what persons decided about these offers, by pair."""
    decided = JoinDoubt.objects.filter(source_key__any=list(source_keys)).exclude(decision="")
    return {
        Pair(source_key, product_id): decision
        for source_key, product_id, decision in decided.values_list("source_key", "product", "decision")
    }


def note_doubts(doubts: Iterable[JoinDoubt]) -> int:
    """Put doubts into the queue, each pair once whatever became of it; return how many were given."""
    rows = list(doubts)
    if not rows:
        return 0
    for row in rows:
        row.reason = row.reason[:MAX_REASON]
    JoinDoubt.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
