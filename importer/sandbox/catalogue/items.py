"""A catalogue of any size that is never stored: item N is computed from N alone.

Items are numbered through all feeds, one feed after the other. Within a feed, row `i` belongs to family
`i % families`, and its rank `k = i // families` in that family picks brand, line and colour as remainders
by 7, 11 and 5, which share no factor: every mix comes up, and a search for a brand can step from hit to hit.
Shops of one family count through the same articles, so the same GTIN turns up in many shops and networks.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from importer.sandbox.catalogue import oddities
from importer.sandbox.catalogue.families import LANGUAGES, Family
from importer.sandbox.catalogue.gtins import FAMILY_NUMBER, make_gtin
from importer.sandbox.catalogue.item import Item, format_cents
from importer.sandbox.catalogue.shops import FEEDS, Feed
from importer.sandbox.catalogue.vocabulary import BRANDS, COLOURS, DESCRIPTIONS, LINES

EPOCH_MS = 1_790_000_000_000  # 21 September 2026
_DAY_MS = 86_400_000

# Articles that one shop alone has are counted from its own multiple of this; a multiple of 7 * 11 * 5.
_OWN_RANGE = 385 * 10_000
_MASK = (1 << 64) - 1


def mix(*numbers: int) -> int:
    """Return 64 well-mixed bits that depend on `numbers` alone (splitmix64)."""
    state = 0
    for number in numbers:
        state = (state ^ number) + 0x9E3779B97F4A7C15 & _MASK
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _MASK
        state ^= state >> 31
    return state


@dataclass(slots=True)
class Change:
    """What a test changed in one feed since the catalogue was made."""

    version: int = 0
    price_factor: float = 1.0
    prices: dict[int, int] = field(default_factory=dict)  # row -> cents
    removed: set[int] = field(default_factory=set)  # rows


class Catalogue:
    """`size` items spread over the feeds by weight; the same numbers give the same items for ever."""

    def __init__(self, size: int) -> None:
        self.size = max(size, len(FEEDS))
        total = sum(feed.weight for feed in FEEDS)
        edges = [self.size * edge // total for edge in accumulate(feed.weight for feed in FEEDS)]
        self._starts = [0, *edges[:-1]]
        self._sizes = [end - start for start, end in zip(self._starts, edges, strict=True)]
        self._families = [feed.shop.families for feed in FEEDS]
        self._changes: dict[int, Change] = {}
        self._lock = threading.Lock()

    # --- sizes and changes ---------------------------------------------------------------------

    def row_count(self, feed: Feed) -> int:
        """Count the feed's rows, those included that a change removed."""
        return self._sizes[feed.number]

    def live_count(self, feed: Feed) -> int:
        return self._sizes[feed.number] - len(self.change(feed).removed)

    def number(self, feed: Feed, index: int) -> int:
        return self._starts[feed.number] + index

    def locate(self, number: int) -> tuple[Feed, int]:
        """Return feed and row of item `number`; raises IndexError past the end."""
        if not 0 <= number < self.size:
            raise IndexError(number)
        at = bisect_right(self._starts, number) - 1
        return FEEDS[at], number - self._starts[at]

    def change(self, feed: Feed) -> Change:
        return self._changes.get(feed.number) or Change()

    def is_removed(self, feed: Feed, index: int) -> bool:
        change = self._changes.get(feed.number)
        return change is not None and index in change.removed

    def has_removals(self, feed: Feed) -> bool:
        change = self._changes.get(feed.number)
        return change is not None and bool(change.removed)

    def new_version(
        self, feed: Feed, factor: float | None, prices: dict[int, int], removed: list[int], restored: bool
    ) -> Change:
        """Publish a new version of the feed and return what now differs from the first one."""
        with self._lock:
            old = self.change(feed)
            gone = set() if restored else old.removed
            new = Change(
                version=old.version + 1,
                price_factor=old.price_factor if factor is None else factor,
                prices={**old.prices, **prices},
                removed=gone | set(removed),
            )
            self._changes[feed.number] = new
            return new

    def reset(self) -> None:
        with self._lock:
            self._changes = {}

    def version_key(self) -> tuple:
        return tuple(sorted((number, change.version) for number, change in self._changes.items()))

    # --- items ---------------------------------------------------------------------------------

    def families(self, feed: Feed) -> tuple[Family, ...]:
        return self._families[feed.number]

    def article(self, feed: Feed, family: Family, rank: int) -> int:
        """Return which article of the family stands at `rank`: mostly a shared one, else the shop's own."""
        family_number = FAMILY_NUMBER[family.slug]
        if mix(feed.shop.number, family_number, rank) % 3:
            return rank
        return rank + _OWN_RANGE * feed.shop.number

    def rank_of(self, feed: Feed, family: Family, article: int) -> int | None:
        """Return at which rank the feed has the article, None when it has it not."""
        owner, rank = divmod(article, _OWN_RANGE)
        return (
            rank if owner in (0, feed.shop.number) and self.article(feed, family, rank) == article else None
        )

    def cents(self, feed: Feed, index: int) -> int:
        """Return the price of a row in hundredths of the market's currency. Cheap: searches call it often."""
        change = self._changes.get(feed.number)
        if change is not None and index in change.prices:
            return change.prices[index]
        families = self._families[feed.number]
        family = families[index % len(families)]
        article = self.article(feed, family, index // len(families))
        spread = mix(article, FAMILY_NUMBER[family.slug]) % 1000 / 1000
        euros = family.low + (family.high - family.low) * spread * spread
        market = feed.shop.market
        # The shop's own mark-up is the shop's, not the network's: OTTO asks the same on both.
        amount = euros * (88 + mix(article, feed.shop.number) % 25) / 100 * float(market.rate)
        if change is not None:
            amount *= change.price_factor
        if market.rate > 5:
            return max(int(amount / 10) * 10 + 9, 9) * 100
        return max(int(amount), 1) * 100 + (90 if market.currency == "CHF" else 99 if article % 2 else 95)

    def item(self, number: int) -> Item:
        feed, index = self.locate(number)
        return self.row(feed, index)

    def stock(self, feed: Feed, index: int) -> int:
        """Return how many the shop has; none of about one row in twelve."""
        own = mix(self._starts[feed.number] + index, 3)
        return 0 if own // 8 % 12 == 0 else own // 128 % 60 + 1

    def modified_ms(self, feed: Feed, index: int) -> int:
        own = mix(self._starts[feed.number] + index, 3)
        return EPOCH_MS + own % (30 * _DAY_MS) + self.change(feed).version * _DAY_MS

    def _old_cents(self, feed: Feed, index: int, cents: int) -> int | None:
        own = mix(self._starts[feed.number] + index, 3)
        return cents * (115 + own % 30) // 10_000 * 100 if own % 5 == 0 else None

    def row(self, feed: Feed, index: int) -> Item:
        """Compute row `index` of `feed`."""
        families = self._families[feed.number]
        family, rank = families[index % len(families)], index // len(families)
        number, family_number = self._starts[feed.number] + index, FAMILY_NUMBER[family.slug]
        brand_number, line, colour = traits(family_number, rank)
        article = self.article(feed, family, rank)
        dice = mix(article, family_number, 17)
        brand, model = BRANDS[family.department][brand_number], f"{LINES[line]} {dice % 89 + 11}0"
        title, description, category = _write_texts(
            feed.shop.market.language, family, brand, model, colour, dice
        )
        cents = self.cents(feed, index)
        item = Item(
            number=number,
            feed=feed,
            index=index,
            family=family,
            article=article,
            brand=brand,
            colour=colour,
            model=model,
            sku=f"{feed.shop.slug[:3].upper()}-{family_number:02d}{rank:04d}",
            title=title,
            description=description,
            category=category,
            gtin=make_gtin(family, article, brand_number),
            price=format_cents(cents),
            cents=cents,
            old_cents=self._old_cents(feed, index, cents),
            stock=self.stock(feed, index),
            modified_ms=self.modified_ms(feed, index),
            images=[f"/images/{number}.jpg"],
            link=f"/shop/{feed.shop.slug}/{number}",
        )
        oddities.sprinkle(item, mix(number // oddities.BLOCK, 5))
        return item

    def rows(self, feed: Feed, start: int = 0, stop: int | None = None) -> Iterator[Item]:
        """Yield the feed's rows one by one, without those a change removed."""
        stop = self.row_count(feed) if stop is None else min(stop, self.row_count(feed))
        for index in range(start, stop):
            if not self.is_removed(feed, index):
                yield self.row(feed, index)


def traits(family_number: int, rank: int) -> tuple[int, int, int]:
    """Return the numbers of brand, line and colour at `rank` of a family."""
    return (rank + family_number * 3) % 7, (rank + family_number * 5) % 11, (rank + family_number) % 5


def _write_texts(
    language: str, family: Family, brand: str, model: str, colour: int, dice: int
) -> tuple[str, str, str]:
    """Return title, description and category in the market's language."""
    title = f"{brand} {model} {family.name(language)}"
    if family.slug != "book":
        title += f", {COLOURS[colour][0][LANGUAGES.index(language)]}"
    category = " > ".join(family.category(language))
    first, *rest = DESCRIPTIONS[language]
    text = f"{first} {rest[dice % 4]} {rest[(dice + 1 + dice // 4 % 3) % 4]}"
    return (
        title,
        text.format(title=f"{model} {family.name(language)}", brand=brand, category=category),
        category,
    )
