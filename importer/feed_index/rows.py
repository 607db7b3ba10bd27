"""ItemData -> one row of the table, with the digest that tells whether it changed."""

import hashlib
from decimal import Decimal
from uuid import UUID

from psycopg.types.json import Jsonb

from importer.feed_index import words
from importer.models import Feed
from importer.networks.base import ItemData

CONTENT = (
    *("source_key", "program_key", "shop_name", "title", "description", "brand", "category", "price"),
    *("old_price", "discount", "shipping", "currency", "gtin", "in_stock", "product_url", "tracking_url"),
    *("image_urls", "attributes", "problem"),
)
# What `search` is made of: words and tokens as they are, and the text whose word forms are added.
INDEXED = ("search", "title_words", "more_words", "config")
COLUMNS = ("feed_id", "external_id", *CONTENT, "digest")
# Counted into every digest: raise it when `search` or a column is made differently, and each feed's next sync
# writes all of its rows anew.
VERSION = 1
HUNDRED = Decimal(100)


class RowMaker:
    """Makes the rows of one feed."""

    def __init__(self, feed: Feed) -> None:
        market = feed.program.market if feed.program else ""
        self.feed_id = feed.pk
        self.network = feed.account.network
        self.config = words.config_of(feed.language, market)
        self._feed_tokens = (words.account_token(feed.account_id), words.feed_token(feed.pk))
        self._salt = f"{VERSION} {self.config} ".encode()

    def digest(self, item: ItemData) -> UUID:
        """Return the hash of all that is stored of the item."""
        said = repr(
            (
                *(item.program_id, item.shop_name, item.title, item.description, item.brand, item.category),
                *(str(item.price), str(item.old_price), str(item.shipping), item.currency, item.gtin),
                *(item.in_stock, item.product_url, item.tracking_url, item.image_urls, item.problem),
                item.attributes,
            )
        )
        digest = hashlib.blake2b(self._salt, digest_size=16)
        digest.update(said.encode("utf-8", "replace"))
        return UUID(bytes=digest.digest())

    def row(self, item: ItemData, digest: UUID) -> tuple:
        """Return the values of COLUMNS, then those of INDEXED."""
        title = words.words_of(item.title)
        more = words.words_of(f"{item.brand} {item.category}")
        discount = get_discount(item)
        return (
            self.feed_id,
            item.external_id,
            f"{self.network}:{item.feed_id}:{item.external_id}",
            f"{self.network}:{item.program_id or 'feed-' + item.feed_id}",
            item.shop_name,
            item.title,
            item.description,
            item.brand,
            item.category,
            item.price,
            item.old_price,
            discount,
            item.shipping,
            item.currency,
            item.gtin,
            item.in_stock,
            item.product_url,
            item.tracking_url,
            list(item.image_urls),
            Jsonb(item.attributes),
            item.problem,
            digest,
            self._lexemes(item, title, more, discount),
            " ".join(title),
            " ".join(more),
            self.config,
        )

    def _lexemes(self, item: ItemData, title: list[str], more: list[str], discount: int) -> str:
        """Return tokens, and words with place and weight (A: title, C: rest), as a tsvector literal."""
        parts = [f"{word}:{place}A" for place, word in enumerate(title, 1)]
        # A gap, so that no phrase reaches from the title into the brand.
        parts += [f"{word}:{place}C" for place, word in enumerate(more, len(title) + 2)]
        parts += self._feed_tokens
        parts.append(words.sample_token(item.external_id))
        if item.shop_name:
            parts.append(words.shop_token(item.shop_name))
        if item.brand:
            parts.append(words.brand_token(item.brand))
        if item.category:
            parts += words.category_tokens(item.category)
        if item.currency:
            parts.append(words.currency_token(item.currency))
        if item.in_stock is not False:
            parts.append(words.IN_STOCK)
        if discount:
            parts.append(words.ON_SALE)
        if item.image_urls:
            parts.append(words.HAS_PICTURE)
        if item.gtin:
            parts.append(words.HAS_GTIN)
        return " ".join(parts)


def get_discount(item: ItemData) -> int:
    """Return the per cent that the old price was lowered by, rounded; 0 without an old price."""
    if not item.price or not item.old_price or item.old_price <= item.price:
        return 0
    return round((item.old_price - item.price) * HUNDRED / item.old_price)
