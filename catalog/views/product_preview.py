"""The page of a product as visitors will see it: as it is saved, or as it is typed in the editor."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from catalog.forms import GalleryForm, ProductForm
from catalog.models import Brand, Product, ProductImage
from catalog.public.offers import OfferEdits
from catalog.public.views.product import Draft, render_draft, render_product
from catalog.queries.pictures import MAX_GALLERY


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("catalog.view_product", raise_exception=True)
@xframe_options_sameorigin  # the editor shows it in a frame, in which nothing may run
@csp_replace({"frame-ancestors": [SELF]})
def product_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the saved product; posted the editor's form, show what saving it would make. Nothing is saved."""
    product = get_object_or_404(Product.objects.select_related("brand"), pk=pk)
    if request.method != "POST":
        return render_product(request, product, preview=True)
    if not request.user.has_perm("catalog.change_product"):
        raise PermissionDenied
    return render_draft(request, _draft(request, product))


def _draft(request: HttpRequest, product: Product) -> Draft:
    """Return the product with all of the form that can be used; what cannot, stays as it is saved."""
    form, gallery = ProductForm(request.POST, instance=product), GalleryForm(request.POST, product=product)
    form.is_valid()  # writes what is valid into the product
    gallery.is_valid()
    data = form.cleaned_data
    if "attributes" in data:
        product.attributes = data["attributes"]
    if "brand" in data:
        product.brand = _brand(data["brand"])
    shown = [image for image in gallery.in_order if image.state != ProductImage.State.FAILED]
    product.pictures = shown[:MAX_GALLERY]
    categories = data["categories"] if "categories" in data else product.categories.all()
    offers = OfferEdits(gallery.chosen_offer, gallery.removed_offers)
    return Draft(product, {category.pk for category in categories}, offers)


def _brand(name: str) -> Brand | None:
    if not name:
        return None
    return Brand.objects.filter(name__iexact=name).first() or Brand(name=name, slug="new")
