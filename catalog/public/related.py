"""Products to show beside another."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models.expressions import RawSQL

from catalog.models import Category, Product
from catalog.public.category_tree import Membership
from catalog.public.listing import published_products, with_card

RELATED_COUNT = 4
RELATED_POOL = 100
# How many times as much the dearer of two costs; 1,000 where their prices cannot be compared.
_DISTANCE = """
    CASE WHEN catalog_product.currency = %s AND lowest_price > 0
         THEN greatest(lowest_price, %s) / least(lowest_price, %s) ELSE 1000 END
    * CASE WHEN brand_id = %s THEN 1 ELSE 1.5 END
"""


def get_related(product: Product, path: Sequence[Category]) -> list[Product]:
    """Return others of the same category (of the same brand where it has none), the most alike first.

    Alike is what costs about the same; another brand counts like half the price on top.
    """
    others = with_card(published_products()).exclude(pk=product.pk)
    if path:
        # Among the last few only: a category of 100,000 must not be sorted to show five.
        last = Membership.objects.filter(category=path[-1]).order_by("-product_id").values("product_id")
        others = others.filter(pk__in=last[:RELATED_POOL])
    elif product.brand_id:
        last = published_products().filter(brand=product.brand_id).order_by("-published_at", "-id")
        others = others.filter(pk__in=last.values("pk")[:RELATED_POOL])
    else:
        return []
    price = product.lowest_price or Decimal(1)
    distance = RawSQL(_DISTANCE, [product.currency, price, price, product.brand_id])  # noqa: S611 (constant)
    return list(others.order_by("-is_available", distance, "-id")[:RELATED_COUNT])
