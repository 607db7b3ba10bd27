-- name: size
SELECT count(*), coalesce(sum(octet_length(data::text)), 0)
FROM desk_ownproduct WHERE feed_id = %(feed)s AND missed = 0 AND (state <> 'refused' OR sent_digest <> '')

-- name: add_create
INSERT INTO desk_pushitem (run_id, source_product_id, digest, is_delete, outcome, reason)
SELECT %(run)s, source_product_id, digest, state = 'gone', '', ''
FROM desk_ownproduct AS product
WHERE feed_id = %(feed)s AND (
    (state IN ('new', 'changed') AND NOT (%(holds)s AND category <> '' AND NOT EXISTS (
        SELECT FROM desk_owncategory AS mapped
        WHERE mapped.feed_id = product.feed_id AND mapped.name = product.category
          AND mapped.state IN ('posted', 'mapped')
    )))
    OR (state = 'gone' AND missed >= %(after)s AND sent_digest <> '')
)
ORDER BY state = 'gone', id

-- name: add_replace
-- All that the feed is to hold, unchanged products too; of what is refused, what was good before.
INSERT INTO desk_pushitem (run_id, source_product_id, digest, is_delete, outcome, reason)
SELECT %(run)s, source_product_id, CASE WHEN state = 'refused' THEN sent_digest ELSE digest END,
    state = 'gone', '', ''
FROM desk_ownproduct AS product
WHERE feed_id = %(feed)s AND (state <> 'refused' OR sent_digest <> '')
  AND (state NOT IN ('new', 'changed') OR sent_digest <> '' OR NOT (%(holds)s AND category <> '' AND NOT EXISTS (
        SELECT FROM desk_owncategory AS mapped
        WHERE mapped.feed_id = product.feed_id AND mapped.name = product.category
          AND mapped.state IN ('posted', 'mapped')
    )))
ORDER BY state = 'gone', id

-- name: next
SELECT item.id, item.source_product_id,
    CASE WHEN product.state = 'refused' THEN coalesce(product.before, product.data) ELSE product.data END,
    item.digest, octet_length(product.data::text)
FROM desk_pushitem AS item
JOIN desk_ownproduct AS product
  ON product.feed_id = %(feed)s AND product.source_product_id = item.source_product_id
WHERE item.run_id = %(run)s AND item.outcome = '' AND NOT item.is_delete AND item.id > %(after)s
ORDER BY item.id LIMIT %(limit)s

-- name: items_sent
UPDATE desk_pushitem SET outcome = 'sent'
WHERE run_id = %(run)s AND outcome = '' AND NOT is_delete AND source_product_id = ANY(%(sent)s)

-- name: products_sent
UPDATE desk_ownproduct AS product
SET sent_digest = now.digest, sent_at = %(now)s, before = NULL, reason = '',
    state = CASE WHEN product.digest = now.digest THEN 'sent' ELSE 'changed' END
FROM unnest(%(sent)s::text[], %(digests)s::text[]) AS now(id, digest)
WHERE product.feed_id = %(feed)s AND product.source_product_id = now.id AND product.state <> 'refused'

-- name: items_refused
UPDATE desk_pushitem AS item SET outcome = 'refused', reason = now.reason
FROM unnest(%(refused)s::text[], %(reasons)s::text[]) AS now(id, reason)
WHERE item.run_id = %(run)s AND item.outcome = '' AND NOT item.is_delete AND item.source_product_id = now.id

-- name: products_refused
UPDATE desk_ownproduct AS product SET state = 'refused', reason = now.reason
FROM unnest(%(refused)s::text[], %(reasons)s::text[]) AS now(id, reason)
WHERE product.feed_id = %(feed)s AND product.source_product_id = now.id

-- name: replaced_refused
-- A replacement that refuses a product leaves none of it.
UPDATE desk_ownproduct AS product SET state = 'refused', reason = now.reason, sent_digest = '', before = NULL
FROM unnest(%(refused)s::text[], %(reasons)s::text[]) AS now(id, reason)
WHERE product.feed_id = %(feed)s AND product.source_product_id = now.id

-- name: replaced_products
UPDATE desk_ownproduct AS product
SET sent_digest = item.digest, sent_at = %(now)s,
    before = CASE WHEN product.state = 'refused' THEN product.before END,
    state = CASE WHEN product.state = 'refused' THEN 'refused'
        WHEN product.digest = item.digest THEN 'sent' ELSE 'changed' END
FROM desk_pushitem AS item
WHERE item.run_id = %(run)s AND item.outcome = 'sent' AND product.feed_id = %(feed)s
  AND product.source_product_id = item.source_product_id

-- name: replaced_items
UPDATE desk_pushitem SET outcome = CASE WHEN is_delete THEN 'deleted' ELSE 'sent' END
WHERE run_id = %(run)s AND outcome = ''

-- name: forget_gone
DELETE FROM desk_ownproduct AS product USING desk_pushitem AS item
WHERE item.run_id = %(run)s AND item.outcome = 'deleted' AND product.feed_id = %(feed)s
  AND product.source_product_id = item.source_product_id AND product.state = 'gone'

-- name: items_deleted
UPDATE desk_pushitem SET outcome = 'deleted'
WHERE run_id = %(run)s AND outcome = '' AND is_delete AND source_product_id = ANY(%(ids)s)

-- name: forget_deleted
DELETE FROM desk_ownproduct
WHERE feed_id = %(feed)s AND state = 'gone' AND source_product_id = ANY(%(ids)s)

-- name: forget_all
-- The network has nothing of the feed any more: what is in the source is new again.
WITH gone AS (DELETE FROM desk_ownproduct WHERE feed_id = %(feed)s AND state = 'gone')
UPDATE desk_ownproduct SET sent_digest = '', before = NULL, sent_at = NULL,
    state = CASE WHEN state = 'refused' THEN 'refused' ELSE 'new' END
WHERE feed_id = %(feed)s AND state <> 'gone'

-- name: outcomes
SELECT count(*) FILTER (WHERE outcome = 'sent'), count(*) FILTER (WHERE outcome = 'refused'),
    count(*) FILTER (WHERE outcome = 'deleted')
FROM desk_pushitem WHERE run_id = %(run)s

-- name: expected
SELECT count(*) FROM desk_ownproduct WHERE feed_id = %(feed)s AND sent_digest <> ''

-- name: sample
SELECT product.source_product_id, product.data ->> 'name', product.data ->> 'price'
FROM desk_pushitem AS item
JOIN desk_ownproduct AS product
  ON product.feed_id = %(feed)s AND product.source_product_id = item.source_product_id
WHERE item.run_id = %(run)s AND item.outcome = 'sent' AND product.state = 'sent'
ORDER BY hashint8(item.id) LIMIT %(limit)s
