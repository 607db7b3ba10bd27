"""Shops: one becomes part of another, or goes."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from catalog.locks import lock, take_turn
from catalog.models import Product, Shop
from catalog.services.clicks import hand_over_clicks
from catalog.services.edits import record_of
from catalog.services.errors import CatalogError, again_on_deadlock
from catalog.services.moved import hand_over_addresses
from events.actor import current_actor, current_cause
from events.kinds import Kind

_SQL = read_statements(__file__)


def delete_shop(shop: Shop) -> None:
    """Delete a shop that has no offers any more."""
    if shop.offers.exists():
        raise CatalogError("This shop still has offers. Remove them from their products first.")
    with transaction.atomic():
        record_of(Kind.SHOP_DELETED, shop)
        shop.delete()


@again_on_deadlock
def merge_shops(shop: Shop, *, into: Shop) -> int:
    """Give a shop's offers, with their clicks, to another shop and delete it; return how many offers moved.

    Imports that know the shop, by program or by name, find the other one from now on, and its address leads
    there (301). Posted twice it changes nothing. Raises CatalogError where the other is gone or the same.
    """
    if shop.pk == into.pk:
        raise CatalogError("Choose another shop than this one.")
    with transaction.atomic():
        take_turn()
        lock(Product.objects.filter(shop_ids__overlap=[shop.pk, into.pk]))
        lock(shop.offers.all())
        # Waits for imports that add offers to one of them; later ones find the shop gone and plan again.
        rows = Shop.objects.filter(pk__in=[shop.pk, into.pk]).order_by("pk").select_for_update()
        found = {row.pk: row for row in rows}
        if into.pk not in found:
            raise CatalogError("The other shop does not exist any more.")
        if shop.pk not in found:
            return 0
        shop, into = found[shop.pk], found[into.pk]
        with connection.cursor() as cursor:
            cursor.execute(_SQL["write_revisions"], _whose(shop, into))
        count = shop.offers.update(shop=into)
        hand_over_clicks(shop.clicks.all(), shop=into)
        shop.sources.update(shop=into)
        hand_over_addresses(shop, to=into, name=shop.name, merged_id=shop.pk)
        _take_over_looks(shop, into)
        with connection.cursor() as cursor:
            cursor.execute(_SQL["replace_shop"], {"shop": shop.pk, "into": into.pk})
        record_of(Kind.SHOP_MERGED, shop, after={"into": into.pk, "offers": count})
        shop.delete()
        return count


def _whose(shop: Shop, into: Shop) -> dict[str, Any]:
    return {
        **{"shop": shop.pk, "into": into.pk, "at": timezone.now()},
        **{"actor": current_actor(), "cause": current_cause()},
    }


def _take_over_looks(shop: Shop, into: Shop) -> None:
    """Give the other shop what it does not have: logo and website."""
    missing = [name for name in ("url", "logo", "logo_url") if not getattr(into, name)]
    for name in missing:
        setattr(into, name, getattr(shop, name))
    if missing:
        into.save(update_fields=missing)
