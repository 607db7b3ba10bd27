"""The product page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from catalog.alerts.asking import are_offered
from catalog.lib.attribute_names import split_name
from catalog.lib.attributes import DELIVERY, grouped_details
from catalog.models import Product
from catalog.public import previews, structured_data
from catalog.public.category_tree import shared_tree
from catalog.public.history import MONTHS, SPANS
from catalog.public.offers import OfferEdits, compare_offers
from catalog.public.related import get_related
from catalog.public.structured_data import Crumb
from catalog.public.variants import Picker, is_address
from catalog.queries.moved import find_successor
from catalog.queries.pictures import with_gallery
from catalog.site.buttons import shared_buttons
from catalog.site.page_cache import kept
from catalog.site.settings import in_site_language, site_of

# As an address says them; the usual one says nothing.
HISTORY_CHOICES = {str(months) for months in SPANS if months != MONTHS}


@kept(variant=is_address, months=HISTORY_CHOICES.__contains__)
@login_not_required
@require_safe
@in_site_language
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a published product; a trashed one is gone (410), a draft does not exist (404).

    An address that the product had before leads to the present one (301). Of a model in several variants,
    `variant` in the address chooses; one that there is not is no page to be kept.
    """
    product = with_gallery(Product.objects.filter(slug=slug)).first()
    if product is None or not product.is_published:
        product = find_successor(Product, slug) or product
    if product is None or product.status == Product.Status.DRAFT:
        raise Http404("No such product")
    if product.status == Product.Status.TRASHED:
        return render(request, "404.html", {"gone": True}, status=410)
    if product.slug != slug:
        return redirect(product, permanent=True)
    return _render(request, product)


@login_not_required
@require_safe
@in_site_language
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """Show a draft to whoever has the link that an editor gave out."""
    product = previews.find_draft(Product, token)
    if product is None:
        raise Http404("No such preview")
    return render_product(request, product, preview=True)


@in_site_language
def render_product(request: HttpRequest, product: Product, preview: bool = False) -> HttpResponse:
    """Answer with the page of a product as visitors see it, whatever its status.

    With `preview`, a bar on top says so, and neither search engines nor caches keep the page. The caller
    checks who may see it.
    """
    return _render(request, with_gallery(Product.objects.all()).get(pk=product.pk), preview)


@dataclass(frozen=True, slots=True)
class Draft:
    """A product as it is typed in the editor: changed in memory, with `brand` and `pictures`, not saved."""

    product: Product
    category_ids: Collection[int]
    offers: OfferEdits


@in_site_language
def render_draft(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Answer with the page of a product as it would be once saved. The caller checks who may see it."""
    return _render(request, draft.product, preview=True, draft=draft)


def _render(
    request: HttpRequest, product: Product, preview: bool = False, draft: Draft | None = None
) -> HttpResponse:
    site = site_of(request)
    tree = shared_tree.of(request)
    path = tree.longest_path(draft.category_ids if draft else product.category_ids)
    buttons = shared_buttons.of(request)
    variant = request.GET.get("variant", "")
    edits = draft and draft.offers
    months = int(asked) if (asked := request.GET.get("months", "")) in HISTORY_CHOICES else MONTHS
    comparison = compare_offers(product, site.currency, buttons, edits, variant, site.attributes, months)
    picker = comparison.picker
    crumbs = [Crumb(each.name, each.get_absolute_url()) for each in path]
    crumbs.append(Crumb(product.title, product.get_absolute_url()))
    context = {
        "site": site,
        "product": product,
        "comparison": comparison,
        "details": grouped_details(
            _attributes(product, picker),
            site.attributes,
            but=[DELIVERY] if any(row.offer.delivery for row in comparison.available) else (),
        ),
        "variant": variant if picker and picker.is_chosen else "",
        "crumbs": crumbs,
        "tree": tree,
        "related": get_related(product, path),
        "offers_alerts": not preview and product.is_published and are_offered(site),
        "preview": preview,
        "in_frame": preview and request.headers.get("Sec-Fetch-Dest") == "iframe",
        "noindex": not product.offer_count and not product.description,
        "structured_data": [
            structured_data.product(product, comparison.comparable, comparison.gtin, site),
            structured_data.breadcrumbs(crumbs),
        ],
    }
    response = render(request, "public/product.html", context)
    if variant and (picker is None or picker.is_unknown):
        response["Cache-Control"] = "no-store"
    if preview:
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store, private"
    return response


def _attributes(product: Product, picker: Picker | None) -> Mapping[str, object]:
    """Return what the details say: of what variants differ in, only what is chosen."""
    if picker is None:
        return product.attributes
    chosen = picker.details
    others = {key: value for key, value in product.attributes.items() if split_name(key)[0] not in chosen}
    return {key: value for key, value in chosen.items() if value} | others
