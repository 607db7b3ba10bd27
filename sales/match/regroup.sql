-- name: note_stays
INSERT INTO sales_offerstay (offer_id, product_id, until)
SELECT offer_id, product_id, max(until)
FROM unnest(%(offers)s::bigint[], %(products)s::bigint[], %(times)s::timestamptz[])
    AS stay(offer_id, product_id, until)
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (offer_id, product_id) DO UPDATE SET until = greatest(sales_offerstay.until, excluded.until)

-- name: touch_products
INSERT INTO sales_touched (kind, day)
SELECT DISTINCT 'day', day
FROM sales_sale, LATERAL (VALUES (clicked_on), (happened_on), (decided_on)) AS days(day)
WHERE product_id = ANY(%(products)s) AND day IS NOT NULL
