"""Lists of products: which, in which order, which page. The same for every page that lists products."""

from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from catalog.models.reduction import reduced_at
from catalog.public.filters import Filters
from catalog.queries.pictures import Pictures

PAGE_SIZE = 24
# Nobody pages deeper; crawlers do, and each page costs the database more than the one before.
MAX_PAGES = 50

BEST = "best"  # offered by searches only
SORTS = {
    "newest": _("Newest first"),
    "reduced": _("Biggest reduction first"),
    "price": _("Lowest price first"),
    "-price": _("Highest price first"),
}

# What the address of a list may say, for `kept`: a page is kept for each of these, and for nothing else.
KEPT_PARAMETERS = {
    "page": {str(number) for number in range(1, MAX_PAGES + 1)}.__contains__,
    "sort": SORTS.__contains__,
}


def published_products() -> QuerySet[Product]:
    # A published product has its date; saying so lets PostgreSQL skip the drafts in the index.
    return Product.objects.filter(status=Product.Status.PUBLISHED, published_at__isnull=False)


def with_card(products: QuerySet[Product]) -> QuerySet[Product]:
    """Read what a card shows, in the same query."""
    return (
        products.select_related("brand")
        .defer("description", "imported", "attributes", "search")
        .annotate(pictures=Pictures(1))
    )


class Chain:
    """Ordered products, one query set after the other, so that each can follow an index of its own.

    `products` are all of them. Slicing returns products with what their cards show. Counts no further than
    pages go: a big list costs no more than a small one; a part is counted only where a page begins behind it.
    """

    limit = PAGE_SIZE * MAX_PAGES

    def __init__(self, products: QuerySet[Product], *parts: QuerySet[Product]) -> None:
        self.products, self.parts = products, parts

    def count(self) -> int:
        return self._count(self.products)

    def __getitem__(self, window: slice) -> list[Product]:
        found: list[Product] = []
        start, stop = window.start, window.stop
        for part in self.parts:
            # The cards of these few only: what a page skips is never read.
            here = Product.objects.filter(pk__in=part.values("pk")[start:stop])
            rows = list(with_card(here).order_by(*part.query.order_by))
            found += rows
            if len(rows) == stop - start:
                break
            size = start + len(rows) if rows or not start else self._count(part)
            start, stop = max(start - size, 0), stop - size
        return found

    def _count(self, products: QuerySet[Product]) -> int:
        return products.order_by().values("pk")[: self.limit].count()


@dataclass(frozen=True)
class Pages:
    """One page of any list, with what `public/_pages.html` needs to link to the others."""

    page: Page

    @property
    def is_empty(self) -> bool:
        return not self.page.paginator.count

    @property
    def pages(self) -> list[dict | None]:
        """Return the numbers to show, with their query strings; None stands for a gap."""
        numbers = self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        return [
            {"number": number, "query": self._query(number), "current": number == self.page.number}
            if isinstance(number, int)
            else None
            for number in numbers
        ]

    @property
    def previous_query(self) -> str | None:
        return self._query(self.page.number - 1) if self.page.has_previous() else None

    @property
    def next_query(self) -> str | None:
        return self._query(self.page.number + 1) if self.page.has_next() else None

    @property
    def canonical_query(self) -> str:
        """Return the query string search engines should know this page by: its number, no sort."""
        return f"?page={self.page.number}" if self.page.number > 1 else ""

    def _query(self, page: int) -> str:
        # "?" alone leads to the first page; an empty href would lead to the page one is on.
        return f"?page={page}" if page > 1 else "?"


