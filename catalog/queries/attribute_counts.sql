-- name: count_attributes
SELECT name, count(*), min(left(value, 100))
FROM (
    SELECT attributes FROM catalog_product
    WHERE jsonb_typeof(attributes) = 'object' ORDER BY id DESC LIMIT %(sample)s
) newest, jsonb_each_text(newest.attributes) AS pair(name, value)
GROUP BY name ORDER BY count(*) DESC, name
