"""Saved searches as a file for another site: what means something there, and nothing else.

Categories go by their path of names, feeds and accounts by their network and its ids. Approval stays here: on
another site a person looks at a trial first.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.models import Category, Product
from importer.imports.options import Options
from importer.imports.saved import edit_saved, get_query, save_search
from importer.models import Feed, NetworkAccount, SavedSearch
from importer.models.saved import MAX_DAILY
from importer.networks.query import ItemQuery, QueryError

VERSION = 1
MAX_RECIPES = 1_000
_KNOWN = {"name", "query", "feeds", "account", "categories", "status", "import_description", "uses_map"}
_KNOWN |= {"schedule", "keep_adding", "daily_limit", "is_live"}
_STATUSES = ("", Product.Status.DRAFT.value, Product.Status.PUBLISHED.value)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a recipe: "added", "replaced", "unchanged", "kept" or "refused"; what to know of it."""

    name: str
    result: str
    notes: tuple[str, ...] = ()


class _Refused(ValueError):
    """Why a recipe cannot be kept here, as a sentence."""


# --- Out -----------------------------------------------------------------------------------------
def export_recipes(found: Iterable[SavedSearch]) -> str:
    """Return the saved searches as a text of JSON. One that nobody can read any more is left out."""
    recipes = []
    paths = _category_paths()
    for saved in found:
        try:
            recipes.append(_to_recipe(saved, get_query(saved), paths))
        except QueryError:
            continue
    return json.dumps({"version": VERSION, "recipes": recipes}, ensure_ascii=False, indent=2) + "\n"


def _to_recipe(saved: SavedSearch, query: ItemQuery, paths: dict[int, tuple[str, ...]]) -> dict[str, Any]:
    options = saved.options
    recipe: dict[str, Any] = {
        "name": saved.name,
        "query": query.without({"feed_ids", "account_id", "variants_of"}).to_json(),
        "schedule": saved.schedule,
        "keep_adding": saved.keep_adding,
        "daily_limit": saved.daily_limit,
        **({"is_live": True} if saved.is_live else {}),
        "categories": [list(paths[pk]) for pk in options.get("category_ids", ()) if pk in paths],
    }
    for name in ("status", "import_description", "uses_map"):
        if name in options:
            recipe[name] = options[name]
    if query.feed_ids:
        feeds = Feed.objects.filter(pk__in=query.feed_ids).select_related("account").order_by("pk")
        recipe["feeds"] = [
            {"network": feed.account.network, "external_id": feed.external_id, "name": str(feed)}
            for feed in feeds
        ]
    if query.account_id:
        account = NetworkAccount.objects.filter(pk=query.account_id).first()
        recipe["account"] = {"network": account.network, "label": account.label} if account else {}
    return recipe


# --- In ------------------------------------------------------------------------------------------
def import_recipes(text: str | bytes, *, replaces: bool = False, user: Any = None) -> list[Outcome]:
    """Keep the searches of a file; return what became of each. Twice is as once.

    One of a name that is taken stays as it is, unless this `replaces` it. Raises ValidationError where the
    text is no such file.
    """
    paths = {_folded(path): pk for pk, path in _category_paths().items()}
    return [_import_one(recipe, paths, replaces=replaces, user=user) for recipe in _read(text)]


def _read(text: str | bytes) -> list[Any]:
    try:
        stored = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError("This is no file of saved searches: it is not JSON.") from None
    if not isinstance(stored, dict) or not isinstance(stored.get("recipes"), list):
        raise ValidationError("This is no file of saved searches.")
    version = stored.get("version")
    if type(version) is not int or version != VERSION:
        raise ValidationError(f"This file has the version {str(version)[:20]}; known is {VERSION}.")
    if len(stored["recipes"]) > MAX_RECIPES:
        raise ValidationError(f"No more than {MAX_RECIPES:,} at once.")
    return stored["recipes"]


def _import_one(recipe: Any, paths: dict[tuple[str, ...], int], *, replaces: bool, user: Any) -> Outcome:
    name = recipe.get("name") if isinstance(recipe, dict) else None
    name = " ".join(name.split()) if isinstance(name, str) else ""
    if not name or len(name) > 120 or "\0" in name:
        return Outcome(name[:120], "refused", ("It has no name that can be kept.",))
    try:
        values, notes = _read_recipe(recipe, paths)
    except (_Refused, QueryError) as error:
        return Outcome(name, "refused", (str(error),))
    with transaction.atomic():
        stored = SavedSearch.objects.select_for_update(no_key=True).filter(name=name).first()
        if stored is None:
            save_search(ItemQuery.from_json(values.pop("query")), name=name, user=user, **values)
            return Outcome(name, "added", notes)
        if all(getattr(stored, field) == value for field, value in values.items()):
            return Outcome(name, "unchanged", notes)
        if not replaces:
            return Outcome(name, "kept", ("Another one has this name here, and stays as it is.",))
        edit_saved(stored, **values)
        return Outcome(name, "replaced", notes)


