"""Keep finished pages for visitors who are nobody in particular: in Redis, and the last few in the process.

A page is kept under the generation of the catalogue that was current before it was rendered
(`catalog.generation`), and only ever found under the generation that is current now. So a kept page is never
older than the last commit but for the second that a process trusts the generation it has read.

Stands before sessions, so that a kept page costs none of them. Who has a session is never served from here,
and nothing that sets a cookie, is private or was asked for with a parameter that the view does not name is
kept.
"""

import gzip
import hashlib
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_vary_headers

from catalog.redis import RedisError, get_redis
from catalog.shared import generation_of

MAX_QUERY_LENGTH = 100
RECENT_PAGES = 500  # of about 8 kB
RECENT_SECONDS = 60
# Django leaves both to be set for each answer.
NOT_KEPT = {"content-length", "date"}

View = Callable[..., HttpResponse]


def kept(*parameters: str) -> Callable[[View], View]:
    """Let the pages of a view be kept. `parameters` are those of the query string that it reads."""

    def mark(view: View) -> View:
        view.kept_parameters = frozenset(parameters)
        return view

    return mark


@dataclass(frozen=True, slots=True)
class Page:
    """A finished answer: its headers, and its body compressed."""

    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, response: HttpResponse) -> "Page":
        """Return the page to keep. Safe to compress: no secret is on a page that anybody may get."""
        response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        # A browser may keep it too, and asks each time whether it still holds.
        response.headers.setdefault("Cache-Control", "no-cache")
        patch_vary_headers(response, ["Accept-Encoding"])
        headers = {name: value for name, value in response.items() if name.lower() not in NOT_KEPT}
        return cls(headers, gzip.compress(response.content, 6, mtime=0))

    @classmethod
    def load(cls, data: bytes) -> "Page":
        head, _, body = data.partition(b"\n")
        return cls(json.loads(head), body)

    def dump(self) -> bytes:
        return json.dumps(self.headers).encode() + b"\n" + self.body

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return what this visitor gets: compressed or not, or only that what he has still holds."""
        body, headers = self.body, self.headers
        if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
            headers = {**headers, "Content-Encoding": "gzip"}
        else:
            body = gzip.decompress(body)
        response = HttpResponse(body, headers={**headers, "Content-Length": str(len(body))})
        if "HTTP_IF_NONE_MATCH" not in request.META:
            return response
        return get_conditional_response(request, etag=headers["ETag"], response=response)


class PageCacheMiddleware:
    """Answer with a kept page where there is one; keep what may be kept."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response
        self.release = _release()
        self.recent = RecentPages()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            if key := self._key(request):
                page = self.recent.get(key) or self._find(key)
        except (DatabaseError, RedisError):
            key = None
        if key is None:
            return self.get_response(request)
        if page is None:
            response = self.get_response(request)
            if not _may_be_kept(response):
                return response
            page = Page.of(response)
            with suppress(RedisError):
                get_redis().set(key, page.dump(), ex=settings.PAGE_CACHE_SECONDS)
        return page.answer(request)

    def _key(self, request: HttpRequest) -> str | None:
        name = _name(request)
        generation = name and generation_of(request)
        return f"page:{self.release}:{generation}:{name}" if generation else None

    def _find(self, key: str) -> Page | None:
        data = get_redis().get(key)
        if data is None:
            return None
        page = Page.load(data)
        self.recent.keep(key, page)
        return page


class RecentPages:
    """The pages that this process served last: a trip to Redis costs more than all the rest of an answer.

    A key is never used for another page (it holds the generation), so nothing has to be taken out, save what
    was there for too long: a page says how long ago prices were checked.
    """

    def __init__(self) -> None:
        self._pages: OrderedDict[str, tuple[float, Page]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Page | None:
        kept_until, page = self._pages.get(key, (0, None))
        return page if time.monotonic() < kept_until else None

    def keep(self, key: str, page: Page) -> None:
        with self._lock:
            self._pages[key] = (time.monotonic() + RECENT_SECONDS, page)
            while len(self._pages) > RECENT_PAGES:
                self._pages.popitem(last=False)


def _name(request: HttpRequest) -> str | None:
    """Return the name of the page that anybody would get; None where it must be made for this request."""
    meta = request.META
    if request.method != "GET" or "HTTP_AUTHORIZATION" in meta or "HTTP_HX_REQUEST" in meta:
        return None
    allowed = _parameters(request.path_info)
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


@lru_cache(4096)
def _parameters(path: str) -> frozenset[str] | None:
    """Return the parameters that the page of a path reads; None where it is not kept."""
    try:
        return getattr(resolve(path).func, "kept_parameters", None)
    except Resolver404:
        return None


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
