-- name: of_feeds
-- Rows that somebody else has locked are left to the next time.
SELECT item.missing_at, item.id FROM importer_feeditem AS item WHERE item.feed_id = ANY(%(feeds)s)
LIMIT %(batch)s FOR UPDATE SKIP LOCKED

-- name: gone
SELECT item.missing_at, item.id FROM importer_feeditem AS item
WHERE item.missing_at < %(before)s AND (item.missing_at, item.id) > (%(after_at)s, %(after_id)s)
  AND NOT EXISTS (SELECT FROM catalog_offer AS offer WHERE offer.source_key = item.source_key)
  AND NOT EXISTS (
      SELECT FROM importer_importitem AS wanted JOIN importer_importrun AS run ON run.id = wanted.run_id
      WHERE wanted.feed_item_id = item.id AND run.state = ANY(%(active)s))
ORDER BY item.missing_at, item.id
LIMIT %(batch)s FOR UPDATE OF item SKIP LOCKED
