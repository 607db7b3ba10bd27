"""Brands: rename, merge, delete."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog import services
from catalog.forms import BrandForm, MergeForm
from catalog.models import Brand
from catalog.queries.lists import count_products, named_like, others_by_name
from catalog.queries.moved import find_merged
from events.kinds import Kind

PAGE_SIZE = 100
MAX_BRANDS = 300


@require_http_methods(["GET", "POST"])
@permission_required("catalog.view_brand", raise_exception=True)
def brand_list(request: HttpRequest) -> HttpResponse:
    """List brands with how many products each has, and add one."""
    form = BrandForm(request.POST or None)
    if request.method == "POST":
        if not request.user.has_perm("catalog.add_brand"):
            form.add_error(None, "You are not allowed to add brands.")
        if form.is_valid():
            brand = services.get_or_create_brand(form.cleaned_data["name"])
            messages.success(request, f"Brand “{brand.name}” added.")
            return redirect("catalog:brand-list")
    text = request.GET.get("q", "").replace("\0", "").strip()
    page = Paginator(named_like(Brand, text), PAGE_SIZE).get_page(request.GET.get("page"))
    count_products(page)
    return render(request, "catalog/brand_list.html", {"form": form, "page_obj": page, "q": text})


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_brand", raise_exception=True)
def brand_edit(request: HttpRequest, pk: int) -> HttpResponse:
    brand = get_object_or_404(Brand, pk=pk)
    form = BrandForm(request.POST or None, instance=brand)
    if request.method == "POST" and form.is_valid():
        services.save_edit(form.instance, Kind.BRAND_EDITED, fields=form.Meta.fields)
        messages.success(request, f"Brand “{form.instance.name}” saved.")
        return redirect("catalog:brand-list")
    return _render_edit(request, pk, form, MergeForm(thing=brand))


@require_POST
@permission_required(["catalog.change_brand", "catalog.delete_brand"], raise_exception=True)
def brand_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a brand's products to another brand; posted again, it is done already."""
    brand = Brand.objects.filter(pk=pk).first()
    if brand is None:
        if not (merged := find_merged(Brand, pk)):
            raise Http404("No such brand")
        name, into = merged
        messages.success(request, f"“{name}” is now part of “{into.name}”.")
        return redirect("catalog:brand-list")
    form = MergeForm(request.POST, thing=brand)
    if not form.is_valid():
        return _render_edit(request, pk, BrandForm(instance=brand), form)
    into = form.cleaned_data["into"]
    try:
        services.merge_brands(brand, into=into)
    except services.CatalogError as error:
        form.add_error("into", str(error))
        return _render_edit(request, pk, BrandForm(instance=brand), form)
    messages.success(request, f"“{brand.name}” is now part of “{into.name}”.")
    return redirect("catalog:brand-list")


@require_POST
@permission_required("catalog.delete_brand", raise_exception=True)
def brand_delete(request: HttpRequest, pk: int) -> HttpResponse:
    brand = get_object_or_404(Brand, pk=pk)
    services.delete_brand(brand)
    messages.success(request, f"Brand “{brand.name}” deleted. Its products are still there.")
    return redirect("catalog:brand-list")


def _render_edit(request: HttpRequest, pk: int, form: BrandForm, merge_form: MergeForm) -> HttpResponse:
    brand = Brand.objects.get(pk=pk)
    context = {
        "brand": brand,
        "form": form,
        "merge_form": merge_form,
        "brands": others_by_name(brand, MAX_BRANDS),
    }
    return render(request, "catalog/brand_edit.html", context)
