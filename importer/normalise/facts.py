"""Stock, barcodes and times."""

from __future__ import annotations

import itertools
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from stdnum import isbn

from importer.normalise.stock_words import IN_STOCK, NOT_IN_STOCK

# Written about a count, and no answer of their own.
_ABOUT_COUNTS = re.compile(
    r"\b(?:st|stk|stck|stück|stuks?|pcs|pieces?|items?|units?|kpl|szt|ks|db|pièces?|unidades|pezzi|"
    r"exemplar(?:en|er)?|left|only|just|nog|nur|noch|endast|bara|kun|vain|solo|sólo|seulement|tylko|"
    r"jen|csak|meer dan|more than|over|mehr als|über|mere end|fler än|över|flere enn|mer enn|yli|plus de|"
    r"más de|più di|ponad|více než|több mint|qty|quantity|aantal|"
    r"anzahl|antal|antall|määrä|quantité|cantidad|quantità|ilość|množství|reste|restent|encore|quedan|rimasti)\b"
)
_NUMBER = re.compile(r"(?<![\w.,])[-−–]?\d{1,9}(?:[.,]\d+)?")
# Names of the number, not answers: `Lager: 3`.
_COUNT_NAMES = frozenset(
    (
        "",
        "stock",
        "stock level",
        "inventory",
        "lager",
        "lagerbestand",
        "lagersaldo",
        "bestand",
        "voorraad",
        "varasto",
    )
    + (
        "varastosaldo",
        "saldo",
        "stan",
        "zásoba",
        "készlet",
        "existencias",
        "disponibilità",
        "lagerbeholdning",
    )
)
_BESIDE_COUNTS = " .,:;()[]+<>≥≤~=*!/"


def parse_stock(value: object) -> bool | None:
    """Return whether the shop has the item; None when the text does not say or is not understood."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return value > 0 if value == value else None
    return _stock(str(value))


@lru_cache(maxsize=4096)
def _stock(value: str) -> bool | None:
    said = " ".join(value.casefold().rsplit("schema.org/", 1)[-1].split())
    text = " ".join(said.replace("_", " ").replace("-", " ").split()).strip(" .!")
    if text in IN_STOCK:
        return True
    if text in NOT_IN_STOCK:
        return False
    if "|" in text:  # one value per size: `xs=1|s=0`
        sizes = [parse_stock(part.rpartition("=")[2]) for part in said.split("|")]
        return True if True in sizes else False if sizes and None not in sizes else None
    return _counted_stock(said)


def _counted_stock(text: str) -> bool | None:
    """Return what `12 in stock` or `Niet op voorraad (0)` says: one count, with words or without.

    "In stock" with a count of none is none. A count beside words that are not understood may be days.
    """
    counts = _NUMBER.findall(text)
    if len(counts) != 1:
        return None
    rest = _ABOUT_COUNTS.sub(" ", _NUMBER.sub(" ", text))
    words = " ".join(
        part for part in rest.replace("_", " ").replace("-", " ").split() if part.strip(_BESIDE_COUNTS)
    )
    words = words.strip(_BESIDE_COUNTS)
    count = Decimal(re.sub("[−–]", "-", counts[0]).replace(",", "."))
    least = 1 if "<" in text else 0  # `<1` is none
    if words in NOT_IN_STOCK:
        return False
    return count > least if words in _COUNT_NAMES or words in IN_STOCK else None


_CODE_NAME = re.compile(r"(?:ean|gtin|upc|isbn|jan)(?:[ -]?(?:8|1[0234]))?(?:\s*[:#=]\s*|\s+)", re.I)
_BETWEEN_CODES = re.compile(r"[,;|/\n\t]+|\s+(?=\d{8})")
# Numbers within one shop or country, coupons and receipts: the same one is given to unlike articles.
_NOT_GLOBAL = re.compile(r"0[24]|2|9[89]")


def parse_gtin(value: object) -> str:
    """Return the canonical GTIN of 13 or 14 digits (8 for GTIN-8) with a right check digit, else "".

    One article has one spelling: UPCs are padded to 13 digits, GTIN-14s with a leading zero and padded
    GTIN-8s lose the padding, ISBN-10s become ISBN-13s. What a spreadsheet adds is dropped; of several in one
    cell the first counts. "" too for what is not the same all over the world: the prefixes of shops' own
    numbers (02, 04, 2), of coupons (98, 99), and made-up codes such as 1234567890128.
    """
    if not value:
        return ""
    text = str(value)
    if text.isascii() and text.isdecimal():
        return _gtin(text)
    return _spelled_gtin(text)


@lru_cache(maxsize=4096)
def _spelled_gtin(text: str) -> str:
    text = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in text
        if unicodedata.category(char) != "Cf"
    )
    text = _CODE_NAME.sub("", text.strip().strip("=\"'´`’\u00a0 "))
    if code := _gtin(text):
        return code
    return next(filter(None, map(_gtin, _BETWEEN_CODES.split(text))), "")


def _gtin(text: str) -> str:
    code = re.sub(r"[.,]0+$", "", text.strip("=\"' ")).replace("-", "").replace(" ", "")
    if not (code.isascii() and code.isdecimal()):
        code = isbn.to_isbn13(code) if len(code) == 10 and isbn.is_valid(code) else ""
    elif len(code) == 10 and isbn.is_valid(code):
        code = isbn.to_isbn13(code)
    digits = code.lstrip("0")
    if len(digits) < 8 or len(code) not in (8, 11, 12, 13, 14):
        return ""  # a GTIN-8 that begins with 0 is a shop's own
    code = digits.zfill(8 if len(digits) == 8 else 13)
    return code if _has_check_digit(code) and _is_global(code) else ""


def _is_global(code: str) -> bool:
    """Tell whether the number was given to one article for all the world, and is not made up."""
    if len(code) == 8:
        return code[0] not in "02" and not _is_made_up(code[:-1])
    body = code[1:] if len(code) == 14 else code
    return not _NOT_GLOBAL.match(body) and not _is_made_up(body[:-1].lstrip("0"))


def _is_made_up(digits: str) -> bool:
    """Tell whether the digits before the check digit only count up or down, or repeat one."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(digits)}
    return (len(steps) == 1 and steps <= {0, 1, 9}) or len(set(digits[1:])) == 1


