"""Pictures: shown through us where they are not copied, and tried again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.places import Full
from catalog.models import Product, ProductImage, Shop
from catalog.pictures.links import may_proxy, read_logo_token, read_token
from catalog.pictures.picture import PictureError
from catalog.services import retry_pictures
from importer import tasks
from importer.pictures.proxy import get_picture

DAY = 24 * 3600
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Robots-Tag": "noindex",
}


@login_not_required
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """Show a picture that is not copied (yet). Only addresses that we stored and signed: no open proxy."""
    pk = read_token(token)
    if pk is None:
        raise Http404("No such picture")
    image = get_object_or_404(ProductImage.objects.select_related("stored"), pk=pk)
    if image.stored:  # meanwhile; a page from a cache does not know
        return redirect(image.url)
    if image.state == ProductImage.State.FAILED or not may_proxy(image.source_url):
        raise Http404("No such picture")
    return _show(image.source_url, 640, 7 * DAY if image.state == ProductImage.State.LINKED else 60)


@login_not_required
@require_safe
def shop_logo(request: HttpRequest, token: str) -> HttpResponse:
    """Show the logo that a network has of a shop, so that the network sees no visitor."""
    pk = read_logo_token(token)
    if pk is None:
        raise Http404("No such logo")
    shop = get_object_or_404(Shop.objects.only("logo_url"), pk=pk)
    if not may_proxy(shop.logo_url):
        raise Http404("No such logo")
    return _show(shop.logo_url, 320, DAY)


def _show(url: str, width: int, seconds: int) -> HttpResponse:
    try:
        data = get_picture(url, width)
    except Full:
        return HttpResponse(status=503, headers={"Retry-After": "2", "Cache-Control": "no-store"})
    except PictureError:
        raise Http404("This picture cannot be had") from None
    headers = SAFE | {"Cache-Control": f"public, max-age={seconds}"}
    return HttpResponse(data, content_type="image/webp", headers=headers)


@require_POST
@permission_required("catalog.change_product", raise_exception=True)
def picture_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the failed pictures of a product again: the one that is named, or all."""
    product = get_object_or_404(Product, pk=pk)
    images = product.images.all()
    chosen = request.POST.get("picture", "")
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
        images = images.filter(pk=int(chosen))
    count = retry_pictures(images)
    if count:
        tasks.fetch_images.delay_on_commit()
        messages.success(
            request, "The picture is tried again." if count == 1 else f"{count} pictures are tried again."
        )
    else:
        messages.info(request, "No picture had to be tried again.")
    return redirect("catalog:product-edit", product.pk)
