"""Brands and shops, as the dashboard lists them."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Count, Model, QuerySet

from catalog.models import Brand, Offer, Product, Shop

Named = TypeVar("Named", bound=Model)


def named_like(model: type[Named], text: str) -> QuerySet[Named]:
    """Return those whose name has `text` in it, whatever its case; all where it is empty."""
    return model.objects.filter(name__icontains=text) if text else model.objects.all()


def with_sources(shops: QuerySet[Shop]) -> QuerySet[Shop]:
    """Read where shops are known from, in a second query."""
    return shops.prefetch_related("sources")


def others_by_name(thing: Named, limit: int) -> QuerySet[Named]:
    """Return the others of its kind, to choose one by its name."""
    return type(thing).objects.exclude(pk=thing.pk).only("name")[:limit]


def source_keys(shop: Shop) -> list[str]:
    """Return where a shop is known from, as `network:program`."""
    return list(shop.sources.order_by("key").values_list("key", flat=True))


def count_products(brands: Iterable[Brand]) -> None:
    """Set `product_count` of the brands of a page: of no others is it counted."""
    products = Product.objects.filter(brand__in=[brand.pk for brand in brands]).order_by()
    counts = dict(products.values_list("brand").annotate(Count("brand")))
    for brand in brands:
        brand.product_count = counts.get(brand.pk, 0)


def count_offers(shops: Iterable[Shop]) -> None:
    """Set `offer_count` of the shops of a page: of no others is it counted."""
    offers = Offer.objects.filter(shop__in=[shop.pk for shop in shops]).order_by()
    counts = dict(offers.values_list("shop").annotate(Count("shop")))
    for shop in shops:
        shop.offer_count = counts.get(shop.pk, 0)
