"""What products and shops earned, beside them in the dashboard's lists: in 30 days, by day of the click."""

from collections.abc import Iterable, Mapping

from django import template

from catalog.models import Product, Shop
from sales.queries.beside import (
    Beside,
    earned_by_products,
    earned_by_shops,
    get_kept_in_all,
    spans_of_product,
)

register = template.Library()
KEPT = 60  # seconds


@register.simple_tag(takes_context=True)
def products_earned(
    context: template.Context, products: Iterable[Product], show: object
) -> Mapping[int, Beside]:
    """Return what each product earned, by its id; {} where it is not to be shown or not to be seen."""
    if not show or not context["request"].user.has_perm("sales.view_sale"):
        return {}
    clicks = {product.pk: getattr(product, "clicks_month", 0) for product in products}
    return earned_by_products(clicks)


@register.simple_tag(takes_context=True)
def shops_earned(context: template.Context, shops: Iterable[Shop]) -> Mapping[int, Beside]:
    """Return what each shop earned, by its id; {} for those who may not see it."""
    if not context["request"].user.has_perm("sales.view_sale"):
        return {}
    return earned_by_shops([shop.pk for shop in shops])


@register.filter
def of_thing(earned: Mapping[int, Beside], pk: int) -> Beside | None:
    return earned.get(pk)


@register.inclusion_tag("sales/_product.html")
def product_earned(product: Product) -> dict:
    """Render what a product earned in 30 and 90 days; nothing where it earned nothing."""
    return {"product": product, "spans": spans_of_product(product.pk)}


@register.inclusion_tag("sales/_home.html")
def home_earned() -> dict:
    """Render what was earned in 30 days, as a worker counted it last; nothing before the first sale."""
    return {"totals": get_kept_in_all()}
