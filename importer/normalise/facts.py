"""Stock and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

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
