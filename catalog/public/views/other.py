"""About the site, and what to say where there is no page."""

import sys

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.alerts.asking import are_offered
from catalog.database_away import is_away
from catalog.public import structured_data
from catalog.public.category_tree import shared_tree
from catalog.public.search import suggest_products
from catalog.public.structured_data import Crumb
from catalog.queries.moved import find_at_old_address
from catalog.site.page_cache import kept
from catalog.site.settings import in_site_language, last_language, site_of

RETRY_AFTER = 10  # seconds


@kept()
@login_not_required
@require_safe
@in_site_language
def about(request: HttpRequest) -> HttpResponse:
    """Say who runs the site, how it compares prices and how it earns."""
    crumbs = [Crumb(_("About us"), request.path)]
    context = {
        "offers_alerts": are_offered(site_of(request)),
        "tree": shared_tree.of(request),
        "crumbs": crumbs,
        "structured_data": [structured_data.breadcrumbs(crumbs)],
    }
    return render(request, "public/about.html", context)


@login_not_required
@in_site_language
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Lead on from an address of the site before (301), else answer 404 with products whose titles have the
    words of the address (Django's `handler404`)."""
    is_inside = request.path.startswith("/dashboard/")
    if not is_inside and (product := find_at_old_address(request.get_full_path())):
        return redirect(product, permanent=True)
    context = {"suggestions": [] if is_inside else suggest_products(request.path, site_of(request).language)}
    return render(request, "404.html", context, status=404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 in the site's language, without the database: perhaps that is what broke (`handler500`).

    503 where it is away: then the same address works again in a moment.
    """
    away = is_away(sys.exc_info()[1])
    with translation.override(last_language()):
        page = render_to_string("503.html" if away else "500.html")
    headers = {"Retry-After": RETRY_AFTER, "Cache-Control": "no-store"} if away else {}
    return HttpResponse(page, status=503 if away else 500, headers=headers)
