"""Stock, barcodes and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from stdnum import isbn

from importer.words import IN_STOCK, NOT_IN_STOCK

_COUNT = re.compile(r"[<>≥~+]?\s*(\d{1,9})(?:[.,]\d+)?\s*\+?(?:\s*(?:st|stk|stuks|pcs|kpl|szt|ks|db)\.?)?")


def parse_stock(value: object) -> bool | None:
    """Return whether the shop has the item; None when the text does not say or is not understood."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return value > 0 if value == value else None
    return _stock(str(value))


@lru_cache(maxsize=4096)
def _stock(value: str) -> bool | None:
    text = value.strip().casefold().rsplit("schema.org/", 1)[-1].replace("_", " ").replace("-", " ")
    text = " ".join(text.split()).strip(" .!")
    if text in IN_STOCK:
        return True
    if text in NOT_IN_STOCK:
        return False
    if count := _COUNT.fullmatch(text):
        return int(count[1]) > 0
    if "|" in text:  # one value per size: `xs=1|s=0`
        sizes = [parse_stock(part.rpartition("=")[2]) for part in text.split("|")]
        return True if True in sizes else False if sizes and None not in sizes else None
    return None


def parse_gtin(value: object) -> str:
    """Return the canonical GTIN of 13 or 14 digits (8 for GTIN-8) with a right check digit, else "".

    One article has one spelling: UPCs are padded to 13 digits, GTIN-14s with a leading zero and padded
    GTIN-8s lose the padding, ISBN-10s become ISBN-13s. Zero EANs are "".
    """
    if not value:
        return ""
    code = str(value).strip().replace("-", "").replace(" ", "")
    if not (code.isascii() and code.isdecimal()):
        code = isbn.to_isbn13(code) if len(code) == 10 and isbn.is_valid(code) else ""
    elif len(code) == 10 and isbn.is_valid(code):
        code = isbn.to_isbn13(code)
    digits = code.lstrip("0")
    if len(digits) < 7 or len(code) not in (8, 11, 12, 13, 14):
        return ""
    code = digits.zfill(8 if len(digits) <= 8 else 13)
    return code if _has_check_digit(code) else ""


def _has_check_digit(code: str) -> bool:
    """Tell whether the last digit is right: GS1's sum of the digits, every second from the right tripled."""
    odd, even = sum(map(int, code[-1::-2])), sum(map(int, code[-2::-2]))
    return (odd + 3 * even) % 10 == 0


_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)


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
