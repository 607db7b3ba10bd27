"""Which rows of a feed are one article in several colours and sizes."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from catalog.lib.attribute_names import split_name
from importer.networks.columns import field_key
from importer.networks.contract import ItemData

GROUP = frozenset({"itemgroupid", "gitemgroupid", "itemgroup", "parentid", "parentsku", "parentproductid"})
MODEL = ("model", "modelnumber")
# Rows that differ in these are other articles.
APART = ("agegroup", "condition", "gender")
_READ = frozenset({"colour", "size", *MODEL, *APART})
_NONE = frozenset({"", "0", "-", "n/a", "na", "none", "null", "default", "nvt"})
_WORD = re.compile(r"\w+")


def variant_key(item: ItemData) -> str:
    """Return what the variants of one article have in common, within a feed; "" where nothing says so.

    That is the shop's own `item_group_id`; without one, brand, model and title but for the colour and size
    that the row's own columns name. Without a brand, or where no column names a colour or size, rows of one
    title may be any two articles. 24 letters at most.
    """
    values: dict[str, str] = {}
    for name, value in item.attributes.items():
        if (part := _part(name)) and value.casefold() not in _NONE:
            values.setdefault(part, value)
    if not values:
        return ""
    if group := values.get("group"):
        return _hash("group", item.program_id, group)
    colour, size = values.get("colour", ""), values.get("size", "")
    if not (colour or size) or not item.brand or not item.title:
        return ""
    title = _words(item.title)
    model = _words(next((values[name] for name in MODEL if name in values), ""))
    for varying in (_said(size), _said(colour)):
        title = _without(title, varying)
        model = _without(model, varying) if model else model
    if not title:
        return ""
    apart = [values.get(name, "").casefold() for name in APART]
    return _hash("title", item.program_id, item.brand.casefold(), " ".join(title), " ".join(model), *apart)


@lru_cache(maxsize=8192)
def _part(name: str) -> str:
    """Return what a column says of the variant: "group", a key of the product's details, or ""."""
    if field_key(name) in GROUP:
        return "group"
    key, _ = split_name(name)
    return key if key in _READ else ""


@lru_cache(maxsize=4096)  # a feed repeats few colours and sizes
def _said(text: str) -> str:
    return "".join(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _without(words: list[str], varying: str) -> list[str]:
    """Return the words without the last of them that together say `varying`."""
    for start in range(len(words) - 1, -1, -1) if varying else ():
        if not varying.startswith(words[start]):
            continue
        said = ""
        for end in range(start, len(words)):
            said += words[end]
            if said == varying:
                return words[:start] + words[end + 1 :]
            if not varying.startswith(said):
                break
    return words


def _hash(*parts: str) -> str:
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()
