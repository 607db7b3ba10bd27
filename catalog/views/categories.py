"""The category tree."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog import services
from catalog.categories import flatten
from catalog.forms import CategoryForm
from catalog.models import Category


@require_http_methods(["GET", "POST"])
@permission_required("catalog.view_category", raise_exception=True)
def category_list(request: HttpRequest) -> HttpResponse:
    """Show the tree, and add to it."""
    form = CategoryForm(request.POST or None)
    if request.method == "POST":
        if not request.user.has_perm("catalog.add_category"):
            messages.error(request, "You are not allowed to add categories.")
            return redirect("catalog:category-list")
        if form.is_valid():
            name, parent = form.cleaned_data["name"], form.cleaned_data["parent"]
            category = services.get_or_create_category(name, parent=parent)
            messages.success(request, f"Category “{category.name}” added.")
            return redirect("catalog:category-list")
    categories = flatten(
        # Counting drops the model's own order.
        Category.objects.annotate(product_count=Count("products")).order_by(*Category._meta.ordering)
    )
    return render(request, "catalog/category_list.html", {"form": form, "categories": categories})


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_category", raise_exception=True)
def category_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a category or move it, with all that is in it."""
    category = get_object_or_404(Category, pk=pk)
    form = CategoryForm(request.POST or None, instance=category)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_category(category, **form.cleaned_data)
        except services.CatalogError as error:
            form.add_error("parent", str(error))
        else:
            messages.success(request, f"Category “{category.name}” saved.")
            return redirect("catalog:category-list")
    saved = Category.objects.get(pk=pk)
    return render(request, "catalog/category_edit.html", {"form": form, "category": saved})


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
