"""ItemData -> one line for COPY, with the digest that tells whether it changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from json.encoder import encode_basestring as quote
from typing import NamedTuple

from catalog.lib.arrays import text_array
from catalog.lib.words import config_of, words_of
from importer.feed_index import lexemes
from importer.feed_index.stems import WordForms
from importer.feed_index.vocabulary import add_words
from importer.models import Feed
from importer.models.keys import program_key, source_key
from importer.networks.contract import ItemData
from importer.networks.variants import variant_key

# The columns of a line: texts first, so that they are looked through for what must be escaped all at once.
TEXTS = (
    *("external_id", "source_key", "program_key", "shop_name", "title", "description", "brand", "category"),
    *("currency", "gtin", "product_url", "tracking_url", "image_urls", "attributes", "problem"),
)
CONTENT = (*TEXTS, "price", "old_price", "shipping", "in_stock", "discount")
# Of a staged row: set by `feed_index.held` and `feed_index.swapped`.
HELD = ("held_price", "held_old_price", "held_syncs", "held_article")
COLUMNS = (*CONTENT, "digest", "variant_key", "search", "feed_id")
# Counted into every digest: raise it when `search` or a column is made differently, and each feed's next sync
# writes all of its rows anew.
VERSION = 5
HUNDRED = Decimal(100)
NULL = r"\N"


MAX_WORDS = 2_000  # more than a text of 300 characters can have


def _places(start: int, weight: str) -> tuple[str, ...]:
    return tuple(f":{place}{weight}" for place in range(start, start + MAX_WORDS))


# No phrase reaches from one of the three into another.
TITLE, BRAND, CATEGORY = _places(1, "A"), _places(2_001, "C"), _places(4_001, "C")
MAX_REPEATED = 10_000  # brands, categories and new words that are kept in memory, of each
Forms = Mapping[str, Sequence[str]]  # of each word, with itself

_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Row(NamedTuple):
    """What the index stores of an item: the columns of CONTENT as COPY reads them, and their hash, in hex."""

    content: str
    digest: str


class Changed(NamedTuple):
    """An item that is to be written; `item_id` is its id in the index, `place` tells which came later.

    `new_id` will be the id of one that is not there yet.

    `row` may be left to be made with its line: PostgreSQL then reads the line before in the meantime.
    """

    item: ItemData
    row: Row | None
    item_id: int | None
    place: int
    new_id: int | None = None


class Repeated(dict[str, str]):
    """The lexemes of a field's values, made once each: feeds say the same again and again."""

    def __init__(self, places: Iterable[str], tokens_of: Callable[[str], Iterable[str]]) -> None:
        super().__init__()
        self._places, self._tokens_of = places, tokens_of

    def find_new(self, values: Iterable[str]) -> dict[str, list[str]]:
        """Return the words of the values that are not known yet. Forgets all when they are too many."""
        if len(self) > MAX_REPEATED:
            self.clear()
        return {value: words_of(value) for value in set(values) - self.keys()}

    def learn(self, new: Mapping[str, Sequence[str]], forms: Forms) -> None:
        for value, found in new.items():
            tokens = self._tokens_of(value) if value else ()
            self[value] = " ".join([*_placed(found, self._places, forms), *tokens])


class RowMaker:
    """Makes the rows of one feed."""

    def __init__(self, feed: Feed) -> None:
        market = feed.program.market if feed.program else ""
        self.feed_id = feed.pk
        self.network = feed.account.network
        config = config_of(feed.language, market)
        self._new_words: set[str] = set()
        self._forms = WordForms([config], on_new=self._new_words.update)
        self._brands = Repeated(BRAND, lambda name: (lexemes.brand_token(name),))
        self._categories = Repeated(CATEGORY, lexemes.category_tokens)
        self._feed_tokens = f"{lexemes.account_token(feed.account_id)} {lexemes.feed_token(feed.pk)}"
        self.salt = f"{self.network} {VERSION} {config}"
        self._key = f"{VERSION} {config}".encode()

    def row(self, item: ItemData) -> Row:
        """Return all that is stored of the item but what a search finds it by, and the hash of that."""
        texts = (
            item.external_id,
            source_key(self.network, item.feed_id, item.external_id),
            program_key(self.network, item.program_id, item.feed_id),
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
        price, old_price, shipping, in_stock = item.price, item.old_price, item.shipping, item.in_stock
        content = (
            f"{line}\t{NULL if price is None else price!s}\t{NULL if old_price is None else old_price!s}"
            f"\t{NULL if shipping is None else shipping!s}\t{NULL if in_stock is None else in_stock!s}"
            f"\t{get_discount(item)}"
        )
        hashed = blake2b(content.encode("utf-8", "replace"), digest_size=16, key=self._key)
        return Row(content, hashed.hexdigest())

    def lines(self, batch: Sequence[Changed]) -> Iterator[str]:
        """Return a line for each: `item_id`, `new_id`, `place` and COLUMNS, as COPY reads them.

        What they need of the database is asked before it returns. `note_words` before they are merged.
        """
        if len(self._new_words) > MAX_REPEATED:
            self.note_words()
        items = [changed.item for changed in batch]
        titles = [words_of(item.title) for item in items]
        brands = self._brands.find_new(item.brand for item in items)
        categories = self._categories.find_new(item.category for item in items)
        forms = self._forms.learn(set().union(*titles, *brands.values(), *categories.values()))
        self._brands.learn(brands, forms)
        self._categories.learn(categories, forms)
        return (self._line(changed, title, forms) for changed, title in zip(batch, titles, strict=True))

    def note_words(self) -> None:
        """Note the words of the lines that were made."""
        if self._new_words:
            add_words(self._new_words)
            self._new_words.clear()

    def _line(self, changed: Changed, title: Sequence[str], forms: Forms) -> str:
        item, row, item_id, place, new_id = changed
        content, digest = row or self.row(item)
        ids = f"{NULL if item_id is None else item_id}\t{NULL if new_id is None else new_id}\t{place}"
        return (
            f"{ids}\t{content}\t{digest}\t{variant_key(item)}"
            f"\t{self._lexemes(item, title, forms)}\t{self.feed_id}\n"
        )

    def _lexemes(self, item: ItemData, title: Sequence[str], forms: Forms) -> str:
        """Return tokens, and words and stems with place and weight (A: title, C: rest), as a tsvector."""
        parts = _placed(title, TITLE, forms)
        parts += self._feed_tokens, self._brands[item.brand], self._categories[item.category]
        if item.shop_name:
            parts.append(lexemes.shop_token(item.shop_name))
        if item.currency:
            parts.append(lexemes.currency_token(item.currency))
        if item.in_stock is not False:
            parts.append(lexemes.IN_STOCK)
        if get_discount(item):
            parts.append(lexemes.ON_SALE)
        if item.image_urls:
            parts.append(lexemes.HAS_PICTURE)
        if item.gtin:
            parts.append(lexemes.HAS_GTIN)
        if lexemes.is_sample(item.external_id):
            parts.append(lexemes.SAMPLE)
        return " ".join(parts)


def get_discount(item: ItemData) -> int:
    """Return the per cent that the old price was lowered by, rounded; 0 without an old price."""
    if not item.price or not item.old_price or item.old_price <= item.price:
        return 0
    return round((item.old_price - item.price) * HUNDRED / item.old_price)


# --- Parts of a line ---------------------------------------------------------------------------
def _placed(found: Iterable[str], places: Iterable[str], forms: Forms) -> list[str]:
    """Return the forms of the words, each with its place and weight."""
    return [form + place for word, place in zip(found, places, strict=False) for form in forms[word]]
