"""CSV -> rows by header name, whatever the delimiter, the quotes and the shop's care.

A row that reads well by the rules of CSV and has its columns is a row. One that does not is read again as
shops mean it, with quotes inside of quotes; what still does not fit costs its first line, and the lines after
it are rows again.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from importer.feed_files.known_rows import UNKNOWN, KnownRows
from importer.feed_files.rows import MAX_ROW, BadRow, Damaged, NoFeed, Row

HEAD = 64 * 1024
DELIMITERS = "|;\t,"
MAX_LINES = 200  # lines of one row
MAX_MENDED = 30  # lines of a row with quotes inside of quotes
SWALLOWED = 4  # columns from which on a line within a cell can be told from a row
OPEN_QUOTE = "has a quote that is not closed"

_SEPARATOR = re.compile(r"""["']?sep=(\\t|.)["']?[;,\t]*\r?\n""", re.I)


class CsvRows:
    """Iterate over the rows as dicts of text. The second column of a name `x` is called `x #2`."""

    layout = "CSV"
    is_whole = False  # CSV has no sign of its end
    doubt = None

    def __init__(self, texts: Iterator[str], known: KnownRows) -> None:
        self._texts, self._known = texts, known

    def __iter__(self) -> Iterator[Row | BadRow | int]:
        head = ""
        while len(head) < HEAD and (text := next(self._texts, "")):
            head += text
        head = head.lstrip("\r\n")
        marks = DELIMITERS
        if said := _SEPARATOR.match(head):
            head, marks = head[said.end() :].lstrip("\r\n"), said[1].replace("\\t", "\t")
        header = head.partition("\n")[0].rstrip("\r")
        texts: Iterable[str] = chain([head], self._texts)
        if "\r" in header:  # the line ends of old Macs
            header = header.partition("\r")[0]
            texts = (text.replace("\r", "\n") for text in texts)
        lines = _split(texts)
        if is_wrapped := _is_wrapped(header):
            header = _unwrap(header)
        dialect = _Dialect(*_find_dialect(header, marks))
        names = _names(dialect.read([header]) or [])
        if len(names) < 2:
            text = " ".join(header.split())[:200]
            raise NoFeed("feed_something_else", text, words=text)
        next(lines, "")
        self._known.set_context(f"{dialect.delimiter}{dialect.quote}{is_wrapped}{names}")
        lines = map(_unwrap, lines) if is_wrapped else lines
        return _Reader(lines, dialect, names, self._known).rows()


class _Dialect:
    """A delimiter and a quote, and how a row is read with them."""

    def __init__(self, delimiter: str, quote: str) -> None:
        self.delimiter, self.quote = delimiter, quote
        edge, mark = re.escape(delimiter), re.escape(quote)
        # `\"` is a quote inside a cell, unless the cell ends there: then the backslash is its last character.
        self._escaped = f"\\{quote}"
        self._escape = re.compile(rf"(?<!\\)\\{mark}(?![{edge}\r\n]|{mark}[^{edge}\r\n]|$)")
        self._doubled = quote * 2

    def escape(self, line: str) -> str:
        return self._escape.sub(self._doubled, line) if self._escaped in line else line

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=True)

    def read(self, lines: list[str]) -> list[str] | None:
        """Return the cells of one whole row, None where the lines are none."""
        try:
            rows = list(self.reader(lines))
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None

    def mend(self, text: str, widths: range) -> list[str] | None:
        """Read a row with quotes inside of quotes as it was meant; None where that is not plain.

        The quotes of a cell are those beside its delimiters, and all others are text.
        """
        if len(text) > csv.field_size_limit():
            return None
        parts = text.rstrip("\r\n").split(self.delimiter)
        if len(parts) not in widths:
            parts = self._join(parts)
        if len(parts) not in widths:
            return None
        return [self._bare(part) for part in parts] if all(map(self._is_plain, parts)) else None

    def _is_plain(self, part: str) -> bool:
        """Tell whether a line end in the cell is its own, and no quote before it is left open."""
        if self._is_quoted(part):
            return True
        return "\n" not in part and (
            not part.lstrip().startswith(self.quote) or part.count(self.quote) % 2 == 0
        )

    def _join(self, parts: list[str]) -> list[str]:
        """Put together what a delimiter within quotes has torn apart."""
        whole: list[str] = []
        at = 0
        while at < len(parts):
            end = at + 1
            if parts[at].lstrip().startswith(self.quote) and not self._is_quoted(parts[at]):
                ends = (n for n in range(at + 1, len(parts)) if parts[n].rstrip().endswith(self.quote))
                end = next(ends, at) + 1
            whole.append(self.delimiter.join(parts[at:end]))
            at = end
        return whole

    def _is_quoted(self, part: str) -> bool:
        part = part.strip()
        return len(part) > 1 and part.startswith(self.quote) and part.endswith(self.quote)

    def _bare(self, part: str) -> str:
        return part.strip()[1:-1].replace(self._doubled, self.quote) if self._is_quoted(part) else part


