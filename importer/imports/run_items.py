"""Runs and their items, as pages show them."""

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from importer.models import ImportItem, ImportRun
from importer.models.runs import ACTIVE

ITEMS_PER_PAGE = 50
TO_DO = "todo"


def runs_with_names() -> QuerySet[ImportRun]:
    """Return the runs, newest first, with whoever started them and what they are of."""
    return ImportRun.objects.select_related("user", "feed__program", "saved_search")


def active_runs() -> QuerySet[ImportRun]:
    """Return the runs that are at work or wait for it."""
    return runs_with_names().filter(state__in=ACTIVE)


class ItemPaginator(Paginator):
    """The items of a run with one verdict ("": any). Runs count for themselves, so no page counts rows."""

    def __init__(self, run: ImportRun, verdict: str) -> None:
        self.run, self.verdict = run, verdict
        items = ImportItem.objects.filter(run=run)
        # In the order of the index `import_item_verdicts`.
        match verdict:
            case "":
                items = items.exclude(verdict="").order_by("verdict", "id")
            case "todo":
                items = items.filter(verdict="").order_by("id")
            case _:
                items = items.filter(verdict=verdict).order_by("id")
        super().__init__(items.values_list("pk", flat=True), ITEMS_PER_PAGE)

    def page(self, number: int) -> Page:
        """Return a page of items; only its own rows are joined, so the last page is as quick as the first."""
        page = super().page(number)
        items = ImportItem.objects.select_related("feed_item", "product")
        items = items.defer("feed_item__description", "product__description").in_bulk(list(page.object_list))
        page.object_list = sorted(items.values(), key=lambda item: (item.verdict, item.pk))
        return page

    @cached_property
    def count(self) -> int:
        if self.verdict == TO_DO:
            return max(0, self.run.total_count - self.run.done_count)
        return self.run.counts[self.verdict] if self.verdict else self.run.done_count
