"""Text -> the part of an address that names a thing. Addresses that are stored already never change."""

import unicodedata
from functools import lru_cache
from hashlib import blake2b

from anyascii import anyascii
from django.utils.text import slugify

MAX_SLUG = 130  # characters; room for a number behind
MAX_VALUE_SLUG = 40
_POINTS = str.maketrans(".,/", "---")


def make_slug(text: str, limit: int = MAX_SLUG) -> str:
    """Return `text` in small Latin letters, digits and hyphens, at most `limit` characters, else "".

    Letters of other scripts are written in Latin ones ("Кофеварка" -> "kofevarka"), accents go ("Küche" ->
    "kuche"), signs and emoji are dropped.
    """
    if not text.isascii():
        text = anyascii("".join(char for char in text if not unicodedata.category(char).startswith("S")))
    return slugify(text)[:limit].strip("-")


@lru_cache(maxsize=4096)  # shops have few colours and sizes
def value_slug(text: str) -> str:
    """Return how an address names a value of a property: `38,5` -> `38-5`; never ""."""
    return (
        make_slug(text.translate(_POINTS), MAX_VALUE_SLUG)
        or blake2b(text.encode("utf-8", "replace"), digest_size=6).hexdigest()
    )
