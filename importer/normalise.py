"""Feed values -> clean values: pure functions, tables and limits. Nothing here raises on odd input.

They run for every item of feeds with millions of rows, so each looks for the plain case first: entities are
decoded only where there is a `&`, the HTML cleaner is called only where there is a `<`.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import nh3
from babel.numbers import list_currencies
from price_parser import Price
from stdnum import ean, isbn

from importer.words import FREE, IN_STOCK, NO_BRAND, NO_CATEGORY, NOT_IN_STOCK

# Characters, unless said otherwise. What is longer is cut.
MAX_TITLE = 300
MAX_NAME = 120  # shop, brand
MAX_CATEGORY = 300
MAX_ID = 500
MAX_DESCRIPTION = 20_000
MAX_URL = 2_000  # a longer URL is dropped: half of it would lead elsewhere
MAX_VALUE = 500
MAX_ATTRIBUTES = 60  # entries
MAX_IMAGES = 10  # entries
LONGEST_GRAPHEME = 20  # a pile of more accents is not respected
MAX_PRICE = Decimal("999999999.99")  # a larger one is a mistake, not a price

CENT = Decimal("0.01")
HTML_TAGS = {"p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "h3", "h4"}

# Controls, direction overrides, byte order marks and half characters: never text, and PostgreSQL refuses NUL
# and lone surrogates. White space among the controls is left for `split`.
_JUNK = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_BREAKS = re.compile(r"<(?:br|/p|/li|/div|/h\d|/td|/tr)\b[^>]*>", re.I)
_SPACE = re.compile(r"\s+")
_MARKET = re.compile(
    r"(?<=\S)\s+\(?(?:AT|AU|BE|BR|CA|CH|CZ|DE|DK|EE|ES|EU|FI|FR|GB|HU|IE|IT|LT|LV|MX|NL|NO|PL|PT|RU|SE|UK|US)\)?$"
)


# --- Text ------------------------------------------------------------------------------------------
def clean_text(value: object, limit: int = MAX_VALUE) -> str:
    """Return one line of plain text: no tags, entities (even encoded thrice), controls or double spaces."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    if "&" in text:
        text = _decode_entities(text)
    if "<" in text:
        text = html.unescape(nh3.clean(_BREAKS.sub(" ", text), tags=set()))
    if not (text.isascii() and text.isprintable()):
        text = _JUNK.sub("", text)
    return cut(" ".join(text.split()), limit)


def clean_html(value: object, limit: int = MAX_DESCRIPTION) -> str:
    """Return HTML with only `HTML_TAGS` and no attributes; safe to show, at most `limit` characters."""
    if value is None:
        return ""
    text = _JUNK.sub("", value if isinstance(value, str) else str(value)).strip()
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
        cleaned = _SPACE.sub(" ", cleaned).strip()
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
    text = "" if value is None else _JUNK.sub("", str(value)).strip()
    if len(text) <= MAX_ID:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: MAX_ID - 65]}~{digest}"


def clean_brand(value: object) -> str:
    """Return the brand, or "" for the words that feeds use for "none"."""
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
        if value in (None, "") or len(attributes) >= MAX_ATTRIBUTES:
            continue
        key, text = clean_text(name, MAX_NAME), clean_text(value)
        if key and text:
            attributes.setdefault(key, text)
    return attributes


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


# --- Money -----------------------------------------------------------------------------------------
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
    text = str(value).strip()
    if _PLAIN_NUMBER.fullmatch(text):
        if not isinstance(value, str) or not _GROUPED.fullmatch(text):
            return _bounded(Decimal(text)), ""
    elif not isinstance(value, str):
        return None, ""  # NaN, infinite, negative
    return _parse_odd_price(text)


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
    if isinstance(value, str) and value.strip().casefold() in FREE:
        return Decimal("0.00")
    return parse_price(value)[0]


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def clean_currency(value: object) -> str:
    """Return the ISO 4217 code in capitals, or "" for anything else."""
    code = str(value or "").strip().upper()
    return code if len(code) == 3 and code in _currencies() else ""


# --- Stock, barcodes, time -------------------------------------------------------------------------
_COUNT = re.compile(r"[<>≥~+]?\s*(\d{1,9})(?:[.,]\d+)?\s*\+?(?:\s*(?:st|stk|stuks|pcs|kpl|szt|ks|db)\.?)?")


def parse_stock(value: object) -> bool | None:
    """Return whether the shop has the item; None when the text does not say or is not understood."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return value > 0 if value == value else None
    text = str(value).strip().casefold().rsplit("schema.org/", 1)[-1].replace("_", " ").replace("-", " ")
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
    return code if ean.is_valid(code) else ""


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


# --- Addresses -------------------------------------------------------------------------------------
_URL = re.compile(r"(?:https?:)?//(?P<host>[^/?#\s\\@<>\"]+)(?P<rest>(?:[/?#].*)?)", re.I | re.S)
_URL_UNSAFE = re.compile(r'[\s<>"\\^`]')
_BETWEEN_URLS = re.compile(r"[\s,;|]+(?=(?:https?:)?//)", re.I)
_PLACEHOLDER = re.compile(
    r"(?:^|[/_=-])(?:pna_fo|no[_-]?(?:image|picture|photo|img)|image[_-]?not[_-]?available|"
    r"(?:image[_-]?)?placeholder|geen[_-]?(?:afbeelding|foto)|kein[_-]?bild|blank|missing)[^/]*\.\w{3,4}(?:\?.*)?$",
    re.I,
)


def clean_url(value: object) -> str:
    """Return an http(s) URL of at most `MAX_URL` characters, safe inside an attribute, else ""."""
    if not value:
        return ""
    text = str(value).strip()
    if "&amp;" in text:  # only this entity: `&copy=1` is a parameter
        text = text.replace("&amp;", "&")
    parts = _URL.fullmatch(text)
    if not parts or len(text) > MAX_URL or _JUNK.search(text):
        return ""
    if text.startswith("//"):
        text = "https:" + text
    if _URL_UNSAFE.search(parts["rest"]):
        text = _URL_UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else "%20", text)
    return text if len(text) <= MAX_URL else ""


def clean_images(*values: object) -> tuple[str, ...]:
    """Return the picture URLs of fields that hold one URL, several or a list; no doubles, no placeholders.

    Commas separate URLs only where the next one begins with its scheme; other commas belong to a URL.
    """
    urls: dict[str, None] = {}
    for value in values:
        texts: Collection[object] = value if isinstance(value, list | tuple) else (value,)
        for text in texts:
            for part in _BETWEEN_URLS.split(str(text or "").strip()):
                url = clean_url(part.strip(" ,;|"))
                if url and not _PLACEHOLDER.search(url):
                    urls[url] = None
    return tuple(urls)[:MAX_IMAGES]
