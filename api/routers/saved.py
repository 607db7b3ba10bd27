"""Saved searches."""

import json
from hashlib import sha256
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from api.forms import data_of
from api.guard import Needs, check_version, show_version
from api.paging import Paging, page_of
from api.problems import Problem, of_form
from api.routers.imports import run_row
from api.schemas import searches as shapes
from api.schemas.common import Page
from api.schemas.items import RunOut
from importer import tasks
from importer.forms import SavedSearchForm
from importer.imports import saved as saves
from importer.imports import saved_runs
from importer.models import SavedSearch
from importer.networks.query import ItemQuery

router = Router()
READ, WRITE = Needs("saved-searches:read"), Needs("saved-searches:write")
ADD = Needs("saved-searches:write", "importer.add_savedsearch")
DELETE = Needs("saved-searches:write", "importer.delete_savedsearch")
RUN = Needs("saved-searches:write", "importer.add_importrun", "importer.change_savedsearch")


@router.get("", response=Page[shapes.SavedOut], auth=READ)
def list_saved(request: HttpRequest, paging: Query[Paging]) -> Any:
    page = page_of(SavedSearch.objects.all(), paging, falls=False)
    return {"items": [_row(saved) for saved in page["items"]], "next": page["next"]}


@router.post("", response={201: shapes.SavedOut}, auth=ADD)
def create_saved(request: HttpRequest, data: shapes.SavedIn) -> Any:
    """Keep a search. One that is to add by itself waits until its trial was approved."""
    query = ItemQuery.from_json(data.query)
    form = _form(None, data)
    values = form.get_values([category.pk for category in form.cleaned_data["categories"]])
    return Status(201, _show(request, saves.save_search(query, user=request.user, **values)))


@router.get("/{int:pk}", response=shapes.SavedOut, auth=READ)
def get_saved(request: HttpRequest, pk: int) -> Any:
    return _show(request, get_object_or_404(SavedSearch, pk=pk))


@router.patch("/{int:pk}", response=shapes.SavedOut, auth=WRITE)
def change_saved(request: HttpRequest, pk: int, data: shapes.SavedPatch) -> Any:
    """Change a saved search; another search or other options wait for another trial."""
    saved = get_object_or_404(SavedSearch.objects.select_for_update(no_key=True), pk=pk)
    check_version(request, _version(saved))
    form = _form(saved, data)
    values = form.get_values([category.pk for category in form.cleaned_data["categories"]])
    if data.query is not None:
        values["query"] = ItemQuery.from_json(data.query).to_json()
    saves.edit_saved(saved, **values)
    saved.refresh_from_db()
    return _show(request, saved)


@router.delete("/{int:pk}", response={204: None}, auth=DELETE)
def delete_saved(request: HttpRequest, pk: int) -> Any:
    """Keep a search no longer; what it added stays."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    check_version(request, _version(saved))
    saves.delete_saved(saved)
    return Status(204, None)


@router.post("/{int:pk}/run", response={202: RunOut}, auth=RUN)
def run_saved(request: HttpRequest, pk: int) -> Any:
    """Let it look now, and add what it may."""
    get_object_or_404(SavedSearch, pk=pk)
    run = saved_runs.start_if_due(pk, is_asked=True)
    tasks.look_at_saved_search.delay_on_commit(pk)
    if run is None:
        raise Problem("not_possible", str(SavedSearch.objects.get(pk=pk).outcome))
    tasks.run_import.delay_on_commit(run.pk)
    return Status(202, run_row(run))


@router.get("/{int:pk}/trial", response=shapes.TrialOut, auth=READ)
def get_trial(request: HttpRequest, pk: int) -> Any:
    """Show what the first ten would become; writes nothing."""
    trial = saves.run_trial(get_object_or_404(SavedSearch, pk=pk))
    rows = [
        {"item_id": each.planned.item.pk, "title": each.title, "verdict": str(each.verdict)}
        for each in trial.decisions
    ]
    return {"fingerprint": trial.fingerprint, "waiting": trial.waiting, "items": rows}


@router.post("/{int:pk}/approve", response=shapes.SavedOut, auth=RUN)
def approve(request: HttpRequest, pk: int, data: shapes.Fingerprint) -> Any:
    """Let it add by itself from now on, where it is still what the trial was of."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    if not saves.approve(saved, data.fingerprint, user=request.user):
        raise Problem("changed_meanwhile", "The search was changed since the trial. Look at it again.")
    tasks.look_at_saved_search.delay_on_commit(pk)
    saved.refresh_from_db()
    return _show(request, saved)


@router.post("/{int:pk}/seen", response=shapes.SavedOut, auth=WRITE)
def mark_seen(request: HttpRequest, pk: int, data: shapes.Until) -> Any:
    """Let nothing be new that appeared until then."""
    saved = get_object_or_404(SavedSearch, pk=pk)
    if data.until.tzinfo is None:
        message = "Say its zone."
        raise Problem("invalid", errors=[{"field": "until", "code": "zone", "message": message}])
    saves.mark_seen(saved, data.until)
    return _show(request, saved)


# --- Steps ---------------------------------------------------------------------------------------
def _form(saved: SavedSearch | None, data: shapes.SavedPatch) -> SavedSearchForm:
    typed = {
        name: "" if value is None else value
        for name, value in data.dict(exclude_unset=True, exclude={"query"}).items()
    }
    form = SavedSearchForm(data_of(SavedSearchForm(saved=saved), typed), saved=saved)
    if not form.is_valid():
        raise of_form(form)
    return form


def _version(saved: SavedSearch) -> str:
    """Return what changes with what a person may change of it."""
    text = json.dumps([getattr(saved, name) for name in saves.FIELDS], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _show(request: HttpRequest, saved: SavedSearch) -> dict[str, Any]:
    show_version(request, _version(saved))
    return _row(saved)


def _row(saved: SavedSearch) -> dict[str, Any]:
    names = [name for name in shapes.SavedOut.model_fields if name not in ("may_add", "outcome")]
    row = {name: getattr(saved, name) for name in names}
    return row | {"may_add": saves.may_add(saved), "outcome": str(saved.outcome or "")}
