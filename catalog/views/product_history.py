"""The history of a product, and the way back to any state of it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from catalog import services
from catalog.forms import VersionForm
from catalog.models import Product, Revision
from catalog.queries.history import describe, find_history, find_restorable
from catalog.services import restoring


@require_safe
@permission_required("catalog.view_product", raise_exception=True)
def product_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what became of a product: when, by whom, why, and what differs, word by word."""
    product = get_object_or_404(Product, pk=pk)
    page = find_history(pk, request.GET.get("page"))
    context = {"product": product, "page": page, "days": settings.HISTORY_DAYS}
    return render(request, "catalog/product_history.html", context)


@require_http_methods(["GET", "POST"])
@permission_required("catalog.change_product", raise_exception=True)
def product_restore(request: HttpRequest, pk: int, revision: int) -> HttpResponse:
    """Show how an earlier state differs from what is saved now, and bring back what is ticked of it."""
    product = get_object_or_404(Product, pk=pk)
    row = get_object_or_404(Revision, pk=revision, product_id=pk)
    version = VersionForm(request.POST or None, initial={"version": product.updated_at.isoformat()})
    if request.method == "POST" and version.is_valid():
        try:
            fields = restoring.restore_state(
                row, fields=request.POST.getlist("fields"), version=version.cleaned_data["version"]
            )
        except services.EditConflict:
            messages.warning(request, "Somebody saved this product meanwhile. Look again what would change.")
            return redirect("catalog:product-restore", pk, revision)
        except services.CatalogError as error:
            messages.error(request, str(error))
            return redirect("catalog:product-restore", pk, revision)
        messages.success(request, "Restored." if fields else "Nothing had to be changed.")
        return redirect("catalog:product-edit", pk)
    (entry,) = describe([row])
    then, now = restoring.state_at(row)
    context = {
        "product": product,
        "entry": entry,
        "revision": revision,
        "version": product.updated_at.isoformat(),
        "differences": find_restorable(now, then),
    }
    return render(request, "catalog/product_restore.html", context)
