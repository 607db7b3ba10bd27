-- name: hits
SELECT item.id, item.price, item.discount, {names}, {flags}, {{rank}} AS rank
FROM {{source}} {{limit}}

-- name: facets
-- Each row of the inner one has one of the columns; grouping() says which, as a bit mask with a 0 for it.
SELECT json_agg(json_build_array(name, value, count) ORDER BY place)
FROM (
    SELECT *, row_number() OVER (PARTITION BY name ORDER BY count DESC, value) AS place
    FROM (
        SELECT grouping({columns}) AS name,
               coalesce(feed_id::text, shop_name, brand, category, currency) COLLATE "C" AS value,
               count(*) AS count
        FROM hits GROUP BY GROUPING SETS ({sets})
    ) AS value_count WHERE value <> ''
) AS facet
WHERE place <= %s

-- name: flags
SELECT json_build_object({counts}) FROM hits

-- name: fetch_page
WITH hits AS MATERIALIZED ({hits})
SELECT (SELECT count(*) FROM hits), ({facets}), ({flags}),
       (SELECT array_agg(ARRAY[page.key::text, page.id::text])
        FROM ({rows} {order} OFFSET %s LIMIT %s) AS page)

-- name: count_apart
SELECT (SELECT count(*) FROM {source}),
       (SELECT count(*) FROM importer_sampleitem WHERE search @@ %s::tsquery)

-- name: scan_in_order
SELECT {column}, id
FROM (
    SELECT * FROM importer_feeditem WHERE {more} AND {column} IS NOT NULL {order} LIMIT %s
) AS item
WHERE missing_at IS NULL AND {where} {order} OFFSET %s LIMIT %s

-- name: sort_matches
SELECT key, id FROM (SELECT {column} AS key, id FROM {source} AND {more} OFFSET 0) AS found
{order} OFFSET %s LIMIT %s
