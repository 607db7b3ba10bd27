"""The search over the index: a page of hits, how many there are, and facets.

Up to `EXACT` matches are looked at one by one. Of more, a random sample is: it says how many there are, what
the facets are, and how far down the order the next page reaches, so that no search reads much more than it
shows. Each item is in one of 64 and in one of 1,024 such samples (`words.SAMPLES`), whose names are tokens of
the same GIN index as words and filters.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from importer.feed_index.look import Key, Look, Order, count_between, look, walk
from importer.feed_index.query import Condition, IndexQuery, compile_query
from importer.feed_index.words import SAMPLES, sample_token
from importer.models import Feed, FeedItem

EXACT = 10_000
FINE, COARSE = SAMPLES  # one item in so many
# With more hits than this in the coarse sample there are more than EXACT matches, as sure as chance allows.
SURELY_MANY = 40
GOOD_SAMPLE = 300  # hits from which on the coarse sample will do for facets
# Hits of the sample within which a page lies, beyond the number expected.
SLACK = {FINE: 3, COARSE: 1}
SHORT_WALK = 30_000  # rows of any kind that are read in order rather than asking the GIN index

# Sort -> the column, whether it falls, how its values are read from a cursor.
ORDERS = {
    "relevance": ("rank", True, float),
    "price": ("price", False, Decimal),
    "-price": ("price", True, Decimal),
    "discount": ("discount", True, int),
    "newest": ("id", True, int),
}


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that hits have, and how many of them (about so many where the total is an estimate)."""

    value: str | int
    count: int


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One page of hits. `total` is an estimate beyond 10,000; `next_cursor` is "" on the last page.

    `facets`: "feed" (primary keys), "shop", "brand", "category" and "currency", the most frequent first;
    `flags`: how many are on_sale, in_stock, has_picture, has_gtin. `sort` is the order that was kept: more
    than 10,000 matches are not ranked but shown newest first. `feeds`: what was searched, by primary key.
    """

    items: list[FeedItem]
    total: int
    is_estimate: bool
    next_cursor: str
    sort: str
    facets: dict[str, list[Facet]] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    feeds: dict[int, Feed] = field(default_factory=dict)


def search(query: IndexQuery) -> IndexPage:
    """Return a page of the items that match. An unreadable cursor is the first page."""
    condition = compile_query(query)
    if not condition.feeds:
        return IndexPage([], 0, False, "", query.sort)
    sort = query.sort if query.sort in ORDERS else "relevance"
    if sort == "relevance" and (not condition.text or query.cursor.startswith("newest|")):
        sort = "newest"
    if "price" in sort:
        condition.add("item.price IS NOT NULL")
    order = _order(sort, query.cursor)
    coarse = _look_at_sample(condition, order, query, COARSE)
    if coarse.count <= SURELY_MANY:
        exact = look(
            condition,
            order,
            limit=EXACT + 1,
            window=(query.offset, query.limit + 1),
            with_facets=query.with_facets,
        )
        if exact.count <= EXACT:
            return _page(query, condition, sort, exact.rows, exact, scale=1)
    if sort == "relevance":
        sort, order = "newest", _order("newest", "")
        coarse = _look_at_sample(condition, order, query, COARSE)
    is_good = coarse.count >= GOOD_SAMPLE
    size = COARSE if is_good else FINE
    sample = coarse if is_good else _look_at_sample(condition, order, query, FINE)
    rows = _walk(condition, order, query, sample)
    return _page(query, condition, sort, rows, sample, scale=size)


def _look_at_sample(condition: Condition, order: Order, query: IndexQuery, size: int) -> Look:
    """Look at the sample; its row, if any, is one that the page does not reach beyond."""
    place = (query.offset + query.limit) // size + SLACK[size]
    return look(
        condition,
        order,
        lexemes=[f"'{sample_token(size)}'"],
        window=(place, 1),
        with_facets=query.with_facets,
    )


def _walk(condition: Condition, order: Order, query: IndexQuery, sample: Look) -> list[Key]:
    window = (query.offset, query.limit + 1)
    until = sample.rows[0] if sample.rows else None
    is_short = False
    if until:
        is_short = count_between(order, until, f"'{sample_token(COARSE)}'") * COARSE <= SHORT_WALK
    rows = walk(condition, order, until=until, is_short=is_short, window=window)
    if until and len(rows) <= query.limit:  # chance had it that the page reaches further
        rows = walk(condition, order, until=None, is_short=True, window=window)
    return rows


def _page(
    query: IndexQuery, condition: Condition, sort: str, rows: list[Key], seen: Look, *, scale: int
) -> IndexPage:
    has_next = len(rows) > query.limit
    rows = rows[: query.limit]
    by_id = FeedItem.objects.in_bulk([item_id for _, item_id in rows])
    items = [by_id[item_id] for _, item_id in rows if item_id in by_id]
    for item in items:
        item.feed = condition.feeds[item.feed_id]
    return IndexPage(
        items=items,
        total=seen.count * scale,
        is_estimate=scale > 1,
        next_cursor=f"{sort}|{rows[-1][0]}|{rows[-1][1]}" if has_next else "",
        sort=sort,
        facets={
            name: [Facet(value, count * scale) for value, count in values[: query.max_facets]]
            for name, values in seen.facets.items()
        },
        flags={name: count * scale for name, count in seen.flags.items()},
        feeds=condition.feeds,
    )


def _order(sort: str, cursor: str) -> Order:
    column, falls, read = ORDERS[sort]
    order = Order(column, falls)
    try:
        name, value, item_id = cursor.split("|")
        return replace(order, after=(read(value), int(item_id))) if name == sort else order
    except (ValueError, InvalidOperation):
        return order
