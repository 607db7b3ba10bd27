"""Links and pictures."""

from __future__ import annotations

import re
from collections.abc import Collection

from importer.normalise.text import JUNK

MAX_URL = 2_000  # a longer URL is dropped: half of it would lead elsewhere
MAX_IMAGES = 10  # entries

_URL = re.compile(r"(?:https?:)?//(?P<host>[^/?#\s\\@<>\"]+)(?P<rest>(?:[/?#].*)?)", re.I | re.S)
# Most addresses, in one look: nothing of `_URL_UNSAFE`, nothing that is not ASCII.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:[/?#][!#-;=?-\[\]_a-~]*)?")
_URL_UNSAFE = re.compile(r'[\s<>"\\^`]')
_BETWEEN_URLS = re.compile(r"[\s,;|]+(?=(?:https?:)?//)", re.I)
_PLACEHOLDER = re.compile(
    r"(?:^|[/_=-])(?:pna_fo|no[_-]?(?:image|picture|photo|img)|image[_-]?not[_-]?available|"
    r"(?:image[_-]?)?placeholder|geen[_-]?(?:afbeelding|foto)|kein[_-]?bild|blank|missing)[^/]*\.\w{3,4}(?:\?.*)?$",
    re.I,
)


def clean_url(value: object) -> str:
    """Return an http(s) URL of at most `MAX_URL` characters, safe inside an attribute, else ""."""
    if not value:
        return ""
    text = str(value).strip()
    if len(text) <= MAX_URL and "&amp;" not in text and _PLAIN_URL.fullmatch(text):
        return text
    if "&amp;" in text:  # only this entity: `&copy=1` is a parameter
        text = text.replace("&amp;", "&")
    parts = _URL.fullmatch(text)
    if not parts or len(text) > MAX_URL or JUNK.search(text):
        return ""
    if text.startswith("//"):
        text = "https:" + text
    if _URL_UNSAFE.search(parts["rest"]):
        text = _URL_UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}" if ord(found[0]) < 128 else "%20", text)
    return text if len(text) <= MAX_URL else ""


def clean_images(*values: object) -> tuple[str, ...]:
    """Return the picture URLs of fields that hold one URL, several or a list; no doubles, no placeholders.

    Commas separate URLs only where the next one begins with its scheme; other commas belong to a URL.
    """
    urls: dict[str, None] = {}
    for value in values:
        texts: Collection[object] = value if isinstance(value, list | tuple) else (value,)
        for text in texts:
            if not text:
                continue
            whole = str(text).strip()
            # One address holds `//` once, unless another stands behind it.
            parts = _BETWEEN_URLS.split(whole) if whole.count("//") > 1 else [whole]
            for part in parts:
                url = clean_url(part.strip(" ,;|"))
                if url and not _PLACEHOLDER.search(url):
                    urls[url] = None
    return tuple(urls)[:MAX_IMAGES]
