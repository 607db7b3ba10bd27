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

from affiliate_site.proxy import client_network
from affiliate_site.rates import count_up
from affiliate_site.redis import RedisError
from catalog.lib.attributes import label_of
from catalog.lib.facets import MAX_FACETS, filter_keys
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
from catalog.public.search import find, first_products, popular_products
from catalog.public.structured_data import Crumb
from catalog.queries.moved import find_successor
from catalog.site.page_cache import kept
from catalog.site.settings import in_site_language, site_of

MAX_QUERY_LENGTH = 200
REDUCED_COUNT = 4
MIN_SUGGEST = 2  # letters
SUGGESTS_PER_NETWORK = 120  # in a minute: who types quickly asks twice a second
SUGGESTS_PER_SITE = 3_000
SUGGEST_KEPT = 60  # seconds, by the browser that asked


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
        category=category,
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
    category: Category | None = None,
) -> HttpResponse:
    """Answer with a page of products; `about` names the filter that the page itself is."""
    site = site_of(request)
    narrowed = _narrowed(request, products, tree, site.currency, about=about, category=category)
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
    """Find published products, categories, brands and shops by words, or a product by its EAN."""
    query = _typed(request)
    site = site_of(request)
    found = find(query, site.language)
    narrowed = _narrowed(
        request, found.products, shared_tree.of(request), site.currency, query, closest=found.closest
    )
    is_nothing = narrowed["listing"].is_empty and not narrowed["filters"]
    context = {
        "site": site,
        "tree": shared_tree.of(request),
        "query": query,
        "found": found,
        "popular": popular_products() if is_nothing else [],
        **narrowed,
    }
    return render(request, "public/search.html", context)


@login_not_required
@require_safe
@in_site_language
def suggest(request: HttpRequest) -> HttpResponse:
    """Answer with what begins like the words that are being typed, to be put below the field.

    Nothing (204) for fewer than two letters, and for a network that asks too often.
    """
    query = _typed(request)
    if len(query) < MIN_SUGGEST or not _may_suggest(client_network(request)):
        return HttpResponse(status=204)
    found = find(query, site_of(request).language)
    context = {"query": query, "found": found, "products": first_products(found)}
    response = render(request, "public/_suggestions.html", context)
    response["Cache-Control"] = f"private, max-age={SUGGEST_KEPT}"
    response["X-Robots-Tag"] = "noindex"
    return response


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_LENGTH]


def _may_suggest(network: str) -> bool:
    """Count a question, and tell whether this network and the site may have an answer. No, without Redis."""
    try:
        return (
            count_up("suggest:network", network, 60) <= SUGGESTS_PER_NETWORK
            and count_up("suggest:site", "", 60) <= SUGGESTS_PER_SITE
        )
    except RedisError:
        return False


def _list(request: HttpRequest, products: QuerySet[Product], *about: Any, **how: Any) -> Listing:
    """Return the page that the address asks for (`?page=`, `?sort=`); 404 where there is none."""
    number, sort = request.GET.get("page", "1"), request.GET.get("sort", "")
    try:
        return list_products(products, *about, number=number, sort=sort, **how)
    except InvalidPage as error:
        raise Http404(str(error)) from error


def _properties(request: HttpRequest, tree: CategoryTree, category: Category | None) -> dict[str, str]:
    """Return what the products of a category are filtered by: keys of properties, and their labels."""
    if category is None:
        return {}
    choices = site_of(request).attributes
    allowed = filter_keys(choices)
    keys = [key for key in tree.facets_of(category) if key in allowed][:MAX_FACETS]
    return {key: label_of(key, key, choices) for key in keys}


def _narrowed(
    request: HttpRequest,
    products: QuerySet[Product],
    tree: CategoryTree,
    currency: str,
    query: str = "",
    about: str = "",
    closest: QuerySet[Product] | None = None,
    category: Category | None = None,
) -> dict:
    """Return the part of a context that narrows and lists products."""
    filters = Filters.of(request.GET)
    properties = _properties(request, tree, category or tree.find(filters.category))
    filters = filters.only_keys(properties)
    narrowed = filters.apply(products, tree, currency)
    if closest is not None:
        closest = narrowed if closest is products else filters.apply(closest, tree, currency)
    listing = _list(request, narrowed, currency, query, filters, closest=closest)
    source = FacetSource(products, filters, tree, currency, listing.filtered_query, properties)
    return {
        "listing": listing,
        "filters": filters,
        "is_noindex": bool(filters) or listing.is_empty,
        "facets": source.list_facets(leave_out=about) if filters or not listing.is_empty else [],
    }
