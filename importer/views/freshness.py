"""How fresh the prices are, why some are late, and "update now"."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from catalog.models import Offer, Product
from importer import tasks
from importer.freshness.asking import Asked, check_feed, check_offers, check_products, find_checking
from importer.freshness.doubted import accept_missing
from importer.freshness.promise import explain, get_freshness
from importer.freshness.responsibility import decline_mirror, feeds_to_ask_about
from importer.imports.follow import find_update
from importer.models import Feed
from importer.views.common import may_configure, may_search, may_sync

FEEDS_SHOWN = 200
MOST_PRODUCTS = 1_000  # asked for with one click
MOST_FEEDS = 50  # whose state is told


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
def missing_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take for gone what re-reads of a feed did not find, though it is much at once."""
    feed = get_object_or_404(Feed.objects.select_related("account"), pk=pk, account__removed_at=None)
    count = accept_missing(feed)
    if update := find_update(feed.pk):
        tasks.run_import.delay_on_commit(update.pk)
    messages.success(request, f"{count} product{pluralize(count)} taken for gone.")
    return _back(request, reverse("importer:feed-detail", args=[pk]))


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
    ids = _ids(request.POST.getlist("ids"))
    return _answer(request, check_products(ids[:MOST_PRODUCTS]), reverse("catalog:product-list"))


@require_safe
@may_sync
def check_progress(request: HttpRequest) -> HttpResponse:
    """Tell how far a check is that a person asked for: the part that asks again until it is over."""
    return render_page_or_part(request, "importer/check_progress.html", _progress(request.GET))


def _progress(asked: QueryDict) -> dict[str, Any]:
    feeds, read = (_ids(asked.get(name, "").split(","))[:MOST_FEEDS] for name in ("feeds", "read"))
    items = (_ids([asked.get("items", "")]) or [0])[0]
    checking = find_checking(feeds, read_feeds=read, items=items)
    address = f"{reverse('importer:check-progress')}?{asked.urlencode()}"
    return {"checking": checking, "address": address, "back": _inside(asked.get("next", ""))}


def _answer(request: HttpRequest, asked: Asked, otherwise: str) -> HttpResponse:
    """Enqueue what was asked for, say how far it is, and go back."""
    for run in asked.syncs:
        tasks.sync_feed.delay_on_commit(run.pk)
    for account_id in asked.accounts:
        tasks.reread_items.delay_on_commit(account_id)
    back = _inside(request.POST.get("next", "")) or otherwise
    if asked:
        feeds = [feed.pk for feed in asked.feeds]
        parts = {
            "feeds": ",".join(map(str, feeds[:MOST_FEEDS])),
            "read": ",".join(map(str, asked.read_feeds[:MOST_FEEDS])),
            "items": str(len(asked.item_ids)),
            "next": back,
        }
        progress = _progress(QueryDict(urlencode(parts)))
        messages.success(request, render_to_string("importer/_check_progress.html", progress))
    if asked.unable:
        noun = "offer" if asked.unable == 1 else "offers"
        messages.warning(request, f"{asked.unable} {noun} cannot be checked: no feed here has them.")
    if not asked and not asked.unable:
        messages.info(request, "There is nothing to check.")
    return redirect(back)


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    return redirect(_inside(request.POST.get("next", "")) or otherwise)


def _inside(address: str) -> str:
    return address if url_has_allowed_host_and_scheme(address, None) else ""


def _ids(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
