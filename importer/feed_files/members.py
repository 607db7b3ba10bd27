"""Which file of an archive is the feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from importer.feed_files.rows import Refused

LONGEST_NOTE = 1024 * 1024  # bytes; whatever it is called, a longer text is no note
# What the programs of Mac and Windows leave behind, and what is no text.
_LITTER = re.compile(
    r"(?:^|/)(?:__MACOSX/|\.[^/]*|Thumbs\.db$|desktop\.ini$)"
    r"|\.(?:jpe?g|png|gif|webp|svg|ico|pdf|docx?|xsd|dtd|md5|sha\d+|sfv|sig|asc|pem|url)$",
    re.I,
)
_NOTE = re.compile(
    r"(?:^|/)(?:read[ _-]?me|licen[cs]e|copying|copyright|notice|terms|changelog|about|liesmich|lizenz)"
    r"[^/]*?(?:\.(?:txt|md|rst|html?|nfo))?$|\.(?:md|rst|nfo)$",
    re.I,
)

Member = tuple[bytes, int | None, Iterable[bytes]]


def feed_of(members: Iterable[Member]) -> Iterator[bytes]:
    """Yield the bytes of the first file that may be a feed, in an archive's (name, size, bytes).

    A note such as a readme is read where nothing else is there: it may say why. Raises Refused where there
    is neither.
    """
    note: list[bytes] = []
    passed_over: list[str] = []
    for raw_name, _, data in members:
        name, chunks = raw_name.decode("utf-8", "replace").replace("\\", "/"), iter(data)
        if name.endswith("/"):
            _skip(chunks)
        elif _LITTER.search(name):
            passed_over.append(name.rpartition("/")[2])
            _skip(chunks)
        elif _NOTE.search(name):
            head = _read(chunks, LONGEST_NOTE)
            if more := next(chunks, b""):
                yield from chain(head, [more], chunks)
                return
            note = note or head
        elif first := next((chunk for chunk in chunks if chunk), b""):
            yield from chain([first], chunks)
            return
        else:
            passed_over.append(f"{name.rpartition('/')[2]} (empty)")
    if note:
        yield from note
    elif passed_over:
        raise Refused(f"The archive holds no feed, only {', '.join(passed_over[:3])[:200]}.")
    else:
        raise Refused("The archive holds no file.")


def _read(chunks: Iterator[bytes], limit: int) -> list[bytes]:
    """Return the chunks up to about so many bytes."""
    read, size = [], 0
    while size < limit and (chunk := next(chunks, b"")):
        read.append(chunk)
        size += len(chunk)
    return read


def _skip(chunks: Iterator[bytes]) -> None:
    for _ in chunks:
        pass
