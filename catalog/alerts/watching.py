"""Watch prices for those who asked: read what changed, look, tell.

Reading the outbox only marks the alerts of products that changed. Whether there is something to tell is
decided later, by what offers say then, some hundred alerts at a time: an event may be old, and what is told
must be true. The mail is written in the transaction that notes on the alert what was told.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain

from django.db import connection, transaction
from django.utils import timezone

from affiliate_site.encrypted import CredentialsUnreadable, decrypt_text
from catalog.alerts.letters import alert
from catalog.models import Offer, PriceAlert, Product
from catalog.services.rows import update_rows
from catalog.site.settings import get_settings
from events.kinds import Kind
from events.models import Event
from events.readers import read
from mail.models import Mail
from mail.outbox import put

READER = "price-alerts"
OF_OFFERS = {
    Kind.OFFER_PRICE_CHANGED,
    Kind.OFFER_PRICE_SHOWN,
    Kind.OFFER_EXPIRED,
    Kind.OFFER_MOVED,
    Kind.OFFER_CHANGED,
}
OF_PRODUCTS = {Kind.OFFER_ADDED, Kind.PRODUCT_STATUS_CHANGED}
EVENTS = 50  # read at once; one may be about a thousand offers
CHUNK = 200  # alerts looked at in a transaction
ONCE_IN = timedelta(days=1)
REMEMBERED = ("told_price", "was_available", "look_at", "mailed_at", "ends_at")


def watch(*, seconds: float) -> int:
    """Read what changed and tell who wanted to know, for about so many seconds; return how many mails.

    May run twice, also at once.
    """
    ends_at = time.monotonic() + seconds
    while mark_changed() and time.monotonic() < ends_at:
        pass
    told = 0
    while time.monotonic() < ends_at:
        looked_at, mails = look()
        told += mails
        if not looked_at:
            break
    return told


def mark_changed() -> bool:
    """Mark the alerts of products that the next events are about; False where there are no more events."""
    batch = read(READER, limit=EVENTS, fields=("kind", "subjects"))
    if not batch.events:
        return False
    offers = list(_ids(batch.events, OF_OFFERS))
    products = list(_ids(batch.events, OF_PRODUCTS))
    with transaction.atomic():
        if offers or products:
            with connection.cursor() as cursor:
                cursor.execute(_MARK, {"offers": offers, "products": products, "now": timezone.now()})
        batch.done()
    return True


# Ordered, so that two who mark and look at once do not wait in a circle.
_MARK = """
    UPDATE catalog_pricealert SET look_at = %(now)s WHERE id IN (
        SELECT id FROM catalog_pricealert WHERE look_at IS NULL AND (
            product_id = ANY(%(products)s)
            OR product_id IN (SELECT product_id FROM catalog_offer WHERE id = ANY(%(offers)s))
        ) ORDER BY id FOR NO KEY UPDATE
    )
"""


def _ids(events: Iterable[Event], kinds: set[Kind]) -> Iterable[int]:
    subjects = chain.from_iterable(event.subjects for event in events if event.kind in kinds)
    return (int(subject.partition(":")[2]) for subject in subjects)


def look() -> tuple[int, int]:
    """Look at the next alerts that are marked; return how many they were, and how many mails were written."""
    site = get_settings()
    if not site.offers_alerts:
        return 0, 0
    now = timezone.now()
    due = PriceAlert.objects.filter(look_at__lte=now).order_by("look_at", "pk").select_related("product")
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True, of=["self"])[:CHUNK])
        if not rows:
            return 0, 0
        shown_since = now - timedelta(hours=site.prices_shown_hours)
        stands = _stands({row.product_id for row in rows}, shown_since)
        days = {row.pk: f"alert:{row.product_id}:{row.address_key}:{now:%Y-%m-%d}" for row in rows}
        # Who ended an alert and asked for it again the same day had his mail.
        had = set(Mail.objects.filter(key__in=days.values()).values_list("key", flat=True))
        letters = []
        for row in rows:
            news = decide(row, stands[row.product_id], now)
            if news.is_told and days[row.pk] in had:
                row.look_at = now + ONCE_IN
                continue
            row.told_price, row.was_available, row.look_at = news.told_price, news.was_available, news.look_at
            if news.is_told:
                try:
                    address = decrypt_text(row.address)
                except CredentialsUnreadable:
                    row.ends_at = now  # nobody can be told any more
                    continue
                row.mailed_at = now
                letters.append(alert(row, address, news.price, site, key=days[row.pk]))
        update_rows(PriceAlert, [(row.pk, row) for row in rows], REMEMBERED)
        put(letters)
    return len(rows), len(letters)


@dataclass(frozen=True, slots=True)
class Stand:
    """How a product stands: its lowest price that counts, by currency; whether it can be had.

    `is_available` is None where nobody knows: of its offers none was checked of late.
    """

    lowest: dict[str, Decimal]
    is_available: bool | None


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell of an alert, and what it remembers. `price` None: that it can be had again."""

    is_told: bool
    price: Decimal | None
    told_price: Decimal | None
    was_available: bool
    look_at: datetime | None = None


def decide(row: PriceAlert, stand: Stand, now: datetime) -> News:
    """Return what to tell: a price below the one asked for and below what was told, or that it is back.

    At most once a day: what comes sooner is looked at again when the day is over.
    """
    price = stand.lowest.get(row.currency)
    available = row.was_available if stand.is_available is None else stand.is_available
    below = price if price is not None and row.below is not None and price < row.below else None
    is_lower = below is not None and (row.told_price is None or below < row.told_price)
    is_back = row.in_stock and available and not row.was_available
    if (is_lower or is_back) and row.mailed_at and now < row.mailed_at + ONCE_IN:
        return News(False, None, row.told_price, row.was_available, row.mailed_at + ONCE_IN)
    told = row.told_price
    if price is not None and below is None:
        told = None  # it went up again: the next fall is news
    elif is_lower:
        told = below
    return News(is_lower or is_back, below, told, available)


def _stands(product_ids: set[int], shown_since: datetime) -> dict[int, Stand]:
    """Return how published products stand, by prices that pages show; of any other nothing counts."""
    offers = Offer.objects.filter(product_id__any=list(product_ids), product__status=Product.Status.PUBLISHED)
    lowest: dict[int, dict[str, Decimal]] = defaultdict(dict)
    available: dict[int, list[bool | None]] = defaultdict(list)
    columns = ("product_id", "price", "currency", "in_stock", "expired_at", "checked_at", "is_old")
    for offer in offers.select_related("later_check").only(*columns, "later_check__checked_at"):
        if not offer.is_available:
            available[offer.product_id].append(False)
            continue
        if offer.is_old or offer.last_checked_at < shown_since:
            available[offer.product_id].append(None)
            continue
        available[offer.product_id].append(True)
        prices = lowest[offer.product_id]
        prices[offer.currency] = min(offer.price, prices.get(offer.currency, offer.price))
    return {pk: Stand(lowest[pk], _any(available[pk])) for pk in product_ids}


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers or not answers else False
