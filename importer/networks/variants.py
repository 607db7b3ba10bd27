"""Which rows of a feed are one article in several colours and sizes."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

from importer.networks.columns import field_key
from importer.networks.contract import ItemData

GROUP = frozenset({"itemgroupid", "gitemgroupid", "itemgroup", "parentid", "parentsku", "parentproductid"})
COLOUR = frozenset(
    {"color", "colour", "colorname", "kleur", "farbe", "couleur", "farg", "farge", "farve", "vari", "kolor"}
    | {"colore", "barva", "szin"}
)
SIZE = frozenset(
    {
        "size",
        "sizename",
        "maat",
        "grosse",
        "groesse",
        "taille",
        "pointure",
        "storlek",
        "storrelse",
        "storelse",
    }
    | {"koko", "rozmiar", "talla", "taglia", "velikost", "meret", "schoenmaat", "kledingmaat"}
)
MODEL = frozenset({"model", "modelname", "modelnumber"})
# Rows that differ in these are other articles.
APART = frozenset({"gender", "agegroup", "condition"})
_READ = GROUP | COLOUR | SIZE | MODEL | APART
_NONE = frozenset({"", "0", "-", "n/a", "na", "none", "null", "default", "nvt"})
_WORD = re.compile(r"\w+")


def variant_key(item: ItemData) -> str:
    """Return what the variants of one article have in common, within a feed; "" where nothing says so.

    That is the shop's own `item_group_id`; without one, brand, model and title but for the colour and size
    that the row's own columns name. Without a brand, or where no column names a colour or size, rows of one
    title may be any two articles. 24 letters at most.
    """
    values = {
        key: value
        for name, value in item.attributes.items()
        if (key := field_key(name)) in _READ and value.casefold() not in _NONE
    }
    if not values:
        return ""
    if group := _first(values, GROUP):
        return _hash("group", item.program_id, group)
    colour, size = _first(values, COLOUR), _first(values, SIZE)
    if not (colour or size) or not item.brand or not item.title:
        return ""
    title, model = _words(item.title), _words(_first(values, MODEL))
    for varying in (_said(size), _said(colour)):
        title = _without(title, varying)
        model = _without(model, varying) if model else model
    if not title:
        return ""
    apart = [values.get(name, "").casefold() for name in sorted(APART)]
    return _hash("title", item.program_id, item.brand.casefold(), " ".join(title), " ".join(model), *apart)


def _first(values: dict[str, str], names: frozenset[str]) -> str:
    return next((value for name, value in values.items() if name in names), "")


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
