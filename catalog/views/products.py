"""The product list and its bulk actions."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from catalog import services
from catalog.forms import BulkForm
from catalog.forms.listing import TABS, ProductListForm
from catalog.models import Brand, Category, Product, Shop
from catalog.public.pictures import Pictures
from catalog.queries.categories import flatten
from catalog.queries.click_counts import with_clicks

PAGE_SIZE = 50
# Matches of a search are counted as far as this: counting all of them may take longer than finding the first.
MAX_COUNT = 10_000
# A list of names to choose from is of no use when it is longer; the brand page filters by the others.
MAX_BRANDS = 300
HEADERS = {"title": "Title", "price": "Best price", "created": "Date"}
DONE = {
    "publish": "published",
    "draft": "turned into drafts",
    "category": "added to the category",
    "trash": "moved to the trash",
    "restore": "restored as drafts",
    "delete": "deleted permanently",
}


@require_safe
@permission_required("catalog.view_product", raise_exception=True)
def product_list(request: HttpRequest) -> HttpResponse:
    """List products by status, filtered, searched and sorted by what the address says."""
    categories = flatten(Category.objects.all())
    shops = {shop.pk: shop for shop in Shop.objects.only("name")}
    form = ProductListForm(request.GET, categories=categories, shops=shops)
    matches = form.narrow(Product.objects.all())
    products = matches.filter(status__in=form.statuses)
    counts = _count_by_status(matches, form)
    total = products[: MAX_COUNT + 1].count() if counts is None else _sum(counts, form.statuses)
    most = MAX_COUNT if counts is None else total
    page = ProductPaginator(products.order_by(*form.order), count=total, most=most).get_page(
        request.GET.get("page")
    )
    names = {category.pk: category for category in categories}
    for product in page:
        product.in_categories = [names[pk] for pk in product.category_ids if pk in names]
        product.in_shops = [shops[pk] for pk in product.shop_ids if pk in shops]
    context = {
        "form": form,
        "chosen": form.chosen,
        "page_obj": page,
        "tabs": list(_tabs(form, counts)),
        "headers": list(_headers(form)),
        "categories": categories,
        "shops": shops.values(),
        "brands": Brand.objects.only("name")[:MAX_BRANDS],
        "actions": list(_actions(request, form.value("status"))),
        "has_any": form.is_filtered or any(counts.values()),
    }
    return render(request, "catalog/product_list.html", context)


@require_POST
@permission_required("catalog.change_product", raise_exception=True)
def product_bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing with the ticked products and go back to the list."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        for error in (error for errors in form.errors.values() for error in errors):
            messages.error(request, error)
        return _back(request)
    action = form.cleaned_data["action"]
    if action == "delete" and not request.user.has_perm("catalog.delete_product"):
        messages.error(request, "You are not allowed to delete products.")
        return _back(request)
    count = _apply(action, form)
    noun = "product was" if count == 1 else "products were"
    messages.success(request, f"{count} {noun} {DONE[action]}." if count else "Nothing had to be changed.")
    return _back(request)


def _apply(action: str, form: BulkForm) -> int:
    if action == "category":
        products = Product.objects.filter(pk__in=form.ids)
        services.set_categories(products, categories=[form.cleaned_data["category"]], replace=False)
        return products.count()
    service = {
        "publish": services.publish,
        "draft": services.unpublish,
        "trash": services.trash,
        "restore": services.restore,
        "delete": services.delete_permanently,
    }[action]
    return service(form.ids)


def _back(request: HttpRequest) -> HttpResponse:
    """Go back to the list as it was filtered, or to the whole list."""
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, None):
        address = reverse("catalog:product-list")
    return redirect(address)


class ProductPaginator(Paginator):
    """Pages of a list whose length is known already.

    A page is found by its ids first: reading pictures, shops and categories of the rows that a far page
    skips would make it slow.
    """

    def __init__(self, products: QuerySet[Product], *, count: int, most: int) -> None:
        super().__init__(products, PAGE_SIZE)
        self.count = min(count, most)
        self.has_more = count > most

    def page(self, number) -> Page:
        page = super().page(number)
        ids = list(page.object_list.values_list("pk", flat=True))
        rows = _with_row(Product.objects.filter(pk__in=ids)).in_bulk()
        page.object_list = [rows[pk] for pk in ids if pk in rows]
        return page


def _with_row(products: QuerySet[Product]) -> QuerySet[Product]:
    """Read what a row shows, in the same query."""
    return with_clicks(
        products.select_related("brand")
        .defer("description", "imported", "attributes", "search")
        .annotate(pictures=Pictures(1))
    )


def _count_by_status(matches: QuerySet[Product], form: ProductListForm) -> dict[str, int] | None:
    """Count what matches, per status; None when that is more than `MAX_COUNT` of a filtered list."""
    statuses = matches.order_by().values_list("status")
    if not form.is_filtered:
        return dict(statuses.annotate(Count("pk")))
    counts = Counter(status for (status,) in statuses[: MAX_COUNT + 1])
    return counts if counts.total() <= MAX_COUNT else None


def _sum(counts: dict[str, int], statuses: Iterable[str]) -> int:
    return sum(counts.get(status, 0) for status in statuses)


def _tabs(form: ProductListForm, counts: dict[str, int] | None) -> Iterator[dict]:
    for key, (label, statuses) in TABS.items():
        yield {
            "key": key or None,
            "label": label,
            "count": None if counts is None else _sum(counts, statuses),
            "current": key == form.value("status"),
        }


def _headers(form: ProductListForm) -> Iterator[dict]:
    """The columns that sort: a second click turns the order round."""
    current = form.value("sort") or "-created"
    for key, label in HEADERS.items():
        is_current = current.lstrip("-") == key
        descending = current.startswith("-")
        first = "-created" if key == "created" else key
        turned = key if descending else f"-{key}"
        direction = ("descending" if descending else "ascending") if is_current else ""
        yield {"key": key, "label": label, "sort": turned if is_current else first, "direction": direction}


def _actions(request: HttpRequest, tab: str) -> Iterator[tuple[str, str]]:
    """The bulk actions that make sense on a tab."""
    on_tab = {
        "trashed": ["restore", "delete"],
        "published": ["draft", "category", "trash"],
        "draft": ["publish", "category", "trash"],
    }.get(tab, ["publish", "draft", "category", "trash"])
    for action in on_tab:
        if action != "delete" or request.user.has_perm("catalog.delete_product"):
            yield action, BulkForm.ACTIONS[action]
