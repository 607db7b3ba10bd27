"""What the networks say beside sales: what programs pay, what was paid out, and their own sums."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sales.queries.payments import list_payments, sum_payments
from sales.queries.periods import DAYS, get_period, months
from sales.queries.programs import list_programs
from sales.queries.reconcile import reconcile
from sales.views.common import may_see_earnings

PAGE_SIZE = 50


@require_safe
@may_see_earnings
def program_list(request: HttpRequest) -> HttpResponse:
    """List what programs pay, what they paid before, and how they treated us."""
    page = Paginator(list_programs(), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "sales/program_list.html", {"tab": "programs", "page_obj": page})


@require_safe
@may_see_earnings
def payment_list(request: HttpRequest) -> HttpResponse:
    """List what was paid out, and its sums by currency."""
    page = Paginator(list_payments(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"tab": "payments", "page_obj": page, "sums": sum_payments()}
    return render(request, "sales/payment_list.html", context)


@require_safe
@may_see_earnings
def reconcile_page(request: HttpRequest) -> HttpResponse:
    """Show on which days a network's own sums are not ours."""
    period = get_period(request.GET.get("period", ""))
    shows_all = request.GET.get("all") == "1"
    lines, compared = reconcile(period, all_lines=shows_all)
    context = {
        "tab": "reconcile",
        "lines": lines,
        "compared": compared,
        "shows_all": shows_all,
        "period": period,
        "days": DAYS,
        "months": months(),
    }
    return render(request, "sales/reconcile.html", context)
