"""JSON -> rows: a list with an object on each line, which is quick, or in any layout; and JSON lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, AnyStr

import orjson

from importer.feed_files.frame import BLANK, END_MARK
from importer.feed_files.json_objects import (
    BAD_OBJECT,
    DECODER,
    NOT_JSON,
    JsonObjects,
    Shape,
    match_between,
    without_trailing_commas,
)
from importer.feed_files.known_rows import UNKNOWN, KnownRows
from importer.feed_files.letters import Letters
from importer.feed_files.rows import MAX_ROW, BadRow, Damaged, NoFeed, Row
from importer.feed_files.text import decode, decode_piece

HEAD = 256 * 1024  # bytes in which the list and its layout must show
LIST_NAMES = ("products", "items", "product", "rows", "data")
MESSAGE_NAMES = ("message", "error", "errors", "code", "statuscode")
NO_LIST = "feed_no_list"
MAX_DEPTH = 8  # objects around the list
MAX_DOUBTED = 50  # lines that begin with a bracket, each looked at with what follows


class Lines:
    """Iterate over lines, of which the next can be looked at before."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self._ahead: deque[bytes] = deque()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._ahead.popleft() if self._ahead else next(self._lines)

    def ahead(self, size: int) -> Iterable[bytes]:
        """Return the lines that follow, until they have more than `size` bytes."""
        missing = size - sum(map(len, self._ahead))
        while missing >= 0 and (line := next(self._lines, None)) is not None:
            self._ahead.append(line)
            missing -= len(line)
        return self._ahead


