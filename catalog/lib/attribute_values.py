"""Values of properties as visitors read them; "" for what says nothing to a reader, whatever the property."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale
from babel.numbers import format_decimal
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from catalog.lib.money import active_locale

Reader = Callable[[str, str, Mapping[str, str]], str]  # (value, unit in its column's name, words) -> text

# Products that were imported before feeds' words for "none" were dropped still have them.
NO_VALUES = {
    *("null", "none", "nan", "na", "n/a", "undefined", "unknown", "notapplicable", "nvt", "geen", "onbekend"),
    *("keine", "unbekannt", "keineangabe", "ingen", "inget", "okänd", "okänt", "ukendt", "ukjent", "aucun"),
    *("aucune", "inconnu", "ninguno", "ninguna", "nessuno", "nessuna", "brak"),
}
_FLAGS = frozenset(("true", "false", "y", "n", "t", "f"))
_ADDRESS = re.compile(
    r"//|\bwww\.|\S@\S+\.\w|^/\w|\w\.(?:jpe?g|png|gif|webp|avif|svg|html?|php|aspx?)\b|\b[\w-]+\.\w{2,}/\S",
    re.I,
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d|^\d{4}-?\d\d-?\d\d$")
_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{10,}|(?=.*\d)[0-9a-f]{16,}|\d{7,}|(?=.*\d)[A-Za-z0-9_=-]{24,}", re.I
)
_AMOUNT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*([^\W\d_]{1,7}|[\"”″%])?\.?")
# The ways in which feeds write a unit -> how pages write it.
_UNITS = {
    unit: unit
    for unit in (
        *("mg", "g", "kg", "oz", "lb", "mm", "cm", "m", "in", "ml", "cl", "dl", "l"),
        *("kW", "W", "V", "A", "Hz", "mAh", "MB", "GB", "TB", "%"),
    )
} | {
    **{"gr": "g", "gram": "g", "gramm": "g", "grams": "g", "kilo": "kg", "kgs": "kg", "kilogram": "kg"},
    **{"lbs": "lb", "meter": "m", "metre": "m", "inch": "in", "inches": "in", "zoll": "in", "tum": "in"},
    **{'"': "in", "”": "in", "″": "in", "ltr": "l", "liter": "l", "litre": "l", "watt": "W", "volt": "V"},
}
_UNITS_BY_CASE = {unit.casefold(): written for unit, written in _UNITS.items()}


def _words(spellings: Mapping[str, str]) -> dict[str, str]:
    return {word: label for label, words in spellings.items() for word in words.split()}


GENDERS = _words(
    {
        _("Women"): (
            "female woman women womens ladies dames damen damer dam dame kvinna kvinnor kvinde naiset femme "
            "femmes mujer donna kobieta vrouw vrouwen frauen"
        ),
        _("Men"): (
            "male man men mens heren herren herr herre herrar mann miehet homme hommes hombre uomo mannen "
            "männer"
        ),
        _("Women and men"): "unisex uniseks unisexe",
    }
)
AGE_GROUPS = _words(
    {
        _("Newborns"): "newborn",
        _("Babies"): "infant",
        _("Toddlers"): "toddler",
        _("Children"): "kids children kinder kinderen barn børn enfants",
        _("Adults"): "adult adults volwassenen erwachsene vuxna vuxen voksen",
    }
)
CONDITIONS = _words(
    {
        _("New"): "new nieuw neu ny nytt uusi neuf nuevo nuovo nowy nový",
        _("Refurbished"): "refurbished generalüberholt renoverad reconditionné recertified",
        _("Used"): "used gebruikt gebraucht begagnad brugt brukt occasion usado",
    }
)


def read_text(value: str, unit: str, words: Mapping[str, str]) -> str:
    """Return a text: an amount with its unit as the language writes it, `xs|s|m` as a list."""
    parts = [part.partition("=")[0].strip() for part in value.split("|")] if "|" in value else [value.strip()]
    texts = [_written(part, unit) for part in parts if _says_something(part)]
    return ", ".join(dict.fromkeys(texts))


def read_measure(value: str, unit: str, words: Mapping[str, str]) -> str:
    """Return an amount with its unit; a number alone says nothing."""
    text = read_text(value, unit, words)
    return "" if re.fullmatch(r"[\d\s.,]*", text) else text


def read_word(value: str, unit: str, words: Mapping[str, str]) -> str:
    """Return the word for one of a few values (`female`) in the active language; others as they are."""
    known = words.get(value.strip().casefold().replace("'", ""))
    return gettext(known) if known else read_text(value, unit, words)


def read_energy_class(value: str, unit: str, words: Mapping[str, str]) -> str:
    """Return a class of the European energy label, `A` to `G` or `A+++`."""
    text = value.strip().upper()
    return text if re.fullmatch(r"[A-G]\+{0,3}", text) else ""


@lru_cache(maxsize=8192)  # products share most values
def _says_something(text: str) -> bool:
    """Tell a value for readers from addresses, ids, flags, times, zeros and words for "none"."""
    plain = text.casefold().replace(".", "").replace(" ", "")
    if not any(map(str.isalnum, text)) or plain in NO_VALUES or plain in _FLAGS:
        return False
    if _ADDRESS.search(text) or _TIME.search(text) or _ID.fullmatch(text):
        return False
    amount = _AMOUNT.fullmatch(text)
    return not amount or bool(amount[1].strip("0.,"))


def _written(text: str, unit: str) -> str:
    """Return an amount with its unit, any other text as it is. To ask for the language costs most of it."""
    found = _AMOUNT.fullmatch(text)
    if found is None or not (found[2] or unit):
        return text
    return _with_unit(text, unit, active_locale()) or text


@lru_cache(maxsize=8192)
def _with_unit(text: str, unit: str, locale: Locale) -> str:
    found = _AMOUNT.fullmatch(text)
    if not found or not (found[2] or unit):
        return ""
    number, named = found[1].replace(",", "."), found[2] or unit
    written = _UNITS.get(named) or _UNITS_BY_CASE.get(named.casefold())
    if not written or re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", found[1]):
        return ""  # another word; one thousand or a thousandth
    return f"{format_decimal(Decimal(number), locale=locale)}\N{NO-BREAK SPACE}{written}"
