"""Addresses that a page may not have, because the site itself has something there."""

from functools import lru_cache

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

# What servers, crawlers and later versions look for at the top of a site.
KEPT_FREE = {
    *(
        "admin",
        "api",
        "app",
        "assets",
        "blog",
        "dashboard",
        "deals",
        "en",
        "de",
        "nl",
        "sv",
        "favicon",
        "feed",
    ),
    *("go", "guides", "health", "healthz", "index", "login", "logout", "media", "metrics", "news", "page"),
    *("pages", "picture", "preview", "product", "products", "search", "sitemap", "static", "well-known"),
}


def is_reserved(slug: str) -> bool:
    """Tell whether `/<slug>/` belongs to the site, or something below it does."""
    if slug.casefold() in KEPT_FREE | _first_parts():
        return True
    try:
        return resolve(f"/{slug}/").view_name != "guides:page"
    except Resolver404:
        return False


@lru_cache(1)
def _first_parts() -> frozenset[str]:
    """Return what the addresses of the site begin with: "product", "category", ..."""
    return frozenset(part for pattern in get_resolver().url_patterns for part in _first(pattern) if part)


def _first(pattern: URLPattern | URLResolver) -> list[str]:
    own = str(pattern.pattern)
    if own or isinstance(pattern, URLPattern):
        part = own.lstrip("^").partition("/")[0]
        return [] if "<" in part else [part.partition(".")[0].casefold()]
    return [part for below in pattern.url_patterns for part in _first(below)]
