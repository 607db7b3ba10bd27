"""The only way out of the site: HTTP with limits, no private addresses, no secrets in its messages.

Every request has a deadline that holds for name, connection, headers and body alike (`connections`),
and a limit for the decoded body. A write is repeated only where its caller says that it may be.
What fails is a `NetworkError` or `NetworkUnavailable`, a code with parameters (words:
`importer.sentences`).
They are raised outside `except` blocks on purpose: an exception of `requests` holds the address, and with it
the token, and must not travel along as context in a traceback.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from email.utils import parsedate_to_datetime
from math import inf
from typing import Any

import requests
from django.conf import settings

from affiliate_site.places import Full, outside
from catalog.lib.addresses import host_of
from importer.http.answers import Answer, Stream, looks_like_html, redirect_target_of
from importer.http.auth import Renewable
from importer.http.connections import Clock, GuardedAdapter, PrivateAddress
from importer.http.errors import REFUSALS, Busy, NetworkError, NetworkUnavailable
from importer.http.not_before import NotBefore
from importer.http.quota import Quota
from importer.http.redaction import Redactor

USER_AGENT = "Mozilla/5.0 (compatible; affiliate-site/0.1; +{site})"  # without one, firewalls answer 400
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 15.0
DEADLINE = 25.0  # all tries of a request together: a person may be waiting for the page
STREAM_READ_TIMEOUT = 120.0  # a network may write a whole feed before it sends the first byte
STREAM_DEADLINE = 4 * 3600.0
MAX_BYTES = 32 * 1024 * 1024
MAX_STREAM_BYTES = 8 * 1024**3
MAX_REDIRECTS = 5
TRIES = 3
LONGEST_RETRY_AFTER = 24 * 3600.0  # whoever asks for more, or for the year 9999, is asked once a day
LONGEST_PAUSE = 10.0  # a Retry-After up to this is waited out, a longer one is reported
RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
BUSY = 3.0  # seconds after which somebody who waits for a network may have made room
_LOGIN = re.compile(rb"<input[^>]+type\s*=\s*[\"']?password\b", re.I)
SLOW_AFTER = 120.0  # seconds of waiting for a stream
SLOW_RATE = 512  # bytes a second; slower, a feed would never end


def _guarded_session(clock: Clock) -> requests.Session:
    session = requests.Session()
    # A proxy from the environment would connect for us to addresses nobody vetted, .netrc add passwords.
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT.format(site=settings.SITE_URL)
    for scheme in ("https://", "http://"):
        session.mount(scheme, GuardedAdapter(clock))
    return session


class Http:
    """HTTP for one account. `name` (a network's) is in its errors; `secrets` never are.

    Keeps cookies for as long as it lives. Not for use by several threads at once.
    """

    def __init__(self, secrets: Iterable[str] = (), name: str = "") -> None:
        self.name = name
        self._secrets = [*filter(None, secrets)]
        self._hidden = {*self._secrets}
        self.blank = Redactor(self._hidden)
        self.clock = Clock()
        self.leaves_to_people = False  # the requests of a minute that are kept for them
        self.ends_at = inf  # of all its requests together (time.monotonic); who lets a person wait sets it
        self.session = _guarded_session(self.clock)

    def hide(self, secrets: Iterable[str]) -> None:
        """Let none of these appear in an error from now on."""
        if news := {*filter(None, secrets)} - self._hidden:
            self._hidden |= news
            self.blank = Redactor(self._hidden)

    def get_bytes(self, url: str, *, max_bytes: int = MAX_BYTES, deadline: float = DEADLINE) -> bytes:
        """Return the body at `url`; raise `NetworkError` for any answer but 200."""
        answer = self.request("GET", url, max_bytes=max_bytes, deadline=deadline)
        if answer.status_code != 200:
            raise self.failure(answer.status_code, answer.headers, host=host_of(url))
        return answer.content

    def request(
        self,
        method: str,
        url: str,
        *,
        max_bytes: int = MAX_BYTES,
        deadline: float = DEADLINE,
        idempotent: bool | None = None,
        retry_on: frozenset[int] = RETRY_STATUSES,
        **kwargs: Any,
    ) -> Answer:
        """Return the whole answer, whatever its status. `kwargs` go to `requests`.

        What fails on the way, or is answered with a status of `retry_on`, is tried up to three times where it
        is `idempotent`: a second time does no harm. Only GET and HEAD are so of themselves; for anything else
        the caller says it, for whoever hears no answer cannot know whether it was carried out.
        """
        try:
            with outside("networks"):
                return self._try(method, url, max_bytes, deadline, idempotent, retry_on, **kwargs)
        except Full:
            failure = Busy("busy", BUSY)
        raise failure

    def _try(
        self,
        method: str,
        url: str,
        max_bytes: int,
        deadline: float,
        idempotent: bool | None,
        retry_on: frozenset[int],
        **kwargs: Any,
    ) -> Answer:
        ends_at = min(time.monotonic() + deadline, self.ends_at)
        tries = TRIES if (method.upper() in ("GET", "HEAD") if idempotent is None else idempotent) else 1
        for attempt in range(1, tries + 1):
            last = attempt == tries
            try:
                with self._open(method, url, ends_at, max_bytes, READ_TIMEOUT, **kwargs) as stream:
                    answer = stream.finish()
            except NetworkUnavailable:
                if last or not self._pause(attempt, None, ends_at):
                    raise
                continue
            if last or answer.status_code not in retry_on:
                return answer
            if not self._pause(attempt, retry_after(answer.headers), ends_at):
                return answer
        raise AssertionError("the last try returns or raises")

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        max_bytes: int = MAX_STREAM_BYTES,
        deadline: float = STREAM_DEADLINE,
        follow: bool = True,
        **kwargs: Any,
    ) -> Iterator[Stream]:
        """Open an answer to read it piece by piece. One try: half a stream cannot be taken back.

        Without `follow`, a redirect is an answer like others; `redirect_target` says where it leads.
        """
        ends_at = min(time.monotonic() + deadline, self.ends_at)
        opened = self._open(method, url, ends_at, max_bytes, STREAM_READ_TIMEOUT, follow, **kwargs)
        with opened as stream:
            yield stream

    def refused(self, code: str, **params: Any) -> NetworkError:
        """Build the error for what no other try changes."""
        return NetworkError(code, **self._without_secrets(params))

    def unavailable(self, code: str, seconds: float | None = None, **params: Any) -> NetworkUnavailable:
        """Build the error for "not now"; `seconds` until another try is worth it, where that is known."""
        return NetworkUnavailable(code, seconds, **self._without_secrets(params))

    def _without_secrets(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of an error, and the network's name."""
        named = {"network": self.name, **params} if self.name else params
        return {name: self.blank(value) if isinstance(value, str) else value for name, value in named.items()}

    def failure(
        self, status: int, headers: Mapping[str, str], said: str = "", host: str = ""
    ) -> NetworkError:
        """Build the error for an answer that is not a success; `said` are the network's own words."""
        who = self.name or host
        if status == 429:
            return self.unavailable("rate_limited", retry_after(headers), who=who, said=said)
        if status >= 500 or status == 408:
            return self.unavailable("server_problem", retry_after(headers), who=who, status=status, said=said)
        if status in REFUSALS:
            return self.refused(REFUSALS[status], who=who, said=said)
        return self.refused("request_refused", who=who, status=status, said=said)

    def web_page(self, content: bytes, code: str = "web_page") -> NetworkError:
        """Build the error for a web page with status 200: for a login page no later try is of any use."""
        if _LOGIN.search(content[:100_000]):
            return self.refused("login_page", who=self.name)
        return self.unavailable(code)

    def json(self, answer: Answer) -> Any:
        """Return the parsed body of `answer`; raise `NetworkError` when it is a web page, empty or broken."""
        if looks_like_html(answer.content):
            raise self.web_page(answer.content)
        if not answer.content.strip():
            raise self.unavailable("empty_answer")
        try:
            return json.loads(answer.content, parse_float=Decimal)
        except (ValueError, RecursionError):
            failure = self.unavailable("not_json")
        if answer.content.lstrip()[:1] not in (b"{", b"["):
            failure = self.unavailable("no_json", begin=" ".join(answer.text[:300].split())[:60])
        raise failure

    @contextmanager
    def _open(
        self,
        method: str,
        url: str,
        ends_at: float,
        max_bytes: int,
        patience: float,
        follow: bool = True,
        **kwargs: Any,
    ) -> Iterator[Stream]:
        not_before = NotBefore(self.name, self._secrets, url) if self.name and host_of(url) else None
        if not_before and (seconds := not_before.seconds_left()):
            raise self.unavailable("rate_limited", seconds, who=self.name, said="")
        if self.name and self._secrets:
            quota = Quota(self.name, self._secrets)
            if seconds := quota.take(leaves_to_people=self.leaves_to_people):
                raise self.unavailable("requests_spent", seconds)
        response = self._send_signed(method, url, ends_at, patience, **kwargs)
        delay = retry_after(response.headers) if response.status_code in (429, 503) else None
        if not_before and delay and delay > LONGEST_PAUSE:
            not_before.note(delay)
        try:
            for _ in range(MAX_REDIRECTS):
                if not (follow and response.is_redirect):
                    break
                target = redirect_target_of(response)
                response.close()
                if method != "GET":
                    raise self.refused("moved", who=self.name, host=host_of(target) or "?")
                # Parameters and headers stay behind: they may hold a token that is not for the other host.
                response = self._send("GET", target, ends_at, patience)
            else:
                raise self.refused("redirects_in_a_circle", host=host_of(url))
            yield Stream(self, response, ends_at, max_bytes)
        finally:
            response.close()

    def _send_signed(
        self, method: str, url: str, ends_at: float, patience: float, **kwargs: Any
    ) -> requests.Response:
        """Send one request with what its `auth` has; where that is refused, once more with another."""
        auth = kwargs.get("auth")
        if not isinstance(auth, Renewable):
            return self._send(method, url, ends_at, patience, **kwargs)
        for renew in (auth.prepare, auth.renew):
            renew(min(ends_at - time.monotonic(), DEADLINE))
            self.hide(auth.secrets())
            response = self._send(method, url, ends_at, patience, **kwargs)
            if response.status_code != 401 or renew == auth.renew:
                break
            response.close()  # it was not carried out, so that a write may be sent again
        return response

    def _send(
        self, method: str, url: str, ends_at: float, patience: float, **kwargs: Any
    ) -> requests.Response:
        """Send one request and return when its headers are there, after `patience` at the latest.

        From then on, `patience` is for each piece of the body.
        """
        self.clock.ends_at = min(ends_at, time.monotonic() + patience)
        self.clock.slow_after, self.clock.slow_rate = SLOW_AFTER, SLOW_RATE
        kwargs |= {"timeout": (CONNECT_TIMEOUT, patience), "stream": True, "allow_redirects": False}
        host = host_of(url)
        try:
            return self.session.request(method, url, **kwargs)
        except PrivateAddress:
            failure = self.refused("private_address", host=host)
        except requests.exceptions.SSLError:
            failure = self.unavailable("bad_certificate", host=host)
        except requests.exceptions.Timeout:
            failure = self.unavailable("no_answer_in_time", host=host)
        except requests.exceptions.ConnectionError:
            is_late = time.monotonic() >= self.clock.ends_at
            failure = self.unavailable("no_answer_in_time" if is_late else "unreachable", host=host)
        except (requests.exceptions.RequestException, ValueError):
            failure = self.refused("bad_address", host=host)
        raise failure

    @staticmethod
    def _pause(attempt: int, seconds: float | None, ends_at: float) -> bool:
        """Wait before another try; False when that would take too long."""
        if seconds is None:
            seconds = 0.3 * 3 ** (attempt - 1) * (1 + random.random())  # noqa: S311 spreads clients, hides nothing
        if seconds > LONGEST_PAUSE or time.monotonic() + seconds > ends_at:
            return False
        time.sleep(seconds)
        return True


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date: a day at most, None without one."""
    value = headers.get("Retry-After", "").strip()
    try:
        if value.isdecimal():
            seconds = float(value)
        else:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER)
