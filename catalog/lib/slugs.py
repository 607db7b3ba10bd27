"""Text -> the part of an address that names a thing. Addresses that are stored already never change."""

import unicodedata

from anyascii import anyascii
from django.utils.text import slugify

MAX_SLUG = 130  # characters; room for a number behind


def make_slug(text: str, limit: int = MAX_SLUG) -> str:
    """Return `text` in small Latin letters, digits and hyphens, at most `limit` characters, else "".

    Letters of other scripts are written in Latin ones ("Кофеварка" -> "kofevarka"), accents go ("Küche" ->
    "kuche"), signs and emoji are dropped.
    """
    if not text.isascii():
        text = anyascii("".join(char for char in text if not unicodedata.category(char).startswith("S")))
    return slugify(text)[:limit].strip("-")
