"""Which properties of a product visitors see under "Details", and what they are called.

The table has what readers want. What it does not have is hidden until an editor shows it
(`SiteSettings.attributes`), and what is for machines or the merchant alone is never shown.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from catalog.lib.attribute_names import is_machine_name, readable_name, split_name
from catalog.lib.attribute_values import (
    AGE_GROUPS,
    CONDITIONS,
    GENDERS,
    Reader,
    read_energy_class,
    read_measure,
    read_text,
    read_word,
)

LOOKS, MEASURES, TECHNICAL, GENERAL = _("Looks"), _("Size and weight"), _("Technical data"), _("General")
MAX_DELIVERY = 60  # characters


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property that readers want: its English label, how its values are read, and what it stands with."""

    label: str
    read: Reader = read_text
    words: Mapping[str, str] = field(default_factory=dict)
    group: str = GENERAL


DELIVERY = "deliverytime"  # said beside each offer, too
MIN_GROUPED = 6  # properties; fewer need no headings

# Key -> the property; in the order in which pages show them.
ATTRIBUTES: dict[str, Attribute] = {
    "colour": Attribute(_("Colour"), group=LOOKS),
    "size": Attribute(_("Size"), group=LOOKS),
    "material": Attribute(_("Material"), group=LOOKS),
    "pattern": Attribute(_("Pattern"), group=LOOKS),
    "fit": Attribute(_("Fit"), group=LOOKS),
    "gender": Attribute(_("For"), read_word, GENDERS, group=LOOKS),
    "agegroup": Attribute(_("Age group"), read_word, AGE_GROUPS, group=LOOKS),
    "dimensions": Attribute(_("Dimensions"), group=MEASURES),
    "width": Attribute(_("Width"), read_measure, group=MEASURES),
    "height": Attribute(_("Height"), read_measure, group=MEASURES),
    "depth": Attribute(_("Depth"), read_measure, group=MEASURES),
    "length": Attribute(_("Length"), read_measure, group=MEASURES),
    "diameter": Attribute(_("Diameter"), read_measure, group=MEASURES),
    "weight": Attribute(_("Weight"), read_measure, group=MEASURES),
    "content": Attribute(_("Content"), read_measure, group=MEASURES),
    "power": Attribute(_("Power"), read_measure, group=TECHNICAL),
    "energyclass": Attribute(_("Energy class"), read_energy_class, group=TECHNICAL),
    "flavour": Attribute(_("Flavour")),
    "scent": Attribute(_("Scent")),
    "author": Attribute(_("Author")),
    "publisher": Attribute(_("Publisher")),
    "pages": Attribute(_("Pages")),
    "model": Attribute(_("Model")),
    "origin": Attribute(_("Country of origin")),
    "condition": Attribute(_("Condition"), read_word, CONDITIONS),
    "warranty": Attribute(_("Warranty")),
    "deliverytime": Attribute(_("Delivery time")),
}


def is_shown(key: str, choices: Mapping[str, dict[str, Any]]) -> bool:
    """Tell whether the site shows a property: as the editor chose, else where the table has it."""
    return bool(choices.get(key, {}).get("shown", key in ATTRIBUTES))


def label_of(key: str, name: str, choices: Mapping[str, dict[str, Any]]) -> str:
    """Return what a property is called in the active language: the editor's label, else the table's."""
    if label := choices.get(key, {}).get("labels", {}).get(get_language()):
        return str(label)
    return gettext(ATTRIBUTES[key].label) if key in ATTRIBUTES else readable_name(name)


@dataclass(frozen=True, slots=True)
class DetailGroup:
    """Properties that stand together: (label, value) pairs below a heading."""

    heading: str
    details: list[tuple[str, str]]


def delivery_of(attributes: Mapping[str, object]) -> str:
    """Return what a shop says of its delivery time; "" where it says nothing, or a number alone."""
    for name, value in attributes.items():
        key, unit = split_name(name)
        if key == DELIVERY and not is_machine_name(name):
            text = read_text(str(value), unit, {})
            if len(text) <= MAX_DELIVERY and any(map(str.isalpha, text)):
                return text
    return ""


_ORDER = {key: number for number, key in enumerate(ATTRIBUTES)}


def public_details(
    attributes: Mapping[str, object], choices: Mapping[str, dict[str, Any]]
) -> list[tuple[str, str]]:
    """Return the (label, value) pairs that visitors see, in the active language (`read_details`)."""
    return list(read_details(attributes, choices).values())


def read_details(
    attributes: Mapping[str, object],
    choices: Mapping[str, dict[str, Any]],
    also: Collection[str] = (),
) -> dict[str, tuple[str, str]]:
    """Return what visitors see by key, as (label, value) in the active language, in the order of pages.

    `attributes` are a product's, as its feed named them; `choices` are `SiteSettings.attributes`. Of two
    columns for one property the first that says something counts. `also` are keys that are shown here
    although the site does not show them elsewhere; what is for machines is none of them.
    """
    found: dict[str, tuple[str, str]] = {}
    for name, value in attributes.items():
        key, unit = split_name(name)
        if key in found or is_machine_name(name) or not (key in also or is_shown(key, choices)):
            continue
        attribute = ATTRIBUTES.get(key, _UNKNOWN)
        if text := attribute.read(str(value), unit, attribute.words):
            found[key] = label_of(key, name, choices), text
    known = sorted(found, key=lambda key: (_ORDER.get(key, len(_ORDER)), found[key]))
    return {key: found[key] for key in known}


def grouped_details(
    attributes: Mapping[str, object], choices: Mapping[str, dict[str, Any]], *, but: Collection[str] = ()
) -> list[DetailGroup]:
    """Return the same in groups with a heading each, without the keys in `but`; few stand in one group."""
    found = {key: pair for key, pair in read_details(attributes, choices).items() if key not in but}
    if len(found) < MIN_GROUPED:
        return [DetailGroup("", list(found.values()))] if found else []
    groups: dict[str, list[tuple[str, str]]] = {}
    for key, pair in found.items():
        groups.setdefault(ATTRIBUTES.get(key, _UNKNOWN).group, []).append(pair)
    order = sorted(groups, key=(LOOKS, MEASURES, TECHNICAL, GENERAL).index)
    return [DetailGroup(gettext(heading), groups[heading]) for heading in order]


_UNKNOWN = Attribute("")
