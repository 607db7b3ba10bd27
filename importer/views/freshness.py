"""How fresh the prices are, why some are late, and "update now"."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Offer, Product
from importer import tasks
from importer.freshness.asking import Asked, check_feed, check_offers, check_products
from importer.freshness.promise import explain, get_freshness
from importer.freshness.responsibility import decline_mirror, feeds_to_ask_about
from importer.models import Feed
from importer.views.common import may_configure, may_search, may_sync

FEEDS_SHOWN = 200
MOST_PRODUCTS = 1_000  # asked for with one click


@require_safe
@may_search
def freshness(request: HttpRequest) -> HttpResponse:
    """Show how far the promise is kept, by feed, with what is late and why."""
    found = get_freshness()
    if found is None:
        tasks.keep_fresh.delay_on_commit()
    context = {
        "freshness": found,
        "lines": explain(found.feeds[:FEEDS_SHOWN]) if found else [],
        "more": max(0, len(found.feeds) - FEEDS_SHOWN) if found else 0,
        "asked": feeds_to_ask_about(),
    }
    return render(request, "importer/freshness.html", context)


@require_POST
@may_sync
def feed_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the offers of a feed now, whether a mirror has it or its items are read by themselves."""
    feed = get_object_or_404(Feed.objects.select_related("account"), pk=pk, account__removed_at=None)
    return _answer(request, check_feed(feed), reverse("importer:freshness"))


@require_POST
@may_configure
def feed_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Do not mirror a feed that a person was asked about: its items are read by themselves."""
    decline_mirror(get_object_or_404(Feed, pk=pk, account__removed_at=None))
    return _back(request, reverse("importer:freshness"))


@require_POST
@may_sync
def offer_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check an offer now."""
    offer = get_object_or_404(Offer, pk=pk)
    return _answer(
        request, check_offers([offer.pk]), reverse("catalog:product-edit", args=[offer.product_id])
    )


@require_POST
@may_sync
def product_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the offers of a product now."""
    product = get_object_or_404(Product, pk=pk)
    return _answer(request, check_products([product.pk]), reverse("catalog:product-edit", args=[pk]))


@require_POST
@may_sync
def products_check(request: HttpRequest) -> HttpResponse:
    """Check the offers of the ticked products now."""
    ids = [
        int(text)
        for text in request.POST.getlist("ids")
        if text.isascii() and text.isdecimal() and len(text) < 19
    ]
    return _answer(request, check_products(ids[:MOST_PRODUCTS]), reverse("catalog:product-list"))


def _answer(request: HttpRequest, asked: Asked, otherwise: str) -> HttpResponse:
    """Enqueue what was asked for, say it, and go back."""
    for run in asked.syncs:
        tasks.sync_feed.delay_on_commit(run.pk)
    for account_id in asked.accounts:
        tasks.reread_items.delay_on_commit(account_id)
    said = []
    if count := len(asked.item_ids):
        said.append(f"{count} offer{pluralize(count, ' is,s are')} being read")
    if count := len(asked.feeds):
        said.append(f"{count} feed{pluralize(count, ' is,s are')} being synced")
    if said:
        messages.success(request, f"{' and '.join(said)}. Reload the page in a moment.")
    if asked.unable:
        noun = "offer" if asked.unable == 1 else "offers"
        messages.warning(request, f"{asked.unable} {noun} cannot be checked: no feed here has them.")
    if not asked and not asked.unable:
        messages.info(request, "There is nothing to check.")
    return _back(request, otherwise)


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    address = request.POST.get("next", "")
    return redirect(address if url_has_allowed_host_and_scheme(address, None) else otherwise)
