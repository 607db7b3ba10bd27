"""Prices far from what they were: held beside the old ones, until a person or the feed itself insists."""

from django.db import connection

from importer.feed_index.lexemes import ON_SALE
from importer.feed_index.merge import lock_feeds

HELD_SYNCS = 3  # in a row that say the same price: then it is believed

# 80 % off and more is rare; a lost separator, cents and another currency all change a price by far more.
# What is searched follows the price that shows: `{discount}` decides on the token of reduced items.
_TOKEN = (
    f"CASE WHEN {{discount}} > 0 THEN ts_delete({{search}}, '{ON_SALE}') || '{ON_SALE}'::tsvector"
    f" ELSE ts_delete({{search}}, '{ON_SALE}') END"
)
_HOLD = f"""
    UPDATE staged_item AS staged
    SET held_price = staged.price, held_old_price = staged.old_price,
        held_syncs = CASE WHEN item.held_price = staged.price THEN item.held_syncs + 1 ELSE 1 END,
        price = item.price, old_price = item.old_price, discount = item.discount,
        search = {_TOKEN.format(discount="item.discount", search="staged.search")}
    FROM importer_feeditem AS item, importer_feed AS feed
    WHERE item.id = staged.item_id AND item.digest <> staged.digest AND feed.id = item.feed_id
      AND feed.max_price_factor > 0 AND item.currency = staged.currency AND item.price > 0
      AND (staged.price > item.price * feed.max_price_factor
           OR staged.price * feed.max_price_factor < item.price)
      AND NOT coalesce(item.held_price = staged.price AND item.held_syncs >= %s, FALSE)
"""
_DISCOUNT = """
    CASE WHEN held_old_price > held_price
         THEN round((held_old_price - held_price) * 100 / held_old_price) ELSE 0 END
"""
_RELEASE = f"""
    UPDATE importer_feeditem SET price = held_price, old_price = held_old_price, discount = {_DISCOUNT},
        search = {_TOKEN.format(discount=f"({_DISCOUNT})", search="search")},
        held_price = NULL, held_old_price = NULL, held_syncs = NULL
    WHERE feed_id = %s AND held_price IS NOT NULL
"""


def hold_far_prices() -> int:
    """Let staged rows whose price is far from the stored one keep that; return how many. Before the merge.

    By the feed's `max_price_factor`, in the same currency. The third sync in a row that says the price
    is believed.
    """
    with connection.cursor() as cursor:
        return cursor.execute(_HOLD, [HELD_SYNCS - 1]).rowcount


def count_held_again(feed_id: int) -> int:
    """Count this sync for held prices whose rows are as they were; return how many prices it lets through."""
    unchanged = """
        AND id IN (SELECT item_id FROM seen_item) AND id NOT IN (
            SELECT item_id FROM staged_item WHERE item_id IS NOT NULL)
    """
    with connection.cursor() as cursor:
        # Asked first: of most feeds none is held.
        cursor.execute(
            "SELECT EXISTS (SELECT FROM importer_feeditem WHERE feed_id = %s AND held_price IS NOT NULL)",
            [feed_id],
        )
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "UPDATE importer_feeditem SET held_syncs = held_syncs + 1"
            f" WHERE feed_id = %s AND held_price IS NOT NULL {unchanged}",
            [feed_id],
        )
        return cursor.execute(f"{_RELEASE} AND held_syncs >= %s", [feed_id, HELD_SYNCS]).rowcount


def accept_held_prices(feed_id: int, item_ids: list[int] | None = None) -> int:
    """Let held prices of the feed through, all or those of some items; return how many. In a transaction."""
    lock_feeds([feed_id])
    with connection.cursor() as cursor:
        if item_ids is None:
            return cursor.execute(_RELEASE, [feed_id]).rowcount
        return cursor.execute(f"{_RELEASE} AND id = ANY(%s)", [feed_id, item_ids]).rowcount
