-- name: hold
UPDATE staged_item AS staged
SET held_price = staged.price, held_old_price = staged.old_price,
    held_syncs = CASE WHEN item.held_price = staged.price THEN item.held_syncs + 1 ELSE 1 END,
    price = item.price, old_price = item.old_price, discount = item.discount,
    -- What is searched follows the price that shows: the discount decides on the token of reduced items.
    search = CASE WHEN item.discount > 0 THEN ts_delete(staged.search, %(on_sale)s) || %(on_sale)s::tsvector
                  ELSE ts_delete(staged.search, %(on_sale)s) END
FROM importer_feeditem AS item, importer_feed AS feed
WHERE item.id = staged.item_id AND item.digest <> staged.digest AND feed.id = item.feed_id
  AND feed.max_price_factor > 0 AND item.currency = staged.currency AND item.price > 0
  AND (staged.price > item.price * feed.max_price_factor
       OR staged.price * feed.max_price_factor < item.price)
  AND NOT coalesce(item.held_price = staged.price AND item.held_syncs >= %(syncs_before)s, FALSE)

-- name: has_held
SELECT EXISTS (SELECT FROM importer_feeditem WHERE feed_id = %(feed)s AND held_price IS NOT NULL)

-- name: count_again
UPDATE importer_feeditem SET held_syncs = held_syncs + 1
WHERE feed_id = %(feed)s AND held_price IS NOT NULL
  AND id IN (SELECT item_id FROM seen_item)
  AND id NOT IN (SELECT item_id FROM staged_item WHERE item_id IS NOT NULL)

-- name: release
-- Of all items, of those that are named, of those that were held so often.
WITH released AS (
    SELECT id, CASE WHEN held_old_price > held_price
                    THEN round((held_old_price - held_price) * 100 / held_old_price) ELSE 0 END AS discount
    FROM importer_feeditem
    WHERE feed_id = %(feed)s AND held_price IS NOT NULL
      AND (%(items)s::bigint[] IS NULL OR id = ANY(%(items)s)) AND coalesce(held_syncs, 0) >= %(syncs)s
)
UPDATE importer_feeditem AS item
SET price = held_price, old_price = held_old_price, discount = released.discount,
    search = CASE WHEN released.discount > 0 THEN ts_delete(search, %(on_sale)s) || %(on_sale)s::tsvector
                  ELSE ts_delete(search, %(on_sale)s) END,
    held_price = NULL, held_old_price = NULL, held_syncs = NULL
FROM released WHERE item.id = released.id
