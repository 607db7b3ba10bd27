"""Text -> what the index holds of it: words without accents, and tokens for what is filtered exactly.

A token is a lexeme that begins with "=", which no word does: one GIN index then answers any combination of
words and filters.
"""

import unicodedata
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

MAX_WORD = 200  # characters; PostgreSQL refuses lexemes above 2 kB
SAMPLED = 256  # one item of so many is in the random sample

# ISO 639-1 -> PostgreSQL's own text search configuration.
CONFIGS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
# Where a feed does not name its language, the program's market speaks one.
LANGUAGE_OF_MARKET = {
    **dict.fromkeys(("AT", "DE"), "de"),
    **dict.fromkeys(("AU", "GB", "IE", "UK", "US"), "en"),
    **{"DK": "da", "ES": "es", "FI": "fi", "FR": "fr", "HU": "hu", "IT": "it", "NL": "nl", "NO": "no"},
    **{"BR": "pt", "PT": "pt", "RO": "ro", "RU": "ru", "SE": "sv", "TR": "tr"},
}

# Letters that Unicode does not take apart into a letter and an accent.
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)


def fold(text: str) -> str:
    """Return the text in lower case without accents: `Crème` -> `creme`, `Straße` -> `strasse`."""
    text = text.casefold()
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS)).replace("⁄", "/")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class _Folded(dict):
    """Characters as the letters and digits they fold to, a space for anything else; looked up once each."""

    def __missing__(self, code: int) -> str:
        self[code] = "".join(letter if letter.isalnum() else " " for letter in fold(chr(code)))
        return self[code]


_FOLDED = _Folded()


def words_of(text: str) -> list[str]:
    """Return the folded words: runs of letters and digits."""
    folded = text.translate(_FOLDED)
    found = folded.split()
    return found if len(folded) <= MAX_WORD else [word[:MAX_WORD] for word in found]


def config_of(language: str, market: str = "") -> str:
    """Return the text search configuration of a feed; `simple` knows no word forms."""
    language = language.lower()[:2] or LANGUAGE_OF_MARKET.get(market.upper(), "")
    return CONFIGS.get(language, "simple")


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
