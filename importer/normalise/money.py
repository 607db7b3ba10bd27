"""Prices, delivery costs and currencies."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.numbers import list_currencies
from price_parser import Price

from importer.words import FREE

MAX_PRICE = Decimal("999999999.99")  # a larger one is a mistake, not a price
CENT = Decimal("0.01")

_SPACE = re.compile(r"\s+")
_PLAIN_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
# `1.299` is one thousand in the shops' own spelling; three decimals are not used for prices.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_ODD_PRICE = re.compile(r"([^\d+-]{0,12}?)(\d[\d\s.,'’]*)(?::?[-–])?([^\d-]{0,12})")
_SYMBOLS = {
    "€": "EUR",
    "£": "GBP",
    "zł": "PLN",
    "Zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "₽": "RUB",
    "R$": "BRL",
}
_SYMBOLS |= {"US$": "USD", "$": "USD", "MX$": "MXN", "CHF": "CHF", "лв": "BGN", "lei": "RON"}


def parse_price(value: object) -> tuple[Decimal | None, str]:
    """Return an amount with two decimals, and the currency if the text names one.

    None for what is empty, negative, not a number, not readable or above `MAX_PRICE`. A number is taken as it
    is; in text `1.299` is 1299 and `0.999` is 1.00.
    """
    if value is None or isinstance(value, bool):
        return None, ""
    return _price(value) if isinstance(value, str) else _read_price(value)


def _read_price(value: object) -> tuple[Decimal | None, str]:
    text = str(value).strip()
    if _PLAIN_NUMBER.fullmatch(text):
        if not isinstance(value, str) or not _GROUPED.fullmatch(text):
            return _bounded(Decimal(text)), ""
    elif not isinstance(value, str):
        return None, ""  # NaN, infinite, negative
    return _parse_odd_price(text)


_price = lru_cache(maxsize=32_768)(_read_price)  # shops have few prices and many articles


def _parse_odd_price(text: str) -> tuple[Decimal | None, str]:
    parts = _ODD_PRICE.fullmatch(_SPACE.sub(" ", text))
    if not parts:
        return None, ""
    number = parts[2].strip(" .,'’")
    if re.fullmatch(r"0[.,]\d+", number):  # price-parser reads 0,999 as 999
        return _bounded(Decimal(number.replace(",", "."))), _named_currency(parts[1], parts[3])
    price = Price.fromstring(number.replace("'", "").replace("’", ""))
    return _bounded(price.amount), _named_currency(parts[1], parts[3])


def _named_currency(*texts: str) -> str:
    for text in texts:
        word = text.strip(" .,:;-–()")
        if word and (code := _SYMBOLS.get(word) or clean_currency(word)):
            return code
    return ""


def _bounded(amount: Decimal | None) -> Decimal | None:
    if amount is None or amount > MAX_PRICE:
        return None
    return amount.quantize(CENT, ROUND_HALF_UP)


def parse_shipping(value: object) -> Decimal | None:
    """Return the cost of delivery; 0 for "free" in the networks' languages; None when not said."""
    return _shipping(value) if isinstance(value, str) else parse_price(value)[0]


@lru_cache(maxsize=4096)
def _shipping(value: str) -> Decimal | None:
    return Decimal("0.00") if value.strip().casefold() in FREE else parse_price(value)[0]


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def clean_currency(value: object) -> str:
    """Return the ISO 4217 code in capitals, or "" for anything else."""
    return _currency(str(value)) if value else ""


@lru_cache(maxsize=1024)
def _currency(value: str) -> str:
    code = value.strip().upper()
    return code if len(code) == 3 and code in _currencies() else ""
