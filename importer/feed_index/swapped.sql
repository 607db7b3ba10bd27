-- name: hold
-- Only where an offer was made of the item: of all others the index may as well say what the feed says now.
UPDATE staged_item AS staged SET held_article = to_jsonb(staged), ({content}) = ({stored})
FROM importer_feeditem AS item
WHERE item.id = staged.item_id AND item.digest <> staged.digest
  AND item.gtin <> '' AND staged.gtin <> '' AND item.gtin <> staged.gtin
  AND lower(item.title) <> lower(staged.title)
  AND EXISTS (SELECT FROM catalog_offer WHERE source_key = item.source_key)
RETURNING item.feed_id, item.held_article IS NULL

-- name: accept
UPDATE importer_feeditem AS item
SET ({content}) = (SELECT {content} FROM jsonb_populate_record(NULL::importer_feeditem, item.held_article)),
    held_article = NULL
WHERE feed_id = %(feed)s AND held_article IS NOT NULL AND missing_at IS NULL
  AND (%(items)s::bigint[] IS NULL OR id = ANY(%(items)s))
