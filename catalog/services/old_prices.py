"""Prices that were checked too long ago to be shown: hidden, and shown again once they are checked."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.locks import lock
from catalog.models import Offer, OfferCheck, Product
from catalog.services.prices import refresh_prices
from catalog.site.settings import get_settings
from events.kinds import Kind
from events.record import keys, record

BATCH = 1_000  # offers in a transaction


def hide_old_prices() -> int:
    """Hide the prices whose last check is longer ago than the site's limit; return how many.

    Their products no longer have them: neither as the lowest price nor in lists or structured data. Reads
    every offer, which no page must; safe to repeat, also at once.
    """
    return _review(is_old=True)


def show_checked_prices() -> int:
    """Show the hidden prices that were checked since; return how many. Cheap where there are none."""
    return _review(is_old=False)


def _review(*, is_old: bool) -> int:
    count, last = 0, 0
    while ids := _next(last, is_old=is_old):
        count += _set(ids, is_old=is_old)
        last = ids[-1]
    return count


def _due(*, is_old: bool):
    limit = timezone.now() - timedelta(hours=get_settings().prices_shown_hours)
    checked = Exists(OfferCheck.objects.filter(offer=OuterRef("pk"), checked_at__gte=limit))
    if is_old:
        return Offer.objects.filter(~checked, is_old=False, expired_at=None, checked_at__lt=limit)
    return Offer.objects.filter(Q(checked_at__gte=limit) | checked, is_old=True)


def _next(last: int, *, is_old: bool) -> list[int]:
    offers = _due(is_old=is_old).filter(pk__gt=last).order_by("pk")
    return list(offers.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _set(ids: list[int], *, is_old: bool) -> int:
    lock(Product.objects.filter(pk__in=Offer.objects.filter(pk__any=ids).order_by().values("product")))
    # One that was checked, or grew old, meanwhile is left as it is.
    still = lock(_due(is_old=is_old).filter(pk__any=ids))
    Offer.objects.filter(pk__any=still).update(is_old=is_old)
    refresh_prices(set(Offer.objects.filter(pk__any=still).order_by().values_list("product_id", flat=True)))
    record(Kind.OFFER_PRICE_HIDDEN if is_old else Kind.OFFER_PRICE_SHOWN, keys("offer", still))
    return len(still)
