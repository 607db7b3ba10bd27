"""Text, HTML, ids, names and categories."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import nh3

from importer.words import NO_BRAND, NO_CATEGORY

# Characters, unless said otherwise. What is longer is cut.
MAX_TITLE = 300
MAX_NAME = 120  # shop, brand
MAX_CATEGORY = 300
MAX_ID = 500
MAX_DESCRIPTION = 20_000
MAX_VALUE = 500
MAX_ATTRIBUTES = 60  # entries
LONGEST_GRAPHEME = 20  # a pile of more accents is not respected
HTML_TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "h3", "h4"}

# Controls, direction overrides, byte order marks and half characters: never text, and PostgreSQL refuses NUL
# and lone surrogates. White space among the controls is left for `split`.
JUNK = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_BREAKS = re.compile(r"<(?:br|/p|/li|/div|/h\d|/td|/tr)\b[^>]*>", re.I)
_MARKET = re.compile(
    r"(?<=\S)\s+\(?(?:AT|AU|BE|BR|CA|CH|CZ|DE|DK|EE|ES|EU|FI|FR|GB|HU|IE|IT|LT|LV|MX|NL|NO|PL|PT|RU|SE|UK|US)\)?$"
)


def clean_text(value: object, limit: int = MAX_VALUE) -> str:
    """Return one line of plain text: no tags, entities (even encoded thrice), controls or double spaces."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if "&" in text:
        text = _decode_entities(text)
    if "<" in text:
        text = html.unescape(nh3.clean(_BREAKS.sub(" ", text), tags=set()))
    text = _one_line(text)
    return text if len(text) <= limit else cut(text, limit)


def _one_line(text: str) -> str:
    """Drop what is no text, and all white space but single spaces. Printable text has no other kind."""
    if not text.isprintable():
        text = JUNK.sub("", text)
    elif "  " not in text:
        return text.strip()
    return " ".join(text.split())


def clean_html(value: object, limit: int = MAX_DESCRIPTION) -> str:
    """Return HTML with only `HTML_TAGS` and no attributes; safe to show, at most `limit` characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if text.isprintable() and len(text) <= limit and not any(mark in text for mark in "<>&"):
        return _one_line(text)
    if not text.isprintable():
        text = JUNK.sub("", text)
    text = text.strip()
    # Where real tags are present, entities are the text's own; elsewhere the whole text may be encoded.
    if "&" in text and "<" not in text:
        text = _decode_entities(text)
    source_limit = limit
    while True:
        source = cut(text, source_limit)
        if "<" in source:
            cleaned = nh3.clean(source, tags=HTML_TAGS, attributes={}, link_rel=None)
        else:
            cleaned = html.escape(source, quote=False)
        cleaned = " ".join(cleaned.split())
        if len(cleaned) <= limit:
            return cleaned
        source_limit = source_limit * limit // len(cleaned) - 1


def cut(text: str, limit: int) -> str:
    """Return `text` within `limit` characters, cut after a word if one ends nearby, never in a grapheme."""
    if len(text) <= limit:
        return text
    end = limit - 1  # room for the ellipsis
    space = text.rfind(" ", limit * 3 // 4, end + 1)
    if space > 0:
        end = space
    for back in range(min(end, LONGEST_GRAPHEME)):
        if not _joins(text[end - back - 1], text[end - back]):
            end -= back
            break
    return text[:end].rstrip() + "…"


def _joins(before: str, after: str) -> bool:
    """Tell whether both belong to one visible character: accents, emoji sequences, flags."""
    return (
        before == "\u200d"
        or after in "\u200d\ufe0f\u20e3"
        or unicodedata.combining(after) > 0
        or unicodedata.category(after) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or ("\U0001f1e6" <= after <= "\U0001f1ff" and "\U0001f1e6" <= before <= "\U0001f1ff")
    )


def _decode_entities(text: str) -> str:
    for _ in range(3):
        decoded = html.unescape(text)
        if decoded == text:
            break
        text = decoded
    return text


def clean_id(value: object) -> str:
    """Return an id as text; an over-long one ends in its hash, so that two never become one."""
    text = "" if value is None else str(value)
    text = text.strip() if text.isprintable() else JUNK.sub("", text).strip()
    if len(text) <= MAX_ID:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: MAX_ID - 65]}~{digest}"


def clean_brand(value: object) -> str:
    """Return the brand, or "" for the words that feeds use for "none"."""
    return _brand(str(value)) if value else ""


@lru_cache(maxsize=8192)
def _brand(value: str) -> str:
    text = clean_text(value, MAX_NAME)
    return "" if text.casefold() in NO_BRAND else text


def clean_shop_name(value: object) -> str:
    """Return the shop's name without the market that programs add: `Kitchentime SE` -> `Kitchentime`."""
    return _shop_name(str(value)) if value else ""


@lru_cache(maxsize=1024)
def _shop_name(value: str) -> str:
    return _MARKET.sub("", clean_text(value, MAX_NAME))


def clean_attributes(pairs: Iterable[tuple[object, object]]) -> dict[str, str]:
    """Return up to `MAX_ATTRIBUTES` names with values, without empty ones; the first of a name stays."""
    attributes: dict[str, str] = {}
    for name, value in pairs:
        if value is None or value == "" or len(attributes) >= MAX_ATTRIBUTES:
            continue
        key, text = _attribute_name(str(name or "")), clean_text(value)
        if key and text:
            attributes.setdefault(key, text)
    return attributes


@lru_cache(maxsize=8192)
def _attribute_name(name: str) -> str:
    return clean_text(name, MAX_NAME)


def clean_category(value: object) -> str:
    """Return a category path as "A > B", whichever separator the shop writes."""
    return _category_path(str(value)) if value else ""


@lru_cache(maxsize=4096)  # a feed repeats few categories many times
def _category_path(value: str) -> str:
    text = clean_text(value, MAX_CATEGORY * 2)
    separator = next((mark for mark in (">", "»", "›", "|", ";", "/", " - ") if mark in text), None)
    parts: list[str] = []
    for part in text.split(separator) if separator else [text]:
        part = part.strip(" ;,|/>-")
        if part and part.casefold() not in NO_CATEGORY and part not in parts[-1:]:
            parts.append(part)
    if all(part.isdecimal() for part in parts):
        return ""  # ids of the shop say nothing to a reader
    return cut(" > ".join(parts), MAX_CATEGORY)
