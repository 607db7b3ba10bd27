"""The product list and its bulk actions."""

from collections.abc import Iterable, Iterator

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.refused import keep_refused, take_refused
from catalog import services
from catalog.forms import BulkForm
from catalog.forms.listing import TABS, ColumnsForm, ProductListForm
from catalog.forms.saving import apply_bulk
from catalog.models import Brand, Category, Product, Shop
from catalog.queries.categories import flatten
from catalog.queries.field_states import NAMES
from catalog.queries.product_export import read_rows, to_csv, to_xlsx
from catalog.queries.product_list import MAX_COUNT, ProductPaginator, count_by_status, read_choice, read_ids
from events.actor import cause, new_cause

# A list of names to choose from is of no use when it is longer; the brand page filters by the others.
MAX_BRANDS = 300
CHUNK = 1000  # products changed in one transaction
EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NOUNS = {"": "products", "published": "published products", "draft": "drafts", "trashed": "in the trash"}
HEADERS = {"title": "Title", "price": "Best price", "created": "Date"}
NO_UNDO = ("delete", "policy")  # the trash is the way back before; a policy is chosen again
EDITS = ("category", "uncategory", "brand", "policy", "take")
DONE = {
    "publish": "published",
    "draft": "turned into drafts",
    "category": "added to the category",
    "uncategory": "removed from the category",
    "brand": "given the brand",
    "policy": "given the policy",
    "take": "given the feed's words",
    "trash": "moved to the trash",
    "restore": "restored as drafts",
    "delete": "deleted permanently",
}


@require_safe
@permission_required("catalog.view_product", raise_exception=True)
def product_list(request: HttpRequest) -> HttpResponse:
    """List products by status, filtered, searched and sorted by what the address says."""
    form, categories, shops = _read_form(request.GET)
    matches = form.narrow(Product.objects.all())
    products = matches.filter(status__in=form.statuses)
    counts = count_by_status(matches, is_limited=form.is_filtered)
    total = products[: MAX_COUNT + 1].count() if counts is None else _sum(counts, form.statuses)
    most = MAX_COUNT if counts is None else total
    columns, size = read_choice(request.user)
    paginator = ProductPaginator(products, form.order, count=total, most=most, rows=size)
    page = paginator.get_page(request.GET.get("page"))
    names = {category.pk: category for category in categories}
    for product in page:
        product.in_categories = [names[pk] for pk in product.category_ids if pk in names]
        product.moved_names = [NAMES[field] for field in product.moved_fields]
        # A colour alone says nothing: without its column, the state stands below the title.
        product.state_words = "" if "status" in columns else product.get_status_display()
        product.in_shops = [shops[pk] for pk in product.shop_ids if pk in shops]
    refused = take_refused(request, "products")
    category = refused.get("category", "")
    context = {
        "refused": refused,
        "ticked": refused.getlist("ids"),
        "refused_category": int(category) if category.isdecimal() else "",
        "form": form,
        "chosen": form.chosen,
        "page_obj": page,
        "tabs": list(_tabs(form, counts)),
        "headers": list(_headers(form)),
        "categories": categories,
        "shops": shops.values(),
        "brands": Brand.objects.only("name")[:MAX_BRANDS],
        "fields": NAMES.items(),
        "policies": BulkForm.base_fields["policy"].choices,
        "actions": list(_actions(request, form.value("status"))),
        "shown": dict.fromkeys(columns, True),
        "columns_form": ColumnsForm(initial={"columns": columns, "rows": size}, auto_id="list-%s"),
        "tab_noun": NOUNS[form.value("status")],
        "has_any": form.is_filtered or any(counts.values()),
    }
    return render(request, "catalog/product_list.html", context)


@require_POST
@permission_required("catalog.view_product", raise_exception=True)
def product_columns(request: HttpRequest) -> HttpResponse:
    """Keep which columns and how many rows this user wants to see."""
    form = ColumnsForm(request.POST)
    if form.is_valid():
        services.choose_list(request.user, "products", **form.cleaned_data)
    else:
        messages.error(request, "Choose columns and rows from the list.")
    return _back(request)


@require_safe
@permission_required("catalog.view_product", raise_exception=True)
def product_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Send what a list shows, all of its pages, as CSV or as a spreadsheet."""
    if kind not in EXPORTS:
        raise Http404("No such file")
    form, categories, shops = _read_form(request.GET)
    rows = read_rows(
        form.narrow(Product.objects.filter(status__in=form.statuses)),
        form.order,
        shops={pk: shop.name for pk, shop in shops.items()},
        categories={category.pk: category.name for category in categories},
    )
    headers = {"Content-Disposition": f'attachment; filename="products.{kind}"'}
    if kind == "csv":
        return StreamingHttpResponse(to_csv(rows), content_type=EXPORTS[kind], headers=headers)
    return FileResponse(to_xlsx(rows), content_type=EXPORTS[kind], headers=headers)


@require_POST
@permission_required("catalog.change_product", raise_exception=True)
def product_bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing with the ticked products and go back to the list."""
    form = BulkForm(request.POST, matches=_ids_of_matches)
    if not form.is_valid():
        for error in (error for errors in form.errors.values() for error in errors):
            messages.error(request, error)
        keep_refused(request, "products")
        return _back(request)
    action = form.cleaned_data["action"]
    if action == "delete" and not request.user.has_perm("catalog.delete_product"):
        messages.error(request, "You are not allowed to delete products.")
        return _back(request)
    key = new_cause("bulk")
    with cause(key):
        chunks = range(0, len(form.ids), CHUNK)
        count = sum(apply_bulk(form, form.ids[start : start + CHUNK]) for start in chunks)
    noun = "product was" if count == 1 else "products were"
    said = f"{count} {noun} {DONE[action]}." if count else "Nothing had to be changed."
    messages.success(request, said, extra_tags="" if action in NO_UNDO or not count else f"undo={key}")
    return _back(request)


def _read_form(query: QueryDict) -> tuple[ProductListForm, list[Category], dict[int, Shop]]:
    """Return the filters of a list's address, with all categories and shops, which it reads anyway."""
    categories = flatten(Category.objects.all())
    shops = {shop.pk: shop for shop in Shop.objects.only("name")}
    return ProductListForm(query, categories=categories, shops=shops), categories, shops


def _ids_of_matches(query: str) -> list[int]:
    """Return the ids of all that a list shows whose address has this query, a few more than may be chosen."""
    form, _, _ = _read_form(QueryDict(query))
    return read_ids(form.narrow(Product.objects.filter(status__in=form.statuses)))


def _back(request: HttpRequest) -> HttpResponse:
    """Go back to the list as it was filtered, or to the whole list."""
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, None):
        address = reverse("catalog:product-list")
    return redirect(address)


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
        "published": ["draft", *EDITS, "trash"],
        "draft": ["publish", *EDITS, "trash"],
    }.get(tab, ["publish", "draft", *EDITS, "trash"])
    for action in on_tab:
        if action != "delete" or request.user.has_perm("catalog.delete_product"):
            yield action, BulkForm.ACTIONS[action]
