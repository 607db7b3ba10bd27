-- name: find_stale
-- Planning also refuses some links: an offer with such a one is tried again with each sync, until somebody
-- names its domain. Of one article in two accounts' feeds the offer follows the one whose link it has (with
-- https where the feed says http), else the first one.
CREATE TEMPORARY TABLE stale_item ON COMMIT DROP AS
SELECT item.id
FROM catalog_offer AS offer
JOIN catalog_product AS product ON product.id = offer.product_id
    AND (product.status <> 'trashed' OR product.status_before_gone <> '')
JOIN importer_feeditem AS item ON item.source_key = offer.source_key AND item.feed_id = %(feed)s
WHERE offer.source = %(network)s
  AND (%(items)s::bigint[] IS NULL OR item.id = ANY(%(items)s))
  AND CASE WHEN item.is_fit THEN
          offer.expired_at IS NOT NULL OR offer.gone_policy <> ''
          OR offer.source_digest IS DISTINCT FROM item.source_digest
          OR %(with_description)s AND product.imported ->> 'source_key' = item.source_key
             AND NOT product.imported ? 'description'
      -- What cannot be read any more is not available; by its policy it goes once its feed has it no longer.
      ELSE offer.gone_policy = '' AND CASE WHEN item.missing_at IS NULL THEN offer.expired_at IS NULL
                                           ELSE item.missing_at <= %(missing_before)s END END
  AND (item.held_article IS NULL OR item.missing_at IS NOT NULL)
  AND NOT EXISTS (
      SELECT FROM importer_feeditem AS other
      JOIN importer_feed AS feed ON feed.id = other.feed_id
      WHERE other.source_key = item.source_key AND other.id <> item.id
        AND feed.is_searchable AND other.is_fit
        AND (NOT item.is_fit
             OR (offer.tracking_url IN (other.tracking_url, 'https' || substr(other.tracking_url, 5)), -other.id)
              > (offer.tracking_url IN (item.tracking_url, 'https' || substr(item.tracking_url, 5)), -item.id)))

-- name: add_stale_to_run
INSERT INTO importer_importitem (run_id, feed_item_id, verdict, message)
SELECT %(run)s, id, '', '' FROM stale_item ORDER BY id
ON CONFLICT DO NOTHING

-- name: find_unconfirmed
-- The offers of a feed, or of some items, that say what was just read, and were checked last before.
SELECT coalesce(array_agg(offer.id), '{}') FROM catalog_offer AS offer
JOIN importer_feeditem AS item ON item.source_key = offer.source_key AND item.feed_id = %(feed)s
LEFT JOIN catalog_offercheck AS later ON later.offer_id = offer.id
WHERE offer.source = %(network)s AND (%(items)s::bigint[] IS NULL OR item.id = ANY(%(items)s))
  AND offer.expired_at IS NULL AND item.is_fit AND item.held_price IS NULL
  AND greatest(offer.checked_at, later.checked_at) < %(before)s AND offer.source_digest = item.source_digest
  -- A policy keeps another price: nobody checked that one.
  AND offer.price = item.price AND offer.currency = item.currency AND item.held_article IS NULL
