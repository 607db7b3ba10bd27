"""OAuth with refresh tokens that count once: whoever refreshes gets another, and the old one is void.

So only one worker may refresh at a time, and what it got must be stored before anybody uses it. The side of
the accounts lends a store with a lock for that (`importer.accounts.tokens`). A worker that dies between the
answer and the store loses both tokens; the next is refused once, notes it, and from then on a person must
sign in.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from requests import PreparedRequest

from importer.http.answers import Answer
from importer.http.auth import Renewable
from importer.http.client import DEADLINE, Http
from importer.http.errors import NetworkError, NetworkUnavailable

LEEWAY = 60.0  # seconds before its end in which a token is used no more: requests take time, clocks differ
LIFETIME = 600.0  # seconds of a token whose answer does not say


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an account holds: each "" where there is none. `ends_at` is in seconds since 1970."""

    access: str = field(default="", repr=False)
    refresh: str = field(default="", repr=False)
    ends_at: float = 0.0

    @property
    def is_fresh(self) -> bool:
        return bool(self.access) and time.time() < self.ends_at


class Held(Protocol):
    """The tokens of an account while nobody else may change them."""

    tokens: Tokens

    def save(self, tokens: Tokens) -> None: ...


class TokenStore(Protocol):
    """Where an account's tokens are."""

    def load(self) -> Tokens: ...

    def lock(self, seconds: float) -> AbstractContextManager[Held]:
        """Hold the tokens alone; what was saved is stored for good once the block is left.

        Waits for others so many seconds, then raises TimeoutError.
        """
        ...


class OAuth(Renewable):
    """Adds a bearer token to requests, a fresh one where it must. `http` asks for tokens, at `url` alone.

    With a `username` and `password` it signs in by itself where there is no refresh token or it counts no
    longer; without, it raises NetworkError("sign_in_again").
    """

    def __init__(
        self,
        http: Http,
        url: str,
        store: TokenStore,
        *,
        client_id: str,
        client_secret: str,
        username: str = "",
        password: str = "",
    ) -> None:
        self._http, self._url, self._store = http, url, store
        self._client = (client_id.encode(), client_secret.encode())  # Basic knows no more than bytes
        self._user = {"username": username, "password": password} if username and password else None
        self._tokens = Tokens()
        http.hide([client_secret, password])

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._tokens.access}"
        return request

    def secrets(self) -> Iterator[str]:
        """Yield the tokens that no message may hold."""
        yield from (self._tokens.access, self._tokens.refresh)

    def prepare(self, seconds: float = DEADLINE) -> None:
        """Have a token that is good for a request, after so many seconds at most."""
        if not self._tokens.is_fresh:
            self._take(self._store.load())
        if not self._tokens.is_fresh:
            self._renew("", seconds)

    def renew(self, seconds: float = DEADLINE) -> None:
        """Have another token: the one that was sent was refused before its time."""
        self._renew(self._tokens.access, seconds)

    def _renew(self, refused: str, seconds: float) -> None:
        ends_at = time.monotonic() + seconds
        failure: NetworkError | None = None
        try:
            with self._store.lock(seconds) as held:
                # Another may have renewed it while we waited: a refresh token counts once.
                if not held.tokens.is_fresh or held.tokens.access == refused:
                    try:
                        held.save(self._ask(held.tokens, ends_at))
                    except _Spent as spent:
                        held.save(Tokens())  # nobody asks with it again
                        failure = spent.failure
                    except NetworkError as error:
                        failure = error
                tokens = held.tokens
        except TimeoutError:
            failure = self._http.unavailable("token_is_renewed")
        # Only now: the block is left, so the pair is stored.
        if failure is not None:
            raise failure
        self._take(tokens)

    def _ask(self, held: Tokens, ends_at: float) -> Tokens:
        """Return a new pair, by the refresh token or, where that counts no longer, by signing in."""
        if held.refresh:
            try:
                return self._grant(
                    {"grant_type": "refresh_token", "refresh_token": held.refresh}, held, ends_at
                )
            except _Spent:
                if self._user is None:
                    raise
        if self._user is None:
            raise self._http.refused("sign_in_again")
        return self._grant({"grant_type": "password", **self._user}, Tokens(), ends_at)

    def _grant(self, form: dict[str, str], held: Tokens, ends_at: float) -> Tokens:
        self._http.hide([held.access, held.refresh])
        seconds = ends_at - time.monotonic()
        if seconds <= 0:
            raise self._http.unavailable("token_is_renewed")
        # Never sent twice by itself: it may have counted though no answer came.
        answer = self._http.request(
            "POST", self._url, data=form, auth=self._client, deadline=seconds, idempotent=False
        )
        if answer.status_code != 200:
            raise self._failure(answer)
        data = self._http.json(answer)
        access = data.get("access_token") if isinstance(data, dict) else None
        if not isinstance(access, str) or not access:
            raise self._http.unavailable("unknown_form")
        refresh = data.get("refresh_token")
        refresh = refresh if isinstance(refresh, str) and refresh else held.refresh
        return Tokens(access, refresh, time.time() + _use_for(data.get("expires_in")))

    def _failure(self, answer: Answer) -> Exception:
        """Return the error an answer stands for (RFC 6749 5.2)."""
        try:
            data = self._http.json(answer)
        except NetworkUnavailable:
            data = None
        error, said = _error_of(data)
        if error == "invalid_grant" and answer.status_code in (400, 401):
            return _Spent(self._http.refused("sign_in_again"))
        return self._http.failure(answer.status_code, answer.headers, said)

    def _take(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._http.hide(self.secrets())


class _Spent(Exception):
    """The grant counts no longer."""

    def __init__(self, failure: NetworkError) -> None:
        self.failure = failure


def _error_of(data: Any) -> tuple[str, str]:
    """Return the code and the words of an OAuth error; "" for each that is not there."""
    values = data if isinstance(data, dict) else {}
    code, words = values.get("error"), values.get("error_description")
    return (code if isinstance(code, str) else ""), (words[:300] if isinstance(words, str) else "")


def _use_for(lifetime: Any) -> float:
    """Return for how many seconds a token is used: until shortly before its end."""
    try:
        seconds = float(lifetime)
    except (TypeError, ValueError):
        seconds = LIFETIME
    seconds = min(max(seconds, 0.0), 24 * 3600.0)
    return max(seconds - LEEWAY, seconds / 2)
