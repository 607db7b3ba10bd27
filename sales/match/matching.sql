-- name: match
WITH named AS (
    SELECT * FROM unnest(
        %(ids)s::bigint[], %(products)s::bigint[], %(places)s::text[], %(offers)s::bigint[], %(rules)s::bigint[]
    ) AS named(sale_id, product_id, place, offer_id, rule_id)
),
facts AS MATERIALIZED (
    SELECT
        named.*, account.network, sale.product_hint, sale.happened_at, source.shop_id,
        COALESCE(sale.program_id, program.id) AS program_id,
        COALESCE(product.joined_into_id, product.id) AS found_id,
        rule.product_id AS ruled_id
    FROM named
    JOIN sales_sale AS sale ON sale.id = named.sale_id
    JOIN importer_networkaccount AS account ON account.id = sale.account_id
    LEFT JOIN catalog_shopsource AS source
        ON sale.program_key <> '' AND source.key = account.network || ':' || sale.program_key
    LEFT JOIN importer_program AS program
        ON program.account_id = sale.account_id AND program.external_id = sale.program_key
    LEFT JOIN catalog_product AS product ON product.id = named.product_id
    LEFT JOIN sales_matchrule AS rule ON rule.id = named.rule_id
),
matched AS (
    SELECT
        facts.*,
        COALESCE(exact.id, only_one.id) AS exact_id,
        COALESCE(exact.product_id, only_one.product_id) AS exact_product_id,
        hint.id AS hint_id, hint.product_id AS hint_product_id,
        COALESCE(ruled.joined_into_id, ruled.id) AS rule_product_id
    FROM facts
    -- A sub-id that was cut names another offer: it has to be one of this product, now or once.
    LEFT JOIN catalog_offer AS exact ON exact.id = facts.offer_id
        AND exact.shop_id = facts.shop_id AND exact.source = facts.network
        AND (
            exact.product_id = facts.found_id
            OR EXISTS (
                SELECT FROM sales_offerstay AS stay
                WHERE stay.offer_id = exact.id AND stay.product_id IN (facts.product_id, facts.found_id)
            )
        )
    LEFT JOIN LATERAL (
        SELECT min(offer.id) AS id, min(offer.product_id) AS product_id
        FROM (
            SELECT id FROM catalog_offer WHERE product_id = facts.found_id
            UNION
            SELECT stay.offer_id FROM sales_offerstay AS stay
            WHERE stay.product_id IN (facts.product_id, facts.found_id)
        ) AS known
        JOIN catalog_offer AS offer ON offer.id = known.id
        WHERE facts.offer_id IS NULL AND offer.shop_id = facts.shop_id AND offer.source = facts.network
        HAVING count(*) = 1
    ) AS only_one ON TRUE
    LEFT JOIN LATERAL (
        SELECT min(offer.id) AS id, min(offer.product_id) AS product_id
        FROM importer_feed AS feed
        JOIN catalog_offer AS offer
            ON offer.source_key = facts.network || ':' || feed.external_id || ':' || facts.product_hint
        LEFT JOIN catalog_offercheck AS later ON later.offer_id = offer.id
        WHERE facts.product_hint <> '' AND facts.found_id IS NULL AND feed.program_id = facts.program_id
            AND offer.created_at <= facts.happened_at + interval '1 day'
            AND greatest(offer.checked_at, later.checked_at) >= facts.happened_at - make_interval(days => %(hint_days)s)
        HAVING count(DISTINCT offer.id) = 1
    ) AS hint ON TRUE
    LEFT JOIN catalog_product AS ruled ON ruled.id = facts.ruled_id
),
decided AS (
    SELECT
        sale_id, place, program_id, shop_id,
        product_id AS named_product_id, offer_id AS named_offer_id,
        CASE
            WHEN exact_id IS NOT NULL THEN 'exact'
            WHEN found_id IS NOT NULL THEN 'product'
            WHEN hint_id IS NOT NULL THEN 'hint'
            WHEN rule_product_id IS NOT NULL THEN 'product'
            WHEN shop_id IS NOT NULL THEN 'shop'
            ELSE 'none'
        END AS match,
        COALESCE(exact_product_id, found_id, hint_product_id, rule_product_id) AS product_id,
        CASE WHEN exact_id IS NOT NULL THEN exact_id WHEN found_id IS NULL THEN hint_id END AS offer_id,
        CASE WHEN COALESCE(exact_id, found_id, hint_id) IS NULL THEN rule_id END AS rule_id
    FROM matched
)
UPDATE sales_sale AS sale
SET match = decided.match, product_id = decided.product_id, offer_id = decided.offer_id,
    shop_id = decided.shop_id, place = decided.place, program_id = decided.program_id,
    matched_by_id = decided.rule_id, named_product_id = decided.named_product_id,
    named_offer_id = decided.named_offer_id
FROM decided
WHERE sale.id = decided.sale_id AND (
    sale.match, sale.product_id, sale.offer_id, sale.shop_id, sale.place, sale.program_id,
    sale.matched_by_id, sale.named_product_id, sale.named_offer_id
) IS DISTINCT FROM (
    decided.match, decided.product_id, decided.offer_id, decided.shop_id, decided.place, decided.program_id,
    decided.rule_id, decided.named_product_id, decided.named_offer_id
)

-- name: find_about
SELECT id FROM sales_sale WHERE product_id = ANY(%(products)s)
UNION SELECT id FROM sales_sale WHERE named_product_id = ANY(%(products)s)
UNION SELECT id FROM sales_sale WHERE offer_id = ANY(%(offers)s)
UNION SELECT id FROM sales_sale WHERE named_offer_id = ANY(%(offers)s)

-- name: find_astray
SELECT sale.id
FROM sales_sale AS sale
JOIN importer_networkaccount AS account ON account.id = sale.account_id
LEFT JOIN catalog_shopsource AS source
    ON sale.program_key <> '' AND source.key = account.network || ':' || sale.program_key
LEFT JOIN catalog_offer AS offer ON offer.id = sale.offer_id
LEFT JOIN catalog_product AS product ON product.id = sale.product_id
WHERE sale.id > %(after)s AND (
    sale.shop_id IS DISTINCT FROM source.shop_id
    OR (sale.offer_id IS NOT NULL AND offer.product_id IS DISTINCT FROM sale.product_id)
    OR (sale.match IN ('exact', 'hint') AND sale.offer_id IS NULL)
    OR (sale.match IN ('exact', 'hint', 'product') AND sale.product_id IS NULL)
    OR product.joined_into_id IS NOT NULL
    OR (sale.program_id IS NULL AND EXISTS (
        SELECT FROM importer_program AS program
        WHERE program.account_id = sale.account_id AND program.external_id = sale.program_key
    ))
)
ORDER BY sale.id
LIMIT %(limit)s