@dataclass(frozen=True)
class Listing(Pages):
    """One page of a list of products."""

    sort: str
    query: str
    filters: Filters = field(default_factory=Filters)
    default_sort: str = "newest"

    @property
    def is_cut(self) -> bool:
        """Whether there is more than can be paged through."""
        return self.page.paginator.count == Chain.limit

    @property
    def sorts(self) -> list[dict]:
        offered = {BEST: _("Best match first"), **SORTS} if self.default_sort == BEST else SORTS
        return [
            {"label": label, "query": self._query(1, key), "current": key == self.sort}
            for key, label in offered.items()
        ]

    @property
    def unfiltered_query(self) -> str:
        return self.filtered_query(Filters())

    @property
    def price_form_parameters(self) -> list[tuple[str, str]]:
        """Return what a form for prices must carry along: all but prices and page."""
        return self._parameters(1, filters=self.filters.without("minimum", "maximum"))

    def filtered_query(self, filters: Filters) -> str:
        """Return the query string of the first page with these filters, in the same order."""
        return self._query(1, filters=filters)

    def _query(self, page: int, sort: str = "", filters: Filters | None = None) -> str:
        return f"?{urlencode(self._parameters(page, sort, filters))}"

    def _parameters(self, page: int, sort: str = "", filters: Filters | None = None) -> list[tuple[str, str]]:
        sort = sort or self.sort
        parameters = [("q", self.query)] if self.query else []
        parameters += (self.filters if filters is None else filters).parameters
        if sort != self.default_sort:
            parameters.append(("sort", sort))
        if page > 1:
            parameters.append(("page", str(page)))
        return parameters


def most_reduced(count: int) -> list[Product]:
    """Return the products that are reduced most now, with what their cards show."""
    reduced = published_products().filter(reduced_at(timezone.now()))
    return list(with_card(reduced.order_by("-reduced_percent", "-id"))[:count])


def list_products(
    products: QuerySet[Product],
    currency: str,
    query: str = "",
    filters: Filters | None = None,
    *,
    number: str = "1",
    sort: str = "",
    closest: QuerySet[Product] | None = None,
) -> Listing:
    """Return the page of that number of `products` (filtered already), as an address says it.

    Sorting by price puts products in `currency` (the site's) first: two currencies cannot be compared. A sort
    nobody offers is the default: the newest first, or those of `closest` where there are some. Raises
    InvalidPage where there is no such page.
    """
    default = "newest" if closest is None else BEST
    if sort not in SORTS:
        sort = default
    chain = _sorted(products, sort, currency)
    if sort == BEST and closest is not None:
        chain = Chain(products, *_closest_first(products, closest))
    return Listing(Paginator(chain, PAGE_SIZE).page(number), sort, query, filters or Filters(), default)


def _sorted(products: QuerySet[Product], sort: str, currency: str) -> Chain:
    if sort == "newest":
        return Chain(products, *_newest(products))
    if sort == "reduced":
        reduced = reduced_at(timezone.now())
        return Chain(
            products,
            products.filter(reduced).order_by("-reduced_percent", "-id"),
            *_newest(products.exclude(reduced)),
        )
    price = F("lowest_price").asc() if sort == "price" else F("lowest_price").desc()
    ours = products.filter(currency=currency, lowest_price__isnull=False)
    others = products.exclude(currency=currency, lowest_price__isnull=False)
    priceless = ExpressionWrapper(Q(lowest_price=None), output_field=BooleanField())
    return Chain(products, ours.order_by(price, "-id"), others.order_by(priceless, "currency", price, "-id"))


def _closest_first(products: QuerySet[Product], closest: QuerySet[Product]) -> tuple[QuerySet[Product], ...]:
    """Return what is closest, what else is found, and last what no shop sells."""
    if closest is products:
        return _newest(products)
    first, gone = _newest(closest)
    others, others_gone = _newest(products.exclude(pk__in=closest.order_by().values("pk")))
    return first, others, gone, others_gone


def _newest(products: QuerySet[Product]) -> tuple[QuerySet[Product], QuerySet[Product]]:
    """Return the newest first, and after them those that no shop sells: they never lead."""
    newest = products.order_by("-published_at", "-id")
    return newest.filter(offer_count__gt=0), newest.filter(offer_count=0)
