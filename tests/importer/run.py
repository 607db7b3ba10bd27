"""Import in this process, the way a worker does."""

from importer.imports import apply
from importer.imports.runs import start_import
from importer.models import FeedItem, ImportItem


def import_items(*items: FeedItem, kind="bulk", **choices) -> list[ImportItem]:
    """Import the items and return what became of each."""
    run = start_import([item.pk for item in items], kind=kind, **choices)
    apply.work(run)
    run.refresh_from_db()
    assert run.state == "done"
    return list(run.items.select_related("product"))
