"""Download feed files: the rows for a network to read, everything else for the caller's watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from importer.feed_files import BadRow, FeedFile, Row
from importer.http import Http, Stream
from importer.networks.base import FeedUnchanged, FeedWatch
from importer.networks.slots import Slot, connection


def read_rows(stream: Stream, http: Http, watch: FeedWatch, slot: Slot | None = None) -> Iterator[Row]:
    """Yield the good rows of the feed in `stream`; see `FeedFile` for what it raises."""
    watch.bytes_total = stream.bytes_total
    feed_file = FeedFile(_Watched(stream, watch, slot), http, stream.headers.get("Content-Type", ""))
    for row in feed_file:
        if type(row) is BadRow:
            watch.note_bad(row)
        else:
            yield row
    watch.layout = feed_file.layout
    watch.is_whole = feed_file.is_whole or stream.bytes_total is not None


def download_rows(http: Http, url: str, watch: FeedWatch) -> Iterator[Row]:
    """Yield the rows of the feed file at `url`, unless it is the one that was read last."""
    with connection(http, url, watch) as slot, http.stream("GET", url, headers=_conditions(watch)) as stream:
        if stream.status_code == 304:
            raise FeedUnchanged
        if stream.status_code != 200:
            raise http.failure(stream.status_code, stream.headers)
        yield from read_rows(stream, http, watch, slot)
        watch.new_state |= _validators(stream.headers)


def _conditions(watch: FeedWatch) -> dict[str, str]:
    names = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
    return {header: watch.state[name] for header, name in names.items() if watch.state.get(name)}


def _validators(headers: Mapping[str, str]) -> dict[str, str]:
    known = {"etag": headers.get("ETag"), "last_modified": headers.get("Last-Modified")}
    return {name: value for name, value in known.items() if value}


class _Watched:
    """The stream, with a look at the watch and a sign of life for each piece."""

    def __init__(self, stream: Stream, watch: FeedWatch, slot: Slot | None) -> None:
        self._stream, self._watch, self._slot = stream, watch, slot

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._watch.bytes_read = self._stream.bytes_read
        self._watch.on_progress(self._watch)
        if self._slot:
            self._slot.renew()
        return data
