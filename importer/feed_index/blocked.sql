-- name: read
SELECT coalesce((SELECT string_agg(lexemes, ' | ' ORDER BY id) FROM importer_block WHERE lexemes <> ''), ''),
       ARRAY(
           SELECT of_rows.kind FROM unnest(ARRAY[{kinds}]) AS of_rows(kind)
           WHERE EXISTS (SELECT FROM importer_block AS block WHERE block.kind = of_rows.kind)
       )

-- name: find
SELECT item.id, first.id
FROM importer_feeditem AS item
CROSS JOIN LATERAL (
    SELECT block.id FROM importer_block AS block
    WHERE block.kind = 'gtin' AND block.key = item.gtin
       OR block.kind = 'item' AND block.key = item.source_key
       OR block.kind = 'model' AND item.variant_key <> '' AND block.key = {group}
       OR item.search @@ nullif(block.lexemes, '')::tsquery
    ORDER BY block.id LIMIT 1
) AS first
WHERE item.id = ANY(%s) AND {blocked}
