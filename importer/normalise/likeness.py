"""Whether two rows that name one EAN can be one article: shops type codes by hand, and make some up.

The EAN itself speaks for one article. Title, brand and price may speak against it, each in points:

    title   alike +2, partly 0, unlike -2; -5 where both rows are of one feed, which has one language
    brand   the same +2, not known 0, another -2
    price   within twice +2, within four times 0, within ten times -3, beyond that -6
    said    another amount in millilitres, grams, gigabytes or pieces; in centimetres, volts or watts, of
            which titles name several, amounts in each that the other has not; another model; another number,
            as `14` and `15` or the sizes `42` and `43`: -9; another year, or within a feed another size: -2

At zero and above it is the same. So a Swedish and a German title, which share no word, are one article where
the brand is the same or the price is near; and one title with ten times the price is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from math import inf

from importer.normalise.measures import fold, read_measures
from importer.normalise.title_numbers import read_numbers

# Units of a currency for about one euro: only to tell whether two prices are far from each other.
_ABOUT_A_EURO = {
    **{"EUR": 1, "USD": 1.1, "GBP": 0.86, "CHF": 0.95, "SEK": 11.2, "NOK": 11.6, "DKK": 7.46, "ISK": 150},
    **{"PLN": 4.3, "CZK": 25, "HUF": 395, "RON": 5, "BGN": 1.96, "TRY": 45, "CAD": 1.55, "AUD": 1.7},
    **{"JPY": 165, "NZD": 1.85, "INR": 95, "BRL": 6.2, "MXN": 21, "ZAR": 20},
}
NEAR, APART, FAR = 2, 4, 10  # times the price
ALIKE, PARTLY = 0.5, 0.25  # of the words of the shorter title
_STRONG = frozenset({"volume", "mass", "storage", "pieces", "charge"})
_WITHIN = {"voltage": 0.12}  # 10.8 V is sold as 12 V, and 18 V as 20 V; of all others 3 %
_STOP = frozenset(
    (  # noqa: SIM905 a table of words
        "a an and the for of with in to on by und der die das fur mit von im och med til og i av en et den "
        "de het een voor met van te le la les du des pour avec un une el los y para con il per di da e z do "
        "na new neu ny nieuw size str maat grosse storlek storrelse taille koko colour color farbe farg"
    ).split()
)
_LEGAL = frozenset(
    ("gmbh", "ab", "inc", "ltd", "co", "kg", "ag", "bv", "as", "aps", "oy", "sa", "srl", "corp")
)
_SIZE = re.compile(
    r"(?:eu|uk|us|gr|str|w|l)\d{2,3}(?:l\d\d)?|\d{2,3}(?:eu|uk|us|[a-h]{1,2})|\d?x*[sl]|"
    r"\d{1,2}(?:y|j|m|yrs?|ar)|\d+x\d+(?:x\d+)?"
)
_CODE = re.compile(r"(?=\w*\d)(?=\w*[^\W\d_])\w{2,}")


@dataclass(frozen=True, slots=True)
class Article:
    """One side: what a shop says. `feed` is `network:feed`, "" where it is not known."""

    title: str
    brand: str = ""
    price: Decimal | None = None
    currency: str = ""
    feed: str = ""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two sides are, in points, and what speaks against it, in words."""

    points: int
    against: tuple[str, ...] = ()

    @property
    def is_doubtful(self) -> bool:
        return self.points < 0

    @property
    def reason(self) -> str:
        """A sentence on why they may be two articles."""
        text = ", ".join(self.against)
        return f"{text[:1].upper()}{text[1:]}." if text else ""


def likeness(one: Article, other: Article) -> Likeness:
    """Return how alike two sides of one EAN are. Pure; the order of the two does not matter."""
    against: list[str] = []
    points = _title_points(one, other, against)
    points += _brand_points(one, other, against)
    points += _price_points(one, other, against)
    points += _said_points(one, other, against)
    return Likeness(points, tuple(against))


AS_NEAR = Likeness(0)


def is_as_near(one: Article, other: Article) -> bool:
    """Tell whether two sides of one EAN have one title and nearly one price: no brand outweighs that.

    Most sides that are one article do, and it is quick to ask.
    """
    if one.title != other.title:
        return False
    ratio = price_ratio(one, other)
    return ratio is not None and ratio <= NEAR


def are_alike(titles: Iterable[str]) -> bool:
    """Tell whether titles of one feed may all be variants of one article, whatever their size and colour."""
    first, *rest = [_words(title) for title in titles]
    for words in rest:
        overlap = _overlap(first, words)
        if overlap is not None and overlap < ALIKE:
            return False
    return True


