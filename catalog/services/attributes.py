"""Which properties of products visitors see, what they are called, and which they may filter by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from catalog.lib.attributes import ATTRIBUTES
from catalog.lib.facets import filter_keys
from catalog.models import SiteSettings
from catalog.services.facets import read_all_facets_again


@dataclass(frozen=True, slots=True)
class AttributeChoice:
    """What an editor says of a property; `labels` by language, "" for the built-in one."""

    shown: bool
    filters: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)


def save_attribute_choices(choices: Mapping[str, AttributeChoice]) -> None:
    """Store what was chosen for these properties; others stay as they are, and so do labels not named."""
    with transaction.atomic():
        SiteSettings.objects.get_or_create(pk=1)
        site = SiteSettings.objects.select_for_update().get(pk=1)
        filters = filter_keys(site.attributes)
        for key, chosen in choices.items():
            labels = site.attributes.get(key, {}).get("labels", {}) | chosen.labels
            labels = {code: text for code, text in labels.items() if text}
            choice: dict[str, object] = {"labels": labels} if labels else {}
            if chosen.shown != (key in ATTRIBUTES):
                choice["shown"] = chosen.shown
            if chosen.filters:
                choice["filter"] = True
            if choice:
                site.attributes[key] = choice
            else:
                site.attributes.pop(key, None)
        site.save(update_fields=["attributes"])
        if sorted(filters) != sorted(filter_keys(site.attributes)):
            read_all_facets_again()
