"""How requests say who asks, as objects. Each is for one host: a redirect leaves it behind (`client`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from requests import PreparedRequest
from requests.auth import AuthBase

from importer.http.errors import NetworkError, NetworkUnavailable

T = TypeVar("T")


@dataclass(frozen=True)
class QueryToken(AuthBase):
    """A token in the query: `?token=...`. Log lines are cut before it (`redaction`)."""

    name: str
    token: str = field(repr=False)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.prepare_url(request.url or "", {self.name: self.token})
        return request


@dataclass(frozen=True)
class HeaderToken(AuthBase):
    """A token in a header of its own: `X-Token: ...`."""

    name: str
    token: str = field(repr=False)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers[self.name] = self.token
        return request


class Renewable(AuthBase):
    """What has to be got first, and again when its time is over. `client.Http` sees to both."""

    def prepare(self, seconds: float) -> None:
        """Be ready to sign a request, after so many seconds at most. Raises NetworkError."""
        raise NotImplementedError

    def renew(self, seconds: float) -> None:
        """Get another, after so many seconds at most: the last was refused. Raises NetworkError."""
        raise NotImplementedError

    def secrets(self) -> Iterable[str]:
        """Return what no message may hold."""
        raise NotImplementedError


class SessionLogin:
    """A session that is opened before the first question, and once more where it may have lapsed.

    `log_in` opens it; what it leaves, such as cookies, is kept by whoever asks.
    """

    def __init__(self, log_in: Callable[[], None]) -> None:
        self._log_in = log_in
        self._is_open = False

    def ask(self, question: Callable[[], T]) -> T:
        """Return what `question` does in an open session. Raises what it raises in a fresh one."""
        if self._is_open:
            try:
                return question()
            except NetworkUnavailable:
                raise
            except NetworkError:
                self._is_open = False  # lapsed, or a wrong request: a refusal does not say for sure
        self._log_in()
        answer = question()
        self._is_open = True
        return answer