def _has_check_digit(code: str) -> bool:
    """Tell whether the last digit is right: GS1's sum of the digits, every second from the right tripled."""
    odd, even = sum(map(int, code[-1::-2])), sum(map(int, code[-2::-2]))
    return (odd + 3 * even) % 10 == 0


_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)


_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?=$|[T ,])", re.ASCII)
_BETWEEN_TIMES = re.compile(
    r"\s*/\s*(?=\d{4}|$)|(?<=\d)/(?=\D)|"
    r"\s+(?:-|–|to|until|bis|tot|till|t/m|til)\s+|\.\.+|(?<=\d)–(?=\d)",
    re.I,
)


def parse_period(*values: object) -> tuple[datetime | None, datetime | None] | None:
    """Return start and end of a sale, each None where it is open: from an ISO interval, or from two times.

    None when something is said that cannot be read. A last day without an hour counts whole; a time without a
    zone is UTC.
    """
    if len(values) == 1:
        text = str(values[0] or "").strip()
        values = tuple(_BETWEEN_TIMES.split(text, maxsplit=1))
        if len(values) == 1 and text:
            return None
    times: list[datetime | None] = []
    for place, value in enumerate(values):
        text = str(value or "").strip().strip("[]() ")
        if text in ("", "..", "-", "0000-00-00", "0000-00-00 00:00:00"):
            times.append(None)
            continue
        time = parse_time(_year_first(text))
        if time is None:
            return None
        is_day = ":" not in text and not text.isdecimal()
        times.append(time + timedelta(days=1) if place and is_day else time)
    start, end = (*times, None)[:2]
    return (start, end) if not start or not end or start <= end else None


def _year_first(text: str) -> str:
    """Return `31.12.2026 10:00` as `2026-12-31 10:00`; a slash before a day that may be a month stays."""
    found = _DAY_FIRST.match(text)
    if not found or (found[2] == "/" and int(found[1]) <= 12):
        return text
    return f"{found[4]}-{int(found[3]):02}-{int(found[1]):02}{text[found.end() :].replace(',', '')}"


def parse_time(value: object) -> datetime | None:
    """Return an aware time from the ISO 8601 spellings of the networks (`T9:09:03.374+0200`) or epoch ms."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    text = str(value or "").strip()
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        if not (parts := _TIME.fullmatch(text)):
            return None
        year, month, day, hour, minute, second, zone = parts.groups()
        zone = "+0000" if zone in (None, "Z") else zone.replace(":", "")
        clock = f"{int(hour or 0):02}:{minute or '00'}:{second or '00'}"
        return datetime.strptime(f"{year}-{month}-{day} {clock} {zone}", "%Y-%m-%d %H:%M:%S %z")
    except (ValueError, OverflowError, OSError):
        return None
