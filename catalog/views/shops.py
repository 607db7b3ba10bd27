"""Shops as visitors see them."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import services
from catalog.forms import ShopForm
from catalog.models import Offer, Shop
from catalog.sources import source_label

PAGE_SIZE = 100


@require_safe
@permission_required("catalog.view_shop", raise_exception=True)
def shop_list(request: HttpRequest) -> HttpResponse:
    """List the shops with their offers and the networks that know them. Imports add shops."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    shops = Shop.objects.filter(name__icontains=text) if text else Shop.objects.all()
    page = Paginator(shops.prefetch_related("sources"), PAGE_SIZE).get_page(request.GET.get("page"))
    offers = Offer.objects.filter(shop__in=[shop.pk for shop in page]).order_by()
    counts = dict(offers.values_list("shop").annotate(Count("pk")))
    for shop in page:
        shop.offer_count = counts.get(shop.pk, 0)
        shop.networks = sorted({source_label(source.key.partition(":")[0]) for source in shop.sources.all()})
    return render(request, "catalog/shop_list.html", {"page_obj": page, "q": text})


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_shop", raise_exception=True)
def shop_edit(request: HttpRequest, pk: int) -> HttpResponse:
    shop = get_object_or_404(Shop, pk=pk)
    form = ShopForm(request.POST or None, request.FILES or None, instance=shop)
    if request.method == "POST" and form.is_valid():
        shop = form.save()
        messages.success(request, f"Shop “{shop.name}” saved.")
        return redirect("catalog:shop-list")
    saved = Shop.objects.get(pk=pk)
    return render(request, "catalog/shop_edit.html", {"form": form, "shop": saved})


@require_POST
@permission_required("catalog.delete_shop", raise_exception=True)
def shop_delete(request: HttpRequest, pk: int) -> HttpResponse:
    shop = get_object_or_404(Shop, pk=pk)
    try:
        services.delete_shop(shop)
    except services.CatalogError as error:
        messages.error(request, str(error))
        return redirect("catalog:shop-edit", pk)
    messages.success(request, f"Shop “{shop.name}” deleted.")
    return redirect("catalog:shop-list")
