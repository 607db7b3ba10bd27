"""Home, category, brand, shop and search: pages that list products."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import InvalidPage
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.models import Brand, Category, Product, Shop
from catalog.public import structured_data
from catalog.public.category_tree import CategoryTree, shared_tree
from catalog.public.facets import FacetSource
from catalog.public.filters import Filters, in_subtree
from catalog.public.listing import (
    KEPT_PARAMETERS,
    Listing,
    list_products,
    most_reduced,
    published_products,
)
from catalog.public.search import find_products
from catalog.public.structured_data import Crumb
from catalog.queries.moved import find_successor
from catalog.site.page_cache import kept
from catalog.site.settings import in_site_language, site_of

MAX_QUERY_LENGTH = 200
REDUCED_COUNT = 5


@kept(**KEPT_PARAMETERS)
@login_not_required
@require_safe
@in_site_language
def home(request: HttpRequest) -> HttpResponse:
    site = site_of(request)
    tree = shared_tree.of(request)
    listing = _list(request, published_products(), site.currency)
    is_first = listing.page.number == 1 and listing.sort == "newest"
    context = {
        "site": site,
        "tree": tree,
        "listing": listing,
        "reduced": most_reduced(REDUCED_COUNT) if is_first else [],
        "structured_data": [structured_data.website(site), structured_data.item_list(listing.page)],
    }
    return render(request, "public/home.html", context)


@kept(**KEPT_PARAMETERS)
@login_not_required
@require_safe
@in_site_language
def category(request: HttpRequest, slug: str) -> HttpResponse:
    tree = shared_tree.of(request)
    if not (category := tree.find(slug)):
        return _redirect_to_successor(Category, slug)
    path = tree.path(category)
    return _render_list(
        request,
        tree,
        in_subtree(published_products(), tree, category),
        title=category.name,
        crumbs=[Crumb(each.name, each.get_absolute_url()) for each in path],
        children=tree.children(category),
        about="category",
    )


@kept(**KEPT_PARAMETERS)
@login_not_required
@require_safe
@in_site_language
def brand(request: HttpRequest, slug: str) -> HttpResponse:
    brand = Brand.objects.filter(slug=slug).first()
    if brand is None:
        return _redirect_to_successor(Brand, slug)
    return _render_list(
        request,
        shared_tree.of(request),
        published_products().filter(brand=brand),
        title=brand.name,
        crumbs=[Crumb(brand.name, request.path)],
        about="brands",
    )


@kept(**KEPT_PARAMETERS)
@login_not_required
@require_safe
@in_site_language
def shop(request: HttpRequest, slug: str) -> HttpResponse:
    shop = Shop.objects.filter(slug=slug).first()
    if shop is None:
        return _redirect_to_successor(Shop, slug)
    return _render_list(
        request,
        shared_tree.of(request),
        published_products().filter(shop_ids__contains=[shop.pk]),
        title=_("Products at %(shop)s") % {"shop": shop.name},
        crumbs=[Crumb(shop.name, request.path)],
        about="shops",
    )


def _redirect_to_successor(model: type[Model], slug: str) -> HttpResponse:
    """Lead on to what it became part of; 404 where it never was."""
    if successor := find_successor(model, slug):
        return redirect(successor, permanent=True)
    raise Http404(f"No such {model._meta.verbose_name}")


def _render_list(
    request: HttpRequest,
    tree: CategoryTree,
    products: QuerySet[Product],
    *,
    title: str,
    crumbs: list[Crumb],
    children: Sequence[Category] = (),
    about: str,
) -> HttpResponse:
    """Answer with a page of products; `about` names the filter that the page itself is."""
    site = site_of(request)
    narrowed = _narrowed(request, products, tree, site.currency, about=about)
    items = structured_data.item_list(narrowed["listing"].page)
    context = {
        "site": site,
        "tree": tree,
        "title": title,
        "crumbs": crumbs,
        "children": children,
        **narrowed,
        "structured_data": [structured_data.breadcrumbs(crumbs), items],
    }
    return render(request, "public/list.html", context)


@login_not_required
@require_safe
@in_site_language
def search(request: HttpRequest) -> HttpResponse:
    """Find published products by words of their title (each may be a beginning), by brand or by EAN."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_LENGTH]
    site = site_of(request)
    context = {
        "site": site,
        "tree": (tree := shared_tree.of(request)),
        "query": query,
        **_narrowed(request, find_products(query), tree, site.currency, query),
    }
    return render(request, "public/search.html", context)


def _list(request: HttpRequest, products: QuerySet[Product], *about: Any) -> Listing:
    """Return the page that the address asks for (`?page=`, `?sort=`); 404 where there is none."""
    number, sort = request.GET.get("page", "1"), request.GET.get("sort", "")
    try:
        return list_products(products, *about, number=number, sort=sort)
    except InvalidPage as error:
        raise Http404(str(error)) from error


def _narrowed(
    request: HttpRequest,
    products: QuerySet[Product],
    tree: CategoryTree,
    currency: str,
    query: str = "",
    about: str = "",
) -> dict:
    """Return the part of a context that narrows and lists products."""
    filters = Filters.of(request.GET)
    listing = _list(request, filters.apply(products, tree, currency), currency, query, filters)
    source = FacetSource(products, filters, tree, currency, listing.filtered_query)
    return {
        "listing": listing,
        "filters": filters,
        "is_noindex": bool(filters) or listing.is_empty,
        "facets": source.list_facets(leave_out=about) if filters or not listing.is_empty else [],
    }