def feed_of(source_key: str) -> str:
    """Return `network:feed` of a `network:feed:external_id`."""
    return ":".join(source_key.split(":", 2)[:2]) if source_key.count(":") >= 2 else ""


# --- Titles ------------------------------------------------------------------------------------
def _title_points(one: Article, other: Article, against: list[str]) -> int:
    brands = frozenset(fold(one.brand).split()) | frozenset(fold(other.brand).split())
    mine, theirs = _words(one.title) - brands, _words(other.title) - brands
    overlap = _overlap(mine, theirs)
    if overlap is None:
        return 0
    if overlap >= ALIKE or _shares_code(mine, theirs):
        return 2
    if overlap >= PARTLY:
        return 0
    against.append("the titles have no words in common" if not overlap else "the titles differ")
    return -5 if one.feed and one.feed == other.feed else -2


@lru_cache(maxsize=8192)
def _words(title: str) -> frozenset[str]:
    """Return the words of a title but those that say no more than an amount."""
    text = read_measures(title).rest
    return frozenset(word for word in text.split() if word not in _STOP and len(word) > 1)


def _overlap(mine: frozenset[str], theirs: frozenset[str]) -> float | None:
    """Return which part of the shorter title's words the other has; None where one has none."""
    short, long = sorted((mine, theirs), key=len)
    if not short:
        return None
    found = len(short & long)
    rest = long - short
    found += sum(any(_is_form(word, candidate) for candidate in rest) for word in short - long)
    return found / len(short)


def _is_form(word: str, other: str) -> bool:
    """Tell whether one word is in the other, as `schuh` in `wanderschuhe`, or both are of one stem."""
    if word.isdecimal() or other.isdecimal():
        return False
    short, long = sorted((word, other), key=len)
    if len(short) >= 5 and short in long:
        return True
    stem = 0
    for mine, theirs in zip(word, other, strict=False):
        if mine != theirs:
            break
        stem += 1
    return stem >= 5 and stem >= 0.7 * len(short)


