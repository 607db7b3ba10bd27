"""Tokens: what the index holds of an item beside its words (`catalog.lib.words`), for exact filters.

A token is a lexeme that begins with "=", which no word does: one GIN index then answers any combination of
words and filters.
"""

from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

from catalog.lib.words import fold

SAMPLED = 256  # one item of so many is in the random sample

# --- Tokens ----------------------------------------------------------------------------------------
IN_STOCK, ON_SALE, HAS_PICTURE, HAS_GTIN, SAMPLE = "=stock", "=sale", "=pic", "=ean", "=sample"


def account_token(account_id: int) -> str:
    return f"=a{account_id}"


def feed_token(feed_id: int) -> str:
    return f"=f{feed_id}"


@lru_cache(maxsize=256)
def currency_token(currency: str) -> str:
    return f"=m{currency.lower()}"


@lru_cache(maxsize=4096)
def shop_token(name: str) -> str:
    return f"=s{_hash(name)}"


def brand_token(name: str) -> str:
    return f"=b{_hash(name)}"


def category_tokens(path: str) -> tuple[str, ...]:
    """Return a token for the category and for each above it: `A > B` is found by `A`, too."""
    parts = path.split(" > ")
    return tuple(f"=c{_hash(' > '.join(parts[:depth]))}" for depth in range(1, len(parts) + 1))


def is_sample(external_id: str) -> bool:
    """Tell whether the item is in the sample: chosen by its id, so always the same."""
    return crc32(external_id.encode("utf-8", "replace")) % SAMPLED == 0


def _hash(text: str) -> str:
    return blake2b(fold(text).encode("utf-8", "replace"), digest_size=6).hexdigest()
