"""What crawlers may read, and where it is."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.public.sitemaps import list_files
from catalog.structured_data import absolute


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers off the way out and the dashboard, and show them the sitemap."""
    lines = [
        "User-agent: *",
        "Disallow: /go/",
        "Disallow: /dashboard/",
        "",
        f"Sitemap: {absolute(reverse('public:sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def sitemap(request: HttpRequest) -> TemplateResponse:
    """List the sitemap files. Unlike Django's own view, under SITE_URL whatever host the request named."""
    return TemplateResponse(
        request, "sitemap_index.xml", {"sitemaps": list_files()}, content_type="application/xml"
    )
