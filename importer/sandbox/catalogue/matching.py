"""Search the computed catalogue: words become steps through the rows, not a scan of all of them."""

from __future__ import annotations

import heapq
import re
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice

from importer.sandbox.catalogue.families import FAMILIES, LANGUAGES, Family
from importer.sandbox.catalogue.gtins import FAMILY_NUMBER, read_gtin
from importer.sandbox.catalogue.item import Item
from importer.sandbox.catalogue.items import Catalogue, traits
from importer.sandbox.catalogue.shops import Feed
from importer.sandbox.catalogue.vocabulary import BRANDS, COLOURS, LINES

# A filter that only the rows themselves can answer (price, stock, model) looks at this many rows at most.
SCAN_LIMIT = 100_000
# Words that are in no vocabulary need the whole text of each row, which costs ten times as much.
TEXT_SCAN_LIMIT = 10_000
_CACHE_SIZE = 64


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for in `feeds`. Words must all occur; None and empty do not filter; prices are cents."""

    feeds: tuple[Feed, ...]
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # part of a category, lower case
    family_slugs: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()  # lower case
    gtins: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    min_cents: int | None = None
    max_cents: int | None = None
    min_stock: int | None = None
    max_stock: int | None = None
    sort: str = ""  # "price", "-price", "modified", "-modified"

    @property
    def looks_at_rows(self) -> bool:
        bounds = (self.min_cents, self.max_cents, self.min_stock, self.max_stock)
        return any(bound is not None for bound in bounds)


@dataclass(frozen=True, slots=True)
class _Steps:
    """These rows of a feed, ascending, without `skipped`; `words` are left for the row to answer."""

    feed: Feed
    rows: Sequence[int]
    words: tuple[str, ...] = ()
    skipped: Set[int] = frozenset()

    def __len__(self) -> int:
        return len(self.rows) - sum(1 for row in self.skipped if row in self.rows)

    def __iter__(self) -> Iterator[int]:
        return (row for row in self.rows if row not in self.skipped)


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of `text` to search for, without punctuation."""
    return tuple(re.findall(r"[\w'-]+", text.lower()))


