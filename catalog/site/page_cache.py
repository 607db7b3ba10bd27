"""Keep finished pages for visitors who are nobody in particular: in Redis, and the last few in the process.

A page is kept with the generation of the catalogue that was current before it was rendered
(`generation`), and given out only while that generation is current. So a kept page is never older
than the last commit but for the second that a process trusts the generation it has read. While PostgreSQL is
away nobody can say which generation is current: then the page that was made last is given out, for
`AWAY_SECONDS` after it was made.

Stands before sessions, so that a kept page costs none of them. Who has a session is never served from here,
and nothing that sets a cookie, is private or was asked for with what the view does not name is kept: visitors
cannot make it keep more than the catalogue has pages.
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
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_vary_headers

from affiliate_site.redis import RedisError, get_redis
from catalog.clicks.looks import note_look
from catalog.database_away import DatabaseAway
from catalog.site.shared import generation_of, last_known_generation

PRODUCT = "/product/"
MAX_QUERY_LENGTH = 100
MAX_PATH_LENGTH = 250
RECENT_PAGES = 500  # of about 8 kB
RECENT_BYTES = 16 * 2**20
AWAY_SECONDS = 3600
# What was there is not: its page must not come back while the database is away.
GONE = {301, 302, 404, 410}
# Django leaves both to be set for each answer.
NOT_KEPT = {"content-length", "date"}

View = Callable[..., HttpResponse]


def kept(**parameters: Callable[[str], bool]) -> Callable[[View], View]:
    """Let the pages of a view be kept. `parameters` are those of the query string that it reads, each with
    what tells whether a value is one of those few that the view knows.
    """

    def mark(view: View) -> View:
        view.kept_parameters = parameters
        return view

    return mark


@dataclass(frozen=True, slots=True)
class Page:
    """A finished answer: its headers, its body compressed, the generation it shows and when it was made."""

    headers: dict[str, str]
    body: bytes
    generation: str
    made_at: float

    @classmethod
    def of(cls, response: HttpResponse, generation: str, made_at: float) -> "Page":
        """Return the page to keep. Safe to compress: no secret is on a page that anybody may get."""
        response["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        # A browser may keep it too, and asks each time whether it still holds.
        response.headers.setdefault("Cache-Control", "no-cache")
        patch_vary_headers(response, ["Accept-Encoding"])
        headers = {name: value for name, value in response.items() if name.lower() not in NOT_KEPT}
        return cls(headers, gzip.compress(response.content, 6, mtime=0), generation, made_at)

    @classmethod
    def load(cls, data: bytes) -> "Page":
        head, _, body = data.partition(b"\n")
        headers, generation, made_at = json.loads(head)
        return cls(headers, body, generation, made_at)

    def dump(self) -> bytes:
        return json.dumps((self.headers, self.generation, self.made_at)).encode() + b"\n" + self.body

    def holds(self, generation: str) -> bool:
        """Tell whether it shows the catalogue as it is in a generation, and the clock as it is about now."""
        return self.generation == generation and time.time() < self.made_at + settings.PAGE_CACHE_SECONDS

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
        name = _name(request)
        try:
            generation = name and generation_of(request)
        except DatabaseAway:
            page = self._newest(name)
            return page.answer(request) if page else self.get_response(request)
        if not generation:
            return self.get_response(request)
        page = self.recent.get(name)
        if page is None or not page.holds(generation):
            page = self._fetch(name)
        if page is None or not page.holds(generation):
            return self._make(request, name, generation)
        request.is_kept_page = True  # type: ignore[attr-defined]  # for who counts
        _note_look(request)
        return page.answer(request)

    def _make(self, request: HttpRequest, name: str, generation: str) -> HttpResponse:
        began = time.time()
        response = self.get_response(request)
        if _may_be_kept(response):
            page = Page.of(response, generation, began)
            _note_look(request)
            self.recent.keep(name, page)
            with suppress(RedisError):
                get_redis().set(self._key(name), page.dump(), ex=AWAY_SECONDS)
            return page.answer(request)
        if response.status_code in GONE:
            self.recent.drop(name)
            with suppress(RedisError):
                get_redis().delete(self._key(name))
        return response

    def _newest(self, name: str) -> Page | None:
        """Return the page to show while nobody knows what has changed since it was made."""
        page = self.recent.get(name)
        if page is None or page.generation != last_known_generation():
            page = self._fetch(name, otherwise=page)  # another process may have made it since
        return page if page and time.time() < page.made_at + AWAY_SECONDS else None

    def _fetch(self, name: str, otherwise: Page | None = None) -> Page | None:
        """Return what Redis has under a name; `otherwise` where Redis is away."""
        try:
            data = get_redis().get(self._key(name))
        except RedisError:
            return otherwise
        if data is None:
            return None
        page = Page.load(data)
        self.recent.keep(name, page)
        return page

    def _key(self, name: str) -> str:
        return f"page:{self.release}:{name}"


class RecentPages:
    """The pages that this process served last: a trip to Redis costs more than all the rest of an answer."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, name: str) -> Page | None:
        return self._pages.get(name)

    def keep(self, name: str, page: Page) -> None:
        with self._lock:
            self._take_out(name)
            self._pages[name] = page
            self._bytes += len(page.body)
            while len(self._pages) > RECENT_PAGES or self._bytes > RECENT_BYTES:
                self._take_out(next(iter(self._pages)))

    def drop(self, name: str) -> None:
        with self._lock:
            self._take_out(name)

    def _take_out(self, name: str) -> None:
        if page := self._pages.pop(name, None):
            self._bytes -= len(page.body)


def _note_look(request: HttpRequest) -> None:
    """Count a look at a product: its price is checked oftener than one that nobody sees."""
    path = request.path_info
    if path.startswith(PRODUCT):
        note_look(path[len(PRODUCT) : -1], request.META.get("HTTP_USER_AGENT", ""))


def _name(request: HttpRequest) -> str | None:
    """Return the name of the page that anybody would get; None where it must be made for this request."""
    meta = request.META
    if request.method != "GET" or "HTTP_AUTHORIZATION" in meta or "HTTP_HX_REQUEST" in meta:
        return None
    query = meta.get("QUERY_STRING", "")
    if len(request.path_info) > MAX_PATH_LENGTH or len(query) > MAX_QUERY_LENGTH:
        return None
    allowed = _parameters(request.path_info)
    if allowed is None:
        return None
    request.get_host()  # what the site refuses to answer is not answered from here either
    if not query:
        return request.path
    parameters = request.GET
    for parameter, values in parameters.lists():
        if parameter not in allowed or len(values) != 1 or not allowed[parameter](values[0]):
            return None
    return f"{request.path}?{urlencode(sorted(parameters.items()))}"


@lru_cache(4096)
def _parameters(path: str) -> dict[str, Callable[[str], bool]] | None:
    """Return the parameters that the page of a path reads, as `kept` got them; None where it is not kept."""
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
    folders = (
        *(settings.BASE_DIR / name for name in ("catalog", "pages", "templates")),
        Path(settings.STATIC_ROOT),
    )
    newest = max(
        (
            path.stat().st_mtime_ns
            for folder in folders
            for path in folder.rglob("*")
            if path.suffix in (".py", ".html", ".mo", ".json")
        ),
        default=0,
    )
    made_with = (
        newest,
        settings.SITE_URL,
        settings.LANGUAGE_CODE,
        settings.TIME_ZONE,
        settings.DEBUG,
        settings.MAIL_IS_SET_UP,
    )
    return hashlib.sha256(repr(made_with).encode()).hexdigest()[:12]
