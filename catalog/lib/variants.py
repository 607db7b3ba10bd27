"""What sets the variants of a model apart, as a product's page lets visitors choose."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.lib.attribute_names import is_machine_name, split_name
from catalog.lib.attribute_values import read_text

DIMENSIONS = ("colour", "size", "material", "pattern")
MAX_VALUE = 60  # characters


def variant_of(attributes: Mapping[str, object]) -> dict[str, str]:
    """Return what the properties of an article say of its variant, by dimension.

    >>> variant_of({"Kleur": "rood", "maat": "42", "EAN": "4006381333931"})
    {'colour': 'rood', 'size': '42'}
    """
    found: dict[str, str] = {}
    for name, value in attributes.items():
        key, unit = split_name(name)
        if key not in DIMENSIONS or key in found or is_machine_name(name):
            continue
        if text := read_text(str(value), unit, {}):
            found[key] = text[:MAX_VALUE]
    return {key: found[key] for key in DIMENSIONS if key in found}
