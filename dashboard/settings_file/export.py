"""Settings -> JSON. Accounts go by network and label, categories by their path of names."""

import json
from typing import Any

from catalog.forms import SiteSettingsForm
from catalog.models import ButtonTexts, SiteSettings
from catalog.site.buttons import FIELDS as BUTTONS
from importer.accounts.accounts import SETTINGS
from importer.imports.category_map import category_paths
from importer.imports.recipes import export_recipes
from importer.models import CategoryMapping, NetworkAccount, SavedSearch

VERSION = 1
SITE = tuple(name for name in SiteSettingsForm.Meta.fields if name != "logo")
ACCOUNT = tuple(name for name in SETTINGS if name != "label")


def export_settings() -> str:
    """Return all that a person set, as a text of JSON."""
    site = SiteSettings.objects.filter(pk=1).first() or SiteSettings()
    accounts = NetworkAccount.objects.order_by("network", "label")
    paths = category_paths()
    document = {
        "version": VERSION,
        "site": {name: plain(getattr(site, name)) for name in SITE} | {"attributes": site.attributes},
        "buttons": [
            {"source": texts.source} | {name: getattr(texts, name) for name in BUTTONS}
            for texts in ButtonTexts.objects.order_by("source")
        ],
        "accounts": [
            {"network": account.network, "label": account.label, "policies": account.policies}
            | {name: plain(getattr(account, name)) for name in ACCOUNT}
            for account in accounts
        ],
        "categories": sorted(paths.values()),
        "category_map": [
            {
                **{
                    name: getattr(line, name)
                    for name in ("program_key", "key", "name", "shop_name", "decision")
                },
                "categories": [paths[pk] for pk in line.category_ids if pk in paths],
            }
            for line in CategoryMapping.objects.exclude(decision="").order_by("program_key", "key")
        ],
        "saved_searches": json.loads(export_recipes(SavedSearch.objects.all())),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def plain(value: Any) -> Any:
    """Return a value of a column as JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
