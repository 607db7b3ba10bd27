"""Price alerts follow their product."""

from django.utils import timezone

from catalog.models import PriceAlert, Product


def hand_over_alerts(product: Product, *, to: Product) -> None:
    """Let who waits for a product wait for another, in the caller's transaction; of two alerts one stays."""
    there = PriceAlert.objects.filter(product=to)
    moved = PriceAlert.objects.filter(product=product)
    moved.filter(address_key__in=there.values("address_key")).delete()
    moved.update(product=to, look_at=timezone.now())
