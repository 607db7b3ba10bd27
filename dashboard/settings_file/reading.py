"""JSON -> settings: first a plan of what would become of each thing, then that plan carried out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from api.forms import data_of
from catalog.forms import ButtonTextsForm, SiteSettingsForm
from catalog.forms.policies import PoliciesForm
from catalog.models import ButtonTexts, Category, SiteSettings
from catalog.services import get_or_create_category, save_edit
from catalog.site.buttons import FIELDS as BUTTONS
from dashboard.settings_file.export import ACCOUNT, SITE, VERSION, plain
from events.kinds import Kind
from importer.accounts.accounts import update_account
from importer.accounts.policies import set_policies
from importer.imports.category_map import category_paths, decide_mapping
from importer.imports.recipes import import_recipes
from importer.models import CategoryMapping, NetworkAccount

MAX_FILE = 20_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one thing: "add", "change", "same" or "refused", with what differs or why."""

    what: str
    name: str
    result: str
    note: str = ""
    carry_out: Callable[[], Any] = lambda: None


def read_file(text: str | bytes) -> dict[str, Any]:
    """Return the document of a file. Raises ValidationError with a sentence where it is none."""
    if len(text) > MAX_FILE:
        raise ValidationError("This file is too large for settings.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ValidationError("This is no file of settings: it is not JSON.") from None
    if not isinstance(document, dict) or "site" not in document:
        raise ValidationError("This is no file of settings.")
    version = document.get("version")
    if type(version) is not int or version != VERSION:
        raise ValidationError(f"This file has the version {str(version)[:20]}; known is {VERSION}.")
    return document


def make_plan(document: dict[str, Any]) -> list[Step]:
    """Return what an import would do, in its order. Reads, and writes nothing."""
    parts = (_site, _buttons, _accounts, _categories, _category_map, _saved_searches)
    return [step for part in parts for step in part(document)]


def import_settings(document: dict[str, Any]) -> list[Step]:
    """Do what the plan says, all or nothing; return the plan. Twice is as once."""
    with transaction.atomic():
        steps = make_plan(document)
        for step in steps:
            step.carry_out()
    return steps


# --- Parts ---------------------------------------------------------------------------------------
def _site(document: dict[str, Any]) -> Iterator[Step]:
    told = document["site"]
    if not isinstance(told, dict):
        yield Step("site", "Site settings", "refused", "They are no object.")
        return
    site = SiteSettings.objects.filter(pk=1).first() or SiteSettings(pk=1)
    now = {name: plain(getattr(site, name)) for name in SITE}
    wanted = {name: told[name] for name in SITE if name in told}
    differing = {name: value for name, value in wanted.items() if value != now[name]}
    form = SiteSettingsForm(data_of(SiteSettingsForm(instance=site), wanted), instance=site)
    if not form.is_valid():
        yield Step("site", "Site settings", "refused", _errors(form))
        return

    def write() -> None:
        save_edit(form.instance, Kind.SITE_EDITED, fields=form.Meta.fields)

    yield _changed("site", "Site settings", differing, write)


def _buttons(document: dict[str, Any]) -> Iterator[Step]:
    for told in _objects(document, "buttons"):
        source = str(told.get("source", ""))[:30]
        texts = ButtonTexts.objects.filter(source=source).first() or ButtonTexts(source=source)
        wanted = {name: str(told.get(name, "")) for name in BUTTONS}
        differing = {name: text for name, text in wanted.items() if text != getattr(texts, name)}
        form = ButtonTextsForm(wanted, instance=texts)
        name = source or "whole site"
        if not form.is_valid():
            yield Step("buttons", name, "refused", _errors(form))
            continue
        yield _changed(
            "buttons", name, differing, lambda row=texts: save_edit(row, Kind.BUTTONS_EDITED, fields=BUTTONS)
        )


def _accounts(document: dict[str, Any]) -> Iterator[Step]:
    for told in _objects(document, "accounts"):
        network, label = str(told.get("network", "")), str(told.get("label", ""))
        name = f"{network}: {label}"
        account = NetworkAccount.objects.filter(network=network, label=label).first()
        if account is None:
            yield Step("account", name, "refused", "It is not connected here. Connect it, then import again.")
            continue
        try:
            fields = {each: _clean(account, each, told[each]) for each in ACCOUNT if each in told}
            policies = clean_policies(told.get("policies", account.policies))
        except ValidationError as error:
            yield Step("account", name, "refused", " ".join(error.messages))
            continue
        differing = {each: value for each, value in fields.items() if value != getattr(account, each)}
        noted = differing | ({"policies": policies} if policies != account.policies else {})
        yield _changed("account", name, noted, lambda a=account, d=differing, p=policies: _write(a, d, p))


def _write(account: NetworkAccount, values: dict[str, Any], policies: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(account, name, value)
    if values:
        update_account(account, list(values))
    set_policies(account, policies)


def _clean(account: NetworkAccount, name: str, value: Any) -> Any:
    field = account._meta.get_field(name)
    try:
        return field.clean(value, account)
    except ValidationError as error:
        raise ValidationError(f"{name}: {' '.join(error.messages)}") from None


def _categories(document: dict[str, Any]) -> Iterator[Step]:
    there = {path.casefold() for path in category_paths().values()}
    for path in document.get("categories") or ():
        if not isinstance(path, str) or not all(part.strip() for part in path.split(" > ")):
            yield Step("category", str(path)[:100], "refused", "It is no path of names.")
        elif path.casefold() in there:
            yield Step("category", path, "same")
        else:
            yield Step("category", path, "add", carry_out=lambda p=path: _find_category(p))


def _find_category(path: str) -> Category:
    parent: Category | None = None
    for name in path.split(" > "):
        parent = get_or_create_category(name, parent=parent)
    assert parent
    return parent


def _category_map(document: dict[str, Any]) -> Iterator[Step]:
    paths = category_paths()
    ids = {path.casefold(): pk for pk, path in paths.items()}
    told_paths = {str(path).casefold() for path in document.get("categories") or ()}
    for told in _objects(document, "category_map"):
        key = {name: str(told.get(name, ""))[:300] for name in ("program_key", "key")}
        name = f"{told.get('shop_name') or key['program_key']}: {told.get('name') or key['key']}"[:300]
        wanted = [str(path) for path in told.get("categories") or ()]
        missing = [path for path in wanted if path.casefold() not in {*ids, *told_paths}]
        if not all(key.values()) or len(key["program_key"]) > 200 or missing:
            note = f"There is no category {missing[0]}." if missing else "It names no category of a program."
            yield Step("category map", name, "refused", note)
            continue
        line = CategoryMapping.objects.filter(**key).first()
        decision = "mapped" if wanted else "none"
        found = [ids.get(path.casefold()) for path in wanted]
        if line and line.decision == decision and sorted(line.category_ids) == sorted(filter(None, found)):
            yield Step("category map", name, "same")
            continue
        defaults = {
            each: str(told.get(each, ""))[:limit] for each, limit in (("name", 300), ("shop_name", 120))
        }
        yield Step(
            "category map",
            name,
            "change" if line and line.decision else "add",
            ", ".join(wanted) or "none, on purpose",
            lambda k=key, d=defaults, w=wanted: _decide(k, d, w),
        )


def _decide(key: dict[str, str], defaults: dict[str, str], paths: list[str]) -> None:
    line, _ = CategoryMapping.objects.get_or_create(**key, defaults=defaults)
    decide_mapping(line, category_ids=[_find_category(path).pk for path in paths])


def _saved_searches(document: dict[str, Any]) -> Iterator[Step]:
    told = document.get("saved_searches")
    if told is None:
        return
    text = json.dumps(told)
    words = {
        "added": "add",
        "replaced": "change",
        "unchanged": "same",
        "kept": "refused",
        "refused": "refused",
    }
    try:
        with transaction.atomic():
            outcomes = import_recipes(text, replaces=True)
            transaction.set_rollback(True)
    except ValidationError as error:
        yield Step("saved search", "", "refused", " ".join(error.messages))
        return
    for number, each in enumerate(outcomes):
        write = (lambda: import_recipes(text, replaces=True)) if number == 0 else (lambda: None)
        yield Step("saved search", each.name, words[each.result], " ".join(each.notes), write)


def clean_policies(told: Any) -> dict[str, Any]:
    """Return policies as an account keeps them. Raises ValidationError on what is none."""
    form = PoliciesForm(told if isinstance(told, dict) else {"": ""}, policies={}, of_product=True)
    if not isinstance(told, dict) or not form.is_valid() or set(told) - set(form.fields):
        raise ValidationError("Its policies are none that are known here.")
    return told


# --- Steps ---------------------------------------------------------------------------------------
def _objects(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    told = document.get(name) or []
    return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []


def _changed(what: str, name: str, differing: dict[str, Any], write: Callable[[], Any]) -> Step:
    if not differing:
        return Step(what, name, "same")
    return Step(what, name, "change", ", ".join(differing), write)


def _errors(form: Any) -> str:
    return " ".join(f"{name}: {' '.join(map(str, found))}" for name, found in form.errors.items())