class JsonRows:
    """Iterate over the objects of a feed in UTF-8. `is_whole` is known after the last."""

    def __init__(self, chunks: Iterator[bytes], known: KnownRows, letters: Letters) -> None:
        self._chunks, self._known, self._letters = chunks, known, letters
        self.layout = "JSON"
        self.is_whole = False
        self.doubt = None
        self._shape = Shape()
        self._doubted = 0

    def __iter__(self) -> Iterator[Row | BadRow | int]:
        data = _take(self._chunks, HEAD, b"").lstrip(BLANK)
        head = data.decode("utf-8", "surrogateescape")  # so that places in it are places in `data`
        first_line = load(data.split(b"\n", 1)[0])
        if isinstance(first_line, dict) and not any(name in first_line for name in LIST_NAMES):
            _refuse_message(first_line)
            if b"\n{" not in data:
                raise NoFeed(NO_LIST)
        if _is_lines(data):
            self.layout = "JSON lines"
            return self._read_lines(chain([data], self._chunks))
        found = _find_list(head)
        if found is None and _is_row_of_objects(head):
            self.layout = "JSON, one product after another"
            texts = decode(chain([data], self._chunks), "utf-8", self._letters)
            return iter(JsonObjects(texts, self._shape, None, self._known))
        if found is None:
            value = load(data)
            _refuse_message(value)
            if value is not None:
                raise NoFeed(NO_LIST)
            raise Damaged(NOT_JSON)
        begin, depth = found
        chunks = chain([data[len(head[:begin].encode("utf-8", "surrogateescape")) :]], self._chunks)
        if _is_by_line(head[begin:]):
            self.layout = "JSON, one product per line"
            return self._read_list_lines(chunks, depth)
        return self._walk(decode(chunks, "utf-8", self._letters), depth)

    def _find(self, line: bytes) -> int:
        """Return the place of a known row that this line is; not before the shape of the others is known."""
        place = self._known.find(line)
        return place if self._shape.is_learnt else UNKNOWN

    def _read_lines(self, chunks: Iterable[bytes]) -> Iterator[Row | BadRow | int]:
        broken = last = b""

        def seen() -> Iterator[bytes]:
            nonlocal last
            for chunk in chunks:
                last = chunk[-1:]
                yield chunk

        for line in _split_lines(seen()):
            line = line.strip(b" \t\r\x1a")
            if broken and not line.startswith(b"{"):
                continue  # the rest of the broken row
            if broken:
                yield from self._recover(broken)
                broken = b""
            if line and (place := self._find(line)) != UNKNOWN:
                yield place
                continue
            value = load(line, self._letters) if line else None
            if isinstance(value, dict):
                self._shape.learn(value)
                yield value
            else:
                broken = line
        if broken and last != b"\n":
            raise Damaged(NOT_JSON)  # the last line is half a line
        if broken:
            yield from self._recover(broken)

    def _read_list_lines(self, chunks: Iterable[bytes], depth: int) -> Iterator[Row | BadRow | int]:
        """Read a list in which each line is an object: then each begins on the level of the list.

        A broken row counts once: the lines up to the next that begins with a brace belong to it.
        """
        lines = Lines(line.strip(b" \t\r,") for line in _split_lines(chunks))
        broken = b""
        for line in lines:
            if (place := self._find(line)) != UNKNOWN:
                value, end = None, b""
            else:
                value, end = _read_line(line, self._letters)
            if end and not self._is_list_end(end, lines, depth):
                end = b""  # of a list in a broken row, or one too many
            if broken and (end or line.startswith(b"{")):
                digest = self._known.digest
                yield from self._recover(broken)
                self._known.digest, broken = digest, b""
            if place != UNKNOWN:
                yield place
                continue
            if end:
                self._known.digest = 0  # it says more than its row
            if value is not None:
                self._shape.learn(value)
                yield value
            elif line and not end:
                broken = broken or line
            if end:
                break
        else:
            raise Damaged(NOT_JSON)
        self._check_end(map(_as_text, chain([end], lines)), depth)

    def _is_list_end(self, end: bytes, lines: Lines, depth: int) -> bool:
        """Tell whether the list ends at a bracket: with what follows it ends the document."""
        self._doubted += 1
        if self._doubted > MAX_DOUBTED:
            return True
        text = "".join(map(_as_text, [end, *lines.ahead(HEAD)]))
        return _is_end(text.rstrip(END_MARK), depth)

    def _walk(self, texts: Iterator[str], depth: int) -> Iterator[Row | BadRow | int]:
        """Read any layout, object after object."""
        objects = JsonObjects(texts, self._shape, lambda text: _is_end(text, depth), self._known)
        yield from objects
        self._check_end(chain([objects.rest], texts), depth)

    def _recover(self, line: bytes) -> Iterator[Row | BadRow | int]:
        """Read a line that is not one object: a broken one, or several that lost their line ends."""
        self._known.digest = 0
        if not self._shape.first_keys:
            objects = _whole_objects(decode_piece(line, self._letters))
            yield from objects
            if not objects:
                yield BadRow.of(BAD_OBJECT, line)
            return
        yield from JsonObjects(iter([decode_piece(line, self._letters)]), self._shape, None, KnownRows())

    def _check_end(self, texts: Iterable[str], depth: int) -> None:
        """With what stood before the list, its end must make a whole document."""
        end = ""
        for text in texts:
            end += text
            if len(end) > HEAD:
                break
        if not _is_end(end.rstrip(END_MARK), depth):
            raise Damaged(NOT_JSON)
        self.is_whole = True


def _is_end(text: str, depth: int) -> bool:
    """Tell whether the text, from the bracket of a list in so many objects on, ends a document."""
    return load(('{"":' * depth + "[" + text.strip()).encode("utf-8", "replace")) is not None


def _as_text(line: bytes) -> str:
    return line.decode("utf-8", "replace") + "\n"


def _take(pieces: Iterator[AnyStr], size: int, taken: AnyStr) -> AnyStr:
    """Return at least `size` characters or bytes while there are any."""
    while len(taken) < size and (piece := next(pieces, None)):
        taken += piece
    return taken


