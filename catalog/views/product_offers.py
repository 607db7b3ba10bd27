"""Which product an offer is on: split off, move, join."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from catalog import services
from catalog.forms import OffersForm
from catalog.models import Product
from catalog.queries.products import find_products
from events.actor import cause, new_cause


@require_http_methods(["GET", "POST"])
@permission_required(["catalog.change_product", "catalog.add_product"], raise_exception=True)
def product_offers(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a product of some of a product's offers, move them to another, or join the two."""
    product = get_object_or_404(Product, pk=pk)
    form = OffersForm(request.POST if request.method == "POST" else None)
    # The button beside the title only searches; what is ticked stays.
    if "find" not in request.POST and form.is_valid():
        key = new_cause(form.cleaned_data["action"])
        try:
            with cause(key):
                target, message = _carry_out(product, form)
        except services.CatalogError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, message, extra_tags=f"undo={key}")
            return redirect("catalog:product-edit", target.pk)
    text = request.POST.get("product_query", "")
    context = {
        "product": product,
        "form": form,
        "is_finding": "find" in request.POST,
        "offers": product.offers.select_related("shop"),
        "ticked": form.ticked,
        "product_query": text,
        "products": find_products(text, without=pk),
        "chosen_product": request.POST.get("product", ""),
    }
    return render(request, "catalog/product_offers.html", context)


@require_safe
@permission_required("catalog.view_product", raise_exception=True)
def product_options(request: HttpRequest) -> HttpResponse:
    """Render the products whose title has all the words, to choose one of them."""
    text, without = request.GET.get("product_query", ""), request.GET.get("without", "")
    without = int(without) if without.isascii() and without.isdecimal() and len(without) < 19 else None
    context = {"product_query": text, "products": find_products(text, without=without)}
    return render(request, "catalog/_product_options.html", context)


def _carry_out(product: Product, form: OffersForm) -> tuple[Product, str]:
    """Do what the form says; return the product to show next and what to say about it."""
    action, other = form.cleaned_data["action"], form.cleaned_data["product"]
    if action == "split":
        made = services.split_offers(product, offer_ids=form.ticked)
        return made, format_html(
            "The ticked offers are on “{}” now. Look over it and publish it.", made.title
        )
    if action == "move":
        services.move_offers(product, offer_ids=form.ticked, into=other)
        return product, format_html("The ticked offers are on “{}” now.", other.title)
    services.join_products(product, into=other)
    return other, format_html(
        "“{}” is part of “{}” now. It is in the trash, and its address leads here.",
        product.title,
        other.title,
    )
