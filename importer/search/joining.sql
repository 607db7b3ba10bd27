-- name: find
-- What items may be found by. Of an EAN or a group that several offers have, the oldest one. Two products in
-- a row: the one that was found, and the one that it was joined with.
SELECT found.kind, found.key, {product}, brand.name, {said}, {survivor}, other_brand.name, {survivor_said},
       {offer}, offer.variant
FROM (
    SELECT 'offer' AS kind, source_key AS key, product_id, NULL::bigint AS offer_id FROM catalog_offer
    WHERE source_key = ANY(%(offers)s::text[])
    UNION ALL SELECT 'id', id::text, id, NULL FROM catalog_product WHERE id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT 'gtin', gtin, id, NULL FROM catalog_product WHERE gtin <> '' AND gtin = ANY(%(gtins)s::text[])
    UNION ALL (
        SELECT DISTINCT ON (gtin) 'variant', gtin, product_id, id FROM catalog_offer
        WHERE gtin <> '' AND gtin = ANY(%(gtins)s::text[]) ORDER BY gtin, id
    ) UNION ALL (
        SELECT DISTINCT ON (variant_group) 'group', variant_group, product_id, id FROM catalog_offer
        WHERE variant_group <> '' AND variant_group = ANY(%(groups)s::text[]) ORDER BY variant_group, id
    )
    UNION ALL SELECT decision, source_key, product_id, NULL FROM importer_joindoubt
    WHERE decision <> '' AND source_key = ANY(%(decided)s::text[])
) AS found
JOIN catalog_product AS product ON product.id = found.product_id
LEFT JOIN catalog_brand AS brand ON brand.id = product.brand_id
LEFT JOIN catalog_product AS survivor ON survivor.id = product.joined_into_id
LEFT JOIN catalog_brand AS other_brand ON other_brand.id = survivor.brand_id
LEFT JOIN catalog_offer AS offer ON offer.id = found.offer_id
