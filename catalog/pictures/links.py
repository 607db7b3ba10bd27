"""Signed addresses of our picture proxy: it fetches what we stored, and nothing else."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from catalog.lib.addresses import host_of

_signer = Signer(salt="catalog.picture", sep=".")
_logo_signer = Signer(salt="catalog.logo", sep=".")


def may_proxy(url: str) -> bool:
    """Tell whether visitors may get the picture through us: https, or a host that is ours."""
    host = host_of(url)
    return bool(host) and (url.startswith("https://") or host in settings.ALLOW_PRIVATE_HOSTS)


def proxy_url(image) -> str:
    """Return the path under which our proxy shows a stored `ProductImage`; "" where it may not."""
    return reverse("picture", args=[_signer.sign(str(image.pk))]) if may_proxy(image.source_url) else ""


def logo_proxy_url(shop) -> str:
    """Return the path under which our proxy shows the logo that a network has of the `Shop`; or ""."""
    return reverse("shop-logo", args=[_logo_signer.sign(str(shop.pk))]) if may_proxy(shop.logo_url) else ""


def read_token(token: str) -> int | None:
    """Return the id of the picture that `proxy_url` signed; None for what we did not sign."""
    return _read(_signer, token)


def read_logo_token(token: str) -> int | None:
    """Return the id of the shop that `logo_proxy_url` signed; None for what we did not sign."""
    return _read(_logo_signer, token)


def _read(signer: Signer, token: str) -> int | None:
    try:
        return int(signer.unsign(token))
    except (BadSignature, ValueError):
        return None
