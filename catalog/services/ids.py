"""Which products a service works on."""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.models import Product

Ids = Iterable[int] | QuerySet[Product]


def ids_of(products: Ids):
    """Return what `pk__in` takes."""
    if isinstance(products, QuerySet):
        return products.order_by().values("pk")
    return [product.pk if isinstance(product, Product) else product for product in products]
