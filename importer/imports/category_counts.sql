-- name: count_feed
SELECT program_key, category, max(shop_name), count(*) AS count
FROM importer_feeditem
WHERE feed_id = %s AND missing_at IS NULL AND category <> ''
GROUP BY program_key, category
ORDER BY count DESC, category
LIMIT %s

-- name: sum_up
-- In the order of the key: two workers count feeds of one program.
INSERT INTO importer_categorymapping AS mapping
    (program_key, key, name, shop_name, item_count, decision, category_ids, proposed_ids, confidence, reason)
SELECT program_key, key, (array_agg(name ORDER BY count DESC, name))[1],
       (array_agg(shop_name ORDER BY count DESC, shop_name))[1], least(sum(count), 2147483647), '', '{}', '{}', 0, ''
FROM importer_categorycount
WHERE program_key = ANY(%s::text[])
GROUP BY program_key, key
ORDER BY program_key, key
ON CONFLICT (program_key, key) DO UPDATE
SET name = excluded.name, shop_name = excluded.shop_name, item_count = excluded.item_count
WHERE (mapping.name, mapping.shop_name, mapping.item_count)
      IS DISTINCT FROM (excluded.name, excluded.shop_name, excluded.item_count)

-- name: nothing_left
UPDATE importer_categorymapping AS mapping SET item_count = 0
WHERE program_key = ANY(%s::text[]) AND item_count > 0 AND NOT EXISTS (
    SELECT FROM importer_categorycount AS counted
    WHERE counted.program_key = mapping.program_key AND counted.key = mapping.key
)
