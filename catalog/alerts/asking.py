"""Ask for an alert, confirm it, stop it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from affiliate_site.encrypted import encrypt_text
from catalog.alerts import limits
from catalog.alerts.letters import confirmation
from catalog.alerts.wishes import Wish
from catalog.models import PriceAlert, Product, SiteSettings
from mail.outbox import put, reaches_people

PER_ADDRESS = 50


class TooMany(Exception):
    """The address has as many alerts as it may have."""


def are_offered(site: SiteSettings) -> bool:
    """Tell whether visitors are offered alerts: the site wants them, and mail reaches people."""
    return site.offers_alerts and reaches_people()


def ask(wish: Wish, product: Product, site: SiteSettings) -> None:
    """Send the address a mail with a link that confirms the wish; nothing else is kept of it.

    An address that was sent enough of them today gets none, and nobody learns it here. Raises RedisError.
    """
    if limits.address_may_get_mail(wish.address_key):
        put([confirmation(wish, product, site)])


def confirm(wish: Wish, site: SiteSettings) -> PriceAlert:
    """Make the alert, or change the one that the address has on the product. Safe to repeat.

    Raises TooMany.
    """
    now = timezone.now()
    values = {
        "below": wish.below,
        "currency": wish.currency,
        "in_stock": wish.in_stock,
        "ends_at": now + timedelta(days=site.alert_days),
    }
    with transaction.atomic():
        of_address = PriceAlert.objects.filter(address_key=wish.address_key)
        known = of_address.filter(product=wish.product_id).select_for_update().first()
        if known and all(getattr(known, name) == values[name] for name in ("below", "currency", "in_stock")):
            return known
        if not known and of_address.count() >= PER_ADDRESS:
            raise TooMany
        new = {"created_at": now, "address": encrypt_text(wish.address)}
        alert, _ = PriceAlert.objects.update_or_create(
            product_id=wish.product_id,
            address_key=wish.address_key,
            # What is so already is told of with the next look.
            defaults=values | {"told_price": None, "was_available": False, "look_at": now},
            create_defaults=values | new | {"look_at": now},
        )
    return alert


def alerts_with(alert: PriceAlert) -> QuerySet[PriceAlert]:
    """Return every alert of the address that an alert is of."""
    return PriceAlert.objects.filter(address_key=alert.address_key).select_related("product").order_by("pk")


def stop(alert_id: int, *, and_all_others: bool = False) -> int:
    """End an alert, or all of its address; return how many. With the last one the address is gone."""
    alert = PriceAlert.objects.filter(pk=alert_id).first()
    if alert is None:
        return 0
    rows = alerts_with(alert) if and_all_others else PriceAlert.objects.filter(pk=alert_id)
    return rows.order_by().delete()[0]


def forget(*, limit: int = 5_000) -> int:
    """Delete alerts whose time is over, so many at most; return how many."""
    over = PriceAlert.objects.filter(ends_at__lte=timezone.now()).order_by("ends_at")
    return PriceAlert.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:limit])).delete()[0]
