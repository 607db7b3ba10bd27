"""Sales one by one: a list with filters, the history of each, and the list as a file."""

import json
from collections.abc import Iterator
from itertools import islice

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.models import Place
from importer.networks import NETWORKS
from sales.models import Basis, Match, Sale
from sales.queries.export import to_csv
from sales.queries.history import read_history
from sales.queries.periods import DAYS, months
from sales.queries.sale_list import SALE_HEADS, SalePaginator, find_sales, read_query, sale_row
from sales.views.common import may_see_earnings

MOST_EXPORTED = 100_000
NARROWED = ("shop", "product", "offer", "program", "rule", "place")  # by links from other pages


@require_safe
@may_see_earnings
def sale_list(request: HttpRequest) -> HttpResponse:
    """List the sales that the address asks for, the newest first."""
    data = {"period": "90"} | request.GET.dict()
    query = read_query(data)
    context = {
        "tab": "sales",
        "page_obj": SalePaginator(find_sales(query)).get_page(request.GET.get("page")),
        "query": query,
        "period": data["period"],
        "days": DAYS,
        "months": months(),
        "bases": Basis.choices,
        "states": Sale.State.choices,
        "matches": Match.choices,
        "places": Place.choices,
        "networks": [(slug, network.label) for slug, network in NETWORKS.items()],
        "narrowed": {name: query.values[name] for name in NARROWED if name in query.values},
    }
    return render(request, "sales/sale_list.html", context)


@require_safe
@may_see_earnings
def sale_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Return the sales of the list as CSV or JSON, at most MOST_EXPORTED of them."""
    query = read_query({"period": "90"} | request.GET.dict())
    sales = islice(find_sales(query).iterator(chunk_size=2000), MOST_EXPORTED)
    headers = {"Content-Disposition": f'attachment; filename="sales.{kind}"', "Cache-Control": "no-store"}
    if kind == "csv":
        lines, content_type = to_csv(SALE_HEADS, map(sale_row, sales)), "text/csv; charset=utf-8"
    else:
        lines, content_type = _to_json(sales), "application/json"
    return StreamingHttpResponse(lines, content_type=content_type, headers=headers)


def _to_json(sales: Iterator[Sale]) -> Iterator[str]:
    before = "["
    for sale in sales:
        row = dict(zip(SALE_HEADS, sale_row(sale), strict=True))
        yield before + json.dumps(row, ensure_ascii=False, default=str)
        before = ",\n"
    yield "]" if before != "[" else "[]"


@require_safe
@may_see_earnings
def sale_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that is known of a sale, and what changed of it."""
    related = Sale.objects.select_related("account", "program", "product", "offer", "shop", "matched_by")
    sale = get_object_or_404(related, pk=pk)
    return render(
        request, "sales/sale_detail.html", {"tab": "sales", "sale": sale, "history": read_history(sale)}
    )
