"""A catalogue of any size that is never stored: item N is computed from N alone.

Items are numbered through all feeds, one feed after the other. Within a feed, row `i` belongs to family
`i % families`, and its rank `k = i // families` in that family picks brand, line and colour as remainders
by 7, 11 and 5, which share no factor: every mix comes up, and a search for a brand can step from hit to hit.
Shops of one family count through the same articles, so the same GTIN turns up in many shops and networks.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from importer.sandbox.catalogue import oddities
from importer.sandbox.catalogue.changes import Change
from importer.sandbox.catalogue.families import LANGUAGES, Family
from importer.sandbox.catalogue.gtins import FAMILY_NUMBER, make_gtin
from importer.sandbox.catalogue.item import Item, format_cents
from importer.sandbox.catalogue.shops import FEEDS, Feed, Market
from importer.sandbox.catalogue.vocabulary import BRANDS, COLOURS, DESCRIPTIONS, LINES

EPOCH_MS = 1_790_000_000_000  # 21 September 2026
_DAY_MS = 86_400_000
_UNCHANGED = Change()

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
        self.weeks = 0  # how many have passed (`week.pass_weeks`)
        self._lock = threading.Lock()

    # --- sizes and changes ---------------------------------------------------------------------

    def row_count(self, feed: Feed, change: Change | None = None) -> int:
        """Count the feed's rows, the new ones and those that are gone included."""
        return self._sizes[feed.number] + (change or self.change(feed)).added

    def live_count(self, feed: Feed) -> int:
        change = self.change(feed)
        return self.row_count(feed, change) - len(change.removed)

    def family_counts(self, feed: Feed) -> list[int]:
        """Count the feed's listed rows of each of its shop's families, in their order."""
        change, width = self.change(feed), len(self._families[feed.number])
        gone = Counter(row % width for row in change.removed)
        rows = self.row_count(feed, change)
        return [len(range(place, rows, width)) - gone[place] for place in range(width)]

    def number(self, feed: Feed, index: int) -> int:
        """Return the number of a row. Rows past the feed's first ones are numbered past all first ones."""
        past = index - self._sizes[feed.number]
        return self._starts[feed.number] + index if past < 0 else self.size + past * len(FEEDS) + feed.number

    def locate(self, number: int) -> tuple[Feed, int]:
        """Return feed and row of item `number`; raises IndexError past the end."""
        if 0 <= number < self.size:
            at = bisect_right(self._starts, number) - 1
            return FEEDS[at], number - self._starts[at]
        past, at = divmod(number - self.size, len(FEEDS))
        index = self._sizes[at] + past
        if number < 0 or index >= self.row_count(FEEDS[at]):
            raise IndexError(number)
        return FEEDS[at], index

    def change(self, feed: Feed) -> Change:
        return self._changes.get(feed.number, _UNCHANGED)

    def publish(self, feed: Feed, *, added: int = 0, **differs: Any) -> Change:
        """Publish a new version of the feed with `added` new rows; what else differs: `Change.next`."""
        with self._lock:
            old, count = self.change(feed), self.row_count(feed)
            new = self._changes[feed.number] = old.next(new_rows=range(count, count + added), **differs)
            return new

    def to_json(self) -> dict[str, Any]:
        """Return all that changed, to be read again by another catalogue of the same size."""
        changes = {str(number): change.to_json() for number, change in dict(self._changes).items()}
        return {"size": self.size, "weeks": self.weeks, "changes": changes}

    def read_json(self, kept: dict[str, Any]) -> None:
        """Take up what was kept; nothing where it is of a catalogue of another size."""
        if kept["size"] == self.size:
            self._changes = {int(key): Change.from_json(value) for key, value in kept["changes"].items()}
            self.weeks = kept["weeks"]

    def reset(self) -> None:
        with self._lock:
            self._changes = {}
            self.weeks = 0

    def version_key(self) -> tuple:
        # A copy first: another thread may publish a feed's first change meanwhile.
        return tuple(sorted((number, change.version) for number, change in dict(self._changes).items()))

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

    def cents(self, feed: Feed, index: int, change: Change | None = None) -> int:
        """Return the price of a row in hundredths of the market's currency. Cheap: searches call it often."""
        change = change or self.change(feed)
        if index in change.prices:
            return change.prices[index]
        families = self._families[feed.number]
        family = families[index % len(families)]
        article = self.article(feed, family, index // len(families))
        spread = mix(article, FAMILY_NUMBER[family.slug]) % 1000 / 1000
        euros = family.low + (family.high - family.low) * spread * spread
        market = feed.shop.market
        # The shop's own mark-up is the shop's, not the network's: OTTO asks the same on both.
        amount = euros * (88 + mix(article, feed.shop.number) % 25) / 100 * float(market.rate)
        return round_cents(market, amount * change.price_factor, odd=article % 2)

    def item(self, number: int) -> Item:
        feed, index = self.locate(number)
        return self.row(feed, index)

    def stock(self, feed: Feed, index: int, change: Change | None = None) -> int:
        """Return how many the shop has; none of about one row in twelve."""
        change = change or self.change(feed)
        if index in change.stocks:
            return change.stocks[index]
        own = mix(self.number(feed, index), 3)
        return 0 if own // 8 % 12 == 0 else own // 128 % 60 + 1

    def modified_ms(self, feed: Feed, index: int, change: Change | None = None) -> int:
        """Return when the shop changed the row last; a new row changed with the version that brought it."""
        change = change or self.change(feed)
        own = EPOCH_MS + mix(self.number(feed, index), 3) % (30 * _DAY_MS)
        return max(change.touched.get(index, own), change.all_touched)

    def _old_cents(self, feed: Feed, index: int, cents: int) -> int | None:
        own = mix(self.number(feed, index), 3)
        return cents * (115 + own % 30) // 10_000 * 100 if own % 5 == 0 else None

    def row(self, feed: Feed, index: int, change: Change | None = None) -> Item:
        """Compute row `index` of `feed`, as it is or as it was in another version."""
        change = change or self.change(feed)
        families = self._families[feed.number]
        family, rank = families[index % len(families)], index // len(families)
        number, family_number = self.number(feed, index), FAMILY_NUMBER[family.slug]
        brand_number, line, colour = traits(family_number, rank)
        article = self.article(feed, family, rank)
        dice = mix(article, family_number, 17)
        brand, model = BRANDS[family.department][brand_number], f"{LINES[line]} {dice % 89 + 11}0"
        title, description, category = _write_texts(
            feed.shop.market.language, family, brand, model, colour, dice
        )
        cents = self.cents(feed, index, change)
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
            stock=self.stock(feed, index, change),
            modified_ms=self.modified_ms(feed, index, change),
            images=[f"/images/{number}.jpg"],
            link=f"/shop/{feed.shop.slug}/{number}",
        )
        oddities.sprinkle(item, mix(number // oddities.BLOCK, 5))
        for name, text in change.edits.get(index, {}).items():
            setattr(item, name, text)
        return item

    def rows(self, feed: Feed, start: int = 0, stop: int | None = None) -> Iterator[Item]:
        """Yield the feed's rows one by one, without those that are gone, all of one version."""
        change = self.change(feed)
        count = self.row_count(feed, change)
        for index in range(start, count if stop is None else min(stop, count)):
            if index not in change.removed:
                yield self.row(feed, index, change)


def round_cents(market: Market, amount: float, *, odd: int) -> int:
    """Return a price as shops of the market write it, in hundredths; `odd` chooses between two endings."""
    if market.rate > 5:
        return max(int(amount / 10) * 10 + 9, 9) * 100
    return max(int(amount), 1) * 100 + (90 if market.currency == "CHF" else 99 if odd else 95)


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
