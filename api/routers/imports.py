"""Imports: start them, watch them, cancel and retry."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from api.guard import Needs
from api.paging import Paging, page_of
from api.problems import Problem
from api.schemas import items as shapes
from api.schemas.common import Count, Page
from catalog.lib.rich_text import clean_html
from catalog.models import Category, Product
from importer import tasks
from importer.imports.edits import Edits
from importer.imports.runs import (
    allow_domain,
    cancel_run,
    retry_failed,
    start_import,
    start_import_of_matches,
)
from importer.models import FeedItem, ImportItem, ImportRun
from importer.networks.query import ItemQuery

imports = Router()
runs = Router()
READ, WRITE = Needs("imports:read"), Needs("imports:write")


@imports.post("", response={202: shapes.RunOut}, auth=WRITE)
def start(request: HttpRequest, data: shapes.ImportIn) -> Any:
    """Import items by id, or all that a query finds; a worker does it, `GET /runs/{id}` watches."""
    if bool(data.items) == (data.query is not None):
        message = "Name either items or a query."
        raise Problem("invalid", errors=[{"field": "items", "code": "required", "message": message}])
    _check(data)
    choices: dict[str, Any] = data.dict(include={"status", "import_description", "category_ids", "uses_map"})
    if data.query is not None:
        run = start_import_of_matches(ItemQuery.from_json(data.query), user=request.user, **choices)
    else:
        kind = ImportRun.Kind.SINGLE if len(data.items) == 1 else ImportRun.Kind.BULK
        edits = {pk: _edits(edit) for pk, edit in data.edits.items()}
        run = start_import(data.items, kind=kind, user=request.user, edits=edits, **choices)
    tasks.run_import.delay_on_commit(run.pk)
    return Status(202, run_row(run))


@runs.get("", response=Page[shapes.RunOut], auth=READ)
def list_runs(request: HttpRequest, paging: Query[Paging], active: bool = False) -> Any:
    """List import runs, the newest first; `active=true`: those at work."""
    found = ImportRun.objects.all()
    page = page_of(found.filter(state__in=ImportRun.ACTIVE_STATES) if active else found, paging)
    return {"items": [run_row(run) for run in page["items"]], "next": page["next"]}


@runs.get("/{int:pk}", response=shapes.RunOut, auth=READ)
def get_run(request: HttpRequest, pk: int) -> Any:
    return run_row(get_object_or_404(ImportRun, pk=pk))


@runs.get("/{int:pk}/items", response=Page[shapes.RunItemOut], auth=READ)
def list_items(request: HttpRequest, pk: int, paging: Query[Paging], verdict: str = "") -> Any:
    """List what became of a run's items; those still to do have no verdict."""
    found = get_object_or_404(ImportRun, pk=pk).items.all()
    page = page_of(found.filter(verdict=verdict[:20]) if verdict else found, paging, falls=False)
    rows = [_item(item) for item in page["items"]]
    return {"items": rows, "next": page["next"]}


@runs.post("/{int:pk}/cancel", response=shapes.RunOut, auth=WRITE)
def cancel(request: HttpRequest, pk: int) -> Any:
    """Stop a run; what it has imported stays."""
    run = get_object_or_404(ImportRun, pk=pk)
    if not cancel_run(run):
        raise Problem("not_possible", "This import was already over.")
    return run_row(ImportRun.objects.get(pk=pk))


@runs.post("/{int:pk}/retry", response=Count, auth=WRITE)
def retry(request: HttpRequest, pk: int) -> Any:
    """Do failed items again, and what a cancellation left."""
    run = get_object_or_404(ImportRun, pk=pk)
    if count := retry_failed(run):
        tasks.run_import.delay_on_commit(run.pk)
    return {"count": count}


@runs.post(
    "/{int:pk}/allow",
    response=Count,
    auth=Needs("imports:write", "importer.add_importrun", "importer.change_networkaccount"),
)
def allow(request: HttpRequest, pk: int, data: shapes.Host) -> Any:
    """Let links lead to a domain that the run refused, and go on with the items refused for it."""
    run = get_object_or_404(ImportRun, pk=pk)
    if count := allow_domain(run, data.host):
        tasks.run_import.delay_on_commit(run.pk)
    return {"count": count}


def _check(data: shapes.ImportIn) -> None:
    """Refuse ids that mean nothing: an import would leave them out without a word."""
    wanted = [
        ("items", FeedItem.objects, set(data.items)),
        ("category_ids", Category.objects, set(data.category_ids)),
        ("edits", Product.objects, {edit.product_id for edit in data.edits.values() if edit.product_id}),
    ]
    for field, rows, ids in wanted:
        if ids and (missing := ids - set(rows.filter(pk__in=ids).values_list("pk", flat=True))):
            message = f"There are no such things: {sorted(missing)[:20]}."
            raise Problem("invalid", errors=[{"field": field, "code": "unknown", "message": message}])


def _edits(data: shapes.EditsIn) -> Edits:
    edits: Any = {name: value for name, value in data.dict(exclude_unset=True).items() if value is not None}
    if "description" in edits:
        edits["description"] = clean_html(edits["description"])
    return edits


def run_row(run: ImportRun) -> dict[str, Any]:
    """Return a run as `RunOut` has it."""
    names = ("id", "kind", "state", "is_active", "networks", "query", "total_count", "done_count", "counts")
    times = ("created_at", "started_at", "finished_at")
    return {
        **{name: getattr(run, name) for name in (*names, *times)},
        **{"message": str(run.message or ""), "user": run.user_id, "cause": f"run:{run.pk}"},
    }


def _item(item: ImportItem) -> dict[str, Any]:
    names = ("id", "verdict", "message", "product_id")
    return {name: getattr(item, name) for name in names} | {"item_id": item.feed_item_id}