def _read_recipe(
    recipe: dict[str, Any], paths: dict[tuple[str, ...], int]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the fields of the saved search, and what cannot be found here."""
    if unknown := sorted(str(name)[:50] for name in recipe.keys() - _KNOWN):
        raise _Refused(f"It has {', '.join(unknown)}, which is not known here.")
    notes: list[str] = []
    query = replace(ItemQuery.from_json(recipe.get("query")), blocked=False, new_since=None)
    if query.feed_ids or query.account_id or query.variants_of:
        raise _Refused("Its search names rows of another site.")
    query = replace(query, feed_ids=_find_feeds(recipe, notes), account_id=_find_account(recipe, notes))
    options = Options(
        status=_one_of(recipe, "status", _STATUSES),
        import_description=_flag(recipe, "import_description", None),
        category_ids=_find_categories(recipe, paths, notes),
        uses_map=bool(_flag(recipe, "uses_map", True)),
    )
    limit = recipe.get("daily_limit", 20)
    if type(limit) is not int or not 1 <= limit <= MAX_DAILY:
        raise _Refused(f"Its limit a day is none from 1 to {MAX_DAILY:,}.")
    is_live = bool(_flag(recipe, "is_live", False))
    if is_live and not query.account_id:
        raise _Refused("It asks a network, and does not say through which account.")
    values = {
        "is_live": is_live,
        "query": query.to_json(),
        "options": options.to_json(),
        "schedule": _one_of(recipe, "schedule", SavedSearch.Schedule.values, "daily"),
        "keep_adding": bool(_flag(recipe, "keep_adding", False)) and not is_live,
        "daily_limit": limit,
    }
    return values, tuple(notes)


def _find_feeds(recipe: dict[str, Any], notes: list[str]) -> tuple[int, ...]:
    """Return the feeds that are here. Where none is, nothing would narrow the search down: it is refused."""
    wanted = recipe.get("feeds", [])
    if not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        raise _Refused("Its feeds are no list.")
    found: list[int] = []
    for each in wanted:
        network, external_id = (str(each.get(name, ""))[:100] for name in ("network", "external_id"))
        of_feed = Feed.objects.filter(account__network=network, external_id=external_id)
        ids = list(of_feed.values_list("pk", flat=True))
        found += ids
        if not ids:
            notes.append(f"The feed “{str(each.get('name') or external_id)[:200]}” ({network}) is not here.")
    if wanted and not found:
        raise _Refused(" ".join([*notes, "Without it, the search would find everything."]))
    return tuple(found)


def _find_account(recipe: dict[str, Any], notes: list[str]) -> int | None:
    wanted = recipe.get("account")
    if wanted is None:
        return None
    label, network = (
        str(wanted.get(name, ""))[:100] if isinstance(wanted, dict) else "" for name in ("label", "network")
    )
    of_network = NetworkAccount.objects.filter(network=network)
    account = of_network.filter(label=label).first() or of_network.first()
    if account is None:
        raise _Refused(f"It searches an account of {network or 'a network'}, and there is none here.")
    if account.label != label:
        notes.append(f"The account “{label}” is not here: “{account}” is searched.")
    return account.pk


def _find_categories(
    recipe: dict[str, Any], paths: dict[tuple[str, ...], int], notes: list[str]
) -> list[int]:
    wanted = recipe.get("categories", [])
    if not isinstance(wanted, list) or not all(
        isinstance(path, list) and all(isinstance(name, str) for name in path) for path in wanted
    ):
        raise _Refused("Its categories are no lists of names.")
    found = []
    for path in wanted:
        if (pk := paths.get(_folded(path))) is not None:
            found.append(pk)
        else:
            notes.append(f"The category “{' > '.join(path)[:200]}” is not here: left out.")
    return found


def _folded(path: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.casefold() for name in path)


def _category_paths() -> dict[int, tuple[str, ...]]:
    """Return the names of each category and of those above it, from the top."""
    rows = {pk: (name, parent) for pk, name, parent in Category.objects.values_list("pk", "name", "parent")}
    paths: dict[int, tuple[str, ...]] = {}
    for pk in rows:
        names: list[str] = []
        at: int | None = pk
        while at in rows and len(names) < 100:
            name, at = rows[at]
            names.append(name)
        paths[pk] = tuple(reversed(names))
    return paths


def _one_of(recipe: dict[str, Any], name: str, allowed: Iterable[str], default: str = "") -> str:
    value = recipe.get(name, default)
    if value not in [*allowed]:
        raise _Refused(f"Its {name} is none that is known here.")
    return value


def _flag(recipe: dict[str, Any], name: str, default: bool | None) -> bool | None:
    value = recipe.get(name, default)
    if value is not default and not isinstance(value, bool):
        raise _Refused(f"Its {name} is neither true nor false.")
    return value
