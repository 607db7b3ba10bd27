"""Links that show a draft to whoever has them."""

import secrets
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

from catalog.models import Product
from catalog.public.structured_data import absolute

VALID_FOR = timedelta(days=7)
_signer = TimestampSigner(salt="catalog.public.previews")


def make_link(product: Product) -> str:
    """Return an address that shows the draft for `VALID_FOR`.

    Every change of the draft's status ends all links to it, for good: they hold its `preview_key`.
    """
    if not product.preview_key:
        key = secrets.token_urlsafe(16)
        # The first of two who share at once decides, so that neither ends the other's link.
        Product.objects.filter(pk=product.pk, preview_key="").update(preview_key=key)
        product.refresh_from_db(fields=["preview_key"])
    token = _signer.sign(f"{product.pk}:{product.preview_key}")
    return absolute(reverse("public:preview", args=[token]))


def find_product(token: str) -> Product | None:
    """Return the draft that a link shows; None where the link was made up, is too old or was ended."""
    try:
        pk, key = _signer.unsign(token, max_age=VALID_FOR).split(":")
    except (BadSignature, ValueError):
        return None
    return Product.objects.filter(pk=int(pk), preview_key=key, status=Product.Status.DRAFT).first()
