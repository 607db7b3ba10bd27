"""Prices in words, the way the page's language writes them."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_currency
from django.utils.translation import get_language


def format_money(price: Decimal, currency: str) -> str:
    """Return a price with its currency, as the active language writes it.

    A currency nobody knows is shown as its code. Spaces inside are no-break spaces: a price never wraps.

    >>> format_money(Decimal("1299.9"), "EUR")
    '€1,299.90'
    """
    return with_space(format_currency(price, currency, locale=active_locale()))


def with_space(written: str) -> str:
    """Return what babel wrote with a space between a currency's letters and the digits, and none that wraps.

    "SEK1,299.00" reads badly: CLDR wants a space there, babel leaves it out.
    """
    written = re.sub(r"(?<=[^\W\d_])(?=\d)", "\N{NO-BREAK SPACE}", written)
    return written.replace(" ", "\N{NO-BREAK SPACE}")


def active_locale() -> Locale:
    """Return babel's locale of the active language, English where babel does not know it."""
    return _locale(get_language() or "en")


@lru_cache(maxsize=20)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
