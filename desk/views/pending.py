"""Sales that wait for a yes or no, of both networks on one page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms import PendingFilterForm, ReturnsForm, SaleDecisionForm
from desk.models import PendingSale
from desk.services import pending
from desk.services.decisions import time_left, undo
from desk.services.returns import follow_plan, plan_returns
from desk.views.common import back, ids_of, may_decide_sales, may_see_sales, read_all, say_queued, user_of

PER_PAGE = 50
MOST_AT_ONCE = 500


@require_safe
@may_see_sales
def pending_list(request: HttpRequest) -> HttpResponse:
    """List the sales that wait; those that time decides first stand first."""
    accounts = pending.accounts()
    form = PendingFilterForm(request.GET, accounts=accounts)
    waiting, minutes = time_left(PendingSale, pending.SENDERS)
    context = {
        "tab": "pending",
        "accounts": accounts,
        "form": form,
        "page": Paginator(pending.list_pending(**form.asked), PER_PAGE).get_page(request.GET.get("page")),
        "counts": pending.count_pending(),
        "decision": SaleDecisionForm(),
        "waiting": waiting,
        "minutes": minutes,
    }
    return render(request, "desk/pending.html", context)


@require_POST
@may_decide_sales
def pending_decide(request: HttpRequest) -> HttpResponse:
    """Show what a decision on the ticked would change, then queue it."""
    form = SaleDecisionForm(request.POST)
    ids = ids_of(request, MOST_AT_ONCE)
    if not ids or not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        messages.error(request, " ".join(errors) or "Tick sales, and choose what becomes of them.")
        return back(request, "desk:pending-list")
    planned = pending.plan(dict.fromkeys(ids, form.verdict))
    if "confirm" in request.POST:
        say_queued(request, pending.queue(planned, user_of(request)))
        return back(request, "desk:pending-list")
    context = {
        "tab": "pending",
        "planned": planned,
        "good": sum(not one.refusal for one in planned),
        "hidden": form.cleaned_data,
        "noun": "sale",
        "next": request.POST.get("next", ""),
    }
    return render(request, "desk/decide.html", context)


@require_POST
@may_decide_sales
def pending_undo(request: HttpRequest) -> HttpResponse:
    """Take decisions back that nobody sent yet."""
    count = undo(PendingSale, ids_of(request, MOST_AT_ONCE))
    messages.success(request, f"Taken back: {count}." if count else "They are sent already.")
    return back(request, "desk:pending-list")


@require_POST
@may_decide_sales
def pending_read(request: HttpRequest) -> HttpResponse:
    """Read what waits from the networks now."""
    read_all(request, pending.accounts(), pending.read_pending, "sales")
    return redirect("desk:pending-list")


@require_http_methods(["GET", "POST"])
@may_decide_sales
def pending_returns(request: HttpRequest) -> HttpResponse:
    """Take a file of returns: first as a plan, then, once somebody said yes, as decisions."""
    form = ReturnsForm(request.POST or None, request.FILES or None)
    plan = None
    if request.method == "POST" and form.is_valid():
        try:
            plan = plan_returns(form.text)
        except ValueError as error:
            form.add_error("file", str(error))
        else:
            if "confirm" in request.POST:
                say_queued(request, follow_plan(plan, user=user_of(request)))
                return redirect("desk:pending-list")
    context = {
        "tab": "pending",
        "form": form,
        "plan": plan,
        "good": sum(not line.problem for line in plan or ()),
        "text": form.text if plan is not None else "",
    }
    return render(request, "desk/returns.html", context)
