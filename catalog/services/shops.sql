-- name: replace_shop
-- Prices do not depend on the shop, so nothing else of the products is to be computed.
UPDATE catalog_product
SET shop_ids = ARRAY(
    SELECT DISTINCT id FROM unnest(array_replace(shop_ids, %(shop)s::bigint, %(into)s::bigint)) AS id
    ORDER BY id
)
WHERE shop_ids @> ARRAY[%(shop)s::bigint]
