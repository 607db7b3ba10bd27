"""Shops as visitors see them."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import services
from catalog.forms import MergeForm, ShopForm, ShopMergeForm
from catalog.lib.source_keys import own_part, source_of
from catalog.models import Product, Shop
from catalog.queries.lists import count_offers, named_like, others_by_name, source_keys, with_sources
from catalog.queries.moved import find_merged
from catalog.sources import source_label
from events.kinds import Kind

PAGE_SIZE = 100
MAX_SHOPS = 300


@require_safe
@permission_required("catalog.view_shop", raise_exception=True)
def shop_list(request: HttpRequest) -> HttpResponse:
    """List the shops with their offers and the networks that know them. Imports add shops."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    shops = with_sources(named_like(Shop, text))
    page = Paginator(shops, PAGE_SIZE).get_page(request.GET.get("page"))
    count_offers(page)
    for shop in page:
        shop.networks = sorted({source_label(source_of(source.key)) for source in shop.sources.all()})
    return render(request, "catalog/shop_list.html", {"page_obj": page, "q": text})


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_shop", raise_exception=True)
def shop_edit(request: HttpRequest, pk: int) -> HttpResponse:
    shop = get_object_or_404(Shop, pk=pk)
    form = ShopForm(request.POST or None, request.FILES or None, instance=shop)
    if request.method == "POST" and form.is_valid():
        services.save_edit(shop, Kind.SHOP_EDITED, fields=form.Meta.fields)
        messages.success(request, f"Shop “{shop.name}” saved.")
        return redirect("catalog:shop-list")
    return _render_edit(request, pk, form, MergeForm(thing=shop))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(["catalog.change_shop", "catalog.delete_shop"], raise_exception=True)
def shop_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what merging a shop with the one named `into` will do, and do it when that is posted."""
    if request.method == "POST":
        return _merge(request, pk)
    shop = get_object_or_404(Shop, pk=pk)
    form = MergeForm(request.GET, thing=shop)
    if not form.is_valid():
        return _render_edit(request, pk, ShopForm(instance=shop), form)
    context = {
        "shop": shop,
        "into": form.cleaned_data["into"],
        "offer_count": shop.offers.count(),
        "product_count": Product.objects.filter(shop_ids__contains=[pk]).count(),
        "sources": [_source_name(key) for key in source_keys(shop)],
    }
    return render(request, "catalog/shop_merge.html", context)


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


def _render_edit(request: HttpRequest, pk: int, form: ShopForm, merge_form: MergeForm) -> HttpResponse:
    shop = Shop.objects.get(pk=pk)
    context = {
        "shop": shop,
        "form": form,
        "merge_form": merge_form,
        "shops": others_by_name(shop, MAX_SHOPS),
    }
    return render(request, "catalog/shop_edit.html", context)


def _merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge what was asked about; posted again, it is done already."""
    form = ShopMergeForm(request.POST)
    if not form.is_valid():
        get_object_or_404(Shop, pk=pk)
        messages.error(request, "The other shop does not exist any more.")
        return redirect("catalog:shop-edit", pk)
    into = form.cleaned_data["into"]
    shop = Shop.objects.filter(pk=pk).first()
    merged = None if shop else find_merged(Shop, pk)
    if shop is None and (merged is None or merged[1] != into):
        raise Http404("No such shop")
    name = shop.name if shop else merged[0]
    try:
        services.merge_shops(shop or Shop(pk=pk), into=into)
    except services.CatalogError as error:
        messages.error(request, str(error))
        return redirect("catalog:shop-edit", pk)
    messages.success(request, f"“{name}” is now part of “{into.name}”.")
    return redirect("catalog:shop-edit", into.pk)


def _source_name(key: str) -> str:
    return f"{source_label(source_of(key))}, program {own_part(key)}"
