"""What comes back: a whole answer, or one that is read piece by piece."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from catalog.lib.addresses import host_of

if TYPE_CHECKING:
    from importer.http.client import Http
    from importer.http.errors import NetworkError

CHUNK = 64 * 1024


def looks_like_html(head: bytes) -> bool:
    """Tell whether a body begins like a web page."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status. The names are those of `requests`, because zeep reads them."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str = "utf-8"

    @property
    def text(self) -> str:
        return self.content.decode(self.encoding, "replace")


class Stream:
    """An open answer with `read(n)`, for `importer.feed_files`. Holds no more than one chunk.

    `read` raises `NetworkUnavailable` when the body is cut, stalls or passes its deadline, and
    `NetworkError` when it passes its size limit. An empty result is the true end of the body.
    """

    def __init__(self, http: Http, response: requests.Response, ends_at: float, max_bytes: int) -> None:
        self._http, self._response, self._ends_at, self._left = http, response, ends_at, max_bytes
        self._host = host_of(response.url)
        self._buffer = b""
        http.clock.begin_body()
        self.status_code = response.status_code
        self.headers = response.headers
        self.redirect_target = redirect_target_of(response) if response.is_redirect else ""

    def peek(self, size: int = 512) -> bytes:
        """Return the first bytes without consuming them."""
        while len(self._buffer) < size and (chunk := self._receive()):
            self._buffer += chunk
        return self._buffer[:size]

    def read(self, size: int = CHUNK) -> bytes:
        """Return up to `size` bytes as soon as some are there; everything when `size` is negative."""
        if size < 0:
            return b"".join(iter(self.read, b""))
        if not self._buffer:
            self._buffer = self._receive()
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def finish(self) -> Answer:
        """Read the rest and return the whole answer."""
        return Answer(self.status_code, self.headers, self.read(-1), "utf-8")

    @property
    def bytes_read(self) -> int:
        """Return how many bytes came over the wire, packed as they were."""
        return int(self._response.raw.tell())

    @property
    def bytes_total(self) -> int | None:
        """Return how many bytes will come; None where the server does not say."""
        length = self.headers.get("Content-Length", "")
        return int(length) if length.isdecimal() else None

    def _receive(self) -> bytes:
        clock = self._http.clock
        clock.ends_at = self._ends_at
        try:
            # read1 gives what one packet brought.
            data = self._response.raw.read1(CHUNK, decode_content=True) or b""
        except ReadTimeoutError:
            if time.monotonic() >= self._ends_at:
                failure: NetworkError = self._http.unavailable("answer_too_slow", host=self._host)
            elif clock.is_slow:
                failure = self._http.unavailable("sends_too_slowly", host=self._host)
            else:
                failure = self._http.unavailable("stopped_sending", host=self._host)
        except (HTTPError, OSError):
            failure = self._http.unavailable("answer_cut", host=self._host)
        else:
            self._left -= len(data)
            if self._left >= 0:
                return data
            failure = self._http.refused("too_large", host=self._host)
        raise failure


def redirect_target_of(response: requests.Response) -> str:
    try:
        return urljoin(response.url, response.headers["location"])
    except ValueError:
        return ""
