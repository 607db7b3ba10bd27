"""From a button to the shop."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from affiliate_site.proxy import client_network
from catalog.clicks.counting import count_click, is_person
from catalog.clicks.outbound_url import LinkRefused, outbound_url
from catalog.models import Offer, Place
from catalog.queries.offers import offers_with_domains
from catalog.site.settings import in_site_language

logger = logging.getLogger(__name__)

HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
    # Networks check which site a click came from, so the shop hears our name, but no page.
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


@login_not_required
@require_safe
def go(request: HttpRequest, offer_id: int, place: str = Place.OFFER) -> HttpResponse:
    """Send a visitor to the stored address of an offer, and count the click.

    Nothing in the request can change where, save `place`, one of a fixed set, which becomes part of the
    sub-id. 404 where the offer or the place is unknown, or the product is not published (those who may see
    drafts may try their buttons; nobody counts that), and with a page of its own where the address is not
    https or leads where no link of the shop may (`ShopSource.link_domains`).
    """
    if place not in Place.values:
        raise Http404("No such place")
    offer = get_object_or_404(offers_with_domains(), pk=offer_id)
    if not offer.product.is_published and not request.user.has_perm("catalog.view_product"):
        raise Http404("No such offer")
    try:
        address = outbound_url(offer, place, domains=offer.link_domains)
    except LinkRefused as error:
        logger.warning("Nobody was sent to offer %s: %s", offer.pk, error)
        return _refuse(request, offer)
    if offer.product.is_published and is_person(request.method, request.headers):
        count_click(offer.pk, place, client_network(request))
    return HttpResponseRedirect(address, headers=HEADERS)


@in_site_language
def _refuse(request: HttpRequest, offer: Offer) -> HttpResponse:
    page = render_to_string("public/link_refused.html", {"product": offer.product}, request)
    return HttpResponse(page, status=404, headers=HEADERS)
