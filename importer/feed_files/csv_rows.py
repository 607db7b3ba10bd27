"""CSV -> rows by header name, whatever the delimiter, the quotes and the shop's care."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from importer.feed_files.rows import MAX_ROW, BadRow, Damaged, NoFeed, Row

HEAD = 64 * 1024
DELIMITERS = "|;\t,"
MAX_LINES = 200  # lines of one row


class CsvRows:
    """Iterate over the rows as dicts of text. The second column of a name `x` is called `x #2`."""

    layout = "CSV"
    is_whole = False  # CSV has no sign of its end

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[Row | BadRow]:
        head = ""
        while len(head) < HEAD and (text := next(self._texts, "")):
            head += text
        header = head.lstrip("\r\n").partition("\n")[0].rstrip("\r")
        texts: Iterable[str] = chain([head.lstrip("\r\n")], self._texts)
        if "\r" in header:  # the line ends of old Macs
            header = header.partition("\r")[0]
            texts = (text.replace("\r", "\n") for text in texts)
        delimiter, quote = _dialect(header)
        lines = _Lines(texts, delimiter, quote)
        reader = csv.reader(lines, delimiter=delimiter, quotechar=quote)
        names = _unique(next(reader, []))
        if len(names) < 2:
            text = " ".join(header.split())[:200]
            raise NoFeed(f"Something else came in place of the feed: “{text}”", text)
        return _rows(reader, lines, names)


def _rows(reader: Iterator[list[str]], lines: _Lines, names: list[str]) -> Iterator[Row | BadRow]:
    width = len(names)
    while True:
        lines.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells, reason = None, str(error)
        if cells is not None:
            if len(cells) == width:
                yield dict(zip(names, cells, strict=True))
                continue
            if not any(cells):
                continue  # an empty line
            if len(cells) > width and not any(cells[width:]):
                yield dict(zip(names, cells[:width], strict=True))
                continue
            reason = f"has {len(cells)} columns instead of {width}"
        taken = list(lines.taken)
        if len(taken) == 1 and not taken[0].endswith("\n") and lines.are_over():
            raise Damaged("The feed is cut off in the middle of a row")
        yield BadRow.of(reason, taken[0] if taken else "")
        # A quote left open has swallowed the lines after it: they are rows again.
        lines.push_back(taken[1:])


class _Lines:
    """The lines for the reader; `taken` are those of the present row."""

    def __init__(self, texts: Iterable[str], delimiter: str, quote: str) -> None:
        self._lines = _split(texts)
        self._ahead: deque[str] = deque()
        self.taken: list[str] = []
        mark = re.escape(quote)
        # `\"` is a quote inside a cell, unless the cell ends there: then the backslash is its last character.
        self._escaped = f"\\{quote}"
        self._escape = re.compile(
            rf"(?<!\\)\\{mark}(?![{re.escape(delimiter)}\r\n]|{mark}[^{re.escape(delimiter)}\r\n]|$)"
        )
        self._apostrophe = re.compile(r"(?<=\w)'(?=\w)") if quote == "'" else None
        self._doubled = quote * 2

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_LINES:
            raise csv.Error("has a quote that is not closed")
        line = self._ahead.popleft() if self._ahead else next(self._lines)
        self.taken.append(line)
        if self._escaped in line:
            line = self._escape.sub(self._doubled, line)
        if self._apostrophe:
            line = self._apostrophe.sub("''", line)
        return line

    def are_over(self) -> bool:
        if not self._ahead:
            self._ahead.extend(islice(self._lines, 1))
        return not self._ahead

    def push_back(self, lines: list[str]) -> None:
        self._ahead.extendleft(reversed(lines))


def _split(texts: Iterable[str]) -> Iterator[str]:
    """Yield lines with their ends; an endless one in pieces."""
    rest = ""
    for text in texts:
        lines = (rest + text).split("\n")
        rest = lines.pop()
        for line in lines:
            yield line + "\n"
        if len(rest) > MAX_ROW:
            yield rest + "\n"
            rest = ""
    if rest:
        yield rest


def _dialect(header: str) -> tuple[str, str]:
    """Return the delimiter that makes the most columns, and the quote."""
    quote = "'" if header.lstrip().startswith("'") else '"'
    return max(
        DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark, quotechar=quote), []))
    ), quote


def _unique(names: list[str]) -> list[str]:
    """Give every column a name of its own."""
    counts: dict[str, int] = {}
    unique = []
    for number, name in enumerate(names, 1):
        name = name.strip() or f"column {number}"
        counts[name] = counts.get(name, 0) + 1
        unique.append(name if counts[name] == 1 else f"{name} #{counts[name]}")
    return unique
