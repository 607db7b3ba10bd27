"""Prices and delivery costs."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from importer.normalise.currencies import get_decimals, read_mark
from importer.normalise.stock_words import DELIVERY, FREE
from importer.normalise.text import decode_entities

MAX_PRICE = Decimal("999999999.99")  # a larger one is a mistake, not a price
CENT = Decimal("0.01")


class PriceStyle(NamedTuple):
    """How a feed writes prices: its decimal separator and that of its groups, "" where not known.

    `is_long`: it writes three decimals and more, of which the last say little. `is_doubtful`: its prices may
    all have three decimals, or be grouped.
    """

    decimal: str = ""
    grouping: str = ""
    is_long: bool = False
    is_doubtful: bool = False


UNKNOWN_STYLE = PriceStyle()

_SPACE = re.compile(r"\s+")
_PLAIN_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")  # or three decimals: the rest of the feed decides
# Mark, number, a dash in place of decimals, mark.
_PRICE = re.compile(
    r"([^\d+()/%−–—-]{0,20}?)((?<!\d)[.,]?\d[\d .,'’]*?)(?:\s?[.,:]?\s?(?P<dash>--|[-–—]))?"
    r"\.?(\s?[^\d+()%−–—-]{0,20})"
)
_NUMBER = re.compile(r"[.,]?\d[\d .,']*")
_GROUPS = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}")
_SEPARATORS = str.maketrans({"٫": ".", "٬": "'", "．": ".", "，": ",", **dict.fromkeys("’‘ʼ′´`＇", "'")})
_TAG = re.compile(r"<[^<>]*>")
_AROUND = " \"'*"  # what spreadsheets and footnotes put around a price
# The price of one, as every price is; a kilogram's is another matter.
_FOR_ONE = re.compile(
    r"\s*(?:/|\b(?:pro|per|pr|par|por|al|za)\b\.?)\s*"
    r"(?:st|stk|stck|stück|stuk|pcs?|pce|piece|each|item|unit|szt|sztuka|ks|kus|kpl|kappale|db|pièce|pz|pezzo|ud"
    r"|unidad|paar|pair|par)\.?$",
    re.I,
)
_COLON = re.compile(r"([^\d:]*\d[\d .,']*):(\d\d)(?!\d)([^\d:]*)")
_SIGN_BETWEEN = re.compile(r"(\d{1,3}(?:[ '.]?\d{3})*) ?([€£$]) ?(\d\d)")
_SHIPPING_ENTRY = re.compile(r"[,;|](?=\s*[A-Za-z]{2}:)")
_PRICE_PLACE = 3  # of Google's country:region:service:price, behind which days may stand


def parse_price(
    value: object, currency: str = "", style: PriceStyle = UNKNOWN_STYLE
) -> tuple[Decimal | None, str]:
    """Return an amount with two decimals, and the currency if the text names one.

    `currency` is the one of the feed and `style` how its other prices look: they decide what a mark such as
    `kr` and a number such as `1.299` mean. None for what is empty, negative, not a number, above `MAX_PRICE`
    or in doubt: a mark that is not known, `24.990` among prices like `24.95`. A number is taken as it is; in
    text without other light `1.299` is 1299 and `0.999` is 1.00.
    """
    if value is None or isinstance(value, bool):
        return None, ""
    if isinstance(value, str):
        return _price(value, currency, style)
    text = str(value)
    return (_bounded(Decimal(text)) if _PLAIN_NUMBER.fullmatch(text) else None), ""


@lru_cache(maxsize=32_768)  # shops have few prices and many articles
def _price(value: str, currency: str, style: PriceStyle) -> tuple[Decimal | None, str]:
    text = value.strip()
    if _PLAIN_NUMBER.fullmatch(text) and not _GROUPED.fullmatch(text):
        return _bounded(Decimal(text)), ""
    parts = _PRICE.fullmatch(_plain(_clean(text)))
    if not parts:
        return None, ""
    before, number, dash, after = parts.groups()
    if before.strip() and not before.strip(" .,"):
        return None, ""  # `. 95`
    before_says, after_says = read_mark(before, currency), read_mark(after, currency)
    if before_says is None or after_says is None:
        both = read_mark(f"{before} {after}", currency) if before.strip() and after.strip() else None
        if not both:
            return None, ""
        before_says, after_says = both, ""
    if before_says and after_says and before_says != after_says:
        # `$ 12 CAD`: the code says which of the dollars.
        before_says = read_mark(before, after_says) or ""
        if before_says != after_says:
            return None, ""
    named = before_says or after_says
    if dash and not number.strip(" .,'").isdecimal() and re.search(r"[.,]\d\d?$", number):
        return None, ""  # `19.95-` is what accountants call negative
    amount = _number(number.strip(" ").rstrip(" .,'"), get_decimals(named or currency), style)
    return (None, "") if amount is None else (_bounded(amount), named)


def _plain(text: str) -> str:
    """Return the text of a price without what says nothing of it, its decimals behind a separator."""
    text = _FOR_ONE.sub("", text.strip(_AROUND))
    if found := _COLON.fullmatch(text):  # `129:50`
        return f"{found[1]}{',' if '.' in found[1] else '.'}{found[2]}{found[3]}"
    if found := _SIGN_BETWEEN.fullmatch(text):  # `12€95`
        return f"{found[1]}{',' if '.' in found[1] else '.'}{found[3]} {found[2]}"
    return text


def clean_number_text(text: str) -> str:
    """Return the first number in a price as it is written, in ASCII; "" where there is none."""
    found = _NUMBER.search(_clean(text))
    return found[0].strip(" ").rstrip(" .,'") if found else ""


def _clean(text: str) -> str:
    """Return the text with the digits and separators of other scripts as ASCII, on one line, no markup."""
    if "&" in text:
        text = decode_entities(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if not text.isascii() or "`" in text:
        text = "".join(
            str(unicodedata.decimal(char)) if char.isdecimal() else char
            for char in text.translate(_SEPARATORS)
            if unicodedata.category(char) != "Cf"
        )
    return _SPACE.sub(" ", text)


def _number(text: str, decimals: int, style: PriceStyle) -> Decimal | None:
    """Return the number; None where its separators contradict each other, or the feed leaves it in doubt."""
    if " " in text or "'" in text:
        head, mark, tail = _split_groups(text)
        if not mark:
            return None
        text = head + tail
        return _decimal(text) if text.isdecimal() or re.fullmatch(r"\d+[.,]\d+", text) else None
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        return _both_separators(text, style)
    if dots + commas == 0:
        return _decimal(text)
    mark = "." if dots else ","
    if dots + commas > 1:
        return _grouped(text, mark)
    whole, _, fraction = text.partition(mark)
    if len(fraction) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
        return _decimal(text)
    if decimals == 3:
        return _decimal(text)
    if decimals == 0:
        return _grouped(text, mark)
    if style.decimal == mark:
        return _decimal(text) if style.is_long or style.grouping not in ("", mark) else None
    if style.is_doubtful and not style.decimal:
        return None
    return _grouped(text, mark)


def _split_groups(text: str) -> tuple[str, str, str]:
    """Return `1 299,95` as its digits, the mark of its groups and its decimals; no mark where it has none."""
    found = re.fullmatch(r"(\d{1,3}(?:([ '])\d{3})(?:\2\d{3})*)([.,]\d+)?", text)
    if not found:
        return "", "", ""
    return found[1].replace(found[2], ""), found[2], found[3] or ""


def _both_separators(text: str, style: PriceStyle) -> Decimal | None:
    """Of two separators the last is the decimal one."""
    mark = max(".,", key=text.rfind)
    whole, _, fraction = text.rpartition(mark)
    group = "." if mark == "," else ","
    if mark in whole or not fraction or (style.decimal == group and len(fraction) == 3):
        return None
    amount = _grouped(whole, group)
    return None if amount is None else _decimal(f"{amount}.{fraction}")


def _grouped(text: str, mark: str) -> Decimal | None:
    return Decimal(text.replace(mark, "")) if _GROUPS.fullmatch(text.replace(mark, ",")) else None


def _decimal(text: str) -> Decimal | None:
    number = text.replace(",", ".")
    return Decimal("0" + number) if re.fullmatch(r"\d*(?:\.\d+)?", number) and number else None


def _bounded(amount: Decimal | None) -> Decimal | None:
    if amount is None or amount > MAX_PRICE:
        return None
    return amount.quantize(CENT, ROUND_HALF_UP)


def parse_shipping(
    value: object, currency: str = "", market: str = "", style: PriceStyle = UNKNOWN_STYLE
) -> Decimal | None:
    """Return the cost of delivery in `currency` to `market` (two letters); "" takes any.

    0 for "free" in the networks' languages. None when it is not said, or said of another country or in
    another currency; of several countries, one must be meant. A day or an hour of delivery is no cost.
    """
    if isinstance(value, str):
        return _shipping(value, currency, market, style)
    if isinstance(value, dict | list | tuple):
        return _of_entries(_entries(value), currency, market, style)
    return parse_price(value)[0]


@lru_cache(maxsize=4096)
def _shipping(value: str, currency: str, market: str, style: PriceStyle) -> Decimal | None:
    words = " ".join(word for word in value.casefold().split() if word.strip(" .!") not in DELIVERY)
    if words.strip(" .!") in FREE:
        return Decimal("0.00")
    if ":" in value[:4]:
        return _of_entries(_entries(_SHIPPING_ENTRY.split(value)), currency, market, style)
    amount, named = parse_price(value, currency, style)
    return None if currency and named not in ("", currency) else amount


def _entries(value: object) -> list[tuple[str, str]]:
    """Return (country, cost) of each entry: Google's `DE:::4.95 EUR`, or its element."""
    entries: list[tuple[str, str]] = []
    for one in value if isinstance(value, list | tuple) else [value]:
        if isinstance(one, dict):
            named = {str(key).lower().removeprefix("g:"): part for key, part in one.items()}
            entries.append((_said(named.get("country")), _said(named.get("price"))))
        elif one is not None:
            country, *parts = str(one).strip().split(":")
            if not parts or len(country) != 2:
                entries.append(("", str(one)))
            else:
                entries.append((country, parts[min(len(parts), _PRICE_PLACE) - 1]))
    return entries


def _said(value: object) -> str:
    value = value[0] if isinstance(value, list) and value else value
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _of_entries(
    entries: list[tuple[str, str]], currency: str, market: str, style: PriceStyle
) -> Decimal | None:
    """Return what all entries of the market say; None where they differ, or no market tells which counts."""
    costs = {
        (country.upper(), _shipping(cost, currency, "", style))
        for country, cost in entries
        if cost and ":" not in cost and (not market or country.upper() in ("", market.upper()))
    }
    amounts = {amount for _, amount in costs if amount is not None}
    return amounts.pop() if len(amounts) == 1 else None
