"""The search over the index: a page of hits, how many there are, and facets.

Up to `EXACT` matches are looked at one by one. Of more, random samples are: they say how many there are, what
the facets are, and how far down the order the next page reaches, so that no search reads much more than it
shows. One item in 256 is a sample (`words.is_sample`); `samples` keeps them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from importer.feed_index import lexemes
from importer.feed_index.objects import get_items
from importer.feed_index.query import Condition, compile_query
from importer.feed_index.statements import (
    Key,
    Matches,
    Order,
    count_apart,
    fetch_page,
    scan_in_order,
    sort_matches,
)
from importer.feed_index.variants import Variants, find_variants
from importer.models import Feed, FeedItem
from importer.networks.query import ItemQuery

EXACT = 10_000
# Beyond what the samples show of EXACT matches in all but one of a thousand cases.
SURELY_MANY = 60
MAX_READ = 2 * EXACT  # matches, where the samples leave doubt: more of them is no reason to start again
MAX_ID = 2**62
MAX_KEY = 10**14  # no price, discount, rank or id that sorts is larger
SLACK = 2  # hits of the samples within which a page lies, beyond the number expected
ROUNDS = 6  # in which a page of models is looked for among their variants
GROUPED_AT_ONCE = 500  # rows read of which a page of models is made
STEPS = 20_000  # rows of any kind that are read in order before the GIN index is asked for all matches

# Sort -> the column, whether it falls, how its values are read from a cursor.
ORDERS = {
    "relevance": ("rank", True, float),
    "price": ("price", False, Decimal),
    "-price": ("price", True, Decimal),
    "discount": ("discount", True, int),
    "newest": ("id", True, int),
}
_READERS = {column: read for column, _, read in ORDERS.values()}


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
    `variants`: what hits stand for, by primary key, where the page is grouped; `total` counts them all.
    """

    items: list[FeedItem]
    total: int
    is_estimate: bool
    next_cursor: str
    sort: str
    facets: dict[str, list[Facet]] = field(default_factory=dict)
    flags: dict[str, int] = field(default_factory=dict)
    feeds: dict[int, Feed] = field(default_factory=dict)
    variants: dict[int, Variants] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which page to show, and how. `cursor`: a page's `next_cursor`; `offset` skips hits instead, for the
    first few hundred pages. `max_facets`: values of each facet; with 0 nothing is counted. `is_grouped`: one
    hit for all variants of a model, the first of them.
    """

    cursor: str = ""
    offset: int = 0
    limit: int = 25
    max_facets: int = 30
    is_grouped: bool = False


FIRST_PAGE = Paging()
ReadMore = Callable[[Condition, Order, Paging], list[Key]]


def search(query: ItemQuery, paging: Paging = FIRST_PAGE) -> IndexPage:
    """Return a page of what is mirrored here and matches. An unreadable cursor is the first page."""
    condition = compile_query(query)
    if not condition.feeds:
        return IndexPage([], 0, False, "", query.sort)
    sort = query.sort
    if sort == "relevance" and (not condition.text or paging.cursor.startswith("newest|")):
        sort = "newest"
    if "price" in sort:
        condition.add("item.price IS NOT NULL")
    # Many matches are not ranked.
    order_of_many = _order("newest" if sort == "relevance" else sort, query, paging)
    is_small = query.variants_of is not None or _are_small(condition.feeds)
    sample = None if is_small else _read_samples(condition, order_of_many, paging)
    least = 0
    if sample is None or sample.count <= SURELY_MANY:
        order = _order(sort, query, paging)
        # Of what is read anyway, many rows cost no more than few.
        many = replace(paging, limit=max(GROUPED_AT_ONCE, paging.limit)) if paging.is_grouped else paging
        found = _read_all(condition, order, many)
        if found.count <= MAX_READ:
            shown = _show(paging, condition, order, found.rows, many.limit, _more_of_all)
            return _page(condition, sort, shown, found, found.count)
        least = found.count
    sample = sample or _read_samples(condition, order_of_many, paging)
    total = max(least, sample.count * lexemes.SAMPLED)
    rows = _next_of_many(condition, order_of_many, paging, sample)
    sort = "newest" if sort == "relevance" else sort
    shown = _show(paging, condition, order_of_many, rows, paging.limit, _more_of_many)
    return _page(condition, sort, shown, sample, total, scale=lexemes.SAMPLED)


def _are_small(feeds: dict[int, Feed]) -> bool:
    """Do the feeds, by the network's word, hold few enough items to look at them all?"""
    return sum(feed.item_count or MAX_READ + 1 for feed in feeds.values()) <= MAX_READ


def _read_samples(condition: Condition, order: Order, paging: Paging) -> Matches:
    """Read the samples; the row, if any, is one that the page does not reach beyond."""
    place = (paging.offset + paging.limit) // lexemes.SAMPLED + SLACK
    return fetch_page(condition.sample(), order, window=(place, 1), max_facets=paging.max_facets)


def _read_all(condition: Condition, order: Order, paging: Paging) -> Matches:
    is_beginning_read = False
    if condition.beginning and condition.words:
        # A row that is read costs as much as three that the GIN index lists for the words that begin so.
        rest, beginning = count_apart(condition)
        is_beginning_read = 3 * rest < beginning
    return fetch_page(
        condition.source(is_beginning_read=is_beginning_read),
        order,
        text=condition.text,
        limit=MAX_READ + 1,
        window=(paging.offset, paging.limit + 1),
        max_facets=paging.max_facets,
    )


