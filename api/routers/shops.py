"""Shops. Imports make them."""

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
from catalog.forms import ShopForm
from catalog.models import Shop
from catalog.queries.lists import count_offers, named_like, source_keys, with_sources
from events.kinds import Kind

router = Router()
READ, WRITE = Needs("shops:read"), Needs("shops:write")
DELETE = Needs("shops:write", "catalog.delete_shop")
MERGE = Needs("shops:write", "catalog.change_shop", "catalog.delete_shop")


@router.get("", response=Page[shapes.ShopOut], auth=READ)
def list_shops(request: HttpRequest, asked: Query[shapes.NameFilter], paging: Query[Paging]) -> Any:
    page = page_of(named_like(Shop, asked.q), paging, falls=False, prepare=with_sources)
    count_offers(page["items"])
    rows = [_row(shop, [source.key for source in shop.sources.all()]) for shop in page["items"]]
    return {"items": rows, "next": page["next"]}


@router.get("/{int:pk}", response=shapes.ShopOut, auth=READ)
def get_shop(request: HttpRequest, pk: int) -> Any:
    return _show(request, get_object_or_404(Shop, pk=pk))


@router.patch("/{int:pk}", response=shapes.ShopOut, auth=WRITE)
def change_shop(request: HttpRequest, pk: int, data: shapes.ShopPatch) -> Any:
    """Change what visitors see of a shop."""
    shop = get_object_or_404(Shop.objects.select_for_update(no_key=True), pk=pk)
    now = ShopForm(instance=shop)
    check_version(request, now.now)
    form = ShopForm(data_of(now, data.dict(exclude_unset=True)), instance=shop)
    if not form.is_valid():
        raise of_form(form)
    services.save_edit(shop, Kind.SHOP_EDITED, fields=form.Meta.fields)
    return _show(request, shop)


@router.delete("/{int:pk}", response={204: None}, auth=DELETE)
def delete_shop(request: HttpRequest, pk: int) -> Any:
    """Delete a shop that has no offers any more."""
    shop = get_object_or_404(Shop, pk=pk)
    check_version(request, ShopForm(instance=shop).now)
    services.delete_shop(shop)
    return Status(204, None)


@router.post("/{int:pk}/merge", response=shapes.ShopOut, auth=MERGE)
def merge_shop(request: HttpRequest, pk: int, data: Into) -> Any:
    """Give a shop's offers to another one, which is returned."""
    shop, into = get_object_or_404(Shop, pk=pk), get_object_or_404(Shop, pk=data.into)
    services.merge_shops(shop, into=into)
    return _show(request, into)


def _show(request: HttpRequest, shop: Shop) -> dict[str, Any]:
    count_offers([shop])
    version = ShopForm(instance=shop).now
    show_version(request, version)
    return _row(shop, source_keys(shop)) | {"version": version}


def _row(shop: Any, sources: list[str]) -> dict[str, Any]:
    names = ("id", "name", "slug", "url", "offer_count")
    return {name: getattr(shop, name) for name in names} | {"sources": sources}
