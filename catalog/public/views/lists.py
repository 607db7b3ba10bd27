"""Home, category, brand, shop and search: pages that list products."""

import re

from django.contrib.auth.decorators import login_not_required
from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import structured_data
from catalog.models import Brand, Offer, Product, Shop
from catalog.public.category_tree import CategoryTree, Membership
from catalog.public.listing import list_products, published_products
from catalog.public.page_cache import kept
from catalog.site import get_settings
from catalog.structured_data import Crumb

MAX_QUERY_LENGTH = 200
MAX_QUERY_WORDS = 10


@kept("page", "sort")
@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    site = get_settings()
    context = {
        "site": site,
        "tree": CategoryTree(),
        "listing": list_products(request, published_products(), site.currency),
        "structured_data": [structured_data.website(site)],
    }
    return render(request, "public/home.html", context)


@kept("page", "sort")
@login_not_required
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    tree = CategoryTree()
    if not (category := tree.find(slug)):
        raise Http404("No such category")
    inside = Membership.objects.filter(product=OuterRef("pk"), category__in=tree.subtree(category))
    path = tree.path(category)
    return _render_list(
        request,
        tree,
        published_products().filter(Exists(inside)),
        title=category.name,
        crumbs=[Crumb(each.name, each.get_absolute_url()) for each in path],
        children=tree.children(category),
    )


@kept("page", "sort")
@login_not_required
@require_safe
def brand(request: HttpRequest, slug: str) -> HttpResponse:
    brand = get_object_or_404(Brand, slug=slug)
    return _render_list(
        request,
        CategoryTree(),
        published_products().filter(brand=brand),
        title=brand.name,
        crumbs=[Crumb(brand.name, request.path)],
    )


@kept("page", "sort")
@login_not_required
@require_safe
def shop(request: HttpRequest, slug: str) -> HttpResponse:
    shop = get_object_or_404(Shop, slug=slug)
    sold = Offer.objects.filter(product=OuterRef("pk"), shop=shop)
    return _render_list(
        request,
        CategoryTree(),
        published_products().filter(Exists(sold)),
        title=_("Products at %(shop)s") % {"shop": shop.name},
        crumbs=[Crumb(shop.name, request.path)],
    )


def _render_list(
    request: HttpRequest,
    tree: CategoryTree,
    products: QuerySet[Product],
    *,
    title: str,
    crumbs: list[Crumb],
    children: list = (),
) -> HttpResponse:
    site = get_settings()
    context = {
        "site": site,
        "tree": tree,
        "title": title,
        "crumbs": crumbs,
        "children": children,
        "listing": list_products(request, products, site.currency),
        "structured_data": [structured_data.breadcrumbs(crumbs)],
    }
    return render(request, "public/list.html", context)


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Find published products by words of their title (each may be a beginning), by brand or by EAN."""
    query = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY_LENGTH]
    site = get_settings()
    context = {
        "site": site,
        "tree": CategoryTree(),
        "query": query,
        "listing": list_products(request, _matching(query), site.currency, query),
    }
    return render(request, "public/search.html", context)


def _matching(query: str) -> QuerySet[Product]:
    words = re.findall(r"\w+", query)[:MAX_QUERY_WORDS]
    if not words:
        return published_products().none()
    # Quoted, so that no word is taken for an operator; \w leaves neither quote nor backslash in it.
    terms = " & ".join(f"'{word}':*" for word in words)
    found = Q(search=SearchQuery(terms, config="simple", search_type="raw"))
    # Asked first: PostgreSQL can join the title's index with a list of brands, not with a question.
    if brands := list(Brand.objects.filter(name__iexact=query).values_list("pk", flat=True)):
        found |= Q(brand__in=brands)
    digits = "".join(words)
    if digits.isascii() and digits.isdecimal() and 8 <= len(digits) <= 14:
        found |= Q(gtin__in={digits, digits.lstrip("0"), digits.zfill(13), digits.zfill(14)} - {""})
    return published_products().filter(found)
