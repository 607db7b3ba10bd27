"""Offers that a person writes on a product."""

import hashlib
import uuid

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from catalog import services
from catalog.forms import OwnOfferForm
from catalog.lib.money import format_money
from catalog.models import Offer, Product, Shop
from catalog.services.bulk_data import OFFER_FIELDS
from catalog.site.settings import site_of
from catalog.sources import OWN

MAX_SHOPS = 300


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_product", raise_exception=True)
def own_offer_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Write an offer on a product. The same form posted twice makes one."""
    product = get_object_or_404(Product, pk=pk)
    form = OwnOfferForm(request.POST or None, currency=site_of(request).currency)
    token = "".join(filter(str.isalnum, request.POST.get("token", "")))[:32] or uuid.uuid4().hex
    if request.method == "POST" and form.is_valid():
        services.add_own_offer(product, form.written, token=token)
        messages.success(request, "Offer added.")
        return redirect("catalog:product-edit", pk)
    return _show(request, form, product, {"token": token})


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_product", raise_exception=True)
def own_offer_edit(request: HttpRequest, pk: int, offer: int) -> HttpResponse:
    """Change an offer that a person wrote, or say that its price still holds."""
    found = get_object_or_404(
        Offer.objects.select_related("product", "shop"), pk=offer, product=pk, source=OWN
    )
    form, seen = OwnOfferForm(request.POST or None, offer=found), _state_of(found)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("seen", seen) != seen:
            price = format_money(found.price, found.currency)
            form.add_error(
                None,
                f"Somebody else saved this offer meanwhile: {found.shop}, {price}. "
                "Save again to replace it with yours.",
            )
            return _show(request, form, found.product, {"offer": found, "seen": seen})
        try:
            services.update_own_offer(found, form.written)
        except services.CatalogError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Offer saved. Its price counts as checked now.")
            return redirect("catalog:product-edit", pk)
    seen = request.POST.get("seen", seen)
    return _show(request, form, found.product, {"offer": found, "seen": seen})


def _state_of(offer: Offer) -> str:
    """Return what stands for all that a person wrote, to notice another save."""
    written = (getattr(offer, name) for name in ("shop_id", *OFFER_FIELDS))
    return hashlib.sha256(repr(list(written)).encode()).hexdigest()[:32]


def _show(request: HttpRequest, form: OwnOfferForm, product: Product, more: dict) -> HttpResponse:
    context = {"form": form, "product": product, "shops": Shop.objects.only("name")[:MAX_SHOPS], **more}
    return render(request, "catalog/own_offer.html", context)
