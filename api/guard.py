"""What stands around every operation: who asks, how often, once or again, and which state was seen.

A write is one transaction: the token is held, the work is done, the answer is kept. What is refused leaves
nothing behind.
"""

import hashlib
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import get_conditional_response
from ninja.operation import Operation
from ninja.security import HttpBearer
from psycopg.errors import DeadlockDetected

from affiliate_site.proxy import client_network
from api import answers, limits
from api.models import Token
from api.problems import Problem
from api.scopes import SCOPES
from api.tokens import find_token, hold, note_use

logger = logging.getLogger(__name__)

SAFE = ("GET", "HEAD")
TRIES = 3  # of a write that PostgreSQL ended because an import waited for it, too
MISSES = 30  # requests without a good token in a minute, of one address
Run = Callable[..., HttpResponse]


class Needs(HttpBearer):
    """What an operation needs: a scope of the token, and permissions of its user.

    Without `permissions`, the one that the scope names. `reads`: it changes nothing although it is a POST.
    """

    def __init__(self, scope: str, *permissions: str, reads: bool = False) -> None:
        super().__init__()
        self.scope, self.reads = scope, reads
        self.permissions = permissions or (SCOPES[scope][1],)

    def __call__(self, request: HttpRequest) -> Token:
        token: Token = request.api_token  # type: ignore[attr-defined]
        if self.scope not in token.scopes:
            raise Problem(
                "scope_missing", f"This needs the scope {self.scope}.", params={"scope": self.scope}
            )
        require(request, *self.permissions)
        return token

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        return self(request)


def require(request: HttpRequest, *permissions: str) -> None:
    """Refuse unless the user of the token may all of this at the moment."""
    missing = [name for name in permissions if not request.user.has_perm(name)]
    if missing:
        raise Problem(
            "permission_missing",
            f"The user of this token may not do this: {', '.join(missing)}.",
            params={"permissions": missing},
        )


def guarded(run: Run) -> Run:
    """Wrap how ninja runs an operation."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]  # it is a bound method
    needs: Needs = operation.auth_callbacks[0]  # type: ignore[assignment]

    @wraps(run)
    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        # Sentences are part of the answer: their language is one, whoever asks.
        with translation.override("en"):
            headers: dict[str, str] = {}
            try:
                token, allowance = _admit(request)
                headers = allowance.headers
                needs(request)
                if request.method in SAFE or needs.reads:
                    response = run(request, **path)
                else:
                    response = _write(run, request, token, path)
            except Problem as problem:
                response = problem.to_response(request)
            except RequestDataTooBig:
                response = Problem("too_large").to_response(request)
            except OperationalError:
                logger.warning("API %s %s", request.method, request.path, exc_info=True)
                response = Problem("unavailable", headers={"Retry-After": "2"}).to_response(request)
            except Exception:  # noqa: BLE001 a program gets an answer that it can read, whatever happened
                logger.exception("API %s %s", request.method, request.path)
                response = Problem("error").to_response(request)
            for name, value in headers.items():
                response[name] = value
            return finish(request, response)

    return answer


def _admit(request: HttpRequest) -> tuple[Token, limits.Allowance]:
    """Find out who asks and count it. Who brings no good token is counted by address, and soon not heard."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    network = f"address:{client_network(request)}"
    token = None
    if scheme.lower() == "bearer":
        misses = limits.take(network, MISSES, count=0)
        if misses.used >= MISSES:
            raise _too_many(misses)
        token = find_token(text.strip())
    if token is None:
        misses = limits.take(network, MISSES)
        if misses.is_spent:
            raise _too_many(misses)
        code = "token_refused" if text else "token_missing"
        raise Problem(code, headers={"WWW-Authenticate": "Bearer"})
    allowance = limits.take(f"token:{token.pk}", settings.API_REQUESTS_PER_MINUTE)
    if allowance.is_spent:
        raise _too_many(allowance)
    request.user = token.user
    request.api_token = token  # type: ignore[attr-defined]
    note_use(token)
    return token, allowance


def _too_many(allowance: limits.Allowance) -> Problem:
    seconds = allowance.seconds
    return Problem(
        "rate_limited",
        f"{allowance.limit} requests in a minute are allowed. Try again in {seconds} seconds.",
        params={"limit": allowance.limit, "seconds": seconds},
        headers={**allowance.headers, "Retry-After": str(seconds)},
    )


def _write(run: Run, request: HttpRequest, token: Token, path: dict[str, Any]) -> HttpResponse:
    key, digest = answers.key_of(request), answers.digest_of(request)
    for attempt in range(1, TRIES + 1):
        try:
            return _write_once(run, request, token, path, key, digest)
        except OperationalError as error:
            if attempt == TRIES or not isinstance(error.__cause__, DeadlockDetected):
                raise
    raise AssertionError("the last try returns or raises")


@transaction.atomic
def _write_once(
    run: Run, request: HttpRequest, token: Token, path: dict[str, Any], key: str, digest: str
) -> HttpResponse:
    if not hold(token):
        raise Problem("token_refused", headers={"WWW-Authenticate": "Bearer"})
    if key and (kept := answers.begin(token, key, digest)):
        return kept
    response = run(request, **path)
    if response.status_code >= 400:
        transaction.set_rollback(True)
    elif key:
        _set_etag(request, response)
        answers.keep(token, key, digest, response)
    return response


def finish(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Say of an answer what it may be kept for, and 304 where it is what the program has."""
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    response["X-Content-Type-Options"] = "nosniff"
    if response.status_code != 200 and not response.has_header("ETag"):
        return response
    _set_etag(request, response)
    if request.method in SAFE:
        headers = dict(response.items())
        response = get_conditional_response(request, etag=response["ETag"], response=response) or response
        for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Vary"):
            if name in headers:
                response[name] = headers[name]
    return response


# --- Versions ------------------------------------------------------------------------------------
def show_version(request: HttpRequest, version: str) -> None:
    """Say which state of a thing the answer shows; its ETag begins with it."""
    request.api_version = version  # type: ignore[attr-defined]


def _set_etag(request: HttpRequest, response: HttpResponse) -> None:
    if response.has_header("ETag"):
        return
    digest = hashlib.sha256(response.content).hexdigest()[:20]
    version = getattr(request, "api_version", "")
    response["ETag"] = f'"{version}~{digest}"' if version else f'"{digest}"'


def wanted_versions(request: HttpRequest) -> list[str]:
    """Return the versions that `If-Match` names, [] where it names none or any (`*`).

    What changed beside it (an offer's price) is no reason to refuse: only who saved the thing itself.
    """
    told = request.headers.get("If-Match", "").strip()
    if not told or told == "*":
        return []
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in told.split(",")]
    return [tag.partition("~")[0] if "~" in tag else "-" for tag in tags]


def check_version(request: HttpRequest, version: str) -> None:
    """Refuse a write that was made of another state than this one."""
    wanted = wanted_versions(request)
    if wanted and version not in wanted:
        raise Problem("changed_meanwhile", "Read it again: its ETag is another one now.")
