"""Find products, and what to write for them: beside the editor, and as a page of its own without scripts."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Category
from catalog.queries.categories import flatten
from catalog.queries.products import find_products
from pages.queries.catalogue import propose_lists


@require_safe
@permission_required("pages.view_post", raise_exception=True)
def block_search(request: HttpRequest) -> HttpResponse:
    """Show the products with some words in their titles, each with the blocks that show it."""
    text = request.GET.get("block_query", "")[:200]
    categories = flatten(Category.objects.all())
    context = {
        "block_query": text,
        "products": find_products(text),
        "lists": propose_lists(text, categories),
        "categories": categories,
    }
    if request.headers.get("HX-Request"):
        return render(request, "pages/_block_options.html", context)
    return render(request, "pages/block_search.html", context)
