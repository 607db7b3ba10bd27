"""Products, as the dashboard lists them."""

from collections import Counter
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from catalog.models import ListChoice, Product
from catalog.queries.click_counts import with_clicks
from catalog.queries.pictures import Pictures

PAGE_SIZE = 50
PAGE_SIZES = (25, 50, 100, 200)
# What may be shown beside the title, by key, and what is unless a person says otherwise.
COLUMNS = {
    "picture": "Picture",
    "shops": "Shops",
    "price": "Best price",
    "offers": "Offers",
    "clicks": "Clicks",
    "earned": "Earned",
    "categories": "Categories",
    "ean": "EAN",
    "status": "Status",
    "date": "Date",
}
SHOWN = ("picture", "shops", "price", "clicks", "categories", "status", "date")
# Matches of a search are counted as far as this: counting all of them may take longer than finding the first.
MAX_COUNT = 10_000


class ProductPaginator(Paginator):
    """Pages of a list whose length is known already.

    A page is found by its ids first: reading pictures, shops and categories of the rows that a far page
    skips would make it slow.
    """

    def __init__(
        self, products: QuerySet[Product], order: Sequence, *, count: int, most: int, rows: int = PAGE_SIZE
    ) -> None:
        super().__init__(products.order_by(*order), rows)
        self.count = min(count, most)
        self.has_more = count > most

    def page(self, number) -> Page:
        page = super().page(number)
        ids = list(page.object_list.values_list("pk", flat=True))
        rows = _with_row(Product.objects.filter(pk__in=ids)).in_bulk()
        page.object_list = [rows[pk] for pk in ids if pk in rows]
        return page


def read_ids(matches: QuerySet[Product]) -> list[int]:
    """Return their ids, at most one more than `MAX_COUNT`."""
    return list(matches.order_by("pk").values_list("pk", flat=True)[: MAX_COUNT + 1])


def _with_row(products: QuerySet[Product]) -> QuerySet[Product]:
    """Read what a row shows, in the same query."""
    return with_clicks(
        products.select_related("brand")
        .defer("description", "imported", "attributes", "search")
        .annotate(pictures=Pictures(1))
    )


def count_by_status(matches: QuerySet[Product], *, is_limited: bool) -> dict[str, int] | None:
    """Count products per status; None when `is_limited` and there are more than `MAX_COUNT`."""
    statuses = matches.order_by().values_list("status")
    if not is_limited:
        return dict(statuses.annotate(Count("pk")))
    counts = Counter(status for (status,) in statuses[: MAX_COUNT + 1])
    return counts if counts.total() <= MAX_COUNT else None


def read_choice(user: User, name: str = "products") -> tuple[list[str], int]:
    """Return the columns that a user wants of the list, and how many rows a page has. One query."""
    choice = ListChoice.objects.filter(user=user, name=name).first()
    return (choice.columns, choice.rows) if choice else ([*SHOWN], PAGE_SIZE)