class _Reader:
    """Reads rows from lines; `_taken` are those of the present row, as they came."""

    def __init__(self, lines: Iterator[str], dialect: _Dialect, names: list[str], known: KnownRows) -> None:
        self._lines, self._dialect, self._names, self._known = lines, dialect, names, known
        self._ahead: deque[str] = deque()
        self._taken: list[str] = []
        # A header may be longer than its rows by empty columns.
        self._least = len(names)
        while self._least > 2 and names[self._least - 1] == f"column {self._least}":
            self._least -= 1

    def __iter__(self) -> _Reader:
        return self

    def __next__(self) -> str:
        if len(self._taken) >= MAX_LINES:
            raise csv.Error(OPEN_QUOTE)
        line = self._ahead.popleft() if self._ahead else next(self._lines)
        self._taken.append(line)
        return self._dialect.escape(line)

    def rows(self) -> Iterator[Row | BadRow | int]:
        names, width, taken = self._names, len(self._names), self._taken
        reader = self._dialect.reader(self)
        known = self._known
        while True:
            if known.is_trusted and (place := self._find()) != UNKNOWN:
                yield place
                continue
            taken.clear()
            try:
                cells, reason = next(reader), ""
            except StopIteration:
                return
            except csv.Error as error:
                cells, reason = None, str(error)
            if cells is not None and len(cells) == width and len(taken) == 1 and any(cells):
                known.find(_raw(taken))
                yield dict(zip(names, cells, strict=True))
            elif cells is None or not self._fits(cells):
                known.digest = 0  # the lines after it have a say
                yield from self._read_odd(cells, reason)
            elif any(cells):
                known.find(_raw(taken))
                yield self._row(cells)

    def _find(self) -> int:
        """Return the place of a known row that begins here, and take its lines.

        Where it ends is guessed from its quotes; a row that is known by its text ends nowhere else.
        """
        ahead, quote = self._ahead, self._dialect.quote
        is_open, count = False, 0
        while count < MAX_MENDED:
            if count == len(ahead):
                line = next(self._lines, "")
                if not line:
                    break
                ahead.append(line)
            is_open ^= ahead[count].count(quote) % 2 == 1
            count += 1
            if not is_open:
                break
        place = self._known.find(_raw(islice(ahead, count))) if count else UNKNOWN
        if place != UNKNOWN:
            for _ in range(count):
                ahead.popleft()
        return place

    def _row(self, cells: list[str]) -> Row:
        missing = [""] * (len(self._names) - len(cells))
        return dict(zip(self._names, cells + missing, strict=False))

    def _fits(self, cells: list[str]) -> bool:
        """Tell whether the cells are a row, and whether no other row is hidden in one of them."""
        width = len(self._names)
        if not any(cells):
            return True  # an empty line
        if not (self._least <= len(cells) <= width or len(cells) > width and not any(cells[width:])):
            return False
        if len(self._taken) == 1 or width < SWALLOWED:
            return True
        return not any(self._is_row(line) for line in self._taken[1:])

    def _is_row(self, line: str) -> bool:
        if line.count(self._dialect.delimiter) < self._least - 1:
            return False
        cells = self._dialect.read([line])
        return cells is not None and self._least <= len(cells) <= len(self._names)

    def _read_odd(self, cells: list[str] | None, reason: str) -> Iterator[Row | BadRow]:
        taken = list(self._taken)
        line, width = taken[0], len(self._names)
        is_last = len(taken) == 1 and not line.endswith("\n") and self._is_over()
        # The lines after it are rows again, whatever a quote left open has swallowed.
        self._ahead.extendleft(reversed(taken[1:]))
        if mended := self._mend(line, is_whole=cells is not None):
            yield self._row(mended)
            return
        if is_last:
            raise Damaged("feed_cut")
        count = 1
        if cells is not None and len(taken) == 1:
            reason = f"has {len(cells)} columns instead of {width}"
            if len(cells) == 2 * width - 1:
                count = 2  # rows, which lost the line end between them
        else:
            reason = reason if cells is None and "end of data" not in reason else OPEN_QUOTE
            self._drop_rest()
        for _ in range(count):
            yield BadRow.of(reason, line)

    def _mend(self, line: str, *, is_whole: bool) -> list[str] | None:
        """Read the row as it was meant, with the lines after it that are no rows by themselves."""
        widths = range(self._least, len(self._names) + 1)
        text = self._dialect.escape(line)
        mended = self._dialect.mend(text, widths)
        lines: list[str] = []
        while mended is None and not is_whole and len(lines) < MAX_MENDED and not self._is_over():
            if self._is_row(self._ahead[0]):
                break
            lines.append(self._ahead.popleft())
            text += self._dialect.escape(lines[-1])
            mended = self._dialect.mend(text, widths)
        if mended is None:
            self._ahead.extendleft(reversed(lines))
        return mended

    def _drop_rest(self) -> None:
        """Drop the lines that can only belong to the broken row before them."""
        for _ in range(MAX_LINES):
            if self._is_over() or self._ahead[0].count(self._dialect.delimiter) >= self._least - 1:
                return
            self._ahead.popleft()

    def _is_over(self) -> bool:
        if not self._ahead:
            self._ahead.extend(islice(self._lines, 1))
        return not self._ahead


def _raw(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode("utf-8", "surrogatepass")


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


def _is_wrapped(header: str) -> bool:
    """Tell whether the whole line is one quoted cell, as spreadsheets write what they took for text."""
    inner = header.strip()
    return len(inner) > 2 and inner[0] == inner[-1] == '"' and '"' not in inner[1:-1].replace('""', "")


def _unwrap(line: str) -> str:
    body = line.rstrip("\r\n")
    if len(body) > 1 and body[0] == body[-1] == '"':
        return body[1:-1].replace('""', '"') + line[len(body) :]
    return line


def _find_dialect(header: str, marks: str) -> tuple[str, str]:
    """Return the delimiter that makes the most columns, and the quote."""
    quote = "'" if header.lstrip().startswith("'") else '"'
    return max(
        marks, key=lambda mark: len(next(csv.reader([header], delimiter=mark, quotechar=quote), []))
    ), quote


def _names(header: list[str]) -> list[str]:
    """Give every column a name of its own."""
    counts: dict[str, int] = {}
    unique = []
    for number, name in enumerate(header, 1):
        name = name.strip() or f"column {number}"
        counts[name] = counts.get(name, 0) + 1
        unique.append(name if counts[name] == 1 else f"{name} #{counts[name]}")
    return unique
