"""ItemData -> one line for COPY, with the digest that tells whether it changed."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring as quote
from typing import NamedTuple

from importer.feed_index import words
from importer.feed_index.arrays import text_array
from importer.feed_index.stems import WordForms
from importer.feed_index.vocabulary import add_words
from importer.models import Feed
from importer.networks.base import ItemData

# The columns of a line: texts first, so that they are looked through for what must be escaped all at once.
TEXTS = (
    *("external_id", "source_key", "program_key", "shop_name", "title", "description", "brand", "category"),
    *("currency", "gtin", "product_url", "tracking_url", "image_urls", "attributes", "problem"),
)
PLAIN = ("price", "old_price", "shipping", "in_stock", "discount", "digest", "search", "feed_id")
COLUMNS = (*TEXTS, *PLAIN)
# Counted into every digest: raise it when `search` or a column is made differently, and each feed's next sync
# writes all of its rows anew.
VERSION = 2
HUNDRED = Decimal(100)

_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Changed(NamedTuple):
    """An item that is to be written; `item_id` is its id in the index, `place` tells which came later."""

    item: ItemData
    digest: str
    item_id: int | None
    place: int


class RowMaker:
    """Makes the rows of one feed."""

    def __init__(self, feed: Feed) -> None:
        market = feed.program.market if feed.program else ""
        self.feed_id = feed.pk
        self.network = feed.account.network
        config = words.config_of(feed.language, market)
        self._forms = WordForms([config], on_new=add_words)
        self._feed_tokens = f"{words.account_token(feed.account_id)} {words.feed_token(feed.pk)}"
        self._salt = f"{VERSION} {config}"

    def digest(self, item: ItemData) -> str:
        """Return the hash of all that is stored of the item, in hexadecimal."""
        said = "\x1f".join(
            (
                *(self._salt, item.program_id, item.shop_name, item.title, item.description, item.brand),
                *(item.category, str(item.price), str(item.old_price), str(item.shipping), item.currency),
                *(item.gtin, str(item.in_stock), item.product_url, item.tracking_url, item.problem),
                *(repr(item.image_urls), repr(item.attributes)),
            )
        )
        return blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()

    def lines(self, batch: Sequence[Changed]) -> Iterator[str]:
        """Return a line for each: COLUMNS, `item_id` and `place`, as COPY reads them."""
        titles = [words.words_of(changed.item.title) for changed in batch]
        others = [_words_of_both(changed.item.brand, changed.item.category) for changed in batch]
        forms = self._forms.learn(set().union(*titles, *others))
        return (self._line(*of_item, forms) for of_item in zip(batch, titles, others, strict=True))

    def _line(
        self, changed: Changed, title: Sequence[str], more: Sequence[str], forms: Mapping[str, list[str]]
    ) -> str:
        item = changed.item
        discount = get_discount(item)
        texts = (
            item.external_id,
            f"{self.network}:{item.feed_id}:{item.external_id}",
            f"{self.network}:{item.program_id or 'feed-' + item.feed_id}",
            item.shop_name,
            item.title,
            item.description,
            item.brand,
            item.category,
            item.currency,
            item.gtin,
            item.product_url,
            item.tracking_url,
            text_array(item.image_urls),
            f"{{{', '.join([f'{quote(name)}: {quote(value)}' for name, value in item.attributes.items()])}}}",
            item.problem,
        )
        line = "\t".join(texts)
        if "\\" in line or "\n" in line or "\r" in line or line.count("\t") >= len(texts):
            line = "\t".join([text.translate(_ESCAPED) for text in texts])
        search = self._lexemes(item, title, more, discount, forms)
        return (
            f"{line}\t{_or_null(item.price)}\t{_or_null(item.old_price)}\t{_or_null(item.shipping)}"
            f"\t{_or_null(item.in_stock)}\t{discount}\t{changed.digest}\t{search}\t{self.feed_id}"
            f"\t{_or_null(changed.item_id)}\t{changed.place}\n"
        )

    def _lexemes(
        self,
        item: ItemData,
        title: Sequence[str],
        more: Sequence[str],
        discount: int,
        forms: Mapping[str, list[str]],
    ) -> str:
        """Return tokens, and words and stems with place and weight (A: title, C: rest), as a tsvector."""
        parts = [self._feed_tokens, words.sample_token(item.external_id)]
        parts += [f"{form}:{place}A" for place, word in enumerate(title, 1) for form in forms[word]]
        # A gap, so that no phrase reaches from the title into the brand.
        start = len(title) + 2
        parts += [f"{form}:{place}C" for place, word in enumerate(more, start) for form in forms[word]]
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


# --- Parts of a line ---------------------------------------------------------------------------
@lru_cache(maxsize=16384)
def _words_of_both(brand: str, category: str) -> tuple[str, ...]:
    return tuple(words.words_of(f"{brand} {category}"))


def _or_null(value: object) -> str:
    return r"\N" if value is None else str(value)
