"""The category tree."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from catalog import services
from catalog.forms import CategoryForm, CategoryMergeForm, CategoryMoveForm
from catalog.models import Category
from catalog.queries.categories import read_tree


@require_http_methods(["GET", "POST"])
@permission_required("catalog.view_category", raise_exception=True)
def category_list(request: HttpRequest) -> HttpResponse:
    """Show the tree, and add to it."""
    form = CategoryForm(request.POST or None)
    if request.method == "POST":
        if not request.user.has_perm("catalog.add_category"):
            form.add_error(None, "You are not allowed to add categories.")
        if form.is_valid():
            name, parent = form.cleaned_data["name"], form.cleaned_data["parent"]
            category = services.get_or_create_category(name, parent=parent)
            messages.success(request, f"Category “{category.name}” added.")
            return redirect("catalog:category-list")
    return render(request, "catalog/category_list.html", {"form": form, "categories": read_tree()})


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_category", raise_exception=True)
def category_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a category or move it, with all that is in it."""
    category = get_object_or_404(Category, pk=pk)
    form = CategoryForm(request.POST or None, instance=category)
    if request.method == "POST" and form.is_valid():
        try:
            name, parent = form.cleaned_data["name"], form.cleaned_data["parent"]
            facets = form.cleaned_data.get("facets")
            services.update_category(category, name=name, parent=parent, facets=facets)
        except services.CatalogError as error:
            form.add_error("parent", str(error))
        else:
            messages.success(request, f"Category “{form.cleaned_data['name']}” saved.")
            return redirect("catalog:category-list")
    return _render_edit(request, pk, form, CategoryMergeForm(category=category))


@require_POST
@permission_required("catalog.change_category", raise_exception=True)
def category_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a category elsewhere in the tree: one step by a button, or where it was dragged."""
    category = get_object_or_404(Category, pk=pk)
    form = CategoryMoveForm(request.POST)
    try:
        if not form.is_valid():
            raise services.CatalogError(form.errors["to"][0])
        place, target = form.cleaned_data["to"]
        services.move_category(category, place=place, target=target)
        level, text = "success", f"“{category.name}” is now {place.label.lower()} “{target.name}”."
    except services.CatalogError as error:
        level, text = "error", str(error)
    if request.htmx:
        response = render(request, "catalog/_category_tree.html", {"categories": read_tree()})
        return trigger_client_event(response, "toast", {"level": level, "text": text})
    messages.add_message(request, getattr(messages, level.upper()), text)
    return redirect(f"{reverse('catalog:category-list')}#category-{pk}")


@require_POST
@permission_required(["catalog.change_category", "catalog.delete_category"], raise_exception=True)
def category_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what is in a category to another; its address leads there."""
    category = get_object_or_404(Category, pk=pk)
    form = CategoryMergeForm(request.POST, category=category)
    if form.is_valid():
        into = form.cleaned_data["into"]
        try:
            services.merge_categories(category, into=into)
        except services.CatalogError as error:
            form.add_error("into", str(error))
        else:
            messages.success(request, f"“{category.name}” is now part of “{into.name}”.")
            return redirect("catalog:category-list")
    return _render_edit(request, pk, CategoryForm(instance=category), form)


@require_POST
@permission_required("catalog.delete_category", raise_exception=True)
def category_delete(request: HttpRequest, pk: int) -> HttpResponse:
    category = get_object_or_404(Category, pk=pk)
    try:
        services.delete_category(category)
    except services.CatalogError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Category “{category.name}” deleted. Its products are still there.")
    return redirect("catalog:category-list")


def _render_edit(
    request: HttpRequest, pk: int, form: CategoryForm, merge_form: CategoryMergeForm
) -> HttpResponse:
    # A form that was posted has written into its instance.
    context = {"form": form, "merge_form": merge_form, "category": Category.objects.get(pk=pk)}
    return render(request, "catalog/category_edit.html", context)
