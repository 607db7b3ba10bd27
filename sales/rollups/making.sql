-- name: measures
    count(*) FILTER (WHERE sale.state = 'pending'),
    count(*) FILTER (WHERE sale.state = 'approved'),
    count(*) FILTER (WHERE sale.state = 'rejected'),
    count(*) FILTER (WHERE sale.state = 'paid'),
    count(*) FILTER (WHERE sale.kind = 'lead'),
    count(*) FILTER (WHERE COALESCE(sale.commission, 0) = 0 AND COALESCE(sale.order_value, 0) = 0),
    count(*) FILTER (WHERE sale.named_product_id IS NOT NULL),
    COALESCE(sum(sale.commission) FILTER (WHERE sale.state = 'pending'), 0),
    COALESCE(sum(sale.commission) FILTER (WHERE sale.state = 'approved'), 0),
    COALESCE(sum(sale.commission) FILTER (WHERE sale.state = 'rejected'), 0),
    COALESCE(sum(sale.commission) FILTER (WHERE sale.state = 'paid'), 0),
    COALESCE(sum(sale.commission) FILTER (WHERE sale.state <> 'rejected'), 0),
    COALESCE(sum(sale.commission * sale.commission) FILTER (WHERE sale.state <> 'rejected'), 0),
    COALESCE(sum(sale.order_value) FILTER (WHERE sale.state <> 'rejected'), 0)

-- name: take_touched
-- Days take the longest, so only some of them at a time.
WITH days AS (
    SELECT DISTINCT kind, day FROM sales_touched WHERE day IS NOT NULL ORDER BY day DESC LIMIT %(days)s
),
taken AS (
    DELETE FROM sales_touched AS touched
    WHERE touched.key IS NOT NULL OR (touched.kind, touched.day) IN (SELECT kind, day FROM days)
    RETURNING kind, day, key
)
SELECT DISTINCT kind, day, key FROM taken

-- name: drop_days
DELETE FROM sales_dailyearnings WHERE day = ANY(%(days)s)

-- name: make_days
WITH sale AS MATERIALIZED (
    SELECT
        sale.id, sale.clicked_on, sale.happened_on, sale.decided_on, sale.currency, sale.state, sale.kind,
        sale.commission, sale.order_value, sale.named_product_id, account.network, sale.program_key,
        sale.shop_id, sale.place, sale.matched_by_id, product.category_ids, run.id AS run_id, run.saved_search_id
    FROM sales_sale AS sale
    JOIN importer_networkaccount AS account ON account.id = sale.account_id
    LEFT JOIN catalog_product AS product ON product.id = sale.product_id
    LEFT JOIN LATERAL (
        SELECT run.id, run.saved_search_id
        FROM importer_importitem AS item
        JOIN importer_importrun AS run ON run.id = item.run_id
        WHERE item.product_id = sale.product_id AND item.verdict IN ('created', 'joined')
        ORDER BY item.verdict, item.id
        LIMIT 1
    ) AS run ON TRUE
    WHERE sale.is_counted AND (
        sale.clicked_on = ANY(%(days)s) OR sale.happened_on = ANY(%(days)s) OR sale.decided_on = ANY(%(days)s)
    )
)
INSERT INTO sales_dailyearnings (
    basis, dimension, day, key, currency,
    pending_count, approved_count, rejected_count, paid_count, lead_count, zero_count, named_count,
    pending, approved, rejected, paid, commission, squares, order_value
)
SELECT days.basis, keys.dimension, days.day, keys.key, sale.currency,
/* measures */
FROM sale
CROSS JOIN LATERAL (
    VALUES ('click', sale.clicked_on), ('sale', sale.happened_on), ('decision', sale.decided_on)
) AS days(basis, day)
CROSS JOIN LATERAL (
    VALUES
        ('all', ''),
        ('network', sale.network),
        ('program', sale.network || ':' || sale.program_key),
        ('shop', COALESCE(sale.shop_id::text, '')),
        ('place', sale.place),
        ('text', ''),
        ('rule', COALESCE(sale.matched_by_id::text, '')),
        ('run', COALESCE(sale.run_id::text, '')),
        ('saved_search', COALESCE(sale.saved_search_id::text, ''))
    UNION ALL
    -- What is in two categories counts for both.
    SELECT 'category', category::text
    FROM unnest(CASE WHEN cardinality(sale.category_ids) > 0 THEN sale.category_ids ELSE '{0}' END) AS category
) AS keys(dimension, key)
WHERE days.day = ANY(%(days)s)
GROUP BY 1, 2, 3, 4, 5

