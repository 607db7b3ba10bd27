"""Read composed feeds as if they came over the network, in pieces of any size."""

from importer.feed_files import BadRow, FeedFile
from importer.http.client import Http


class Pieces:
    """A stream that gives at most `size` bytes at a time."""

    def __init__(self, data, size=1 << 16):
        self._data, self._size, self._at = data, size, 0

    def read(self, size):
        size = min(size, self._size)
        piece = self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece


class Endless:
    """A stream made while it is read."""

    def __init__(self, parts):
        self._parts = iter(parts)

    def read(self, size):
        return next(self._parts, b"")


def open_feed(data, content_type="", size=1 << 16):
    stream = Pieces(data, size) if isinstance(data, bytes) else Endless(data)
    return FeedFile(stream, Http(name="Net"), content_type)


def read(data, content_type="", size=1 << 16):
    """Return the good rows; the feed must be without bad ones."""
    rows = list(open_feed(data, content_type, size))
    assert not [row for row in rows if isinstance(row, BadRow)]
    return rows


def read_until_failure(feed):
    """Return the rows that came before the feed failed, and the failure."""
    rows = []
    try:
        for row in feed:
            rows.append(row)
    except Exception as error:  # noqa: BLE001 the caller looks at it
        return rows, error
    raise AssertionError("the feed did not fail")
