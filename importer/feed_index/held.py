"""Prices far from what they were: held beside the old ones, until a person or the feed itself insists."""

from django.db import connection

from catalog.lib.named_sql import read_statements
from importer.feed_index.lexemes import ON_SALE
from importer.feed_index.merge import lock_feeds

HELD_SYNCS = 3  # in a row that say the same price: then it is believed

_SQL = read_statements(__file__)


def hold_far_prices() -> int:
    """Let staged rows whose price is far from the stored one keep that; return how many. Before the merge.

    80 % off and more is rare; a lost separator, cents and another currency all change a price by far more.
    By the feed's `max_price_factor`, in the same currency. The third sync in a row that says the price
    is believed.
    """
    with connection.cursor() as cursor:
        return cursor.execute(_SQL["hold"], {"on_sale": ON_SALE, "syncs_before": HELD_SYNCS - 1}).rowcount


def count_held_again(feed_id: int) -> int:
    """Count this sync for held prices whose rows are as they were; return how many prices it lets through."""
    with connection.cursor() as cursor:
        # Asked first: of most feeds none is held.
        cursor.execute(_SQL["has_held"], {"feed": feed_id})
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_SQL["count_again"], {"feed": feed_id})
    return _release(feed_id, syncs=HELD_SYNCS)


def accept_held_prices(feed_id: int, item_ids: list[int] | None = None) -> int:
    """Let held prices of the feed through, all or those of some items; return how many. In a transaction."""
    lock_feeds([feed_id])
    return _release(feed_id, item_ids=item_ids)


def _release(feed_id: int, *, item_ids: list[int] | None = None, syncs: int = 0) -> int:
    params = {"feed": feed_id, "items": item_ids, "syncs": syncs, "on_sale": ON_SALE}
    with connection.cursor() as cursor:
        return cursor.execute(_SQL["release"], params).rowcount