def _next_of_many(condition: Condition, order: Order, paging: Paging, sample: Matches | None) -> list[Key]:
    """Return the rows of the page and one more, as far as there are."""
    window = (paging.offset, paging.limit + 1)
    rows = scan_in_order(condition, order, steps=STEPS, window=window)
    if len(rows) > paging.limit:
        return rows
    sample = sample or _read_samples(condition, order, paging)
    if sample.rows:
        rows = sort_matches(condition, order, until=sample.rows[0], window=window)
    if len(rows) <= paging.limit:  # chance had it that the page reaches further
        rows = sort_matches(condition, order, until=None, window=window)
    return rows


def _more_of_all(condition: Condition, order: Order, paging: Paging) -> list[Key]:
    return _read_all(condition, order, paging).rows


def _more_of_many(condition: Condition, order: Order, paging: Paging) -> list[Key]:
    return _next_of_many(condition, order, paging, None)


@dataclass(frozen=True, slots=True)
class Shown:
    """The hits of a page; `next` is the row after which the next page begins, None on the last one."""

    items: list[FeedItem]
    next: Key | None
    variants: dict[int, Variants]


def _show(
    paging: Paging,
    condition: Condition,
    order: Order,
    rows: list[Key],
    limit: int,
    read_more: ReadMore,
) -> Shown:
    """Return the hits of the page; of a model in several variants the first, where `paging` is grouped.

    `rows` are those of the page and more, as far as `limit`. Most feeds have no variants: then this reads the
    items and nothing else.
    """
    first, after = rows[: paging.limit + 1], None
    by_id = get_items(item_id for _, item_id in first)
    variants: dict[int, Variants] = {}
    if paging.is_grouped and any(item.variant_key for item in by_id.values()):
        first, after, variants = _lead(paging, condition, order, rows, len(rows) > limit, read_more)
        by_id |= get_items([item_id for _, item_id in first if item_id not in by_id])
    shown = first[: paging.limit]
    items = [by_id[item_id] for _, item_id in shown if item_id in by_id]
    for item in items:
        item.feed = condition.feeds[item.feed_id]
    return Shown(items, shown[-1] if len(first) > paging.limit else after, variants)


def _lead(
    paging: Paging, condition: Condition, order: Order, rows: list[Key], is_more: bool, read_more: ReadMore
) -> tuple[list[Key], Key | None, dict[int, Variants]]:
    """Return the rows that lead their models, the row to go on after if there are more, and the variants.

    Reads more rows until the page is full, or in `ROUNDS`: the page is shorter then, and the next goes on.
    """
    wanted = paging.limit + 1
    leading: list[Key] = []
    variants: dict[int, Variants] = {}
    count = wanted  # rows whose groups are read next
    seen = 0
    last: Key | None = None
    for _ in range(ROUNDS):
        if len(rows) < count and is_more:
            key, item_id = rows[-1] if rows else last
            further = replace(order, after=(_READERS[order.column](key), item_id))
            more = read_more(condition, further, replace(paging, offset=0, limit=count - 1, max_facets=0))
            is_more = len(more) == count
            rows = rows + more
        part, rows = rows[:count], rows[count:]
        if not part:
            break
        kept, found = find_variants(condition, order, [item_id for _, item_id in part])
        variants |= found
        leading += [row for row in part if row[1] in kept]
        last, seen = part[-1], seen + len(part)
        if len(leading) >= wanted:
            break
        # As many rows to a model as before, and some more.
        count = min(GROUPED_AT_ONCE, (wanted - len(leading)) * seen * 5 // (len(leading) * 4 or 1) + 1)
    return leading, last if rows or is_more else None, variants


def _page(
    condition: Condition,
    sort: str,
    shown: Shown,
    seen: Matches,
    total: int,
    *,
    scale: int = 1,
) -> IndexPage:
    return IndexPage(
        items=shown.items,
        total=total,
        is_estimate=scale > 1,
        next_cursor=f"{sort}|{shown.next[0]}|{shown.next[1]}" if shown.next else "",
        sort=sort,
        facets={
            name: [Facet(value, count * scale) for value, count in values]
            for name, values in seen.facets.items()
        },
        flags={name: count * scale for name, count in seen.flags.items()},
        feeds=condition.feeds,
        variants=shown.variants,
    )


def _order(sort: str, query: ItemQuery, paging: Paging) -> Order:
    column, falls, read = ORDERS[sort]
    after = _read_cursor(paging.cursor, sort, read)
    if after is None and column == "price":
        # The order starts where the range does.
        start = query.max_price if falls else query.min_price
        after = None if start is None else (start, MAX_ID if falls else 0)
    return Order(column, falls, after)


def _read_cursor(cursor: str, sort: str, read: Callable[[str], Decimal | float | int]) -> Key | None:
    """Return the key that the last page ended with; None where the text is no key of this order."""
    try:
        name, value, item_id = cursor.split("|")
        key, pk = read(value), int(item_id)
        # False for what is not a number, too, unless that raises; two digits are all that a price has.
        if name == sort and abs(key) < MAX_KEY and 0 <= pk <= MAX_ID:
            return round(key, 2) if isinstance(key, Decimal) else key, pk
    except (ValueError, ArithmeticError):
        pass
    return None
