"""Unpack gzip and zip while they arrive."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import chain

from stream_unzip import (
    MissingPasswordError,
    PasswordError,
    UnsupportedFeatureError,
    UnzipError,
    stream_unzip,
)

from importer.feed_files.members import feed_of
from importer.feed_files.rows import Damaged, Refused

CHUNK = 64 * 1024
HEAD = 2048  # bytes at least that tell what a file is
MAX_UNPACKED = 24 * 1024**3
MAX_RATIO = 200  # text with much markup reaches 40, a bomb 1,000
RATIO_FROM = 8 * 1024 * 1024  # unpacked bytes; below, a high ratio does no harm
MAX_LAYERS = 2
GZIP = zlib.MAX_WBITS | 16
ASK = "Ask for it in gzip or zip, or unpacked."
UNREADABLE = {
    b"Rar!\x1a\x07": f"The file is packed with RAR, which is not read here. {ASK}",
    b"7z\xbc\xaf\x27\x1c": f"The file is packed with 7-Zip, which is not read here. {ASK}",
    b"\xfd7zXZ\0": f"The file is packed with xz, which is not read here. {ASK}",
    b"\x28\xb5\x2f\xfd": f"The file is packed with Zstandard, which is not read here. {ASK}",
    b"BZh": f"The file is packed with bzip2, which is not read here. {ASK}",
    b"\x04\x22\x4d\x18": f"The file is packed with LZ4, which is not read here. {ASK}",
    b"\x1f\x9d": f"The file is packed with compress, which is not read here. {ASK}",
    b"PK\x07\x08": "The file is one part of an archive that was split. Ask for it in one piece.",
    b"PK\x05\x06": "The archive holds no file.",
    b"%PDF-": "The file is a PDF and no feed.",
    b"\xd0\xcf\x11\xe0": "The file is of Excel or Word and no feed. Ask for CSV, XML or JSON.",
    b"\x89PNG": "The file is a picture and no feed.",
    b"\xff\xd8\xff": "The file is a picture and no feed.",
    b"GIF8": "The file is a picture and no feed.",
}
_TAR = slice(257, 262), b"ustar"


class Unpacked:
    """Iterate over the unpacked bytes of `chunks`. `layers` then names what was wrapped around them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.layers: list[str] = []

    def __iter__(self) -> Iterator[bytes]:
        chunks = _with_head(self._chunks)
        while head := next(chunks, b""):
            chunks = chain([head], chunks)
            if head.startswith(b"\x1f\x8b"):
                name, unpack = "gzip", _gunzip
            elif head.startswith(b"PK\x03\x04"):
                name, unpack = "zip", _unzip
            else:
                _refuse_unreadable(head)
                return chunks
            if len(self.layers) == MAX_LAYERS:
                raise Refused(f"The file is packed more than {MAX_LAYERS} times over. {ASK}")
            self.layers.append(name)
            chunks = _with_head(_guarded(chunks, unpack))
        if self.layers:
            raise Damaged("The packed file is empty")
        return chunks


def _refuse_unreadable(head: bytes) -> None:
    """Say what a file is that is packed in another way, or is nothing that products are written in."""
    for signature, words in UNREADABLE.items():
        if head.startswith(signature):
            raise Refused(words)
    where, mark = _TAR
    if head[where] == mark:
        raise Refused(f"The file is packed with tar, which is not read here. {ASK}")


def _with_head(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Make the first chunk long enough to tell what it is."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD:
            break
    if head:
        yield head
    yield from chunks


def _guarded(packed: Iterator[bytes], unpack) -> Iterator[bytes]:  # noqa: ANN001
    """Unpack, and stop at a bomb before it fills anything."""
    taken = given = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for chunk in packed:
            taken += len(chunk)
            yield chunk

    for chunk in unpack(counted()):
        given += len(chunk)
        if given > MAX_UNPACKED:
            raise Refused("The feed is larger than any feed should be, so it was not read.")
        if given > RATIO_FROM and given > taken * MAX_RATIO:
            raise Refused("The file unpacks to far more than a feed would, so it was not read.")
        yield chunk


def _gunzip(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack one gzip member after another; the checksum and length at each end are verified."""
    unpacker = zlib.decompressobj(GZIP)
    try:
        for chunk in packed:
            while chunk:
                if unpacker.eof:
                    if not chunk.strip(b"\0"):
                        break  # padding
                    unpacker = zlib.decompressobj(GZIP)
                data = unpacker.decompress(chunk, CHUNK)
                chunk = unpacker.unconsumed_tail or unpacker.unused_data
                if data:
                    yield data
        while data := unpacker.decompress(b"", CHUNK):
            yield data
    except zlib.error:
        failure = Damaged("The packed file is damaged")
    else:
        if unpacker.eof:
            return
        failure = Damaged("The packed file is cut off")
    raise failure


def _unzip(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack the feed of an archive; its checksum is verified."""
    try:
        yield from feed_of(stream_unzip(packed, chunk_size=CHUNK))
    except (PasswordError, MissingPasswordError):
        failure = Refused("The archive is locked with a password. Ask for it without one.")
    except UnsupportedFeatureError:
        failure = Refused(f"The archive is packed in a way that is not read here. {ASK}")
    except UnzipError:
        failure = Damaged("The packed file is cut off or damaged")
    else:
        return
    raise failure
