"""Quick edit: what a list shows of a product, changed without leaving it. A dialog, or a page of its own."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from affiliate_site.htmx import render_page_or_part
from catalog import services
from catalog.forms import QuickEditForm, VersionForm
from catalog.forms.saving import TAKEN, differing, write_form
from catalog.models import Brand, Product

MAX_BRANDS = 300


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_product", raise_exception=True)
def product_quick(request: HttpRequest, pk: int) -> HttpResponse:
    """Change title, address, brand, categories and status; who saves over another save is asked first."""
    product = get_object_or_404(Product.objects.select_related("brand"), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = QuickEditForm(data, instance=product)
    version = VersionForm(data, initial={"version": product.updated_at.isoformat()})
    conflict = None
    if data is not None and not version.is_valid():
        form.add_error(None, "The page did not say which state of the product it showed. Save again.")
    if data is not None and form.is_valid() and version.is_valid():
        try:
            with transaction.atomic():
                locked = services.lock_product(pk, version=version.cleaned_data["version"])
                with services.revising([pk]):
                    write_form(locked, form)
        except services.EditConflict as error:
            conflict = list(differing(form, error.product))
        except IntegrityError:
            form.add_error(None, TAKEN)
        if not form.errors and not conflict:
            messages.success(request, "Product saved.")
            asked = request.htmx  # type: ignore[attr-defined]  # the middleware's
            return HttpResponseClientRefresh() if asked else _back(request)
    saved = product if data is None else Product.objects.get(pk=pk)
    context = {
        "product": saved,
        "form": form,
        "version": saved.updated_at.isoformat() if conflict or version.errors else version["version"].value(),
        "conflict": conflict,
        "brands": Brand.objects.only("name")[:MAX_BRANDS],
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    return render_page_or_part(request, "catalog/product_quick.html", context)


def _back(request: HttpRequest) -> HttpResponse:
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, None):
        address = reverse("catalog:product-list")
    return redirect(address)
