-- name: claim
-- Items of one feed: that of the item that is due longest. Whoever is at some leaves the others to us.
WITH oldest AS (
    SELECT due.feed_id FROM importer_itemcheck AS due
    JOIN importer_feed AS feed ON feed.id = due.feed_id
    WHERE due.account_id = %(account)s AND due.due_at <= %(due)s
      AND (due.claimed_until IS NULL OR due.claimed_until < %(now)s)
      AND (feed.rests_until IS NULL OR feed.rests_until <= %(now)s OR due.due_at <= %(asked)s)
    ORDER BY due.due_at, due.item_id LIMIT 1
), batch AS (
    SELECT item_id FROM importer_itemcheck
    WHERE feed_id = (SELECT feed_id FROM oldest) AND due_at <= %(due)s
      AND (claimed_until IS NULL OR claimed_until < %(now)s)
    ORDER BY due_at, item_id LIMIT %(size)s FOR UPDATE SKIP LOCKED
)
UPDATE importer_itemcheck AS mine SET claim = %(claim)s, claimed_until = %(until)s
FROM batch JOIN importer_feeditem AS item ON item.id = batch.item_id
WHERE mine.item_id = batch.item_id
RETURNING mine.item_id, mine.feed_id, item.external_id, item.title, item.price

-- name: hold
-- What another worker took over while we waited for the network is its own.
SELECT item_id FROM importer_itemcheck
WHERE claim = %(claim)s AND item_id = ANY(%(items)s) ORDER BY item_id FOR UPDATE

-- name: note_seen
UPDATE importer_itemcheck
SET seen_at = %(now)s, misses = 0, missed_at = NULL, claim = NULL, claimed_until = NULL,
    due_at = %(now)s + (%(intervals)s::interval[])[weight]
WHERE item_id = ANY(%(items)s)

-- name: note_missed
UPDATE importer_itemcheck
SET misses = least(misses + 1, 1000), missed_at = coalesce(missed_at, %(now)s), claim = NULL, claimed_until = NULL,
    due_at = %(now)s + least((%(intervals)s::interval[])[weight], %(again)s)
WHERE item_id = ANY(%(items)s)
RETURNING item_id, seen_at, misses, missed_at

-- name: put_off
UPDATE importer_itemcheck SET claim = NULL, claimed_until = NULL, due_at = %(now)s + %(again)s
WHERE item_id = ANY(%(items)s)

-- name: let_go
UPDATE importer_itemcheck SET claim = NULL, claimed_until = NULL WHERE claim = %(claim)s

-- name: hold_missed
SELECT due.item_id FROM importer_itemcheck AS due JOIN importer_feeditem AS item ON item.id = due.item_id
WHERE due.feed_id = %(feed)s AND due.misses > 0 AND due.seen_at IS NOT NULL AND item.missing_at IS NULL
ORDER BY due.item_id FOR UPDATE OF due

-- name: count_missed
SELECT count(*), count(*) FILTER (WHERE due.misses > 0)
FROM importer_itemcheck AS due JOIN importer_feeditem AS item ON item.id = due.item_id
WHERE due.feed_id = %(feed)s AND item.missing_at IS NULL
