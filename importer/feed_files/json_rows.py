"""JSON -> rows: a list with an object on each line, which is quick, or in any layout; and JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain, islice
from typing import Any, AnyStr

import orjson

from importer.feed_files.frame import BLANK, END_MARK
from importer.feed_files.rows import MAX_ROW, BadRow, Damaged, NoFeed, Refused, Row
from importer.feed_files.text import decode, decode_piece

HEAD = 256 * 1024  # bytes in which the list and its layout must show
LIST_NAMES = ("products", "items", "product", "rows", "data")
MESSAGE_NAMES = ("message", "error", "errors", "code", "statuscode")
NOT_JSON = "The feed is cut off or is not valid JSON"
BAD_LINE = "is not valid JSON"
UNKNOWN = "Something else came in place of the feed: JSON without a list of products."
MAX_DEPTH = 8  # objects around the list

_DECODER = json.JSONDecoder(strict=False, parse_float=Decimal)
_BETWEEN = re.compile(r"[\s,:]*")


class JsonRows:
    """Iterate over the objects of a feed in UTF-8. `is_whole` is known after the last."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.layout = "JSON"
        self.is_whole = False
        self.doubt = ""

    def __iter__(self) -> Iterator[Row | BadRow]:
        data = _take(self._chunks, HEAD, b"").lstrip(BLANK)
        head = data.decode("utf-8", "surrogateescape")  # so that places in it are places in `data`
        first_line = load(data.split(b"\n", 1)[0])
        if isinstance(first_line, dict) and not any(name in first_line for name in LIST_NAMES):
            _refuse_message(first_line)
            if b"\n{" not in data:
                raise NoFeed(UNKNOWN)
            self.layout = "JSON lines"
            return self._read_lines(chain([data], self._chunks))
        found = _find_list(head)
        if found is None:
            value = load(data)
            _refuse_message(value)
            if value is not None:
                raise NoFeed(UNKNOWN)
            raise Damaged(NOT_JSON)
        begin, depth = found
        chunks = chain([data[len(head[:begin].encode("utf-8", "surrogateescape")) :]], self._chunks)
        if _is_by_line(head[begin:]):
            self.layout = "JSON, one product per line"
            return self._read_list_lines(chunks, depth)
        return self._walk(decode(chunks, "utf-8"), depth)

    def _read_lines(self, chunks: Iterable[bytes]) -> Iterator[Row | BadRow]:
        broken = b""
        for line in _split_lines(chunks):
            if broken:
                yield BadRow.of(BAD_LINE, broken)
                broken = b""
            value = load(line) if line.strip() else None
            if isinstance(value, dict):
                yield value
            else:
                broken = line.strip()
        if broken:
            raise Damaged(NOT_JSON)  # the last line is half a line

    def _read_list_lines(self, chunks: Iterable[bytes], depth: int) -> Iterator[Row | BadRow]:
        """Read a list in which each line is an object: then each begins on the level of the list.

        A broken row counts once: the lines up to the next that begins with a brace belong to it.
        """
        lines = (line.strip(b" \t\r,") for line in _split_lines(chunks))
        broken = b""
        for line in lines:
            value, end = _read_line(line)
            if broken and (end or line.startswith(b"{")):
                yield BadRow.of(BAD_LINE, broken)
                broken = b""
            if value is not None:
                yield value
            elif line and not end:
                broken = broken or line
            if end:
                break
        else:
            raise Damaged(NOT_JSON)
        self._check_end((part.decode("utf-8", "replace") + "\n" for part in chain([end], lines)), depth)

    def _walk(self, texts: Iterator[str], depth: int) -> Iterator[Row | BadRow]:
        """Read any layout, object after object, from a text that never holds more than a few."""
        text, position = "", 0
        while True:
            position = _BETWEEN.match(text, position).end()
            if text.startswith("]", position):
                break
            try:
                value, position = _DECODER.raw_decode(text, position)
            except (ValueError, RecursionError) as error:
                # A real mistake, or only the end of what has come so far?
                if not _is_unfinished(error, text):
                    raise Damaged(NOT_JSON) from None
                if len(text) - position > MAX_ROW:
                    raise Refused("One product of the feed is larger than any product should be.") from None
                more = _take(texts, max(1, len(text) - position), "")
                if not more:
                    raise Damaged(NOT_JSON) from None
                text, position = text[position:] + more, 0
            else:
                yield value if isinstance(value, dict) else BadRow.of("is not an object", str(value))
        self._check_end(chain([text[position:]], texts), depth)

    def _check_end(self, texts: Iterable[str], depth: int) -> None:
        """With what stood before the list, its end must make a whole document."""
        end = ""
        for text in texts:
            end += text
            if len(end) > HEAD:
                break
        if load(('{"":' * depth + "[" + end.rstrip(END_MARK)).encode("utf-8", "replace")) is None:
            raise Damaged(NOT_JSON)
        self.is_whole = True


def _is_unfinished(error: Exception, text: str) -> bool:
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - 16


def _take(pieces: Iterator[AnyStr], size: int, taken: AnyStr) -> AnyStr:
    """Return at least `size` characters or bytes while there are any."""
    while len(taken) < size and (piece := next(pieces, None)):
        taken += piece
    return taken


def load(data: bytes) -> Any:
    """Return the value, None when it is not JSON. Raw control characters, NaN and half characters pass."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(decode_piece(data).replace("\0", ""), strict=False, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None


def _refuse_message(value: Any) -> None:
    """Raise when the object is a message and no product."""
    if not isinstance(value, dict) or not any(name in value for name in MESSAGE_NAMES):
        return
    if "name" in value or "ID" in value:
        return
    text = " ".join(_words(value).split())[:300]
    is_error = any(name in value for name in MESSAGE_NAMES if name != "message")
    raise NoFeed(f"A message came in place of the feed: {text.rstrip('.')}.", "" if is_error else text)


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
        position = _BETWEEN.match(head, position).end()
        mark = head[position : position + 1]
        if mark == "[":
            inside = _BETWEEN.match(head, position + 1).end()
            if head[inside : inside + 1] in ("{", "]"):
                return position + 1, depth
        if mark in ("{", "}"):
            depth += 1 if mark == "{" else -1
            position += 1
        if not mark or not 0 <= depth <= MAX_DEPTH:
            return None
        if mark not in ("{", "}"):
            try:
                _, position = _DECODER.raw_decode(head, position)
            except (ValueError, RecursionError):
                return None


def _is_by_line(head: str) -> bool:
    """Tell whether the first line of the list is a whole object and the next begins another or ends it."""
    lines = list(islice((line for line in head.split("\n") if line.strip()), 2))
    if len(lines) < 2 or not lines[1].lstrip(" \t,").startswith(("{", "]")):
        return False
    return isinstance(load(lines[0].strip(" \t\r,").encode()), dict)


def _read_line(line: bytes) -> tuple[Row | None, bytes]:
    """Return the object on a line, and the end of the list from its bracket on."""
    if not line.startswith(b"{"):
        return None, line if line.startswith(b"]") else b""
    value = load(line)
    if value is not None:
        return value, b""
    # The end may stand behind the last object.
    body, bracket, rest = line.rpartition(b"]")
    if bracket and not rest.strip(b" }"):
        value = load(body.strip(b" \t,"))
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
