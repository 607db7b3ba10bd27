-- name: make_tables
DROP TABLE IF EXISTS pg_temp.own_seen, pg_temp.own_staged;
CREATE TEMPORARY TABLE own_seen (id text, digest text);
CREATE TEMPORARY TABLE own_staged (
    place bigint, id text, digest text, row_digest text, data jsonb, category text, reason text, price numeric
)

-- name: refuse_doubles
-- One id for different products: nobody knows which is meant.
WITH double AS (
    SELECT id, count(*) AS count FROM own_seen GROUP BY id HAVING count(DISTINCT digest) > 1
)
UPDATE own_staged SET
    reason = jsonb_build_object('code', 'own_id_twice', 'params', jsonb_build_object('count', double.count))::text,
    digest = md5(own_staged.digest || 'twice'),
    row_digest = '',  -- it is read anew when it is the only one
    price = NULL
FROM double WHERE double.id = own_staged.id

-- name: keep_last
DELETE FROM own_staged USING own_staged AS later
WHERE later.id = own_staged.id AND later.place > own_staged.place

-- name: count_factors
-- Of the prices that change: how many are a hundred times what they were, or a hundredth.
SELECT count(*),
    count(*) FILTER (WHERE own_staged.price / old.price BETWEEN 95 AND 105),
    count(*) FILTER (WHERE old.price / own_staged.price BETWEEN 95 AND 105)
FROM own_staged
JOIN LATERAL (
    SELECT (coalesce(product.before, product.data) ->> 'price')::numeric AS price
    FROM desk_ownproduct AS product
    WHERE product.feed_id = %(feed)s AND product.source_product_id = own_staged.id AND product.sent_digest <> ''
) AS old ON old.price > 0
WHERE own_staged.price > 0 AND own_staged.price <> old.price

-- name: merge
INSERT INTO desk_ownproduct AS product (
    feed_id, source_product_id, data, digest, row_digest, sent_digest, category, state, missed, reason
)
SELECT %(feed)s, id, data, digest, row_digest, '', category, CASE WHEN reason = '' THEN 'new' ELSE 'refused' END, 0, reason
FROM own_staged ORDER BY id
ON CONFLICT (feed_id, source_product_id) DO UPDATE SET
    -- What is refused changes nothing of what the network has.
    data = CASE WHEN excluded.reason <> '' AND product.sent_digest <> '' THEN product.data ELSE excluded.data END,
    before = CASE
        WHEN excluded.reason <> '' THEN product.before
        WHEN product.sent_digest IN ('', excluded.digest) THEN NULL
        ELSE coalesce(product.before, product.data)
    END,
    digest = excluded.digest,
    row_digest = excluded.row_digest,
    category = excluded.category,
    state = CASE
        WHEN excluded.reason <> '' THEN 'refused'
        WHEN product.sent_digest = '' THEN 'new'
        WHEN product.sent_digest = excluded.digest THEN 'sent'
        ELSE 'changed'
    END,
    missed = 0,
    reason = excluded.reason

-- name: forget_missing
-- What never went anywhere is nothing to take back.
DELETE FROM desk_ownproduct AS product
WHERE feed_id = %(feed)s AND sent_digest = ''
  AND NOT EXISTS (SELECT FROM own_seen WHERE own_seen.id = product.source_product_id)

-- name: note_missing
UPDATE desk_ownproduct AS product SET missed = least(missed + 1, 1000), state = 'gone', reason = ''
WHERE feed_id = %(feed)s
  AND NOT EXISTS (SELECT FROM own_seen WHERE own_seen.id = product.source_product_id)

-- name: count
SELECT
    count(*) FILTER (WHERE state = 'new'),
    count(*) FILTER (WHERE state = 'changed'),
    count(*) FILTER (WHERE state = 'sent'),
    count(*) FILTER (WHERE state = 'refused'),
    count(*) FILTER (WHERE state = 'gone'),
    count(*) FILTER (WHERE state = 'gone' AND missed >= %(after)s),
    count(*) FILTER (WHERE sent_digest <> ''),
    count(*) FILTER (WHERE state IN ('new', 'changed') AND category <> '' AND NOT EXISTS (
        SELECT FROM desk_owncategory AS mapped
        WHERE mapped.feed_id = product.feed_id AND mapped.name = product.category
          AND mapped.state IN ('posted', 'mapped')
    ))
FROM desk_ownproduct AS product WHERE feed_id = %(feed)s

-- name: learn_categories
-- The own categories of a feed, with how many products have them.
INSERT INTO desk_owncategory AS known (feed_id, name, category_id, state, suggested, waiting_count, error)
SELECT feed_id, category, '', 'unmapped', '[]', count(*), ''
FROM desk_ownproduct WHERE feed_id = %(feed)s AND category <> '' AND state <> 'gone'
GROUP BY feed_id, category ORDER BY category
ON CONFLICT (feed_id, name) DO UPDATE SET waiting_count = excluded.waiting_count
WHERE known.waiting_count <> excluded.waiting_count

-- name: forget_categories
DELETE FROM desk_owncategory AS known
WHERE feed_id = %(feed)s AND state = 'unmapped' AND NOT EXISTS (
    SELECT FROM desk_ownproduct AS product
    WHERE product.feed_id = known.feed_id AND product.category = known.name AND product.state <> 'gone'
)
