"""The picker of a product page: which variants its offers are of, and which one the address asks for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from catalog.lib.attributes import label_of
from catalog.lib.slugs import value_slug
from catalog.lib.variants import DIMENSIONS
from catalog.models import Offer

TITLE = "variant"  # the dimension of offers that only their titles tell apart
_SEPARATOR = "."  # in the address: `red.42`, `.42`
_ADDRESS = re.compile(r"[a-z0-9-]{0,40}(?:\.[a-z0-9-]{0,40}){0,4}")
_LETTER_SIZES = ("xxxs", "xxs", "xs", "s", "m", "l", "xl", "xxl", "2xl", "xxxl", "3xl", "4xl", "5xl")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def is_address(value: str) -> bool:
    """Tell whether a variant may be written so in an address."""
    return 0 < len(value) <= 90 and bool(_ADDRESS.fullmatch(value))


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen: the address of the page with it, or without it where it is chosen."""

    text: str
    url: str
    is_chosen: bool
    is_available: bool


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that variants differ in, as colour, with its values."""

    label: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Picker:
    """What a visitor can choose, and what he has chosen: `chosen` has the slug of each dimension, or "".

    `is_unknown`: the address asks for a variant that there is not.
    """

    dimensions: list[Dimension]
    chosen: Mapping[str, str]
    is_unknown: bool
    _values: Mapping[int, Mapping[str, str]]

    @classmethod
    def of(cls, offers: Sequence[Offer], wanted: str, path: str, labels: Mapping[str, dict]) -> Picker | None:
        """Return the picker of a page's offers; None where they are all of one variant."""
        if not any(offer.variant or offer.variant_group for offer in offers):
            return None
        values = _values_of(offers)
        found = {
            key: {value_slug(of[key]) for of in values.values() if key in of} for key in (*DIMENSIONS, TITLE)
        }
        keys = [key for key, slugs in found.items() if len(slugs) > 1]
        if not keys:
            return None
        slugs = {
            pk: {key: value_slug(of[key]) if key in of else "" for key in keys} for pk, of in values.items()
        }
        chosen = _choose(keys, wanted, slugs.values())
        available = {offer.pk for offer in offers if not offer.gone}
        dimensions = [
            Dimension(
                gettext("Variant") if key == TITLE else label_of(key, key, labels),
                _choices(key, chosen or dict.fromkeys(keys, ""), values, slugs, available, path),
            )
            for key in keys
        ]
        return cls(
            dimensions,
            chosen or {},
            is_unknown=bool(wanted) and chosen is None,
            _values={pk: {key: of.get(key, "") for key in keys} for pk, of in values.items()},
        )

    @property
    def is_chosen(self) -> bool:
        return any(self.chosen.values())

    @property
    def details(self) -> dict[str, str]:
        """What is chosen, as properties of the product by key; "" for what is not."""
        shown = dict.fromkeys(next(iter(self._values.values()), {}), "")
        for of in self._values.values():
            for key, slug in self.chosen.items():
                if slug and value_slug(of[key]) == slug:
                    shown[key] = shown[key] or of[key]
        return shown

    def has(self, offer: Offer) -> bool:
        """Tell whether the offer is of what is chosen."""
        of = self._values[offer.pk]
        return all(not slug or value_slug(of[key]) == slug for key, slug in self.chosen.items())

    def label(self, offer: Offer) -> str:
        """Return what a row says of its variant: what is not chosen already."""
        of = self._values[offer.pk]
        return ", ".join(value for key, value in of.items() if value and not self.chosen.get(key))


def _values_of(offers: Sequence[Offer]) -> dict[int, dict[str, str]]:
    """Return the variant of each offer by its id; with words of its title where nothing else tells it."""
    values = {offer.pk: dict(offer.variant) for offer in offers}
    seen: dict[tuple, set[str]] = {}
    for offer in offers:
        if offer.variant_group:
            alike = offer.variant_group, *sorted(offer.variant.items())
            seen.setdefault(alike, set()).add(offer.title)
    titles = set().union(*(of for of in seen.values() if len(of) > 1))
    if not titles:
        return values
    of_title = _shortened(titles)
    by_gtin = {offer.gtin: of_title[offer.title] for offer in offers if offer.gtin and offer.title in titles}
    for offer in offers:
        text = by_gtin.get(offer.gtin) or (offer.variant_group and of_title.get(offer.title))
        if text:
            values[offer.pk][TITLE] = text
    return values


def _shortened(titles: set[str]) -> dict[str, str]:
    """Return the titles without the words that all of them have, in their own order."""
    words = {title: title.split() for title in titles}
    common = set.intersection(*(set(of) for of in words.values()))
    return {
        title: " ".join(word for word in of if word not in common).strip(" ,-–") or title
        for title, of in words.items()
    }


def _choose(keys: list[str], wanted: str, variants: Iterable[Mapping[str, str]]) -> dict[str, str] | None:
    """Return the slug of each dimension that the address asks for; None where there is no such variant."""
    parts = wanted.split(_SEPARATOR)
    if len(parts) != len(keys) or not any(parts):
        return None
    chosen = dict(zip(keys, parts, strict=True))
    return chosen if any(_fits(of, chosen) for of in variants) else None


def _fits(variant: Mapping[str, str], chosen: Mapping[str, str]) -> bool:
    return all(not slug or variant[key] == slug for key, slug in chosen.items())


def _choices(
    key: str,
    chosen: Mapping[str, str],
    values: Mapping[int, Mapping[str, str]],
    slugs: Mapping[int, Mapping[str, str]],
    available: Collection[int],
    path: str,
) -> list[Choice]:
    texts: dict[str, str] = {}
    for pk, of in values.items():
        if key in of:
            texts.setdefault(slugs[pk][key], of[key])
    choices = []
    for slug in sorted(texts, key=lambda slug: _order(texts[slug])):
        is_chosen = chosen[key] == slug
        asked = {**chosen, key: "" if is_chosen else slug}
        fitting = [pk for pk, of in slugs.items() if _fits(of, {**chosen, key: slug})]
        if not is_chosen and not fitting:  # not in the chosen colour: any other
            asked = {**dict.fromkeys(chosen, ""), key: slug}
        text = _SEPARATOR.join(asked.values())
        url = f"{path}?variant={text}" if any(asked.values()) else path
        choices.append(Choice(texts[slug], url, is_chosen, any(pk in available for pk in fitting)))
    return choices


def _order(text: str) -> tuple:
    """Sort sizes as shops do: letters, then numbers, then names."""
    if text.casefold() in _LETTER_SIZES:
        return 0, _LETTER_SIZES.index(text.casefold()), text
    if found := _NUMBER.match(text):
        return 1, float(found[0].replace(",", ".")), text
    return 2, 0, text.casefold()
