"""Keep finished pages in Redis for visitors who are nobody in particular.

A page is kept under the generation of the catalogue that was current before it was rendered
(`catalog.generation`), and only ever found under the generation that is current now. So a kept page is never
older than the last commit but for `MEMO_SECONDS`, the time that a process trusts the generation it has read.

Stands before sessions, so that a kept page costs none of them. Who has a session is never served from here,
and nothing that sets a cookie, is private or was asked for with a parameter that the view does not name is
kept.
"""

import gzip
import hashlib
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_vary_headers

from catalog.generation import get_generation
from catalog.redis import RedisError, get_redis

MEMO_SECONDS = 1.0
MAX_QUERY_LENGTH = 100
# Django leaves both to be set for each answer.
NOT_KEPT = {"content-length", "date"}

View = Callable[..., HttpResponse]


def kept(*parameters: str) -> Callable[[View], View]:
    """Let the pages of a view be kept. `parameters` are those of the query string that it reads."""

    def mark(view: View) -> View:
        view.kept_parameters = frozenset(parameters)
        return view

    return mark


class PageCacheMiddleware:
    """Answer from Redis where a page is kept; keep what may be kept."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response
        self.release = _release()
        self.generation = CurrentGeneration()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.PAGE_CACHE_SECONDS or (name := _name(request)) is None:
            return self.get_response(request)
        try:
            key = f"page:{self.release}:{self.generation.get()}:{name}"
            page = get_redis().get(key)
        except (DatabaseError, RedisError):
            return self.get_response(request)
        if page is None:
            response = self.get_response(request)
            if not _may_be_kept(response):
                return response
            page = _pack(response)
            try:
                get_redis().set(key, page, ex=settings.PAGE_CACHE_SECONDS)
            except RedisError:
                return response
        return _answer(request, page)


class CurrentGeneration:
    """The generation, asked for once in `MEMO_SECONDS` by each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value = ""
        self._trusted_until = float("-inf")

    def get(self) -> str:
        if time.monotonic() >= self._trusted_until:
            with self._lock:
                now = time.monotonic()  # before the question: the answer may be as old as that
                if now >= self._trusted_until:
                    self._value = get_generation()
                    self._trusted_until = now + MEMO_SECONDS
        return self._value


def _name(request: HttpRequest) -> str | None:
    """Return the name of the page that anybody would get; None where it must be made for this request."""
    meta = request.META
    if request.method != "GET" or "HTTP_AUTHORIZATION" in meta or "HTTP_HX_REQUEST" in meta:
        return None
    if "HTTP_COOKIE" in meta and settings.SESSION_COOKIE_NAME in request.COOKIES:
        return None
    try:
        allowed = getattr(resolve(request.path_info).func, "kept_parameters", None)
    except Resolver404:
        return None
    query = meta.get("QUERY_STRING", "")
    if allowed is None or len(query) > MAX_QUERY_LENGTH:
        return None
    request.get_host()  # what the site refuses to answer is not answered from here either
    if not query:
        return request.path
    parameters = request.GET
    if not allowed.issuperset(parameters) or any(len(values) > 1 for _, values in parameters.lists()):
        return None
    return f"{request.path}?{urlencode(sorted(parameters.items()))}"


def _may_be_kept(response: HttpResponse) -> bool:
    control = response.get("Cache-Control", "")
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not response.has_header("Content-Encoding")
        and "private" not in control
        and "no-store" not in control
    )


def _pack(response: HttpResponse) -> bytes:
    """Return headers and compressed body. Safe to compress: no secret is on a page that anybody may get."""
    response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    # A browser may keep it too, and asks each time whether it still holds.
    response.headers.setdefault("Cache-Control", "no-cache")
    patch_vary_headers(response, ["Accept-Encoding"])
    headers = [(name, value) for name, value in response.items() if name.lower() not in NOT_KEPT]
    return json.dumps(headers).encode() + b"\n" + gzip.compress(response.content, 6, mtime=0)


def _answer(request: HttpRequest, page: bytes) -> HttpResponse:
    head, _, body = page.partition(b"\n")
    headers = dict(json.loads(head))
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    headers["Content-Length"] = str(len(body))
    answer = HttpResponse(body, headers=headers)
    return get_conditional_response(request, etag=headers["ETag"], response=answer)


def _release() -> str:
    """Return what changes with the code, the templates and the settings that pages are made with."""
    folders = (settings.BASE_DIR / "catalog", settings.BASE_DIR / "templates", Path(settings.STATIC_ROOT))
    newest = max(
        (
            path.stat().st_mtime_ns
            for folder in folders
            for path in folder.rglob("*")
            if path.suffix in (".py", ".html", ".mo", ".json")
        ),
        default=0,
    )
    made_with = (newest, settings.SITE_URL, settings.LANGUAGE_CODE, settings.TIME_ZONE, settings.DEBUG)
    return hashlib.sha256(repr(made_with).encode()).hexdigest()[:12]