class Searcher:
    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._cache: OrderedDict[tuple, array] = OrderedDict()

    def find(self, query: Query, offset: int, limit: int | None) -> tuple[int, Iterator[Item]]:
        """Return how many items match and, one by one, those from `offset`. `limit` None means all."""
        stop = None if limit is None else offset + limit
        if query.gtins or query.skus:
            numbers = list(self._look_up(query))
            return len(numbers), (self.catalogue.item(number) for number in numbers[offset:stop])
        steps = list(self._plan(query))
        if query.looks_at_rows or query.sort or any(entry.words for entry in steps):
            numbers = self._scan(query, steps)
            return len(numbers), (self.catalogue.item(number) for number in numbers[offset:stop])
        total = sum(len(entry) for entry in steps)
        found = _interleave(steps) if len(steps) != 1 else _walk(steps[0], 0)
        return total, (self.catalogue.row(feed, index) for index, _, feed, _ in islice(found, offset, stop))

    def _scan(self, query: Query, steps: list[_Steps]) -> array:
        key = (query, self.catalogue.version_key())
        if (known := self._cache.get(key)) is not None:
            return known
        found = array("q")
        ranks: list[tuple[int, int]] = []
        reads_text = any(word not in _ALL_TRAIT_WORDS for entry in steps for word in entry.words)
        limit = TEXT_SCAN_LIMIT if reads_text else SCAN_LIMIT
        for index, _, feed, words in islice(_interleave(steps), limit):
            if self._row_matches(query, feed, index, words):
                number = self.catalogue.number(feed, index)
                found.append(number)
                if query.sort:
                    ranks.append((self._rank(query.sort, feed, index), number))
        if query.sort:
            ranks.sort(key=lambda pair: pair[0])
            found = array("q", (number for _, number in ranks))
        self._cache[key] = found
        while len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return found

    def _rank(self, sort: str, feed: Feed, index: int) -> int:
        if sort.endswith("price"):
            value = self.catalogue.cents(feed, index)
        else:
            value = self.catalogue.modified_ms(feed, index)
        return -value if sort.startswith("-") else value

    def _row_matches(self, query: Query, feed: Feed, index: int, words: tuple[str, ...]) -> bool:
        cents = self.catalogue.cents(feed, index)
        if query.min_cents is not None and cents < query.min_cents:
            return False
        if query.max_cents is not None and cents > query.max_cents:
            return False
        if words and not self._words_match(feed, index, words):
            return False
        if query.min_stock is None and query.max_stock is None:
            return True
        stock = self.catalogue.stock(feed, index)
        return (query.min_stock or 0) <= stock <= (10**9 if query.max_stock is None else query.max_stock)

    def _words_match(self, feed: Feed, index: int, words: tuple[str, ...]) -> bool:
        families = self.catalogue.families(feed)
        family_number = FAMILY_NUMBER[families[index % len(families)].slug]
        _, line, colour = traits(family_number, index // len(families))
        traits_text = f"{LINES[line]} {COLOURS[colour][0][_language(feed)]}".lower()
        rest = [word for word in words if word not in traits_text]
        if not rest:
            return True
        if all(word in _TRAIT_WORDS[_language(feed)] for word in rest):
            return False  # a line or colour, but not this row's: no need to compute the row
        item = self.catalogue.row(feed, index)
        text = f"{item.title or ''} {item.sku} {item.description or ''}".lower()
        return all(word in text for word in rest)

    def _plan(self, query: Query) -> Iterator[_Steps]:
        memo: dict[tuple, tuple[str, ...] | None] = {}
        for feed in query.feeds:
            change = self.catalogue.change(feed)
            skipped = change.removed | change.edits.keys()
            rows = self.catalogue.row_count(feed, change)
            for entry in self._plan_feed(query, feed, rows, memo):
                yield replace(entry, skipped=skipped) if skipped else entry
            # What the shop rewrote is no longer told by its place: it is read. There are few.
            edited = sorted(change.edits.keys() - change.removed)
            if found := [row for row in edited if self._reads_like(query, feed, row)]:
                yield _Steps(feed, found)

    def _plan_feed(self, query: Query, feed: Feed, rows: int, memo: dict) -> Iterator[_Steps]:
        if not (query.words or query.categories or query.family_slugs or query.brands):
            yield _Steps(feed, range(rows))
            return
        for place, family in enumerate(self.catalogue.families(feed)):
            if query.family_slugs and family.slug not in query.family_slugs:
                continue
            if not _category_matches(query, family, feed):
                continue
            yield from self._plan_brands(query, feed, family, place, rows, memo)

    def _reads_like(self, query: Query, feed: Feed, index: int) -> bool:
        """Whether the row's own texts are what is looked for, wherever in them the words stand."""
        item = self.catalogue.row(feed, index)
        if query.family_slugs and item.family.slug not in query.family_slugs:
            return False
        if query.brands and item.brand.lower() not in query.brands:
            return False
        category = (item.category or "").lower()
        if query.categories and not any(wanted in category for wanted in query.categories):
            return False
        text = f"{item.title or ''} {item.sku} {item.description or ''} {category} {item.brand}".lower()
        return all(word in text for word in query.words)

    def _plan_brands(
        self, query: Query, feed: Feed, family: Family, place: int, rows: int, memo: dict
    ) -> Iterator[_Steps]:
        width = len(self.catalogue.families(feed))
        left: list[tuple[str, ...] | None] = []
        for brand in BRANDS[family.department]:
            if query.brands and brand.lower() not in query.brands:
                left.append(None)
                continue
            key = (_language(feed), family.slug, brand, feed.shop.slug)
            if key not in memo:
                memo[key] = _words_left(query.words, family, brand, feed)
            left.append(memo[key])
        if len(set(left)) == 1 and left[0] is not None:
            yield _Steps(feed, range(place, rows, width), left[0])
            return
        first_brand = traits(FAMILY_NUMBER[family.slug], 0)[0]
        for brand_number, words in enumerate(left):
            if words is not None:
                rank = (brand_number - first_brand) % 7
                yield _Steps(feed, range(place + rank * width, rows, width * 7), words)

    def _look_up(self, query: Query) -> Iterator[int]:
        gtins, skus = {gtin.zfill(13) for gtin in query.gtins}, {sku.lower() for sku in query.skus}
        for feed in query.feeds:
            change = self.catalogue.change(feed)
            for row in sorted(change.edits.keys() - change.removed):
                item = self.catalogue.row(feed, row)
                if item.gtin in gtins or item.sku.lower() in skus:
                    yield item.number
        for gtin in query.gtins:
            if made_from := read_gtin(gtin.zfill(13)):
                family, article = made_from
                for feed in query.feeds:
                    rank = self.catalogue.rank_of(feed, family, article)
                    yield from self._row_at(feed, family, rank, gtin=gtin.zfill(13))
        for sku in query.skus:
            digits = sku.rpartition("-")[2]
            if len(digits) < 6 or not digits.isdecimal():
                continue
            for feed in query.feeds:
                for family in self.catalogue.families(feed):
                    if FAMILY_NUMBER[family.slug] == int(digits[:2]):
                        yield from self._row_at(feed, family, int(digits[2:]), sku=sku)

    def _row_at(
        self, feed: Feed, family: Family, rank: int | None, *, gtin: str = "", sku: str = ""
    ) -> Iterator[int]:
        families = self.catalogue.families(feed)
        if rank is None or family not in families:
            return
        index = rank * len(families) + families.index(family)
        change = self.catalogue.change(feed)
        if (
            index >= self.catalogue.row_count(feed, change)
            or index in change.removed
            or index in change.edits
        ):
            return
        item = self.catalogue.row(feed, index)
        if (not gtin or item.gtin == gtin) and (not sku or item.sku.lower() == sku.lower()):
            yield item.number


def _interleave(steps: list[_Steps]) -> Iterator[tuple[int, int, Feed, tuple[str, ...]]]:
    """Yield rows of all feeds in turn, so that one shop does not fill the first page."""
    return heapq.merge(*(_walk(entry, place) for place, entry in enumerate(steps)))


def _walk(entry: _Steps, place: int) -> Iterator[tuple[int, int, Feed, tuple[str, ...]]]:
    for index in entry:
        yield index, place, entry.feed, entry.words


def _language(feed: Feed) -> int:
    return LANGUAGES.index(feed.shop.market.language)


def _category_matches(query: Query, family: Family, feed: Feed) -> bool:
    if not query.categories:
        return True
    path = " > ".join(family.category(feed.shop.market.language)).lower()
    return any(category in path for category in query.categories)


def _words_left(words: tuple[str, ...], family: Family, brand: str, feed: Feed) -> tuple[str, ...] | None:
    """Return the words that family and brand do not answer; None when no row of them can match."""
    language = feed.shop.market.language
    text = f"{family.name(language)} {' '.join(family.category(language))} {brand}".lower()
    left = tuple(word for word in words if word not in text)
    if any(word in _STEERING_WORDS for word in left):
        return None  # another family's or brand's word
    return left


def _vocabulary() -> tuple[frozenset[str], tuple[str, ...]]:
    steering: set[str] = set()
    for family in FAMILIES:
        for language in LANGUAGES:
            steering.update(family.name(language).lower().split())
            steering.update(" ".join(family.category(language)).lower().split())
    for brands in BRANDS.values():
        steering.update(" ".join(brands).lower().split())
    lines = " ".join(LINES).lower()
    colours = [" ".join(names[place] for names, _ in COLOURS).lower() for place in range(len(LANGUAGES))]
    traits_text = [f"{lines} {names}" for names in colours]
    trait_words = {word for text in traits_text for word in text.split()}
    return frozenset(steering - trait_words), tuple(traits_text)


_STEERING_WORDS, _TRAIT_WORDS = _vocabulary()
_ALL_TRAIT_WORDS = frozenset(word for text in _TRAIT_WORDS for word in text.split())
