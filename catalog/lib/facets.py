"""Properties as filters: what a product is found by (`colour=rot`), and how visitors read it."""

from collections.abc import Collection, Mapping
from typing import Any

from catalog.lib.attribute_names import is_machine_name, split_name
from catalog.lib.attributes import ATTRIBUTES, Attribute
from catalog.lib.slugs import value_slug

MAX_LABEL = 60  # characters; longer values are texts, and no filter
MAX_VALUES = 20  # of a product
MAX_FACETS = 6  # of a category
_ANY = Attribute("")


def filter_keys(choices: Mapping[str, dict[str, Any]]) -> list[str]:
    """Return the properties that may be a filter, as the editor chose (`SiteSettings.attributes`)."""
    return [key for key, choice in choices.items() if choice.get("filter")]


def token(key: str, slug: str) -> str:
    return f"{key}={slug}"


def facet_values(attributes: Mapping[str, object], keys: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the values of a product by key: slug -> label, in the active language.

    >>> facet_values({"Farbe": "Dunkel-Rot", "size": "S|M"}, ["colour", "size"])
    {'colour': {'dunkel-rot': 'Dunkel-Rot'}, 'size': {'s': 'S', 'm': 'M'}}
    """
    found: dict[str, dict[str, str]] = {}
    for name, value in attributes.items():
        key, unit = split_name(name)
        if key not in keys or key in found or is_machine_name(name):
            continue
        attribute = ATTRIBUTES.get(key, _ANY)
        texts = (attribute.read(each, unit, attribute.words) for each in str(value).split("|")[:MAX_VALUES])
        if values := {value_slug(text): text for text in texts if text and len(text) <= MAX_LABEL}:
            found[key] = values
    return found
