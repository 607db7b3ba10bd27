"""What a product's list price is."""

from django.db.models import Case, Count, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from catalog.models import Offer, Product
from catalog.services.ids import Ids, ids_of
from catalog.site import get_settings


def refresh_prices(product_ids: Ids) -> int:
    """Recompute `lowest_price`, `currency` and `offer_count` of these products, in one UPDATE.

    The best offer has the site's currency, then is in stock (yes, unknown, no), then is the cheapest.
    Returns how many products there were.
    """
    stock = Case(
        When(in_stock=True, then=Value(0)),
        When(in_stock=None, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    foreign = Case(
        When(currency=get_settings().currency, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    offers = Offer.objects.filter(product=OuterRef("pk")).order_by()
    best = offers.order_by(foreign, stock, "price", "id")
    count = offers.values("product").annotate(count=Count("pk")).values("count")
    return Product.objects.filter(pk__in=ids_of(product_ids)).update(
        lowest_price=Subquery(best.values("price")[:1]),
        currency=Coalesce(Subquery(best.values("currency")[:1]), Value("")),
        offer_count=Coalesce(Subquery(count), Value(0)),
    )
