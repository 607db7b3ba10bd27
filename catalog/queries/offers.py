"""Offers as a click to a shop reads them."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Func, OuterRef, QuerySet

from catalog.models import Offer, Product, ShopSource


def get_offers_of(product: Product) -> list[Offer]:
    """Return the offers of a product with their shops, the oldest first."""
    return list(product.offers.select_related("shop", "later_check").order_by("pk"))


def offers_with_domains() -> QuerySet[Offer]:
    """Return offers with what a click needs, and `link_domains`: where links of their shops may lead."""
    domains = ShopSource.objects.filter(shop=OuterRef("shop")).values(
        domain=Func(F("link_domains"), function="unnest")
    )
    return (
        Offer.objects.annotate(link_domains=ArraySubquery(domains))
        .select_related("product")
        .only("tracking_url", "tracking_template", "product__status", "product__slug")
    )
