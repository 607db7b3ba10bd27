"""What crawlers and feed readers get: where they may go, and what there is."""

from collections.abc import Iterator
from itertools import chain

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.public import feeds, sitemaps
from catalog.public.structured_data import absolute
from catalog.site.page_cache import kept
from catalog.site.settings import in_site_language

RSS = "application/rss+xml; charset=utf-8"


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers off outbound links and the dashboard, and show them the sitemap."""
    lines = [
        "User-agent: *",
        "Disallow: /go/",
        "Disallow: /dashboard/",
        "Disallow: /alerts/",
        "Disallow: /product/*/alert/",
        "",
        f"Sitemap: {absolute(reverse('public:sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@kept()
@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """List the sitemap's files."""
    return HttpResponse("".join(sitemaps.index()), content_type="application/xml")


@login_not_required
@require_safe
def sitemap_file(request: HttpRequest, section: str, number: int) -> HttpResponse:
    """Stream one file of the sitemap; 404 where it would be empty."""
    if section not in sitemaps.SECTIONS or not 0 < number < sitemaps.MAX_FILES:
        raise Http404("No such sitemap")
    pages = sitemaps.SECTIONS[section].pages(number)
    first = next(pages, None)
    if first is None:
        raise Http404("No such sitemap")
    xml = sitemaps.file(sitemaps.SECTIONS[section], chain([first], pages))
    return StreamingHttpResponse(_in_blocks(xml), content_type="application/xml")


@kept()
@login_not_required
@require_safe
@in_site_language
def feed_new(request: HttpRequest) -> HttpResponse:
    """Show the newest products to feed readers."""
    return HttpResponse(feeds.newest(), content_type=RSS)


@kept()
@login_not_required
@require_safe
@in_site_language
def feed_reductions(request: HttpRequest) -> HttpResponse:
    """Show the proven price reductions to feed readers."""
    return HttpResponse(feeds.reductions(), content_type=RSS)


def _in_blocks(lines: Iterator[str], size: int = 500) -> Iterator[str]:
    """Yield many lines at a time: each piece of a stream costs the server a write."""
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) == size:
            yield "".join(block)
            block.clear()
    yield "".join(block)
