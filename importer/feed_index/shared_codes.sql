-- `feed_id + 0` keeps the planner from the index of feeds: of one that was not analysed it would read all rows
-- for each code.
-- name: repeated
SELECT gtin FROM staged_item WHERE gtin <> '' GROUP BY gtin HAVING count(*) > 1 LIMIT %(most)s

-- name: repeated_in_index
SELECT DISTINCT staged.gtin
FROM staged_item AS staged
LEFT JOIN importer_feeditem AS item ON item.id = staged.item_id
JOIN importer_feeditem AS other
  ON other.gtin = staged.gtin AND other.gtin <> '' AND other.feed_id + 0 = %(feed)s
     AND other.missing_at IS NULL AND other.id IS DISTINCT FROM staged.item_id
WHERE staged.gtin <> '' AND (staged.gtin, staged.title) IS DISTINCT FROM (item.gtin, item.title)
LIMIT %(most)s

-- name: titles
-- Rows of one title or one variant key are alike, whatever else they say.
SELECT of_code.gtin, of_code.titles
FROM unnest(%(codes)s::text[]) AS code(gtin)
CROSS JOIN LATERAL (
    SELECT item.gtin, count(*) AS count, (array_agg(DISTINCT item.title))[:%(most)s] AS titles
    FROM importer_feeditem AS item
    WHERE item.gtin = code.gtin AND item.gtin <> '' AND item.feed_id + 0 = %(feed)s
      AND item.missing_at IS NULL
    GROUP BY item.gtin
    HAVING min(item.title) <> max(item.title)
       AND (min(item.variant_key) <> max(item.variant_key) OR min(item.variant_key) = '')
) AS of_code
ORDER BY of_code.count DESC, of_code.gtin
