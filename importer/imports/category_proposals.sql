-- name: of_shop
-- Where products went, by the category that the item of each of their offers has.
SELECT item.program_key, item.category, product.category_ids, count(*)
FROM catalog_product AS product
JOIN catalog_offer AS offer ON offer.product_id = product.id
JOIN importer_feeditem AS item ON item.source_key = offer.source_key
WHERE product.category_ids <> '{}' AND product.status <> 'trashed' AND item.category <> ''
GROUP BY item.program_key, item.category, product.category_ids

-- name: of_ean
-- The same of items that are not imported: a product has their EAN.
SELECT item.program_key, item.category, product.category_ids, count(*)
FROM catalog_product AS product
JOIN importer_feeditem AS item ON item.gtin = product.gtin AND item.gtin <> ''
WHERE product.category_ids <> '{}' AND product.status <> 'trashed' AND product.gtin <> ''
  AND item.missing_at IS NULL AND item.category <> ''
  AND NOT EXISTS (SELECT FROM catalog_offer AS offer WHERE offer.source_key = item.source_key)
GROUP BY item.program_key, item.category, product.category_ids
