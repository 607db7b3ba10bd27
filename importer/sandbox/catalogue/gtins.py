"""The EANs of the made-up articles: each is computed from its article, and tells it again."""

from __future__ import annotations

from importer.sandbox.catalogue.families import FAMILIES, Family

FAMILY_NUMBER = {family.slug: number for number, family in enumerate(FAMILIES)}
_FAMILY_RANGE = 200_000_000
_GTIN_PREFIXES = ("40", "73", "50", "57", "70", "76", "87")
_SCRAMBLE, _OFFSET, _GTIN_SPACE, _ISBN_SPACE = 7_654_321, 482_915_307, 10**10, 10**9


def check_digit(digits: str) -> str:
    """Return the GS1 check digit of `digits`."""
    backwards = digits[::-1]
    return str(-(3 * sum(map(int, backwards[::2])) + sum(map(int, backwards[1::2]))) % 10)


def make_gtin(family: Family, article: int, brand_number: int) -> str:
    """Return the article's 13 digits; books get an ISBN."""
    number = FAMILY_NUMBER[family.slug] * _FAMILY_RANGE + article
    if family.slug == "book":
        digits = f"978{(article * _SCRAMBLE + _OFFSET) % _ISBN_SPACE:09d}"
    else:
        digits = f"{_GTIN_PREFIXES[brand_number]}{(number * _SCRAMBLE + _OFFSET) % _GTIN_SPACE:010d}"
    return digits + check_digit(digits)


def read_gtin(gtin: str) -> tuple[Family, int] | None:
    """Return the family and article that a GTIN was made from, None for digits of another making."""
    if len(gtin) != 13 or not gtin.isdecimal():
        return None
    if gtin.startswith("978"):
        article = (int(gtin[3:12]) - _OFFSET) * pow(_SCRAMBLE, -1, _ISBN_SPACE) % _ISBN_SPACE
        return FAMILIES[FAMILY_NUMBER["book"]], article
    number = (int(gtin[2:12]) - _OFFSET) * pow(_SCRAMBLE, -1, _GTIN_SPACE) % _GTIN_SPACE
    family_number, article = divmod(number, _FAMILY_RANGE)
    return (FAMILIES[family_number], article) if family_number < len(FAMILIES) else None