def _shares_code(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Tell whether both name one model, however it is spaced: `WH-1000XM5`, `WH1000XM5`."""
    codes = {word for word in mine & theirs if len(word) >= 4 and any(char.isdecimal() for char in word)}
    if any(not word.isdecimal() or len(word) >= 5 for word in codes):
        return True
    for words, others in ((mine, theirs), (theirs, mine)):
        for code in words:
            if len(code) >= 5 and _CODE.fullmatch(code) and any(code in word for word in others):
                return True
    return False


# --- Brands and prices -------------------------------------------------------------------------
def _brand_points(one: Article, other: Article, against: list[str]) -> int:
    mine, theirs = _brand(one.brand), _brand(other.brand)
    if not mine and not theirs:
        return 0
    if mine and theirs and _is_one_brand(mine, theirs):
        return 2
    if _names(other.title, mine) or _names(one.title, theirs):
        return 2
    if not mine or not theirs:
        return 0
    against.append(f"the brands are {one.brand} and {other.brand}")
    return -2


@lru_cache(maxsize=4096)
def _brand(name: str) -> tuple[str, ...]:
    words = tuple(fold(name).split())
    return tuple(word for word in words if word not in _LEGAL) or words


def _is_one_brand(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    one, other = "".join(mine), "".join(theirs)
    if one == other or set(mine) <= set(theirs) or set(theirs) <= set(mine):
        return True
    if len(mine) == 1 and len(theirs) > 1 and one == "".join(word[0] for word in theirs):
        return True
    if len(theirs) == 1 and len(mine) > 1 and other == "".join(word[0] for word in mine):
        return True
    if min(len(one), len(other)) < 5:
        return False
    return one.startswith(other) or other.startswith(one) or SequenceMatcher(None, one, other).ratio() >= 0.85


def _names(title: str, brand: tuple[str, ...]) -> bool:
    return bool(brand) and f" {' '.join(brand)} " in f" {fold(title)} "


def _price_points(one: Article, other: Article, against: list[str]) -> int:
    ratio = price_ratio(one, other)
    if ratio is None or NEAR < ratio <= APART:
        return 0
    if ratio <= NEAR:
        return 2
    against.append(f"one costs {ratio:,.0f} times the other" if ratio < inf else "one costs nothing")
    return -3 if ratio <= FAR else -6


def price_ratio(one: Article, other: Article) -> float | None:
    """Return how many times the lower price the higher is, about; None where they cannot be compared."""
    if one.price is None or other.price is None:
        return None
    rates = 1.0, 1.0
    if one.currency != other.currency:
        if one.currency not in _ABOUT_A_EURO or other.currency not in _ABOUT_A_EURO:
            return None
        rates = _ABOUT_A_EURO[one.currency], _ABOUT_A_EURO[other.currency]
    low, high = sorted((float(one.price) / rates[0], float(other.price) / rates[1]))
    return high / low if low > 0 else inf


# --- Amounts and numbers -----------------------------------------------------------------------
def _said_points(one: Article, other: Article, against: list[str]) -> int:
    mine, theirs = read_measures(one.title), read_measures(other.title)
    points = 0
    for name in mine.amounts.keys() & theirs.amounts.keys():
        do_agree = _agree if name in _STRONG else _may_agree
        if do_agree(mine.amounts[name], theirs.amounts[name], _WITHIN.get(name, 0.03)):
            continue
        against.append(f"one says {mine.texts[name]}, the other {theirs.texts[name]}")
        points -= 9
    words, others = _words(one.title), _words(other.title)
    if codes := _other_model(words, others):
        against.append(f"the models are {codes[0]} and {codes[1]}")
        return points - 9
    if mine.has_numbers and theirs.has_numbers:
        points += _number_points(one, other, against)
    return points


def _number_points(one: Article, other: Article, against: list[str]) -> int:
    mine, theirs = read_numbers(one.title), read_numbers(other.title)
    if unlike := mine.unlike(theirs):
        against.append(f"one says {unlike[0]:g}, the other {unlike[1]:g}")
        # Of shoes and clothes: a feed that gives one EAN to all sizes of a shoe means the shoe.
        is_size = one.feed and one.feed == other.feed and all(16 <= number < 65 for number in unlike)
        return -2 if is_size else -9
    if mine.years and theirs.years and not mine.years & theirs.years:
        against.append("the years differ")
        return -2
    return 0


def _agree(mine: frozenset[float], theirs: frozenset[float], within: float) -> bool:
    """Tell whether the largest amount of one is among those of the other: `8/256 GB` and `256 GB` agree."""
    return _has(theirs, max(mine), within) or _has(mine, max(theirs), within)


def _may_agree(mine: frozenset[float], theirs: frozenset[float], within: float) -> bool:
    """Tell whether one has all amounts of the other: `200 x 90 cm` and `200 cm` may be one article."""
    return all(_has(theirs, amount, within) for amount in mine) or all(
        _has(mine, amount, within) for amount in theirs
    )


def _has(amounts: frozenset[float], wanted: float, within: float) -> bool:
    return any(abs(wanted - amount) <= within * max(wanted, amount) for amount in amounts)


def _other_model(mine: frozenset[str], theirs: frozenset[str]) -> tuple[str, str] | None:
    """Return two model numbers of one form that differ in a digit or two, as `s23` and `s24`."""
    if _shares_code(mine, theirs):
        return None
    for code in sorted(mine - theirs):
        if not _CODE.fullmatch(code) or _SIZE.fullmatch(code):
            continue
        for other in sorted(theirs - mine):
            is_of_form = len(code) == len(other) and re.sub(r"\d", "0", code) == re.sub(r"\d", "0", other)
            if is_of_form and sum(a != b for a, b in zip(code, other, strict=True)) <= 2:
                return code, other
    return None


# --- For those who look for doubles (`normalise.doubles`) ------------------------------------------
def words_without_brand(article: Article) -> frozenset[str]:
    """Return the words of a title but amounts, words that say nothing, and the brand's."""
    return _words(article.title) - frozenset(fold(article.brand).split())


def overlap(mine: frozenset[str], theirs: frozenset[str]) -> float:
    """Return which part of the shorter title's words the other has, in any form; 0 where one has none."""
    return _overlap(mine, theirs) or 0.0


def is_model_number(word: str) -> bool:
    """Tell whether a word of a title is one: letters with digits, and no size."""
    return len(word) >= 5 and bool(_CODE.fullmatch(word)) and not _SIZE.fullmatch(word)


def strong_amounts(title: str) -> dict[str, frozenset[float]]:
    """Return the amounts of a title that tell one article from another: what is in it, and how many."""
    return {name: values for name, values in read_measures(title).amounts.items() if name in _STRONG}


def are_of_one_brand(one: Article, other: Article) -> bool:
    """Tell whether both name a brand, and the same one."""
    mine, theirs = _brand(one.brand), _brand(other.brand)
    return bool(mine and theirs) and _is_one_brand(mine, theirs)
