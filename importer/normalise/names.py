"""Brands, shops, categories and properties."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

from importer.normalise.stock_words import BRAND_NAMES, NO_CATEGORY, NO_OR_OTHER, NOTHING
from importer.normalise.text import clean_text, cut, without_lost

MAX_NAME = 120  # characters: shop, brand
MAX_CATEGORY = 300  # characters
MAX_ATTRIBUTES = 60  # entries
LONGEST_KEPT = 40  # characters

_NO_LETTERS = re.compile(r"[\W_]+")


def is_nothing(text: str) -> bool:
    """Tell whether a brand or the value of a property says that there is none, in any language."""
    return not text.strip("0") or _NO_LETTERS.sub("", text.casefold()) in NOTHING


def clean_brand(value: object) -> str:
    """Return the brand, or "" for the words that feeds use for "none"."""
    return _brand(str(value)) if value else ""


@lru_cache(maxsize=8192)
def _brand(value: str) -> str:
    text = without_lost(clean_text(value, MAX_NAME))
    words = set(text.casefold().split())
    is_none = words <= BRAND_NAMES | NO_OR_OTHER and words & BRAND_NAMES and words & NO_OR_OTHER
    return "" if is_none or is_nothing(text) else text


_MARKETS = (
    "AT|AU|BE|BR|CA|CH|CZ|DE|DK|EE|ES|EU|FI|FR|GB|HU|IE|IT|LT|LV|MX|NL|NO|PL|PT|RU|SE|UK|US"  # of programs
)
_FURTHER_MARKETS = "AE|BG|COM|CY|EN|GR|HR|INT|IS|LU|MT|NZ|RO|RS|SI|SK|TR|UA|ZA"
# Set off from the name: `ASOS - SE`, `Zalando | NL`, `Boozt (DK)`.
_SET_OFF = re.compile(
    rf"(?<=\S)(?:\s+[-–—:,·•/]\s*|[-–—:,·•]\s+|\s*[|/_]\s*)(?:{_MARKETS}|{_FURTHER_MARKETS})$"
    rf"|(?<=\S)(?:\s+[-–—|])?\s*[(\[](?:{_MARKETS}|{_FURTHER_MARKETS})[)\]]$"
)
_BARE = re.compile(rf"(?<=\S)\s+({_MARKETS})$")
# Words of names too: `Toys R US`, `Smart IT`; the others only where all is in capitals: `LOOK AT`, `HI FI`.
_WORDS = {"IT", "US"}
_WORDS_IN_CAPITALS = {"AT", "BE", "FI", "NO"}


def clean_shop_name(value: object) -> str:
    """Return the shop's name without the market that programs add: `Kitchentime SE` -> `Kitchentime`.

    A market that could be a word of the name goes only where it is set off: `Toys R US` stays.
    """
    return _shop_name(str(value)) if value else ""


@lru_cache(maxsize=1024)
def _shop_name(value: str) -> str:
    text = clean_text(value, MAX_NAME)
    name = _SET_OFF.sub("", text)
    if name != text:
        return name
    found = _BARE.search(text)
    if not found:
        return text
    name, code = text[: found.start()], found[1]
    is_word = code in _WORDS or (code in _WORDS_IN_CAPITALS and name.isupper())
    return text if is_word else name


def clean_attributes(pairs: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Return up to `MAX_ATTRIBUTES` names with values, without empty ones; the first of a name stays."""
    attributes: dict[str, str] = {}
    for name, value in pairs:
        if value is None or value == "" or len(attributes) >= MAX_ATTRIBUTES:
            continue
        key = _attribute_name(str(name or ""))
        # Short values come again and again; the others are hardly ever "not specified".
        is_short = isinstance(value, str) and len(value) <= LONGEST_KEPT
        text = _attribute_value(value) if is_short else without_lost(clean_text(value))
        if key and text:
            attributes.setdefault(key, text)
    return attributes


@lru_cache(maxsize=8192)
def _attribute_name(name: str) -> str:
    return clean_text(name, MAX_NAME)


@lru_cache(maxsize=16_384)
def _attribute_value(value: str) -> str:
    text = without_lost(clean_text(value))
    return "" if is_nothing(text) else text


_ARROWS = re.compile(r"[>»›→]")
_PATH_MARKS = (">", "»", "›", "→", "|", ";", "::", "\\", "/", " - ")
_LIST_MARKS = (re.compile(r"\|"), re.compile(r";"), re.compile(r","))
_ENUMERATION = re.compile(r"\s*(?:[a-zà-þ]|[^,>»›→]*(?:&|\b(?:and|und|en|och|og|ja|et|y|e|i|és)\b))")


def clean_category(value: object) -> str:
    """Return a category path as "A > B", whichever separator the shop writes.

    Of several paths in one value (`A > B|C > D`, a JSON list) the deepest, the first of equals.
    """
    return _category(str(value)) if value else ""


@lru_cache(maxsize=4096)  # a feed repeats few categories many times
def _category(value: str) -> str:
    paths = _json_paths(value)
    if paths is None:
        text = clean_text(value.replace("\n", "|") if _ARROWS.search(value) else value, MAX_CATEGORY * 2)
        paths = _paths(text)
    levels = max((_levels(without_lost(path)) for path in paths), key=len, default=[])
    return cut(" > ".join(levels), MAX_CATEGORY)


def _json_paths(value: str) -> list[str] | None:
    """Return the paths in a JSON list or an object of path and name; None where the value is neither."""
    if value[:1] not in "[{" or value[-1:] not in "]}":
        return None
    try:
        data = json.loads(value)
    except ValueError:
        return None
    if isinstance(data, dict) and not any(any(map(str.isalpha, name)) for name in data):
        data = list(data.values())  # the shop's numbers say nothing
    texts = [clean_text(one, MAX_CATEGORY * 2) for one in data if isinstance(one, str)]
    # A list of plain names is one path.
    return texts if isinstance(data, dict) or any(map(_ARROWS.search, texts)) else [" > ".join(texts)]


def _paths(text: str) -> list[str]:
    """Return the paths of a value: one, unless the parts between `|`, `;` or commas are paths themselves."""
    arrow = _ARROWS.search(text)
    for mark in _LIST_MARKS:
        parts = [part for part in mark.split(text) if part.strip()]
        if len(parts) < 2:
            continue
        if mark.pattern == ",":
            # `Men/Tops,Sale/Tops`; a space behind the comma is found in names.
            is_tight = ", " not in text and all("/" in part for part in parts)
            if is_tight or (all(map(_ARROWS.search, parts)) and not any(map(_ENUMERATION.match, parts[1:]))):
                return parts
        elif arrow or all("/" in part or " - " in part for part in parts):
            return parts
    return [text]


def _levels(path: str) -> list[str]:
    separator = next((mark for mark in _PATH_MARKS if mark in path), None)
    levels: list[str] = []
    for part in path.split(separator) if separator else [path]:
        part = part.strip(" ;,|/>=-")
        if part and part.casefold() not in NO_CATEGORY and part not in levels[-1:]:
            levels.append(part)
    if all(level.isdecimal() for level in levels):
        return []  # ids of the shop say nothing to a reader
    return levels
