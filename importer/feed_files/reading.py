"""One feed file from its first byte to its last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Protocol

from importer.feed_files.csv_rows import CsvRows
from importer.feed_files.frame import BLANK, BLANK_TEXT, without_end_mark, without_notices
from importer.feed_files.json_rows import JsonRows
from importer.feed_files.known_rows import KnownRows
from importer.feed_files.letters import Letters
from importer.feed_files.packing import CHUNK, Unpacked
from importer.feed_files.rows import BadRow, Damaged, NoFeed, Refused, Row
from importer.feed_files.text import decode, is_utf8
from importer.feed_files.xml_rows import XmlRows
from importer.http.answers import looks_like_html
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.reasons import Reason

HEAD = 4 * 1024  # characters in which notices may stand before the feed
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_TAG = re.compile(r"<(?:style|script|title)\b.*?</(?:style|script|title)>|<[^>]*>", re.I | re.S)


class Readable(Protocol):
    """An open byte stream, such as `importer.http.client.Stream`."""

    def read(self, size: int) -> bytes: ...


class FeedFile:
    """Iterate, once, over the rows of the feed in `stream`: dicts, and a `BadRow` for each that is broken.

    Raises `NoFeed` before the first row when something else came, `NetworkUnavailable` after the rows when
    the feed was cut off, `NetworkError` when it is not safe to read. After the last row, `is_whole` tells
    whether the format said that this was all: CSV, and JSON lines, have no sign for it.

    Rows of JSON are its objects. Those of CSV have text by column name; the second of a name `x` is `x #2`.
    Those of XML have text or dicts by element name without its namespace: attributes as `@name`, text beside
    them as `#text`, lists where an element is repeated.

    In place of a row that is among the `known` comes its place there, a number. `letters` reads what is not
    UTF-8 though it should be.
    """

    def __init__(
        self,
        stream: Readable,
        http: Http,
        content_type: str = "",
        known: KnownRows | None = None,
        letters: Letters | None = None,
    ) -> None:
        self._stream, self._http, self._content_type = stream, http, content_type
        self._known, self._letters = known or KnownRows(), letters or Letters()
        self.row_count = self.bad_count = 0
        self.layout = ""  # "JSON", "XML", "CSV" and so on
        self.doubt: Reason | None = None  # why these may not be all rows, though the file is whole
        self.is_whole = False

    def __iter__(self) -> Iterator[Row | BadRow | int]:
        try:
            for row in self._rows():
                self.row_count += 1
                if type(row) is BadRow:
                    self.bad_count += 1
                yield row
        except Damaged as error:
            failure: NetworkError = self._http.unavailable(str(error))
        except Refused as error:
            failure = self._http.refused(str(error))
        except NoFeed as error:
            blank = self._http.blank
            params = {name: blank(value) for name, value in error.params.items()}
            failure = NoFeed(error.code, blank(error.message), **params)
        else:
            return
        raise failure

    def _rows(self) -> Iterator[Row | BadRow | int]:
        unpacked = Unpacked(iter(lambda: self._stream.read(CHUNK), b""))
        reader, pieces = _open(iter(unpacked), self._content_type, self._known, self._letters)
        yield from reader
        for _ in pieces:
            pass  # to the true end, so that lengths and checksums are verified
        self.layout = " in ".join([reader.layout, *unpacked.layers])
        self.is_whole = reader.is_whole or bool(unpacked.layers)
        self.doubt = reader.doubt


def _open(
    chunks: Iterator[bytes], content_type: str, known: KnownRows, letters: Letters
) -> tuple[JsonRows | XmlRows | CsvRows, Iterator[bytes] | Iterator[str]]:
    """Return the reader that the first characters ask for, and what it reads from."""
    found = _CHARSET.search(content_type)
    charset = found[1] if found else ""
    first = next(chunks, b"")
    chunks = chain([first], chunks)
    if first.lstrip(BLANK)[:1] in (b"{", b"[") and is_utf8(first, charset):
        # The bytes themselves: decoding them here would cost a third.
        return JsonRows(chunks, known, letters), chunks
    texts = without_end_mark(decode(chunks, charset, letters))
    head = ""
    while len(head) < HEAD and (text := next(texts, "")):
        head = without_notices((head + text).lstrip(BLANK_TEXT))
    texts = chain([head], texts)
    reader = _reader(head)
    if reader is None:
        return JsonRows((text.encode("utf-8", "replace") for text in texts), known, Letters()), texts
    return reader(texts, known), texts


def _reader(head: str) -> type[XmlRows | CsvRows] | None:
    """Return the reader of a text by its first characters; None is JSON, which is read as bytes."""
    if not head:
        raise NoFeed("feed_empty_answer")
    if looks_like_html(head.encode("utf-8", "replace")):
        words = " ".join(_TAG.sub(" ", head).split())[:200]
        raise NoFeed("feed_web_page", words=words)
    if head[0] in "[{":
        return None
    return XmlRows if head[0] == "<" else CsvRows
