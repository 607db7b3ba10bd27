"""JSON text -> the objects of a list, however broken one of them is.

An object that cannot be read costs itself: the next is found by the keys that the others begin with and have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, cast

from importer.feed_files.known_rows import UNKNOWN, KnownRows
from importer.feed_files.rows import KEPT, MAX_ROW, BadRow, Damaged, Refused, Row

NOT_JSON = "feed_cut_or_not_json"
BAD_OBJECT = "is not valid JSON"
LEARNT = 50  # objects that show what one looks like
_AGAIN = -1  # the answer lay in text that had not come yet

DECODER = json.JSONDecoder(strict=False, parse_float=Decimal, parse_constant=lambda name: None)
# What stands between values; that may be nothing, so it always matches.
match_between = cast("Callable[[str, int], re.Match[str]]", re.compile(r"[\s,:]*").match)
_BEGINNING = re.compile(r'\{\s*"((?:[^"\\]|\\.){1,100})"\s*:')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
_PAIR = re.compile(r',\s*"(?:[^"\\]|\\.)*"\s*:', re.S)
_STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.S)


def without_trailing_commas(text: str) -> str:
    """Return JSON without the commas behind the last value of an object or a list."""
    return _STRING_OR_COMMA.sub(lambda found: found[1] or "", text)


class Shape:
    """What the objects of a feed look like, by their keys."""

    def __init__(self) -> None:
        self.first_keys: set[str] = set()
        self.last_keys: set[str] = set()
        self._keys: set[str] = set()
        self._fewest = self._count = 0

    def learn(self, value: Row) -> None:
        if self._count < LEARNT and value:
            self._count += 1
            self._keys |= value.keys()
            self.first_keys.add(next(iter(value)))
            self.last_keys.add(next(reversed(value)))
            self._fewest = min(self._fewest or len(value), len(value))

    @property
    def is_learnt(self) -> bool:
        return self._count >= LEARNT

    def is_whole(self, value: Row) -> bool:
        """Tell whether the object has what others end with."""
        return bool(value.keys() & self.last_keys) and self.is_like(value)

    def is_like(self, value: Any) -> bool:
        """Tell whether the value has more than half of the keys that the objects have."""
        return isinstance(value, dict) and len(value.keys() & self._keys) * 2 > self._fewest


class JsonObjects:
    """Iterate over the objects from the first on: to the bracket of their list, or to the end of the text.

    `rest` is the text from that bracket on; `is_end(text)` tells whether a text from a bracket on ends the
    document. Never holds more than a few objects.
    """

    def __init__(
        self, texts: Iterator[str], shape: Shape, is_end: Callable[[str], bool] | None, known: KnownRows
    ) -> None:
        self.rest, self._texts, self._shape, self._is_end = "", texts, shape, is_end
        self._known = known
        self._is_over = False

    def __iter__(self) -> Iterator[Row | BadRow | int]:
        position = 0
        held: tuple[Row, str] | None = None  # without its last key, what follows belongs to it
        while True:
            self._known.digest = 0  # what follows may have its say on any row but a plain one
            position = match_between(self.rest, position).end()
            mark = self.rest[position : position + 1]
            if not mark and not self._is_over:
                self._read_more(position)
                position = 0
                continue
            if held and (mark == "{" or self._is_value(position)):
                yield self._known_or(*held) if mark == "{" else held[0]
                held, self._known.digest = None, 0
            if mark == "{":
                value, end = self._decode(position)
                if end == _AGAIN:
                    position = 0
                    continue
                if value is not None:
                    start, position = position, match_between(self.rest, end).end()
                    if self.rest[position : position + 1] == "{":
                        yield self._known_or(value, self.rest[start:end])
                    else:
                        held = value, self.rest[start:end]
                    continue
            elif not mark or mark == "]" and self._is_end and not self._has_next(position):
                if held:
                    yield held[0]
                if not mark and self._is_end:
                    raise Damaged(NOT_JSON)
                self.rest = self.rest[position:]
                return
            elif self._is_value(position):
                value, position = DECODER.raw_decode(self.rest, position)
                yield BadRow.of("is not an object", str(value))
                continue
            # What stands here is no object: up to the next one it is a broken one.
            end = self._find_next(position)
            if end == _AGAIN:
                position = 0
                continue
            text = self.rest[position:end]
            if held and '"' in text and not self._shape.is_whole(held[0]):
                text = held[1][-KEPT:] + text
            elif held:
                yield held[0]
            held = None
            yield from _mended(text)
            position = end

    def _known_or(self, value: Row, text: str) -> Row | int:
        """Return the place of a known row, else its value; another object follows it."""
        place = self._known.find(text.encode("utf-8", "surrogatepass"))
        self._shape.learn(value)
        return value if place == UNKNOWN or not self._shape.is_learnt else place

    # --- The text ------------------------------------------------------------------------------------
    def _read_more(self, keep: int) -> None:
        """Drop what stands before `keep`, and at least double the rest."""
        self.rest = self.rest[keep:]
        pieces, size = [self.rest], 0
        while size < max(1, len(self.rest)) and (text := next(self._texts, "")):
            pieces.append(text)
            size += len(text)
        self._is_over = not size
        self.rest = "".join(pieces)

    def _is_too_long(self, position: int) -> bool:
        return len(self.rest) - position > MAX_ROW

    def _decode(self, position: int) -> tuple[Row | None, int]:
        """Return the object at `position` and its end; None where it is broken."""
        try:
            return DECODER.raw_decode(self.rest, position)
        except (ValueError, RecursionError) as error:
            if self._is_over or not _is_unfinished(error, self.rest) or self._is_too_long(position):
                return None, position
            self._read_more(position)
            return None, _AGAIN

    def _is_value(self, position: int) -> bool:
        """Tell whether something else than an object stands here, whole, as a member of the list."""
        if not self._is_end or self.rest[position : position + 1] in ("", "{", "]", "}"):
            return False
        try:
            _, end = DECODER.raw_decode(self.rest, position)
        except (ValueError, RecursionError):
            return False
        return self.rest[end : end + 1] in (",", "]") and not _PAIR.match(self.rest, end)

    # --- Broken objects ------------------------------------------------------------------------------
    def _find_next(self, position: int) -> int:
        """Return where the next object begins or the list ends; `_AGAIN` when more text was needed."""
        if not self._shape.first_keys:
            self._look_ahead(position)
        at = position + 1
        while found := _BEGINNING.search(self.rest, at):
            at = found.end()
            if found[1] not in self._shape.first_keys:
                continue
            try:
                value, end = DECODER.raw_decode(self.rest, found.start())
            except (ValueError, RecursionError) as error:
                if self._is_over or not _is_unfinished(error, self.rest) or self._is_too_long(position):
                    continue
                self._read_more(position)
                return _AGAIN
            if self._shape.is_like(value):
                following = match_between(self.rest, end).end()
                if self.rest[following : following + 1] in ("", "{", "]"):
                    return found.start()
        if not self._is_over:
            if self._is_too_long(position):
                raise Refused("product_too_large")
            self._read_more(position)
            return _AGAIN
        if not self._is_end:
            return len(self.rest)
        end = self.rest.rfind("]", position)
        while end >= 0 and not self._is_end(self.rest[end:]):
            end = self.rest.rfind("]", position, end)
        inside = _STRING.sub("", self.rest[position : max(end, position)])
        # A bracket that closes a list of the object itself is where a feed was cut.
        if end < position or inside.count("[") > inside.count("]"):
            raise Damaged(NOT_JSON)
        return end

    def _look_ahead(self, position: int) -> None:
        """Learn from the objects that follow: the first one is broken."""
        values: list[Row] = []
        for found in islice(_BEGINNING.finditer(self.rest, position + 1), 200):
            try:
                values.append(DECODER.raw_decode(self.rest, found.start())[0])
            except (ValueError, RecursionError):
                continue
        most = max(map(len, values), default=0)
        for value in values:
            if len(value) * 2 > most:
                self._shape.learn(value)

    def _has_next(self, position: int) -> bool:
        """Tell whether an object follows the bracket, which therefore ends no list."""
        following = match_between(self.rest, position + 1).end()
        if self.rest[following : following + 1] not in ("", "}") and not self._shape.first_keys:
            self._look_ahead(position)
        for found in islice(_BEGINNING.finditer(self.rest, following), 50):
            if found[1] in self._shape.first_keys:
                try:
                    value, _ = DECODER.raw_decode(self.rest, found.start())
                except (ValueError, RecursionError):
                    continue
                if self._shape.is_like(value):
                    return True
        return False


def _mended(text: str) -> Iterator[Row | BadRow]:
    """Yield what the text of a broken object is worth; nothing for brackets alone."""
    text = text.strip(" ,\r\n\t\x1a")
    if not text.strip("]},"):
        return
    try:
        value = json.loads(without_trailing_commas(text), strict=False, parse_float=Decimal)
    except (ValueError, RecursionError):
        value = None
    yield value if isinstance(value, dict) else BadRow.of(BAD_OBJECT, text)


def _is_unfinished(error: Exception, text: str) -> bool:
    """Tell whether the mistake may be only the end of what has come so far."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated string") or error.pos >= len(text) - 16
