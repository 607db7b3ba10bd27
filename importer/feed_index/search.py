"""The search over the index: a page of hits, how many there are, and facets.

Up to `EXACT` matches are looked at one by one. Of more, random samples are: they say how many there are, what
the facets are, and how far down the order the next page reaches, so that no search reads much more than it
shows. Each item is in one of 1,024 such samples, whose names are tokens of the same GIN index as words and
filters (`words.sample_token`).
"""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from importer.feed_index.look import Key, Look, Order, count_between, count_in_sample, look, walk
from importer.feed_index.query import Condition, IndexQuery, compile_query
from importer.feed_index.words import SAMPLES
from importer.models import Feed, FeedItem

EXACT = 10_000
MORE_SAMPLES = 4  # read when one leaves doubt
LIKELY_FEW = 9  # hits in one sample up to which there probably are no more than EXACT matches
SURELY_MANY = 60  # hits in four samples from which on there are more: sure enough
RARE = 4  # hits in one sample
GOOD_SAMPLE = 300  # hits from which on one sample will do for facets
MAX_ID = 2**62
SLACK = 2  # hits of a sample within which a page lies, beyond the number expected
SHORT_WALK = 150_000  # rows of any kind that are read in order rather than asking the GIN index

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
    order = _order(sort, query)
    sample = _look_at_samples(condition, order, query, 1)
    samples = 1
    if LIKELY_FEW < sample.count < GOOD_SAMPLE:
        samples = MORE_SAMPLES
        sample = _look_at_samples(condition, order, query, samples)
    if sample.count <= (LIKELY_FEW if samples == 1 else SURELY_MANY):
        exact = _look_at_all(condition, order, query)
        if exact.count <= EXACT:
            return _page(query, condition, sort, exact.rows, exact, scale=1)
    is_coarse = samples == 1 and sample.count < GOOD_SAMPLE
    if is_coarse or sort == "relevance":
        samples = MORE_SAMPLES if is_coarse else samples
        sort = "newest" if sort == "relevance" else sort
        order = _order(sort, query)
        sample = _look_at_samples(condition, order, query, samples)
    rows = _walk(condition, order, query, sample)
    return _page(query, condition, sort, rows, sample, scale=SAMPLES // samples)


def _look_at_samples(condition: Condition, order: Order, query: IndexQuery, samples: int) -> Look:
    """Look at the samples; the row, if any, is one that the page does not reach beyond."""
    place = (query.offset + query.limit) * samples // SAMPLES + SLACK
    return look(condition, order, samples=samples, window=(place, 1), with_facets=query.with_facets)


def _look_at_all(condition: Condition, order: Order, query: IndexQuery) -> Look:
    is_rest_rare = bool(condition.beginning and condition.words) and count_in_sample(condition) <= RARE
    return look(
        condition,
        order,
        is_beginning_read=is_rest_rare,
        limit=EXACT + 1,
        window=(query.offset, query.limit + 1),
        with_facets=query.with_facets,
    )


def _walk(condition: Condition, order: Order, query: IndexQuery, sample: Look) -> list[Key]:
    window = (query.offset, query.limit + 1)
    until = sample.rows[0] if sample.rows else None
    is_short = False
    if until:
        is_short = count_between(order, until) * SAMPLES <= SHORT_WALK
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


def _order(sort: str, query: IndexQuery) -> Order:
    column, falls, read = ORDERS[sort]
    after = None
    try:
        name, value, item_id = query.cursor.split("|")
        if name == sort:
            after = read(value), int(item_id)
    except (ValueError, InvalidOperation):
        pass
    if after is None and column == "price":
        # The order starts where the range does.
        start = query.max_price if falls else query.min_price
        after = None if start is None else (start, MAX_ID if falls else 0)
    return Order(column, falls, after)
