"""The style sheet of the public pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.database_away import DatabaseAway
from catalog.lib.colour import DEFAULT_ACCENT
from catalog.public.style import get_sheet
from catalog.site.settings import last_site, site_of


def _accent(request: HttpRequest) -> str:
    """Return the site's accent colour; the last one we knew while the database is away."""
    try:
        return site_of(request).accent
    except DatabaseAway:
        site = last_site()
        return site.accent if site else DEFAULT_ACCENT


@login_not_required
@require_safe
def style(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the style sheet. A page from before it changed gets the new one, but does not keep it."""
    sheet = get_sheet(_accent(request))
    is_compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        sheet.compressed if is_compressed else sheet.css, content_type="text/css; charset=utf-8"
    )
    if is_compressed:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    is_current = digest == sheet.digest
    response["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return response
