"""Undo runs, as pages show them."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count

from catalog.causes import Cause, describe_causes
from catalog.models import Product, UndoItem, UndoRun
from catalog.models.undo import VERDICTS

ITEMS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many products of a run have a verdict."""

    verdict: str
    label: str
    count: int


def column_of(run: UndoRun) -> str:
    """Return where the verdicts of a run are: in its plan until it has begun."""
    return "verdict" if run.started_at else "planned"


def count_items(run: UndoRun) -> list[VerdictCount]:
    """Return how many products have each verdict that occurs."""
    column = column_of(run)
    rows = run.items.exclude(**{column: ""}).order_by().values_list(column)
    counts = dict(rows.annotate(Count("pk")))
    return [VerdictCount(key.value, label, counts[key]) for key, label in VERDICTS.items() if key in counts]


class UndoPaginator(Paginator):
    """The products of a run with one verdict ("": any); each gets its `title`, "" where it is gone."""

    def __init__(self, run: UndoRun, verdict: str, counts: list[VerdictCount]) -> None:
        column = column_of(run)
        items = UndoItem.objects.filter(run=run)
        items = items.filter(**{column: verdict}) if verdict else items.exclude(**{column: ""})
        super().__init__(items.order_by(column, "id"), ITEMS_PER_PAGE)
        self.column = column
        self.count = sum(each.count for each in counts if not verdict or each.verdict == verdict)

    count = 0

    def page(self, number: int | str) -> Page:
        page = super().page(number)
        page.object_list = list(page.object_list)
        ids = [item.product_id for item in page.object_list]
        titles = dict(Product.objects.filter(pk__any=ids).values_list("pk", "title"))
        for item in page.object_list:
            item.title = titles.get(item.product_id, "")
            item.shown = getattr(item, self.column)
            item.shown_label = dict(VERDICTS).get(item.shown, "")
        return page


def describe(run: UndoRun) -> Cause:
    """Return what a run takes back, as people read it."""
    return describe_causes([run.cause])[run.cause]
