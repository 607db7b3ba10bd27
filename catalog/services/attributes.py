"""Which properties of products visitors see."""

from collections.abc import Mapping

from django.db import transaction

from catalog.lib.attributes import ATTRIBUTES
from catalog.models import SiteSettings


def save_attribute_choices(choices: Mapping[str, tuple[bool, str]], *, language: str) -> None:
    """Store whether each property is shown and its label in a language ("" for the built-in one).

    Properties that are not named stay as they are, labels in other languages too.
    """
    with transaction.atomic():
        SiteSettings.objects.get_or_create(pk=1)
        site = SiteSettings.objects.select_for_update().get(pk=1)
        for key, (shown, label) in choices.items():
            labels = site.attributes.get(key, {}).get("labels", {}) | {language: label}
            labels = {code: text for code, text in labels.items() if text}
            choice: dict[str, object] = {"labels": labels} if labels else {}
            if shown != (key in ATTRIBUTES):
                choice["shown"] = shown
            if choice:
                site.attributes[key] = choice
            else:
                site.attributes.pop(key, None)
        site.save(update_fields=["attributes"])
