"""The variants of a model as one hit: which rows of a page lead their group, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from importer.feed_index.query import Condition
from importer.feed_index.statements import Order
from importer.models import FeedItem
from importer.normalise.likeness import are_alike

MAX_VARIANTS = 200  # of a model; a shop that has more in one group has one for all it sells
_TITLES = 6  # of a group that are compared: "default" is a group, too

_GROUPS = """
    SELECT DISTINCT feed_id, variant_key FROM importer_feeditem WHERE id = ANY(%s) AND variant_key <> ''
"""
# The first of a group is the first that matches, in the order of the hits.
_READ = """
    SELECT member.* FROM ({groups}) AS of_group
    CROSS JOIN LATERAL (
        SELECT array_agg(id ORDER BY id), count(*), min(price), min(currency), max(currency),
               (array_agg(DISTINCT title))[:{titles}],
               (array_agg(id ORDER BY key {way}, id {way}) FILTER (WHERE matches))[1]
        FROM (
            SELECT item.id, item.price, item.currency, item.title, {key} AS key, ({where}) AS matches
            FROM importer_feeditem AS item
            WHERE item.feed_id = of_group.feed_id AND item.variant_key = of_group.variant_key
              AND item.variant_key <> '' AND item.missing_at IS NULL
            LIMIT {limit}
        ) AS item
    ) AS member
"""
_OF_MODEL = """
    SELECT other.id FROM importer_feeditem AS item
    JOIN importer_feeditem AS other ON other.feed_id = item.feed_id AND other.variant_key = item.variant_key
    WHERE item.id = %s AND other.variant_key <> '' AND other.missing_at IS NULL
    ORDER BY other.id <> item.id, other.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants that a hit stands for: how many its feed has, and the lowest price.

    `price` is None where they are in several currencies, or none has a price.
    """

    count: int
    price: Decimal | None
    currency: str


def find_variants(
    condition: Condition, order: Order, ids: Sequence[int]
) -> tuple[set[int], dict[int, Variants]]:
    """Return those of the hits that lead their group or have none, and what the leading ones lead.

    A hit leads where no variant of it comes before it in the order of all matches. One statement, which reads
    the groups alone.
    """
    where, params = condition.where()
    key = order.column
    if key == "rank":
        key, params = "ts_rank(item.search, %s::tsquery)::float8", [condition.text, *params]
    else:
        key = f"item.{key}"
    way = "DESC" if order.falls else "ASC"
    followers: set[int] = set()
    variants: dict[int, Variants] = {}
    for members, found, first in _read_models(ids, key=key, way=way, where=where, params=params):
        if first is not None:
            followers.update(members)
            followers.discard(first)
            variants[first] = found
    return set(ids) - followers, variants


def group_page(items: Sequence[FeedItem]) -> tuple[set[int], dict[int, Variants]]:
    """Return the ids of those items of a page that come first of their model, and the variants they lead.

    For a page that was not made of models: what other pages show plays no part. One statement where several
    items are of one model, else none.
    """
    groups: dict[tuple[int, str], list[FeedItem]] = {}
    for item in items:
        if item.variant_key:
            groups.setdefault((item.feed_id, item.variant_key), []).append(item)
    kept = {item.pk for item in items}
    asked = [
        group[0].pk for group in groups.values() if len(group) > 1 and are_alike(item.title for item in group)
    ]
    variants: dict[int, Variants] = {}
    for members, found, _ in _read_models(asked) if asked else ():
        shown = [item.pk for item in items if item.pk in members]
        if len(shown) > 1:
            kept.difference_update(shown[1:])
            variants[shown[0]] = found
    return kept, variants


def _read_models(
    ids: Sequence[int], *, key: str = "item.id", way: str = "ASC", where: str = "TRUE", params: Sequence = ()
) -> Iterator[tuple[set[int], Variants, int | None]]:
    """Yield of each model of the items the ids of its variants, what they are, and the first that matches."""
    statement = _READ.format(
        groups=_GROUPS, titles=_TITLES, way=way, key=key, where=where, limit=MAX_VARIANTS + 1
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [[*ids], *params])
        for members, count, price, currency, last_currency, titles, first in cursor.fetchall():
            if 1 < count <= MAX_VARIANTS and are_alike(titles):
                found = Variants(count, price if currency == last_currency else None, currency)
                yield set(members), found, first


def ids_of_model(item_id: int) -> list[int]:
    """Return the ids of an item and of the other variants of its model in its feed, it first."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_MODEL, [item_id, MAX_VARIANTS])
        return [pk for (pk,) in cursor.fetchall()] or [item_id]
