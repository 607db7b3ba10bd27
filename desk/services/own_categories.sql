-- name: find
SELECT external_id, min(path) FROM desk_tdcategory
WHERE language = ANY(%(languages)s) AND strpos(lower(path), lower(%(text)s)) > 0
GROUP BY external_id ORDER BY min(length(path)) LIMIT %(limit)s
