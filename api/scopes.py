"""What a token may be for: a scope opens a part of the API; the user's permissions still decide."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

# Scope -> what a person reads of it, and the permission without which it is of no use.
SCOPES: dict[str, tuple[str, str]] = {
    "products:read": ("See products, offers and their history", "catalog.view_product"),
    "products:write": ("Change products and offers, and undo", "catalog.change_product"),
    "categories:read": ("See categories", "catalog.view_category"),
    "categories:write": ("Change categories", "catalog.change_category"),
    "brands:read": ("See brands", "catalog.view_brand"),
    "brands:write": ("Change brands", "catalog.change_brand"),
    "shops:read": ("See shops", "catalog.view_shop"),
    "shops:write": ("Change shops", "catalog.change_shop"),
    "search:read": ("Search the mirror and the networks", "importer.view_feeditem"),
    "imports:read": ("See import runs", "importer.view_importrun"),
    "imports:write": ("Import, cancel and retry", "importer.add_importrun"),
    "feeds:read": ("See feeds and syncs", "importer.view_feeditem"),
    "feeds:write": ("Sync feeds and change their settings", "importer.add_syncrun"),
    "saved-searches:read": ("See saved searches", "importer.view_savedsearch"),
    "saved-searches:write": ("Change and run saved searches", "importer.change_savedsearch"),
    "blocks:read": ("See what is blocked", "importer.view_block"),
    "blocks:write": ("Block and unblock", "importer.add_block"),
    "events:read": ("Read what changed", "events.view_event"),
    "site:read": ("See site settings", "catalog.change_sitesettings"),
    "site:write": ("Change site settings", "catalog.change_sitesettings"),
}


def scopes_open_to(user: AbstractBaseUser | AnonymousUser) -> list[tuple[str, str]]:
    """Return (scope, words) of those that are of use to this user."""
    return [(name, words) for name, (words, perm) in SCOPES.items() if user.has_perm(perm)]  # type: ignore[union-attr]


def in_order(scopes: Iterable[str]) -> list[str]:
    """Return the scopes that are known, each once, in the order of `SCOPES`."""
    chosen = set(scopes)
    return [name for name in SCOPES if name in chosen]
