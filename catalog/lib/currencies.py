"""Currencies in use today, with their names."""

from functools import cache

from babel import Locale, core
from django.utils import translation


def currency_choices() -> list[tuple[str, str]]:
    """Return `(code, "EUR – Euro")` of every currency in use, in the language of the page.

    >>> dict(currency_choices())["SEK"]
    'SEK – Swedish Krona'
    """
    return _choices(translation.to_locale(translation.get_language() or "en"))


@cache
def _choices(locale: str) -> list[tuple[str, str]]:
    names = Locale.parse(locale).currencies
    return [(code, f"{code} – {names.get(code, code)}") for code in sorted(_codes_in_use())]


def _codes_in_use() -> set[str]:
    """Codes that are legal tender somewhere and have no end date (CLDR, out of babel)."""
    return {
        code
        for currencies in core.get_global("territory_currencies").values()
        for code, _start, end, is_tender in currencies
        if is_tender and end is None
    }
