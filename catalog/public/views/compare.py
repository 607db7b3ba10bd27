"""Products side by side."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.public.category_tree import shared_tree
from catalog.public.comparing import MOST, compare_details, propose, read_ids, read_products
from catalog.public.search import find, first_products
from catalog.site.settings import in_site_language, site_of

PROPOSED = 6
MAX_QUERY_LENGTH = 200


@login_not_required
@require_safe
@in_site_language
def compare(request: HttpRequest) -> HttpResponse:
    """Show the products that the address names (`?p=12&p=34`, at most four), and what could be added.

    `add` is what to look for among products that could be.
    """
    site = site_of(request)
    products = read_products(read_ids(request.GET.getlist("p")))
    ids = [product.pk for product in products]
    query = request.GET.get("add", "").replace("\0", "").strip()[:MAX_QUERY_LENGTH]
    offered = []
    if len(ids) < MOST:
        found = first_products(find(query, site.language)) if query else propose(products, PROPOSED)
        offered = [(product, _address([*ids, product.pk])) for product in found if product.pk not in ids]
    context = {
        "site": site,
        "tree": shared_tree.of(request),
        "products": [(product, _address([pk for pk in ids if pk != product.pk])) for product in products],
        "lines": compare_details(products, site.attributes),
        "offered": offered,
        "add": query,
        "ids": ids,
        "most": MOST,
    }
    return render(request, "public/compare.html", context)


def _address(ids: list[int]) -> str:
    return f"?{urlencode([('p', pk) for pk in ids])}"
