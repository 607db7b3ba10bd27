-- name: stems
SELECT word, ts_lexize(%(dictionary)s::regdictionary, word) FROM unnest(%(words)s::text[]) AS word

-- name: similar
-- Words that are the same in another spelling or form, that begin so, and that hold it as a part.
SELECT asked.number, found.text, found.is_part
FROM unnest(%(keys)s::text[], %(stems)s::text[], %(parts)s::text[], %(grams)s::text[])
    WITH ORDINALITY AS asked (key, stem, part, grams, number)
CROSS JOIN LATERAL (
    (SELECT text, false AS is_part FROM catalog_searchword WHERE key = asked.key LIMIT %(most)s)
    UNION ALL
    (SELECT text, false FROM catalog_searchword
     WHERE asked.stem <> '' AND keys @> ARRAY[asked.stem] LIMIT %(most)s)
    UNION ALL
    (SELECT text, false FROM catalog_searchword
     WHERE length(asked.key) > 1 AND key >= asked.key AND key < asked.key || chr(1114111)
     ORDER BY key LIMIT %(most)s)
    UNION ALL
    (SELECT text, true FROM (
        SELECT text, key FROM catalog_searchword
        WHERE asked.part <> '' AND keys @> string_to_array(asked.grams, ' ')
            -- Short ones only as what a compound ends in, but for an ending of its own: "ring" is not in "Springform".
            AND CASE WHEN length(asked.part) < 5
                THEN position(asked.part IN right(key, length(asked.part) + 3)) > 0
                ELSE position(asked.part IN key) > 0 END
        LIMIT %(pool)s
     ) AS holding ORDER BY length(key), key LIMIT %(most)s)
) AS found

-- name: near
SELECT asked.number, found.key
FROM unnest(%(keys)s::text[], %(near)s::text[], %(typos)s::int[]) WITH ORDINALITY AS asked (key, near, typos, number)
CROSS JOIN LATERAL (
    SELECT DISTINCT key FROM catalog_searchword
    WHERE keys && string_to_array(asked.near, ' ') AND abs(length(key) - length(asked.key)) <= asked.typos
    LIMIT %(pool)s
) AS found

-- name: known
SELECT DISTINCT key FROM catalog_searchword WHERE key = ANY(%(keys)s::text[])
