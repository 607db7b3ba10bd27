"""Download feed files: the rows for a network to read, everything else for the caller's watch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext

from importer.feed_files import BadRow, FeedFile, Keeper, KeptFile, Letters, Row
from importer.feed_files.kept import KeptStream
from importer.http.answers import Stream
from importer.http.client import Http
from importer.http.leases import Lease, connection
from importer.networks.contract import FeedUnchanged, FeedWatch, NetworkError


def read_rows(
    stream: Stream | KeptStream, http: Http, watch: FeedWatch, lease: Lease | None = None
) -> Iterator[Row | int]:
    """Yield the good rows of the feed in `stream`, the place of known ones; errors: see `FeedFile`.

    Read to its end, it is kept as `watch.version` where the watch says so.
    """
    watch.bytes_total = stream.bytes_total
    content_type = stream.headers.get("Content-Type", "")
    with watch.kept.keeping() if watch.kept and watch.version else nullcontext() as keeper:
        letters = Letters(watch.language, watch.encoding)
        watched = _Watched(stream, watch, lease, keeper)
        feed_file = FeedFile(watched, http, content_type, watch.known, letters)
        for row in feed_file:
            if type(row) is BadRow:
                watch.note_bad(row)
            else:
                yield row
        if keeper and watch.kept:
            watch.kept.adopt(keeper, watch.version, content_type)
    watch.layout, watch.doubt, watch.encoding = feed_file.layout, feed_file.doubt, letters.found
    watch.is_whole = feed_file.is_whole or stream.bytes_total is not None


def read_kept(http: Http, kept: KeptFile, watch: FeedWatch) -> Iterator[Row | int]:
    """Yield the rows of the download that was kept; one that cannot be read is not kept any longer."""
    try:
        with kept.open() as stream:
            yield from read_rows(stream, http, watch)
    except (NetworkError, OSError) as error:
        kept.drop()
        if isinstance(error, NetworkError):
            raise
        failure = http.unavailable("kept_unreadable")
    else:
        return
    raise failure


def download_rows(http: Http, url: str, watch: FeedWatch) -> Iterator[Row | int]:
    """Yield the rows of the feed file at `url`, unless it is the one that was read last."""
    kept = watch.kept.version if watch.kept else {}
    conditions = _conditions(kept or watch.state)
    with connection(http, url, watch) as lease, http.stream("GET", url, headers=conditions) as stream:
        if stream.status_code != 304:
            if stream.status_code != 200:
                raise http.failure(stream.status_code, stream.headers)
            watch.version = _validators(stream.headers)
            yield from read_rows(stream, http, watch, lease)
            watch.new_state |= watch.version
            return
    if not kept or not watch.kept:
        raise FeedUnchanged
    yield from read_kept(http, watch.kept, watch)
    watch.new_state |= kept


def _conditions(state: Mapping[str, str]) -> dict[str, str]:
    names = {"If-None-Match": "etag", "If-Modified-Since": "last_modified"}
    return {header: state[name] for header, name in names.items() if state.get(name)}


def _validators(headers: Mapping[str, str]) -> dict[str, str]:
    known = {"etag": headers.get("ETag"), "last_modified": headers.get("Last-Modified")}
    return {name: value for name, value in known.items() if value}


class _Watched:
    """The stream, with a look at the watch and a sign of life for each piece."""

    def __init__(
        self, stream: Stream | KeptStream, watch: FeedWatch, lease: Lease | None, keeper: Keeper | None
    ) -> None:
        self._stream, self._watch, self._slot, self._keeper = stream, watch, lease, keeper

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if self._keeper:
            self._keeper.add(data)
        self._watch.bytes_read = self._stream.bytes_read
        self._watch.on_progress(self._watch)
        if self._slot:
            self._slot.renew()
        return data
