"""Stock and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from importer.normalise.stock_words import (
    ABOUT_COUNTS,
    COUNT_NAMES,
    FILLERS,
    IN_STOCK,
    NEGATIONS,
    NOT_IN_STOCK,
    NULLS,
)

_LONGEST_FIRST = sorted(map(re.escape, ABOUT_COUNTS), key=len, reverse=True)
_ABOUT_COUNTS = re.compile(rf"\b(?:{'|'.join(_LONGEST_FIRST)})\b")
_NUMBER = re.compile(r"(?<![\w.,])[-−–]?\d{1,9}(?:[.,]\d+)?")
_CLAUSE = re.compile(r"[,.;]\s+|\s+[-–—]\s+")
_BESIDE_COUNTS = " .,:;()[]+<>≥≤~=*!/-–"


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
    answer = _answer(said)
    if answer is not None:
        return answer
    if "|" in said:  # one value per size: `xs=1|s=0`
        sizes = [parse_stock(part.rpartition("=")[2]) for part in said.split("|")]
        return True if True in sizes else False if sizes and None not in sizes else None
    answer = _counted_stock(said)
    # `Auf Lager, Lieferzeit 2-3 Tage`
    return _answer(_CLAUSE.split(said, maxsplit=1)[0]) if answer is None else answer


def _answer(text: str) -> bool | None:
    """Return what the words alone say, whether for now or for good; "not" turns what follows."""
    text = " ".join(text.replace("_", " ").replace("-", " ").split()).strip(_BESIDE_COUNTS)
    if text in IN_STOCK or text in NOT_IN_STOCK:
        return text in IN_STOCK
    words = [word for word in text.split(" ") if word not in FILLERS]
    text = " ".join(words)
    if text in NOT_IN_STOCK or text in IN_STOCK:
        return text in IN_STOCK
    said = " ".join(word for word in words if word not in NEGATIONS)
    return False if said != text and (said in IN_STOCK or said in COUNT_NAMES) else None


def _counted_stock(text: str) -> bool | None:
    """Return what `12 in stock` or `Niet op voorraad (0)` says: one count, with words or without.

    "In stock" with a count of none is none. A count beside words that are not understood may be days.
    """
    counts = _NUMBER.findall(text)
    if len(counts) != 1:
        return None
    rest = _ABOUT_COUNTS.sub(" ", _NUMBER.sub(" ", text))
    words = " ".join(part for part in rest.split() if part.strip(_BESIDE_COUNTS)).strip(_BESIDE_COUNTS)
    count = Decimal(re.sub("[−–]", "-", counts[0]).replace(",", "."))
    least = 1 if "<" in text else 0  # `<1` is none
    answer = _answer(words)
    return count > least if answer or words in COUNT_NAMES else answer


_ZONE = r"(Z|UTC|GMT(?![+-])|[+-]\d\d:?\d\d)?"
_CLOCK = rf"(?:T| (?=\d{{1,2}}:))(\d{{1,2}}):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*{_ZONE}"
_TIME = re.compile(rf"(?<!\d)(\d{{4}})([-/.]?)(\d\d)\2(\d\d)(?:{_CLOCK})?(?![\d])", re.ASCII)
_EPOCH = re.compile(r"(?<!\d)\d{9,13}(?!\d)", re.ASCII)
_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)(,(?= ))?", re.ASCII)
_OPEN_YEARS = (1971, 9000)  # before and from these, programs mean "no beginning" and "no end"


def parse_period(*values: object) -> tuple[datetime | None, datetime | None] | None:
    """Return start and end of a sale, each None where it is open: from an ISO interval, or from two times.

    None when something is said that cannot be read. A last day without an hour counts whole; a time without a
    zone is UTC. Days stand before months, unless one of the two dates shows that they do not.
    """
    texts = [" ".join(str(value or "").split()) for value in values]
    dates = [found for text in texts for found in _YEAR_LAST.finditer(text)]
    ends = [_year_first(text, dates) for text in texts]
    if len(ends) == 1:
        found = _split_period(ends[0])
        if found is None:
            return None
        ends = found
    times: list[datetime | None] = []
    for place, text in enumerate(ends):
        text = text.strip("[]() ")
        if text.casefold() in NULLS or text in ("", "..") or text.startswith("0000-00-00"):
            times.append(None)
            continue
        time = parse_time(text)
        if time is None:
            return None
        parts = _TIME.fullmatch(text)
        is_day = parts is not None and parts[5] is None
        is_open = time.year >= _OPEN_YEARS[1] if place else time.year < _OPEN_YEARS[0]
        times.append(None if is_open else time + timedelta(days=1) if place and is_day else time)
    start, end = (*times, None)[:2]
    return (start, end) if not start or not end or start <= end else None


def _split_period(text: str) -> list[str] | None:
    """Return the two ends that a text says, whatever stands between them; None when it is something else."""
    if not text:
        return ["", ""]
    times = list(_TIME.finditer(text)) or list(_EPOCH.finditer(text))
    rest = text
    for found in reversed(times):
        rest = f"{rest[: found.start()]}\n{rest[found.end() :]}"
    if len(times) == 2 and not any(map(str.isdecimal, rest)):
        return [times[0][0], times[1][0]]
    before, _, after = (part.strip("[]() ") for part in rest.partition("\n"))
    if len(times) == 1 and (before, after) in (("", "/"), ("", ".."), ("", "/..")):
        return [times[0][0], ""]
    if len(times) == 1 and (before, after) in (("/", ""), ("..", ""), ("../", "")):
        return ["", times[0][0]]
    return None


def _year_first(text: str, dates: list[re.Match[str]]) -> str:
    """Return `31.12.2026 10:00` as `2026-12-31 10:00`.

    A slash between day and month is read as all the `dates` show; where they do not, it stays.
    """
    days_first = any(int(found[1]) > 12 for found in dates)
    months_first = any(int(found[3]) > 12 for found in dates)

    def turned(found: re.Match[str]) -> str:
        day, month = found[1], found[3]
        if found[2] == "/" and days_first == months_first:
            return found[0]
        if found[2] == "/" and months_first:
            day, month = month, day
        return f"{found[4]}-{int(month):02}-{int(day):02}"

    return _YEAR_LAST.sub(turned, text)


def parse_time(value: object, zone: tzinfo = UTC) -> datetime | None:
    """Return an aware time from the ISO 8601 spellings of the networks (`T9:09:03.374+0200`) or epoch ms.

    One without a zone is in `zone`; an hour that there is twice in autumn is the first of them. Ten digits
    and fewer are seconds, eight that begin with 20 a day, and 24:00 is the end of it.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    text = str(value or "").strip()
    try:
        if text.isdecimal() and not (len(text) == 8 and text.startswith("20")):
            return datetime.fromtimestamp(int(text) / (1 if len(text) in (9, 10) else 1000), UTC)
        if not (parts := _TIME.fullmatch(text)):
            return None
        year, _, month, day, hour, minute, second, offset = parts.groups()
        told = "+0000" if offset in (None, "Z", "UTC", "GMT") else offset.replace(":", "")
        is_end = hour == "24" and minute == "00" and second in (None, "00")
        clock = f"{0 if is_end else int(hour or 0):02}:{minute or '00'}:{second or '00'}"
        time = datetime.strptime(f"{year}-{month}-{day} {clock} {told}", "%Y-%m-%d %H:%M:%S %z")
        time = time.replace(tzinfo=zone) if offset is None else time
        return time + timedelta(days=is_end)
    except (ValueError, OverflowError, OSError):
        return None
