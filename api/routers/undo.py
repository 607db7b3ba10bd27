"""Take back all that had one cause: planned first, then carried out by a worker."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from api.guard import Needs
from api.paging import Paging, page_of
from api.problems import Problem
from api.schemas import searches as shapes
from api.schemas.common import Page
from catalog import tasks
from catalog.models import UndoRun
from catalog.queries.undo import count_items
from catalog.services import undo

router = Router()
WRITE = Needs("products:write")


@router.post("", response={202: shapes.UndoOut}, auth=WRITE)
def plan(request: HttpRequest, data: shapes.UndoIn) -> Any:
    """Plan to take back a cause (`run:12`, or what a change answered as `cause`)."""
    run = undo.start_undo(data.cause, user=request.user)
    tasks.run_undo.delay_on_commit(run.pk)
    return Status(202, _row(run))


@router.get("", response=Page[shapes.UndoOut], auth=Needs("products:read", "catalog.change_product"))
def list_undos(request: HttpRequest, paging: Query[Paging]) -> Any:
    page = page_of(UndoRun.objects.all(), paging)
    return {"items": [_row(run) for run in page["items"]], "next": page["next"]}


@router.get("/{int:pk}", response=shapes.UndoOut, auth=Needs("products:read", "catalog.change_product"))
def get_undo(request: HttpRequest, pk: int) -> Any:
    return _row(get_object_or_404(UndoRun, pk=pk))


@router.post("/{int:pk}/carry-out", response={202: shapes.UndoOut}, auth=WRITE)
def carry_out(request: HttpRequest, pk: int) -> Any:
    """Carry out a plan. Asked twice, it is done once."""
    run = get_object_or_404(UndoRun, pk=pk)
    if not undo.carry_out(run):
        raise Problem("not_possible", "It is not planned yet, is being taken back already, or is over.")
    tasks.run_undo.delay_on_commit(run.pk)
    return Status(202, _row(UndoRun.objects.get(pk=pk)))


@router.post("/{int:pk}/cancel", response=shapes.UndoOut, auth=WRITE)
def cancel(request: HttpRequest, pk: int) -> Any:
    """Stop a run, or put its plan away; what was taken back stays so."""
    run = get_object_or_404(UndoRun, pk=pk)
    if not undo.cancel_undo(run):
        raise Problem("not_possible", "This was already over.")
    return _row(UndoRun.objects.get(pk=pk))


def _row(run: UndoRun) -> dict[str, Any]:
    names = [name for name in shapes.UndoOut.model_fields if name != "counts"]
    counts = {str(each.verdict): each.count for each in count_items(run)}
    return {name: getattr(run, name) for name in names} | {"counts": counts}
