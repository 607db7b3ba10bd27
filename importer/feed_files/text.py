"""Bytes -> text, in the encoding that is declared or, failing that, the one that fits. Never raises."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_DECLARATION = re.compile(rb"""\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
# Web pages and feeds that say latin-1 mean its superset.
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "utf-8"}


def decode(chunks: Iterable[bytes], charset: str = "") -> Iterator[str]:
    """Yield the text; `charset` is what HTTP says. Bytes that fit no encoding become U+FFFD, NULs vanish.

    A byte order mark comes first, then an XML declaration, then `charset`. Where nothing is declared, or a
    one-byte encoding is but the text is plainly UTF-8, it is UTF-8, and Windows-1252 where that does not fit.
    """
    chunks = iter(chunks)
    head = next(chunks, b"")
    encoding, mark = _declared(head, charset)
    texts = _sure(head[mark:], chunks, encoding) if encoding else _guess(head, chunks)
    for text in texts:
        if "\0" in text:
            text = text.replace("\0", "")
        if text:
            yield text


def is_utf8(head: bytes, charset: str = "") -> bool:
    """Tell whether the text is declared as UTF-8, or begins like it."""
    encoding, _ = _declared(head, charset)
    return encoding == "utf-8" or (not encoding and _fits_utf8(head))


def _declared(head: bytes, charset: str) -> tuple[str, int]:
    """Return the declared encoding, "" where it must be found out, and the length of the byte order mark."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    found = _XML_DECLARATION.match(head)
    name = _codec(found[1].decode("ascii") if found else "") or _codec(charset)
    if name == "cp1252" and not head.isascii() and _fits_utf8(head):
        return "", 0
    if found and name.startswith(("utf-16", "utf-32")):
        return "", 0  # the declaration was readable byte by byte, so it is wrong
    return name, 0


def _codec(name: str) -> str:
    try:
        codec = codecs.lookup(name) if name else None
    except (LookupError, ValueError):
        return ""
    if codec is None or not codec._is_text_encoding:
        return ""
    return _SUPERSETS.get(codec.name, codec.name)


def _fits_utf8(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _sure(head: bytes, chunks: Iterator[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(head)
    for chunk in chunks:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", True)


def _guess(head: bytes, chunks: Iterator[bytes]) -> Iterator[str]:
    """Read UTF-8 until the first byte that is not; what stands before and around it decides the rest."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    chunk, is_utf8 = head, False
    while True:
        waiting = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            data = waiting + chunk
            yield from _sure(data, chunks, "utf-8" if is_utf8 or _is_mostly_utf8(data) else "cp1252")
            return
        is_utf8 = is_utf8 or not text.isascii()
        yield text
        chunk = next(chunks, b"")
        if not chunk:
            yield from _sure(decoder.getstate()[0], chunks, "utf-8" if is_utf8 else "cp1252")
            return


def _is_mostly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    bad_count = text.count("\ufffd")
    return sum(1 for letter in text if letter > "\x7f") - bad_count > bad_count
