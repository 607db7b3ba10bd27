"""The one rule of what a GTIN (EAN, UPC, ISBN) is: for feeds, forms, searches and commands."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from stdnum import isbn

_CODE_NAME = re.compile(r"(?:ean|gtin|upc|isbn|jan)(?:[ -]?(?:8|1[0234]))?(?:\s*[:#=]\s*|\s+)", re.I)
_ELEMENT = re.compile(r"^\(01\)\s*(?=\d{14}\b)")  # as GS1 writes a GTIN-14 under a bar code
_POWER = re.compile(r"(\d)[.,](\d{7,13})E\+?(\d\d?)", re.I)
_BETWEEN_CODES = re.compile(r"[,;|/\n\t]+|\s+(?=\d{8})")
MAX_CELL = 500  # characters; many codes fit in
# Numbers within one shop or country, coupons and receipts: the same one is given to unlike articles.
_UP = "0123456789" * 3
_DOWN = _UP[::-1]
_DIGITS = bytes(byte % 16 for byte in range(256))  # the digit that a byte of ASCII is
_NOT_GLOBAL = ("02", "04", "2", "98", "99")


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
        return _of_digits(text)
    if len(text) > MAX_CELL:
        return ""
    return _spelled_gtin(text)


@lru_cache(maxsize=4096)
def _spelled_gtin(text: str) -> str:
    text = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in text
        if unicodedata.category(char) != "Cf"
    )
    text = _ELEMENT.sub("", _CODE_NAME.sub("", text.strip().strip("=\"'´`’\u00a0 ")))
    power = _POWER.fullmatch(text)
    if power and len(power[2]) == int(power[3]):  # a spreadsheet's `4.006381333931E12`, with every digit
        text = power[1] + power[2]
    if code := _gtin(text):
        return code
    return next(filter(None, map(_gtin, _BETWEEN_CODES.split(text))), "")


def _gtin(text: str) -> str:
    code = re.sub(r"[.,]0+$", "", text.strip("=\"'[]{} ")).replace("-", "").replace(" ", "")
    if not (code.isascii() and code.isdecimal()):
        return isbn.to_isbn13(code) if len(code) == 10 and isbn.is_valid(code) else ""
    return _of_digits(code)


def _of_digits(code: str) -> str:
    if len(code) == 10 and isbn.is_valid(code):
        return isbn.to_isbn13(code)
    digits = code.lstrip("0")
    if len(digits) < 8 or len(code) not in (8, 11, 12, 13, 14):
        return ""  # a GTIN-8 that begins with 0 is a shop's own
    code = digits.zfill(8 if len(digits) == 8 else 13)
    return code if _has_check_digit(code) and _is_global(code) else ""


def explain_refusal(value: str) -> str:
    """Return a sentence on why `parse_gtin` takes no GTIN from what a person typed."""
    digits = "".join(str(unicodedata.decimal(char)) for char in value if char.isdecimal())
    if not 8 <= len(digits) <= 14:
        return "An EAN has 8 to 14 digits."
    if _has_check_digit(digits):
        return "This is not an EAN: the number is a shop's own or made up, and other articles have it, too."
    return "This is not an EAN: its check digit does not fit."


def _is_global(code: str) -> bool:
    """Tell whether the number was given to one article for all the world, and is not made up."""
    if len(code) == 8:
        return code[0] not in "02" and not _is_made_up(code[:-1])
    body = code[1:] if len(code) == 14 else code
    return not body.startswith(_NOT_GLOBAL) and not _is_made_up(body[:-1].lstrip("0"))


def _is_made_up(digits: str) -> bool:
    """Tell whether the digits before the check digit only count up or down, or repeat one."""
    return digits in _UP or digits in _DOWN or digits.count(digits[-1], 1) == len(digits) - 1


def _has_check_digit(code: str) -> bool:
    """Tell whether the last digit is right: GS1's sum of the digits, every second from the right tripled."""
    digits = code.encode().translate(_DIGITS)
    return (sum(digits[-1::-2]) + 3 * sum(digits[-2::-2])) % 10 == 0
