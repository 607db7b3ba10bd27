"""The category tree."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status

from api.forms import data_of
from api.guard import Needs, check_version, show_version
from api.problems import of_form
from api.schemas import taxonomy as shapes
from api.schemas.common import Into
from catalog import services
from catalog.forms import CategoryForm
from catalog.models import Category
from catalog.queries.categories import read_tree

router = Router()
READ, WRITE = Needs("categories:read"), Needs("categories:write")
DELETE = Needs("categories:write", "catalog.delete_category")
MERGE = Needs("categories:write", "catalog.change_category", "catalog.delete_category")


@router.get("", response=list[shapes.CategoryOut], auth=READ)
def list_categories(request: HttpRequest) -> Any:
    """List all categories in the order of their tree."""
    return [
        {
            **{name: getattr(each, name) for name in ("id", "name", "slug", "depth", "product_count")},
            "parent": each.parent_id,
        }
        for each in read_tree()
    ]


@router.post("", response={201: shapes.CategoryWhole}, auth=Needs("categories:write", "catalog.add_category"))
def create_category(request: HttpRequest, data: shapes.CategoryIn) -> Any:
    """Make a category; where there is one of this name there, that is returned."""
    parent = get_object_or_404(Category, pk=data.parent) if data.parent else None
    return Status(201, _show(request, services.get_or_create_category(data.name, parent=parent)))


@router.get("/{int:pk}", response=shapes.CategoryWhole, auth=READ)
def get_category(request: HttpRequest, pk: int) -> Any:
    return _show(request, get_object_or_404(Category, pk=pk))


@router.patch("/{int:pk}", response=shapes.CategoryWhole, auth=WRITE)
def change_category(request: HttpRequest, pk: int, data: shapes.CategoryPatch) -> Any:
    """Rename a category, or put it at the end of another one."""
    category = get_object_or_404(Category, pk=pk)
    now = CategoryForm(instance=category)
    check_version(request, now.now)
    form = CategoryForm(data_of(now, data.dict(exclude_unset=True)), instance=category)
    if not form.is_valid():
        raise of_form(form)
    services.update_category(category, name=form.cleaned_data["name"], parent=form.cleaned_data["parent"])
    return _show(request, Category.objects.get(pk=pk))


@router.delete("/{int:pk}", response={204: None}, auth=DELETE)
def delete_category(request: HttpRequest, pk: int) -> Any:
    """Delete a category; its products stay, and what is in it moves up."""
    category = get_object_or_404(Category, pk=pk)
    check_version(request, CategoryForm(instance=category).now)
    services.delete_category(category)
    return Status(204, None)


@router.post("/{int:pk}/move", response=shapes.CategoryWhole, auth=WRITE)
def move_category(request: HttpRequest, pk: int, data: shapes.CategoryMove) -> Any:
    """Put a category before, after or inside another one."""
    category, target = get_object_or_404(Category, pk=pk), get_object_or_404(Category, pk=data.target)
    services.move_category(category, place=services.Place(data.place), target=target)
    return _show(request, Category.objects.get(pk=pk))


@router.post("/{int:pk}/merge", response=shapes.CategoryWhole, auth=MERGE)
def merge_category(request: HttpRequest, pk: int, data: Into) -> Any:
    """Give what is in a category to another one, which is returned; the address leads there."""
    category, into = get_object_or_404(Category, pk=pk), get_object_or_404(Category, pk=data.into)
    services.merge_categories(category, into=into)
    return _show(request, into)


def _show(request: HttpRequest, category: Category) -> dict[str, Any]:
    version = CategoryForm(instance=category).now
    show_version(request, version)
    return {
        **{name: getattr(category, name) for name in ("id", "name", "slug")},
        **{"parent": category.parent_id, "version": version},
    }
