"""Unpack gzip and zip while they arrive."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import chain

from stream_unzip import UnzipError, stream_unzip

from importer.feed_files.rows import Damaged, Refused

CHUNK = 64 * 1024
HEAD = 2048  # bytes at least that tell what a file is
MAX_UNPACKED = 24 * 1024**3
MAX_RATIO = 200  # text with much markup reaches 40, a bomb 1,000
RATIO_FROM = 8 * 1024 * 1024  # unpacked bytes; below, a high ratio does no harm
MAX_LAYERS = 2
GZIP = zlib.MAX_WBITS | 16


class Unpacked:
    """Iterate over the unpacked bytes of `chunks`. `layers` then names what was wrapped around them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.layers: list[str] = []

    def __iter__(self) -> Iterator[bytes]:
        chunks = _with_head(self._chunks)
        for _ in range(MAX_LAYERS):
            head = next(chunks, b"")
            chunks = chain([head], chunks)
            if head.startswith(b"\x1f\x8b"):
                self.layers.append("gzip")
                chunks = _with_head(_guarded(chunks, _gunzip))
            elif head.startswith(b"PK\x03\x04"):
                self.layers.append("zip")
                chunks = _with_head(_guarded(chunks, _unzip))
            else:
                break
        return chunks


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


def _guarded(
    packed: Iterator[bytes], unpack: Callable[[Iterator[bytes]], Iterator[bytes]]
) -> Iterator[bytes]:
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
            raise Refused("feed_too_large")
        if given > RATIO_FROM and given > taken * MAX_RATIO:
            raise Refused("feed_bomb")
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
        failure = Damaged("packed_damaged")
    else:
        if unpacker.eof:
            return
        failure = Damaged("packed_cut")
    raise failure


def _unzip(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack the first file of an archive; its checksum is verified."""
    try:
        for name, _, chunks in stream_unzip(packed, chunk_size=CHUNK):
            if name.endswith(b"/"):
                for _ in chunks:
                    pass
                continue
            yield from chunks
            return
    except UnzipError:
        failure = Damaged("packed_cut_or_damaged")
    else:
        failure = Damaged("archive_empty")
    raise failure