def load(data: bytes, letters: Letters | None = None) -> Any:
    """Return the value, None when it is not JSON. Raw control characters, NaN and half characters pass."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    text = decode_piece(data, letters or Letters()).replace("\0", "")
    for meant in (text, without_trailing_commas(text)):
        try:
            return DECODER.decode(meant)
        except (ValueError, RecursionError):
            continue
    return None


def _refuse_message(value: Any) -> None:
    """Raise when the object is a message and no product."""
    if not isinstance(value, dict) or not any(name in value for name in MESSAGE_NAMES):
        return
    if "name" in value or "ID" in value:
        return
    text = " ".join(_words(value).split())[:300]
    is_error = any(name in value for name in MESSAGE_NAMES if name != "message")
    raise NoFeed("feed_message", "" if is_error else text, said=text)


def _words(value: Any) -> str:
    """Return what a message says, however it is wrapped."""
    if isinstance(value, list):
        return _words(value[0]) if value else ""
    if isinstance(value, dict):
        return next((_words(value[name]) for name in MESSAGE_NAMES if value.get(name)), "")
    return str(value)


def _find_list(head: str) -> tuple[int, int] | None:
    """Return where the first list of objects begins, and how many objects are around it."""
    position = depth = 0
    while True:
        position = match_between(head, position).end()
        mark = head[position : position + 1]
        if mark == "[":
            inside = match_between(head, position + 1).end()
            if head[inside : inside + 1] in ("{", "]"):
                return position + 1, depth
        if mark in ("{", "}"):
            depth += 1 if mark == "{" else -1
            position += 1
        if not mark or not 0 <= depth <= MAX_DEPTH:
            return None
        if mark not in ("{", "}"):
            try:
                _, position = DECODER.raw_decode(head, position)
            except (ValueError, RecursionError):
                return None


def _is_lines(data: bytes) -> bool:
    """Tell whether two of the first lines are whole objects, or one is and each begins like one."""
    lines = [line.strip() for line in data.split(b"\n", 5)[:5] if line.strip()]
    if lines and lines[0].endswith((b"[", b"{", b",")):
        return False  # of a list
    values = [load(line) for line in lines]
    objects = [value for value in values if isinstance(value, dict) and not value.keys() & set(LIST_NAMES)]
    return len(objects) > 1 or bool(objects) and all(line.startswith(b"{") for line in lines)


def _is_row_of_objects(head: str) -> bool:
    """Tell whether the text is one object after another, without a list around them."""
    try:
        value, end = DECODER.raw_decode(head)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and head[match_between(head, end).end() :][:1] == "{"


def _whole_objects(text: str) -> list[Row]:
    """Return the objects of a text of nothing else; none where one of them is broken."""
    objects, position = [], match_between(text, 0).end()
    while position < len(text):
        try:
            value, position = DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            return []
        if not isinstance(value, dict):
            return []
        objects.append(value)
        position = match_between(text, position).end()
    return objects


def _is_by_line(head: str) -> bool:
    """Tell whether the first line of the list is a whole object and the next begins another or ends it."""
    lines = list(islice((line for line in head.split("\n") if line.strip()), 2))
    if len(lines) < 2 or not lines[1].lstrip(" \t,").startswith(("{", "]")):
        return False
    return isinstance(load(lines[0].strip(" \t\r,").encode()), dict)


def _read_line(line: bytes, letters: Letters) -> tuple[Row | None, bytes]:
    """Return the object on a line, and the end of the list from its bracket on."""
    if not line.startswith(b"{"):
        is_end = line.startswith(b"]") and line[1:].lstrip()[:1] not in (b"{", b'"')
        return None, line if is_end else b""
    value = load(line, letters)
    if value is not None:
        return value, b""
    # The end may stand behind the last object.
    body, bracket, rest = line.rpartition(b"]")
    if bracket and not rest.strip(b" }"):
        value = load(body.strip(b" \t,"), letters)
    return (value, bracket + rest) if isinstance(value, dict) else (None, b"")


def _split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines without their ends; an endless one in pieces that are too short to be read."""
    rest = b""
    for chunk in chunks:
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop()
        yield from lines
        if len(rest) > MAX_ROW:
            yield rest[:1000]
            rest = b""
    if rest:
        yield rest
