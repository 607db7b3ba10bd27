"""Take back in this process, the way a worker does."""

from catalog.models import UndoRun
from catalog.services import undo


def plan_undo(cause: str, **values) -> UndoRun:
    """Return a run that is planned and waits."""
    run = undo.start_undo(cause, **values)
    undo.work(run.pk)
    run.refresh_from_db()
    assert run.state == "planned"
    return run


def take_back(cause: str) -> UndoRun:
    """Take back all that had this cause; return the run that did so."""
    run = plan_undo(cause)
    assert undo.carry_out(run)
    undo.work(run.pk)
    run.refresh_from_db()
    assert run.state == "done"
    return run


def verdicts(run: UndoRun) -> dict[int, str]:
    """Return what became of each product."""
    return dict(run.items.values_list("product_id", "verdict"))
