"""Bytes -> text, in the encoding that is declared unless the bytes say otherwise. Never raises."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from importer.feed_files.letters import Letters

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


def decode(chunks: Iterable[bytes], charset: str = "", letters: Letters | None = None) -> Iterator[str]:
    """Yield the text; `charset` is what HTTP says. Bytes that fit no encoding become U+FFFD, NULs vanish.

    A byte order mark comes first, then an XML declaration, then `charset`, and none of them where the bytes
    say otherwise: a piece that is UTF-8 is read as UTF-8, and one that is not as the declared encoding of one
    byte, else as its `letters` show; within a piece of UTF-8, only the bytes that do not fit.
    """
    chunks = iter(chunks)
    head = next(chunks, b"")
    encoding, mark = _declared(head, charset)
    letters = letters or Letters()
    pieces = chain([head[mark:]], chunks)
    if encoding.startswith("utf-") and encoding != "utf-8":
        texts = _decode_as(encoding, pieces)
    elif encoding and not _is_of_one_byte(encoding):
        texts = _decode_many_bytes(encoding, pieces, letters)
    else:
        letters.declare("" if encoding == "utf-8" else encoding)
        texts = _decode_pieces(pieces, letters)
    for text in texts:
        if "\0" in text:
            text = text.replace("\0", "")
        if text:
            yield text


def is_utf8(head: bytes, charset: str = "") -> bool:
    """Tell whether the text is in UTF-8, as far as its beginning shows."""
    encoding, _ = _declared(head, charset)
    return encoding in ("utf-8", "") and _fits_utf8(head)


def decode_piece(data: bytes, letters: Letters) -> str:
    """Return the text of a whole piece: UTF-8 where its bytes are, else as its letters show. Never raises."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "surrogateescape")
    strays = sum(map(len, _STRAYS.findall(text)))
    valid = sum(1 for letter in text if letter > "\x7f") - strays
    if valid and valid * 20 >= strays:
        letters.learn(b" ".join(map(_as_bytes, _STRAY_WORD.findall(text))))
        return _STRAYS.sub(lambda found: _read_stray(found, letters), text)
    letters.learn(data)
    return letters.read(data)


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _read_stray(found: re.Match[str], letters: Letters) -> str:
    """Return the text of bytes between UTF-8, U+FFFD where they look like what is left of a cut letter."""
    data = _as_bytes(found[0])
    text = letters.read(data)
    before = found.string[max(0, found.start() - 1) : found.start()]
    is_cut = data[:2] in (b"\xe2\x80", b"\xe2\x82") or (before.islower() and text[:1].isupper())
    return "\ufffd" if is_cut else text


# Bytes that are not UTF-8, as `surrogateescape` keeps them, and what there is of the words around them.
_STRAYS = re.compile("[\udc80-\udcff]+")
_STRAY_WORD = re.compile("[A-Za-z]*[\udc80-\udcff][A-Za-z\udc80-\udcff]*")


def _declared(head: bytes, charset: str) -> tuple[str, int]:
    """Return the declared encoding, "" where it must be found out, and the length of the byte order mark."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    if len(head) >= 4 and 0 in head[:4]:  # UTF-16 without a mark: every other byte of its ASCII is zero
        if head[0] and head[2] and not head[1] and not head[3]:
            return "utf-16-le", 0
        if head[1] and head[3] and not head[0] and not head[2]:
            return "utf-16-be", 0
    found = _XML_DECLARATION.match(head)
    name = _codec(found[1].decode("ascii") if found else "") or _codec(charset)
    if charset and not found and name.startswith(("utf-16", "utf-32")) and 0 not in head:
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


def _is_of_one_byte(encoding: str) -> bool:
    try:
        return encoding == "utf-8" or len(bytes(range(0x80, 0x100)).decode(encoding, "replace")) == 128
    except (UnicodeError, LookupError):
        return False


def _decode_as(encoding: str, chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", True)


def _decode_many_bytes(encoding: str, chunks: Iterator[bytes], letters: Letters) -> Iterator[str]:
    """Decode an encoding such as GBK, unless the first bytes that are not ASCII are plainly UTF-8."""
    for chunk in chunks:
        if not chunk.isascii():
            is_utf8 = _fits_utf8(chunk)
            texts = _decode_pieces(chain([chunk], chunks), letters) if is_utf8 else None
            yield from texts or _decode_as(encoding, chain([chunk], chunks))
            return
        yield chunk.decode("ascii")


def _decode_pieces(chunks: Iterable[bytes], letters: Letters) -> Iterator[str]:
    """Decode each piece by itself. Between two pieces no letter is cut."""
    rest = b""
    for chunk in chunks:
        if not rest and chunk.isascii():
            yield chunk.decode("ascii")
            continue
        data = rest + chunk
        end = _whole_letters(data)
        rest = data[end:]
        yield decode_piece(data[:end], letters)
    if rest:
        yield decode_piece(rest, letters)


def _whole_letters(data: bytes) -> int:
    """Return the length without a UTF-8 letter that is cut at the end."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC2:
            size = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if size > back else len(data)
        if byte < 0x80:
            break
    return len(data)
