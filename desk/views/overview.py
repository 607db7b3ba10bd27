"""The desk's first page, and its log."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.services.accounts import list_accounts
from desk.services.log import SHOWN, read_log
from desk.services.waiting import list_waiting
from desk.views.common import may_see_desk

LINES_SHOWN = 10


@require_safe
@may_see_desk
def overview(request: HttpRequest) -> HttpResponse:
    """Show what waits for a person, the logins, and what was done last."""
    context = {
        "tab": "overview",
        "waiting": list_waiting(request.user.has_perm),
        "accounts": list_accounts(),
        "lines": read_log(limit=LINES_SHOWN),
    }
    return render(request, "desk/overview.html", context)


@require_safe
@may_see_desk
def log(request: HttpRequest) -> HttpResponse:
    """Show the newest lines of the desk's log."""
    return render(request, "desk/log.html", {"tab": "log", "lines": read_log(), "shown": SHOWN})
