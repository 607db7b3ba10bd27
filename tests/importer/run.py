"""Import in this process, the way a worker does."""

from importer import importing, services
from importer.models import FeedItem, ImportItem


def import_items(*items: FeedItem, kind="bulk", **choices) -> list[ImportItem]:
    """Import the items and return what became of each."""
    run = services.start_import([item.pk for item in items], kind=kind, **choices)
    importing.work(run)
    run.refresh_from_db()
    assert run.state == "done"
    return list(run.items.select_related("product"))
