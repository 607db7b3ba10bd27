"""Numbers in titles that have no unit: `iPhone 15`, `USB 3.0`, `Mark II`, `size 42 2/3`, `90x200`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from importer.normalise.measures import possible_numbers, read_measures

_ROMAN = {"ii": 2, "iii": 3, "iv": 4, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "xi": 11, "xii": 12, "xiii": 13}
_RUN = re.compile(r"\d+(?:[.,]\d+)*")
# Neither part of a model (`WH-1000XM5`) nor a share or a price (`100 %`, `9,99 €`); `iPhone15` is none.
_BARE = re.compile(r"(?:(?<!\w)(?<!\d[.,])|(?<=[^\W\d]{3}))\d+(?:[.,]\d+)*(?![.,]?\w)(?!\s?[%€$£])")
_SYSTEM = re.compile(r"\b(uk|us)[ -]?(\d+(?:[.,]\d+)?)(?!\w)")
_PREFIX = re.compile(r"\b(?:eu|eur|gr|nr|no|size|maat|str)(?=\d)")
_SEASON = re.compile(r"(?<!\w)(20\d\d|1[5-9]|2\d)[/-](?:20)?(\d\d)(?!\w)")
_FRACTION = re.compile(r"(?<!\w)(\d+) ([1-3])[/⁄]([2-4])(?!\w)")
_TIMES = re.compile(r"(?<=\d)\s*x\s*(?=\d)|(?<=\d)x\b")
_YEARS = frozenset(map(float, range(1950, 2040)))
_MARKS = re.compile(r"\d ?[x/⁄-]|\b(?:uk|us|eu|eur|gr|nr|no|size|maat|str)[ -]?\d")  # of all these
ARTICLE_NUMBER = 100_000  # and above: no size and no generation of anything


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a title, each as the set of what it may mean (`1.000` is one or a thousand).

    `bare` have no unit; `years` may be years; `systems` are British and American sizes; `seen` is every
    number that is in the title at all, in models and amounts, too.
    """

    bare: tuple[frozenset[float], ...]
    years: frozenset[float]
    systems: dict[str, float]
    seen: frozenset[float]

    def unlike(self, other: Numbers) -> tuple[float, float] | None:
        """Return a number of each title that the other does not have; None where one says no more.

        A year is no such number, unless the other has one of four digits that is none. Article numbers are
        compared with each other alone: shops put them into titles, and others do not.
        """
        if self.bare == other.bare and self.systems == other.systems:
            return None
        for system in self.systems.keys() & other.systems.keys():
            if self.systems[system] != other.systems[system]:
                return self.systems[system], other.systems[system]
        mine, theirs = self._without(other), other._without(self)
        for is_article_number in (False, True):
            one, two = (
                [number for number in side if (number >= ARTICLE_NUMBER) == is_article_number]
                for side in (mine, theirs)
            )
            if not one and any(1000 <= number <= 9999 for number in two):
                one = sorted(self.years - other.seen)
            elif not two and any(1000 <= number <= 9999 for number in one):
                two = sorted(other.years - self.seen)
            if one and two:
                return one[0], two[0]
        return None

    def _without(self, other: Numbers) -> list[float]:
        return [max(number) for number in self.bare if not number & other.seen]


@lru_cache(maxsize=8192)
def read_numbers(title: str) -> Numbers:
    """Return the numbers of a title."""
    measures = read_measures(title)
    whole, text = measures.plain, measures.left
    bare = [frozenset({float(_ROMAN[word])}) for word in measures.rest.split() if word in _ROMAN]
    systems: dict[str, float] = {}
    if _MARKS.search(text):
        whole, text = _FRACTION.sub(_as_decimal, whole), _FRACTION.sub(_as_decimal, text)
        text = _PREFIX.sub("", text)
        systems = {system: float(number.replace(",", ".")) for system, number in _SYSTEM.findall(text)}
        text = _TIMES.sub(" ", _SEASON.sub(_without_season, _SYSTEM.sub(" ", text)))
    bare += [_values(number) for number in _BARE.findall(text)]
    years = {number for number in bare if len(number) == 1 and not _YEARS.isdisjoint(number)}
    return Numbers(
        bare=tuple(number for number in bare if number not in years),
        years=frozenset().union(*years),
        systems=systems,
        seen=frozenset().union(*bare, *map(_values, _RUN.findall(whole))),
    )


@lru_cache(maxsize=1024)
def _values(number: str) -> frozenset[float]:
    return frozenset(possible_numbers(number))


def _as_decimal(found: re.Match[str]) -> str:
    whole, above, below = map(int, found.groups())
    return f"{whole + above / below:.2f}"


def _without_season(found: re.Match[str]) -> str:
    """Take a season of two years away: `2023/24`, `23/24`."""
    return " " if int(found[2]) - int(found[1]) % 100 == 1 else found[0]
