-- name: find_feeds_in_use
-- Feeds that are not mirrored, and that offers were made of which no mirror looks after.
SELECT feed.id FROM importer_feed AS feed
JOIN importer_networkaccount AS account ON account.id = feed.account_id AND account.removed_at IS NULL
WHERE NOT feed.is_mirrored AND (%(feeds)s::bigint[] IS NULL OR feed.id = ANY(%(feeds)s))
  AND EXISTS (
      SELECT FROM importer_feeditem AS item
      JOIN catalog_offer AS offer ON offer.source_key = item.source_key AND offer.expired_at IS NULL
      JOIN catalog_product AS product ON product.id = offer.product_id AND product.status <> 'trashed'
      WHERE item.feed_id = feed.id
        AND NOT EXISTS (
            SELECT FROM importer_feeditem AS other JOIN importer_feed AS mirror ON mirror.id = other.feed_id
            WHERE other.source_key = item.source_key AND mirror.is_mirrored))
ORDER BY feed.id

-- name: add_checks
-- Of one article through several accounts one is read.
INSERT INTO importer_itemcheck (item_id, feed_id, account_id, due_at)
SELECT DISTINCT ON (item.source_key) item.id, feed.id, feed.account_id,
       greatest(offer.checked_at + %(interval)s, later.checked_at + %(interval)s, %(now)s)
FROM importer_feed AS feed
JOIN importer_networkaccount AS account ON account.id = feed.account_id AND account.removed_at IS NULL
JOIN importer_feeditem AS item ON item.feed_id = feed.id
JOIN catalog_offer AS offer ON offer.source_key = item.source_key
LEFT JOIN catalog_offercheck AS later ON later.offer_id = offer.id
JOIN catalog_product AS product ON product.id = offer.product_id AND product.status <> 'trashed'
WHERE NOT feed.is_searchable AND account.network = ANY(%(networks)s)
  AND (%(feeds)s::bigint[] IS NULL OR feed.id = ANY(%(feeds)s))
  AND NOT EXISTS (
      SELECT FROM importer_feeditem AS other JOIN importer_feed AS mirror ON mirror.id = other.feed_id
      WHERE other.source_key = item.source_key AND mirror.is_searchable)
  AND NOT EXISTS (
      SELECT FROM importer_feeditem AS other JOIN importer_itemcheck AS due ON due.item_id = other.id
      WHERE other.source_key = item.source_key)
ORDER BY item.source_key, item.id
ON CONFLICT DO NOTHING

-- name: drop_checks
DELETE FROM importer_itemcheck AS due
WHERE NOT EXISTS (
    SELECT FROM importer_feeditem AS item
    JOIN importer_feed AS feed ON feed.id = item.feed_id AND NOT feed.is_searchable
    JOIN catalog_offer AS offer ON offer.source_key = item.source_key
    JOIN catalog_product AS product ON product.id = offer.product_id AND product.status <> 'trashed'
    WHERE item.id = due.item_id
      AND NOT EXISTS (
          SELECT FROM importer_feeditem AS other JOIN importer_feed AS mirror ON mirror.id = other.feed_id
          WHERE other.source_key = item.source_key AND mirror.is_searchable))

-- name: weigh
WITH wanted AS (
    SELECT offer.source_key, clicks.count
    FROM catalog_dailyclicks AS clicks JOIN catalog_offer AS offer ON offer.id = clicks.offer_id
    WHERE clicks.day > %(since)s
    UNION ALL
    SELECT offer.source_key, looked.count FROM unnest(%(slugs)s::text[], %(looks)s::int[]) AS looked(slug, count)
    JOIN catalog_product AS product USING (slug) JOIN catalog_offer AS offer ON offer.product_id = product.id
), clicked AS (
    SELECT source_key, sum(count) AS count FROM wanted GROUP BY source_key
), weighed AS (
    SELECT due.item_id, width_bucket(coalesce(clicked.count, 0)::int, %(clicks)s::int[]) + 1 AS weight
    FROM importer_itemcheck AS due
    JOIN importer_feeditem AS item ON item.id = due.item_id
    LEFT JOIN clicked ON clicked.source_key = item.source_key
)
UPDATE importer_itemcheck AS due
SET weight = weighed.weight, due_at = least(due.due_at, %(now)s + (%(intervals)s::interval[])[weighed.weight])
FROM weighed WHERE weighed.item_id = due.item_id AND weighed.weight <> due.weight

-- name: ask
INSERT INTO importer_itemcheck (item_id, feed_id, account_id, due_at)
SELECT item.id, item.feed_id, feed.account_id, %(asked)s
FROM importer_feeditem AS item JOIN importer_feed AS feed ON feed.id = item.feed_id
WHERE item.id = ANY(%(items)s) ORDER BY item.id
ON CONFLICT (item_id) DO UPDATE SET due_at = excluded.due_at
