-- name: replace_shop
-- Prices do not depend on the shop, so nothing else of the products is to be computed.
UPDATE catalog_product
SET shop_ids = ARRAY(
    SELECT DISTINCT id FROM unnest(array_replace(shop_ids, %(shop)s::bigint, %(into)s::bigint)) AS id
    ORDER BY id
)
WHERE shop_ids @> ARRAY[%(shop)s::bigint]

-- name: write_revisions
-- As `catalog.services.revisions` writes them, of a shop that may have very many offers.
INSERT INTO catalog_revision (product_id, at, actor, cause, before, after)
SELECT product_id, %(at)s, %(actor)s, %(cause)s,
    jsonb_build_object('offers', jsonb_object_agg(id::text, jsonb_build_object('shop_id', %(shop)s::bigint))),
    jsonb_build_object('offers', jsonb_object_agg(id::text, jsonb_build_object('shop_id', %(into)s::bigint)))
FROM catalog_offer WHERE shop_id = %(shop)s GROUP BY product_id ORDER BY product_id
