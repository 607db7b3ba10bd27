"""What was earned, by what, and as a file."""

import json

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from sales.models import Basis, Dimension
from sales.queries.earnings import HAS_APPROVAL, IN_SPANS, SORTS, get_overview, list_earned
from sales.queries.export import HEADS, earned_rows, to_csv
from sales.queries.periods import DAYS, months
from sales.queries.reading import list_report_accounts
from sales.views.common import Asked, may_see_earnings, read_asked

MOST_EXPORTED = 10_000
# Dimensions by whose keys the list of sales can be asked for.
LISTED = {
    *(Dimension.NETWORK, Dimension.PROGRAM, Dimension.SHOP, Dimension.PRODUCT, Dimension.OFFER),
    *(Dimension.PLACE, Dimension.RULE),
}


@require_safe
@may_see_earnings
def overview(request: HttpRequest) -> HttpResponse:
    """Show what was earned in a time, beside the time before, and by what."""
    asked = read_asked(request)
    found = get_overview(asked.period, asked.basis, asked.currency)
    page = list_earned(
        asked.by,
        asked.period,
        basis=asked.basis,
        currency=found.currency,
        sort=asked.sort,
        page=request.GET.get("page"),
    )
    for row in page:
        row.link = _link(asked, row.key, found.currency)
    context = {
        "tab": "overview",
        "show_clicks": asked.basis == Basis.CLICK,
        "shows_approval": asked.by in HAS_APPROVAL,
        "asked": asked,
        "overview": found,
        "page_obj": page,
        "sorts": _sorts(asked.sort) if asked.by not in IN_SPANS else {},
        "days": DAYS,
        "months": months(),
        "bases": Basis.choices,
        "dimensions": [choice for choice in Dimension.choices if choice[0] != Dimension.ALL],
        "accounts": list_report_accounts(),
    }
    return render(request, "sales/overview.html", context)


def _link(asked: Asked, key: str, currency: str) -> str:
    if asked.by not in LISTED or not key:
        return ""
    period, basis = asked.period.key, asked.basis.value
    return urlencode({"period": period, "basis": basis, "currency": currency, asked.by.value: key})


def _sorts(sort: str) -> dict[str, dict[str, str]]:
    current = sort or "commission"
    return {name: {"sort": name, "direction": "descending" if name == current else ""} for name in SORTS}


@require_safe
@may_see_earnings
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Return what a page of earnings shows as CSV or JSON, all rows of it."""
    asked = read_asked(request)
    currency = get_overview(asked.period, asked.basis, asked.currency).currency
    page = list_earned(
        asked.by,
        asked.period,
        basis=asked.basis,
        currency=currency,
        sort=asked.sort,
        page_size=MOST_EXPORTED,
    )
    rows = earned_rows(page.object_list, currency)
    name = f"earnings-by-{asked.by.value}-{asked.period.key}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if kind == "json":
        found = {
            "first": asked.period.first,
            "last": asked.period.last,
            "basis": asked.basis.value,
            "by": asked.by.value,
            "rows": [dict(zip(HEADS, row, strict=True)) for row in rows],
        }
        body = json.dumps(found, ensure_ascii=False, default=str)
        return HttpResponse(body, content_type="application/json", headers=headers)
    lines = to_csv(HEADS, rows)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
