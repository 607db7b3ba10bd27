"""Brands."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from api.forms import data_of
from api.guard import Needs, check_version, show_version
from api.paging import Paging, page_of
from api.problems import of_form
from api.schemas import taxonomy as shapes
from api.schemas.common import Into, Page
from catalog import services
from catalog.forms import BrandForm
from catalog.models import Brand
from catalog.queries.lists import count_products, named_like
from events.kinds import Kind

router = Router()
READ, WRITE = Needs("brands:read"), Needs("brands:write")
DELETE = Needs("brands:write", "catalog.delete_brand")
MERGE = Needs("brands:write", "catalog.change_brand", "catalog.delete_brand")


@router.get("", response=Page[shapes.BrandOut], auth=READ)
def list_brands(request: HttpRequest, asked: Query[shapes.NameFilter], paging: Query[Paging]) -> Any:
    page = page_of(named_like(Brand, asked.q), paging, falls=False)
    count_products(page["items"])
    return page


@router.post("", response={201: shapes.BrandOut}, auth=Needs("brands:write", "catalog.add_brand"))
def create_brand(request: HttpRequest, data: shapes.BrandIn) -> Any:
    """Make a brand; where there is one of this name, that is returned."""
    return Status(201, _show(request, services.get_or_create_brand(data.name)))


@router.get("/{int:pk}", response=shapes.BrandOut, auth=READ)
def get_brand(request: HttpRequest, pk: int) -> Any:
    return _show(request, get_object_or_404(Brand, pk=pk))


@router.patch("/{int:pk}", response=shapes.BrandOut, auth=WRITE)
def change_brand(request: HttpRequest, pk: int, data: shapes.BrandIn) -> Any:
    """Rename a brand; its address stays."""
    brand = get_object_or_404(Brand.objects.select_for_update(no_key=True), pk=pk)
    now = BrandForm(instance=brand)
    check_version(request, now.now)
    form = BrandForm(data_of(now, data.dict(exclude_unset=True)), instance=brand)
    if not form.is_valid():
        raise of_form(form)
    services.save_edit(brand, Kind.BRAND_EDITED, fields=form.Meta.fields)
    return _show(request, brand)


@router.delete("/{int:pk}", response={204: None}, auth=DELETE)
def delete_brand(request: HttpRequest, pk: int) -> Any:
    """Delete a brand; its products stay, without one."""
    brand = get_object_or_404(Brand, pk=pk)
    check_version(request, BrandForm(instance=brand).now)
    services.delete_brand(brand)
    return Status(204, None)


@router.post("/{int:pk}/merge", response=shapes.BrandOut, auth=MERGE)
def merge_brand(request: HttpRequest, pk: int, data: Into) -> Any:
    """Give a brand's products to another one, which is returned."""
    brand, into = get_object_or_404(Brand, pk=pk), get_object_or_404(Brand, pk=data.into)
    services.merge_brands(brand, into=into)
    return _show(request, into)


def _show(request: HttpRequest, brand: Brand) -> dict[str, Any]:
    count_products([brand])
    version = BrandForm(instance=brand).now
    show_version(request, version)
    names = ("id", "name", "slug", "product_count")
    return {name: getattr(brand, name) for name in names} | {"version": version}