-- name: drop_clicks
DELETE FROM sales_dailyclicktotals WHERE day = ANY(%(days)s)

-- name: make_clicks
WITH programs AS (
    -- Clicks know a shop and a network: where that is one program, they are the program's.
    SELECT shop_id, split_part(key, ':', 1) AS network, min(key) AS key
    FROM catalog_shopsource
    GROUP BY 1, 2
    HAVING count(*) = 1
)
INSERT INTO sales_dailyclicktotals (dimension, day, key, count)
SELECT keys.dimension, clicks.day, keys.key, sum(clicks.count)
FROM catalog_dailyclicks AS clicks
LEFT JOIN catalog_product AS product ON product.id = clicks.product_id
LEFT JOIN programs ON programs.shop_id = clicks.shop_id AND programs.network = clicks.source
CROSS JOIN LATERAL (
    VALUES
        ('all', ''),
        ('network', clicks.source),
        ('program', COALESCE(programs.key, '')),
        ('shop', COALESCE(clicks.shop_id::text, '')),
        ('place', clicks.place),
        ('text', '')
    UNION ALL
    SELECT 'category', category::text
    FROM unnest(CASE WHEN cardinality(product.category_ids) > 0 THEN product.category_ids ELSE '{0}' END)
        AS category
) AS keys(dimension, key)
WHERE clicks.day = ANY(%(days)s)
GROUP BY 1, 2, 3

-- name: drop_spans
DELETE FROM sales_spanearnings WHERE dimension = %(dimension)s AND key = ANY(%(keys)s)

-- name: make_spans_of_products
INSERT INTO sales_spanearnings (
    basis, dimension, span, key, currency,
    pending_count, approved_count, rejected_count, paid_count, lead_count, zero_count, named_count,
    pending, approved, rejected, paid, commission, squares, order_value
)
SELECT days.basis, 'product', spans.span, sale.product_id, sale.currency,
/* measures */
FROM sales_sale AS sale
CROSS JOIN LATERAL (
    VALUES ('click', sale.clicked_on), ('sale', sale.happened_on), ('decision', sale.decided_on)
) AS days(basis, day)
CROSS JOIN LATERAL (
    SELECT to_char(days.day, 'YYYY-MM')
    UNION ALL
    SELECT length::text FROM unnest('{1, 7, 30, 90}'::int[]) AS length
    WHERE days.day > %(today)s::date - length AND days.day <= %(today)s::date
) AS spans(span)
WHERE sale.is_counted AND days.day IS NOT NULL AND sale.product_id = ANY(%(keys)s)
GROUP BY 1, 3, 4, 5

-- name: make_spans_of_offers
INSERT INTO sales_spanearnings (
    basis, dimension, span, key, currency,
    pending_count, approved_count, rejected_count, paid_count, lead_count, zero_count, named_count,
    pending, approved, rejected, paid, commission, squares, order_value
)
SELECT days.basis, 'offer', spans.span, sale.offer_id, sale.currency,
/* measures */
FROM sales_sale AS sale
CROSS JOIN LATERAL (
    VALUES ('click', sale.clicked_on), ('sale', sale.happened_on), ('decision', sale.decided_on)
) AS days(basis, day)
CROSS JOIN LATERAL (
    SELECT to_char(days.day, 'YYYY-MM')
    UNION ALL
    SELECT length::text FROM unnest('{1, 7, 30, 90}'::int[]) AS length
    WHERE days.day > %(today)s::date - length AND days.day <= %(today)s::date
) AS spans(span)
WHERE sale.is_counted AND days.day IS NOT NULL AND sale.offer_id = ANY(%(keys)s)
GROUP BY 1, 3, 4, 5

-- name: touch_edges
INSERT INTO sales_touched (kind, key)
SELECT DISTINCT keys.kind, keys.key
FROM sales_sale AS sale
CROSS JOIN LATERAL (VALUES ('product', sale.product_id), ('offer', sale.offer_id)) AS keys(kind, key)
WHERE keys.key IS NOT NULL AND (
    sale.clicked_on = ANY(%(days)s) OR sale.happened_on = ANY(%(days)s) OR sale.decided_on = ANY(%(days)s)
)

-- name: touch_clicks
INSERT INTO sales_touched (kind, day)
SELECT DISTINCT 'clicks', day FROM catalog_dailyclicks WHERE day >= %(since)s
