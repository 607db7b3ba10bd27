"""The way out: from a button to the shop."""

import logging
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from catalog.models import Offer

logger = logging.getLogger(__name__)

HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
    # Networks check which site a click came from, so the shop hears our name, but no page.
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


@login_not_required
@require_safe
def go(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Send a visitor to the stored address of an offer; nothing in the request can change where.

    404 where the offer is unknown, its address is no web address, or its product is not published (those who
    may see drafts may try their buttons).
    """
    offers = Offer.objects.select_related("product").only("tracking_url", "product__status")
    offer = get_object_or_404(offers, pk=offer_id)
    if not offer.product.is_published and not request.user.has_perm("catalog.view_product"):
        raise Http404("No such offer")
    if not is_web_address(offer.tracking_url):
        logger.warning("Offer %s has an address that is no web address", offer.pk)
        raise Http404("No such offer")
    return HttpResponseRedirect(offer.tracking_url, headers=HEADERS)


def is_web_address(url: str) -> bool:
    """Tell whether browsers and we read `url` as the same http(s) address."""
    if "\\" in url or any(char.isspace() or not char.isprintable() for char in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
