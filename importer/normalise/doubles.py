"""Products that are probably one although no EAN says so. Pure: keys to find candidates by, and the verdict.

Two products are proposed as doubles where nothing speaks against it (`likeness` is not doubtful) and one of
these speaks for it:

    ean      both have an EAN with the same twelve digits in the middle: another check digit, other zeros in
             front, or a digit in front that says it is a box of several
    number   the same brand and the same manufacturer's number, in the properties or in the titles
    title    the same brand, the same amounts, titles of which four words in five are the same, and a price
             within four times

Two that have different EANs are two articles to whoever gave the numbers: then a number or a title is not
enough, unless it is the same number and nearly the same title. In one feed a shop lists its variants side by
side: there the words must all be the same, and one of the two have no EAN.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from math import ceil

from importer.normalise.likeness import (
    APART,
    Article,
    are_of_one_brand,
    is_model_number,
    likeness,
    overlap,
    price_ratio,
    strong_amounts,
    words_without_brand,
)
from importer.normalise.measures import fold

NEARLY = 0.8  # of the words of two titles: what both have, of what either has
LEAST_WORDS = 2  # in each title, beside the brand: one alone says too little
LEAST_NUMBER, LEAST_DIGITS = 4, 5  # characters of a manufacturer's number, where it is of digits alone
LEAST_BARE = 6  # characters of a model's number without the letters in front
PARTLY = 0.5  # of the words of the shorter title, where only the titles name the number
_DIGIT = re.compile(r"\d")
_LETTER_BEFORE_DIGIT = re.compile(r"[^\W\d_]\d")
_LETTERS_IN_FRONT = re.compile(r"^[^\W\d_]+")


@dataclass(frozen=True)
class Candidate:
    """A product as it is compared. `numbers` are the manufacturer's, `feeds` those that have offers of it."""

    article: Article
    gtins: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> frozenset[str]:
        return words_without_brand(self.article)

    @cached_property
    def said_models(self) -> frozenset[str]:
        """The manufacturer's numbers without spaces, and what of them may stand alone in a title."""
        words = [fold(number).split() for number in self.numbers]
        whole = {"".join(each) for each in words}
        numbers = {each for each in whole if len(each) >= _least_length(each) and _DIGIT.search(each)}
        return frozenset(numbers | _parts({part for each in words for part in each} | whole))

    @cached_property
    def models(self) -> frozenset[str]:
        """The same, and words of the title that look like a number of a model."""
        return self.said_models | _parts(self.words)

    @cached_property
    def amounts(self) -> dict[str, frozenset[float]]:
        return strong_amounts(self.article.title)

    @cached_property
    def bodies(self) -> dict[str, str]:
        """The EANs by the digits that they have whatever stands around them."""
        return {gtin.zfill(14)[1:13]: gtin for gtin in self.gtins if len(gtin) >= 12}

    @cached_property
    def keys(self) -> frozenset[int]:
        """What a double of it has at least one of, as numbers of 63 bits."""
        brand = fold(self.article.brand).split()[:1]
        texts = [f"ean {body}" for body in self.bodies]
        texts += [f"model {model}" for model in self.models]
        if brand and len(self.words) >= LEAST_WORDS:
            amounts = sorted((name, sorted(values)) for name, values in self.amounts.items())
            texts += [f"title {brand[0]} {amounts} {word}" for word in _telling(self.words)]
        return frozenset(map(_hash, texts))


def _parts(words: Iterable[str]) -> frozenset[str]:
    """Return the words that look like a model's number, with and without the letters in front of it.

    A number and its unit is none: `1080p`, `120hz`.
    """
    found = {word for word in words if is_model_number(word) and _LETTER_BEFORE_DIGIT.search(word)}
    bare = {_LETTERS_IN_FRONT.sub("", word) for word in found}
    return frozenset(
        found
        | {
            word
            for word in bare
            if len(word) >= LEAST_BARE and word not in found and _LETTER_BEFORE_DIGIT.search(word)
        }
    )


def _least_length(number: str) -> int:
    return LEAST_DIGITS if number.isdecimal() else LEAST_NUMBER  # a short one may be a year


def _telling(words: frozenset[str]) -> list[str]:
    """Return the few words of which two titles that are nearly the same share one.

    The longest first, as long words are rare: of n words, any n - 0.8 n + 1 of one order will do.
    """
    order = sorted(words, key=lambda word: (-len(word), word))
    return order[: len(order) - ceil(NEARLY * len(order)) + 1]


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1


def find_reason(one: Candidate, other: Candidate) -> str:
    """Return why two products are probably one, as a sentence; "" where they are not. Pure, in any order."""
    reason = _by_ean(one, other) or _by_number(one, other) or _by_title(one, other)
    return reason if reason and not likeness(one.article, other.article).is_doubtful else ""


def _by_ean(one: Candidate, other: Candidate) -> str:
    for body in sorted(one.bodies.keys() & other.bodies.keys()):
        mine, theirs = one.bodies[body], other.bodies[body]
        if mine != theirs:
            return f"The EANs {mine} and {theirs} differ only around the same digits."
    return ""


def _by_number(one: Candidate, other: Candidate) -> str:
    if not are_of_one_brand(one.article, other.article):
        return ""
    shared = sorted(one.models & other.models, key=lambda model: (-len(model), model))
    if not shared:
        return ""
    is_said = not (one.said_models | other.said_models).isdisjoint(shared)
    if _have_two_eans(one, other) and _share(one.words, other.words) < NEARLY:
        return ""
    if not is_said and overlap(one.words, other.words) < PARTLY:
        return ""
    return "" if _are_variants(one, other) else f"Both are {one.article.brand} {shared[0].upper()}."


def _by_title(one: Candidate, other: Candidate) -> str:
    if min(len(one.words), len(other.words)) < LEAST_WORDS or one.amounts != other.amounts:
        return ""
    if _share(one.words, other.words) < NEARLY or not are_of_one_brand(one.article, other.article):
        return ""
    ratio = price_ratio(one.article, other.article)
    if (ratio is not None and ratio > APART) or _have_two_eans(one, other) or _are_variants(one, other):
        return ""
    return f"The same brand, {one.article.brand}, and nearly the same title."


def _share(mine: frozenset[str], theirs: frozenset[str]) -> float:
    """Return which part of the words of two titles both have."""
    return len(mine & theirs) / len(mine | theirs) if mine or theirs else 0.0


def _have_two_eans(one: Candidate, other: Candidate) -> bool:
    return bool(one.gtins and other.gtins) and not one.gtins & other.gtins


def _are_variants(one: Candidate, other: Candidate) -> bool:
    """Tell whether one feed has both and tells them apart."""
    if one.feeds.isdisjoint(other.feeds):
        return False
    return one.words != other.words or bool(one.gtins and other.gtins)
