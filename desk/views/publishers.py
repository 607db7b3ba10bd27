"""Publishers of both networks on one page: who applied, who promotes us, and what is decided about them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from desk.forms import ApplicationFilterForm, PublisherDecisionForm
from desk.models import Application
from desk.services import publishers
from desk.services.decisions import time_left, undo
from desk.views.common import (
    back,
    ids_of,
    may_decide_publishers,
    may_see_publishers,
    read_all,
    say_queued,
    user_of,
)

PER_PAGE = 50
MOST_AT_ONCE = 500


@require_safe
@may_see_publishers
def application_list(request: HttpRequest) -> HttpResponse:
    """List publishers: who waits longest stands first."""
    accounts = publishers.accounts()
    form = ApplicationFilterForm(request.GET, accounts=accounts, kinds=publishers.list_kinds())
    found = publishers.list_applications(**form.asked)
    waiting, minutes = time_left(Application, publishers.SENDERS)
    context = {
        "tab": "publishers",
        "accounts": accounts,
        "form": form,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "counts": publishers.count_statuses(),
        "statuses": publishers.STATUSES,
        "decision": PublisherDecisionForm(),
        "waiting": waiting,
        "minutes": minutes,
    }
    return render(request, "desk/publishers.html", context)


@require_POST
@may_decide_publishers
def application_decide(request: HttpRequest) -> HttpResponse:
    """Show what a decision on the ticked would change, then queue it."""
    form = PublisherDecisionForm(request.POST)
    ids = ids_of(request, MOST_AT_ONCE)
    if not ids or not form.is_valid():
        messages.error(request, "Tick publishers, and choose what becomes of them.")
        return back(request, "desk:publisher-list")
    planned = publishers.plan(ids, **form.decision)
    if "confirm" in request.POST:
        say_queued(request, publishers.queue(planned, user_of(request)))
        return back(request, "desk:publisher-list")
    context = {
        "tab": "publishers",
        "planned": planned,
        "good": sum(not one.refusal for one in planned),
        "again": [one for one in planned if one.row.status == publishers.ACCEPTED and not one.refusal],
        "hidden": form.cleaned_data,
        "noun": "publisher",
        "next": request.POST.get("next", ""),
    }
    return render(request, "desk/decide.html", context)


@require_POST
@may_decide_publishers
def application_undo(request: HttpRequest) -> HttpResponse:
    """Take decisions back that nobody sent yet."""
    count = undo(Application, ids_of(request, MOST_AT_ONCE))
    messages.success(request, f"Taken back: {count}." if count else "They are sent already.")
    return back(request, "desk:publisher-list")


@require_POST
@may_decide_publishers
def application_read(request: HttpRequest) -> HttpResponse:
    """Read all publishers from their networks now."""
    read_all(request, publishers.accounts(), publishers.read_applications, "publishers")
    return redirect("desk:publisher-list")
