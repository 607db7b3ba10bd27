"""What a feed as a whole says: how it writes prices, and when one of its sales begins or ends next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from importer.normalise.facts import parse_time
from importer.normalise.money import UNKNOWN_STYLE, PriceStyle, clean_number_text

# How cells are read: raise it when the same cell may be read differently. Each feed is then read anew,
# whatever its network says of changes, and no price is held for being far from what it was.
READING = 2
FEW = 3  # prices that all look the same, and could be meant in two ways
SURE = 20  # times as many prices of one style as of another make it the feed's
MAX_EXAMPLE = 40  # characters

_SINGLE = re.compile(r"(\d*)([.,])(\d+)")
_SPACED = re.compile(r"\d{1,3}(?:([ '])\d{3})+(?:([.,])\d+)?")


@dataclass(frozen=True, slots=True)
class FeedProfile:
    """What a whole pass over a feed taught, stored with it so that a row is read the same way next time.

    `example` is a price as most are written, `currency_from` where most say their currency ("price",
    "column", "feed"), `currencies` the most frequent. `changes_at`: the next of its sales begins or ends.
    `encoding` is the one that its letters showed, "" where what the feed declares is right.
    """

    style: PriceStyle = UNKNOWN_STYLE
    example: str = ""
    currency_from: str = ""
    currencies: tuple[str, ...] = ()
    changes_at: datetime | None = None
    encoding: str = ""
    reading: int = READING

    @classmethod
    def from_json(cls, value: Any) -> FeedProfile:
        """Return the profile; one of an older reading, or none at all, is empty and not current."""
        if not isinstance(value, Mapping) or value.get("reading") != READING:
            return cls(reading=0)
        return cls(
            style=PriceStyle(**value["style"]),
            example=value["example"],
            currency_from=value["currency_from"],
            currencies=tuple(value["currencies"]),
            changes_at=parse_time(value["changes_at"]),
            encoding=value["encoding"],
        )

    def to_json(self) -> dict[str, Any]:
        changes_at = self.changes_at.isoformat() if self.changes_at else None
        return asdict(self) | {
            "style": self.style._asdict(),
            "currencies": list(self.currencies),
            "changes_at": changes_at,
        }

    @property
    def is_current(self) -> bool:
        """Tell whether it was learnt by the reading of today."""
        return self.reading == READING


Kind = tuple[tuple[str, ...] | None, str, str]  # of a price, None without one; where a currency is from; it


class ProfileNotes:
    """Collects a profile from items as they pass. It grows with the kinds of items, not with their number.

    `kinds` are those that an earlier pass knew, as its `known_kinds` were.
    """

    def __init__(self, kinds: Iterable[Sequence[Any]] = ()) -> None:
        self._numbers: dict[Kind, int] = {}
        self._examples: list[str] = []
        self._counts: list[int] = []
        self._changes_at: datetime | None = None
        for price_kind, currency_from, currency, example in kinds:
            self._number(
                (tuple(price_kind) if price_kind is not None else None, currency_from, currency), example
            )

    @property
    def known_kinds(self) -> list[list[Any]]:
        """The kinds of items by their numbers, as JSON holds them."""
        return [[*kind, example] for kind, example in zip(self._numbers, self._examples, strict=True)]

    def note(
        self, price: str, currency_from: str = "", currency: str = "", changes_at: datetime | None = None
    ) -> int:
        """Note one item: its price as written, where its currency comes from, when its sale changes.

        Return the number of its kind.
        """
        kind = (kind_of(price) if price else None, currency_from, currency)
        number = self._numbers.get(kind)
        if number is None:
            number = self._number(kind, price)
        self._counts[number] += 1
        if changes_at and (self._changes_at is None or changes_at < self._changes_at):
            self._changes_at = changes_at
        return number

    def note_again(self, number: int) -> None:
        """Note one item of the kind of that number."""
        self._counts[number] += 1

    def _number(self, kind: Kind, price: str) -> int:
        self._examples.append(price.strip()[:MAX_EXAMPLE])
        self._counts.append(0)
        return self._numbers.setdefault(kind, len(self._numbers))

    def _price_kinds(self) -> Counter[tuple[str, ...]]:
        kinds: Counter[tuple[str, ...]] = Counter()
        for (price_kind, _, _), count in zip(self._numbers, self._counts, strict=True):
            if price_kind is not None:
                kinds[price_kind] += count
        return kinds

    def style(self, known: PriceStyle = UNKNOWN_STYLE) -> PriceStyle:
        """Return how prices are written; what was `known` counts where nothing noted contradicts it."""
        marks: Counter[str] = Counter()
        for kind, count in self._price_kinds().items():
            for mark in kind:
                marks[mark] += count
        decimal, is_mixed = _leading(marks["decimal ."], marks["decimal ,"])
        if known.decimal and not is_mixed and decimal in ("", known.decimal):
            decimal = known.decimal
        else:
            known = UNKNOWN_STYLE
        groupings = [mark for mark in ".,' " if marks[f"group {mark}"] and mark != decimal]
        is_unsupported = not decimal and not marks["whole"] and not groupings
        return PriceStyle(
            decimal=decimal,
            grouping=max(groupings, key=lambda mark: marks[f"group {mark}"]) if groupings else known.grouping,
            is_long=bool(decimal and marks[f"long {decimal}"]) or known.is_long,
            is_doubtful=is_mixed or (is_unsupported and marks["either"] >= FEW),
        )

    def profile(self, known: PriceStyle = UNKNOWN_STYLE) -> FeedProfile:
        """Return all that was noted."""
        kinds = self._price_kinds()
        common = max(kinds, key=kinds.__getitem__, default=None)
        examples = zip(self._numbers, self._counts, self._examples, strict=True)
        sources: Counter[str] = Counter()
        currencies: Counter[str] = Counter()
        for (_, source, currency), count in zip(self._numbers, self._counts, strict=True):
            if currency and count:
                sources[source] += count
                currencies[currency] += count
        return FeedProfile(
            style=self.style(known),
            example=next((text for (kind, *_), count, text in examples if count and kind == common), "")
            if common is not None
            else "",
            currency_from=max(sources, key=sources.__getitem__, default=""),
            currencies=tuple(currency for currency, _ in currencies.most_common(3)),
            changes_at=self._changes_at,
        )


def _leading(dots: int, commas: int) -> tuple[str, bool]:
    """Return the decimal separator of nearly all prices, "" when there is none; and whether both are used."""
    if dots >= SURE * commas and dots:
        return ".", False
    if commas >= SURE * dots and commas:
        return ",", False
    return "", bool(dots or commas)


@lru_cache(maxsize=32_768)
def kind_of(text: str) -> tuple[str, ...]:
    """Return what a price tells: `decimal .`, `group ,`, `long .`, `whole`; `either`: nothing sure."""
    number = clean_number_text(text)
    if number.isdecimal():
        return ("whole",) if len(number) <= 3 else ("plain",)
    if spaced := _SPACED.fullmatch(number):
        return (f"group {spaced[1]}", *([f"decimal {spaced[2]}"] if spaced[2] else []))
    if "." in number and "," in number:
        mark = max(".,", key=number.rfind)
        if number.count(mark) > 1:
            return ()
        long = [f"long {mark}"] if len(number) - number.index(mark) > 3 else []
        return (f"decimal {mark}", f"group {'.' if mark == ',' else ','}", *long)
    if number.count(".") > 1 or number.count(",") > 1:
        return (f"group {'.' if '.' in number else ','}",)
    if not (single := _SINGLE.fullmatch(number)):
        return ()
    whole, mark, fraction = single.groups()
    if len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
        return ("either",)
    return (f"decimal {mark}", *([f"long {mark}"] if len(fraction) > 2 else []))
