"""What follows from a product's offers: its list price, and whether that is proven to be reduced."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from catalog.lib.price_log import WINDOW, Point, Reduction, lowest_of, prove_reduction
from catalog.locks import lock
from catalog.models import Offer, PricePoint, Product, leading
from catalog.services.bulk_data import OfferData
from catalog.services.ids import Ids, ids_of
from catalog.services.revisions import write_revisions
from catalog.services.rows import update_rows
from catalog.site.settings import get_settings
from events.kinds import Kind
from events.record import keys, record

_READ = ("id", "product_id", "shop_id", "price", "currency", "gone", "is_old", "is_main", "created_at")


def refresh_prices(product_ids: Ids) -> int:
    """Bring up to date what these products keep of their offers; return how many products there were.

    Which offer leads, `catalog.models.leading` says. The products are locked meanwhile, so that
    two imports that change offers of the same one at once both count.
    """
    with transaction.atomic():
        ids = lock(Product.objects.filter(pk__in=ids_of(product_ids)))
        if not ids:
            return 0
        now = timezone.now()
        offers: dict[int, list] = defaultdict(list)
        best_first = Offer.objects.filter(product_id__any=ids).best_first(get_settings().currency)
        for offer in best_first.values_list(*_READ, named=True):
            offers[offer.product_id].append(offer)
        reductions = _find_reductions(offers.values(), now)
        rows = [(pk, from_offers(offers[pk], reductions.get(pk))) for pk in ids]
        update_rows(Product, rows, FROM_OFFERS, only_changed=True)
        return len(ids)


def expire_offers(offer_ids: Iterable[int]) -> int:
    """Note that a network no longer lists these offers; return how many were listed until now.

    They stay on their products, below those that can be had. An import that meets one again brings it back.
    """
    with transaction.atomic():
        now = timezone.now()
        listed = Offer.objects.filter(pk__any=list(offer_ids), expired_at=None)
        lock(Product.objects.filter(pk__in=listed.values("product")))
        ids = lock(listed)
        offers = Offer.objects.filter(pk__any=ids).only("product_id", "price", "currency")
        Offer.objects.filter(pk__any=ids).update(expired_at=now)
        write_revisions(
            (
                offer.product_id,
                {"offers": {str(offer.pk): {"expired_at": None}}},
                {"offers": {str(offer.pk): {"expired_at": now}}},
            )
            for offer in offers
        )
        PricePoint.objects.bulk_create(
            PricePoint(
                offer=offer, price=offer.price, currency=offer.currency, in_stock=False, recorded_at=now
            )
            for offer in offers
        )
        refresh_prices({offer.product_id for offer in offers})
        record(Kind.OFFER_EXPIRED, keys("offer", ids))
        return len(offers)


def _find_reductions(products: Iterable[Sequence[Any]], now: datetime) -> dict[int, Reduction]:
    """Return the proven reductions by product; each product is its offers, best first."""
    # An offer we have known for less than 30 days proves nothing: nothing is read for it.
    best = (leading(offers) for offers in products)
    leads = {
        lead.product_id: lead
        for lead in best
        if lead and not lead.gone and not lead.is_old and lead.created_at <= now - WINDOW
    }
    points = PricePoint.objects.filter(offer__product_id__any=list(leads)).order_by("recorded_at", "id")
    own: dict[int, list[Point]] = defaultdict(list)
    others: dict[int, dict[int, list[Point]]] = defaultdict(lambda: defaultdict(list))
    columns = ("offer__product_id", "offer_id", "price", "currency", "in_stock", "recorded_at")
    for product_id, offer_id, price, currency, in_stock, at in points.values_list(*columns):
        lead = leads[product_id]
        price = price if currency == lead.currency else None
        if offer_id == lead.id:
            own[product_id].append(Point(at, price))
        others[product_id][offer_id].append(Point(at, None if in_stock is False else price))
    found = {pk: prove_reduction(log, lowest_of(others[pk].values()), now) for pk, log in own.items()}
    return {pk: reduction for pk, reduction in found.items() if reduction}


@dataclass(frozen=True, slots=True)
class FromOffers:
    """What a product keeps of its offers: each is a column of `Product`."""

    lowest_price: Decimal | None
    currency: str
    offer_count: int
    is_available: bool
    shop_ids: list[int]
    has_cheaper_offer: bool
    prior_price: Decimal | None
    reduced_percent: int
    reduced_until: datetime | None


FROM_OFFERS = tuple(each.name for each in fields(FromOffers))


class NewOffer(NamedTuple):
    """What `from_offers` reads of an offer."""

    price: Decimal
    currency: str
    shop_id: int
    gone: bool
    is_main: bool = False
    is_old: bool = False


def of_new_offer(offer: OfferData, shop_id: int) -> FromOffers:
    """Return what a product keeps whose first and only offer has just come."""
    return from_offers([NewOffer(offer.price, offer.currency, shop_id, offer.in_stock is False)], None)


def from_offers(offers: Sequence[Any], reduction: Reduction | None) -> FromOffers:
    """Return what a product keeps of its offers, which come best first."""
    lead = leading(offers)
    shown = lead if lead and not lead.is_old else None
    return FromOffers(
        lowest_price=shown.price if shown else None,
        currency=shown.currency if shown else "",
        offer_count=len(offers),
        is_available=lead is not None and not lead.gone,
        shop_ids=sorted({offer.shop_id for offer in offers}),
        has_cheaper_offer=shown is not None and any(_undercuts(offer, shown) for offer in offers),
        prior_price=reduction.prior if reduction else None,
        reduced_percent=reduction.percent if reduction else 0,
        reduced_until=reduction.until if reduction else None,
    )


def _undercuts(offer: Any, lead: Any) -> bool:
    is_shown = not offer.gone and not offer.is_old
    return is_shown and offer.currency == lead.currency and offer.price < lead.price
