-- name: insert_new
-- A conflict clause would cost a sixth of this; none can arise while the feeds are held.
INSERT INTO importer_feeditem (id, {columns}, seen_at)
SELECT new_id, {columns}, %(now)s FROM staged_item WHERE item_id IS NULL

-- name: update_changed
UPDATE importer_feeditem AS item SET ({written}) = ({staged}), seen_at = %(now)s, missing_at = NULL
FROM staged_item AS staged WHERE item.id = staged.item_id AND item.digest <> staged.digest

-- name: link_existing
WITH stored AS (
    UPDATE staged_item AS staged SET item_id = item.id FROM importer_feeditem AS item
    WHERE staged.item_id IS NULL
      AND item.feed_id = staged.feed_id AND item.external_id = staged.external_id
      -- The first sync of a feed need not look for each row.
      AND EXISTS (SELECT FROM importer_feeditem WHERE feed_id = %(feed)s)
    RETURNING staged.item_id, staged.place
)
INSERT INTO seen_item (item_id, place) SELECT item_id, place FROM stored

-- name: keep_last_staged
DELETE FROM staged_item AS staged USING (
    SELECT external_id, max(place) AS place FROM staged_item
    GROUP BY external_id HAVING count(*) > 1
) AS last
WHERE staged.external_id = last.external_id AND staged.place < last.place

-- name: drop_staged_before_seen
-- The last row said what the index says already, and was not staged.
DELETE FROM staged_item AS staged USING seen_item AS seen
WHERE seen.item_id = staged.item_id AND staged.place < seen.place

-- name: find_gone
CREATE TEMPORARY TABLE gone_item AS
SELECT item.id FROM importer_feeditem AS item
WHERE item.feed_id = %(feed)s AND item.missing_at IS NULL
  AND NOT EXISTS (SELECT FROM seen_item WHERE item_id = item.id)

-- name: count_changes
SELECT (SELECT count(*) FROM importer_feeditem WHERE feed_id = %(feed)s AND missing_at IS NULL),
       (SELECT count(*) FROM gone_item),
       count(item.id), count(item.id) FILTER (WHERE staged.currency <> item.currency)
FROM staged_item AS staged
JOIN importer_feeditem AS item
  ON item.id = staged.item_id AND item.missing_at IS NULL AND item.digest <> staged.digest

-- name: mark_gone
UPDATE importer_feeditem AS item SET missing_at = %(now)s, digest = %(gone)s
FROM gone_item WHERE gone_item.id = item.id

-- name: mark_items_gone
UPDATE importer_feeditem SET missing_at = %(now)s, digest = %(gone)s
WHERE feed_id = %(feed)s AND id = ANY(%(items)s) AND missing_at IS NULL

-- name: adopt_pending_words
SELECT gin_clean_pending_list(oid) FROM pg_class
WHERE oid = 'feed_item_search'::regclass AND pg_has_role(relowner, 'USAGE')
