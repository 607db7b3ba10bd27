"""The dashboard's first page: what is there, what runs, who is connected, what happened."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from catalog.site.settings import site_of
from dashboard import numbers
from dashboard.first_steps import first_steps
from importer.feeds.weeks import is_demo
from importer.freshness.promise import get_freshness
from importer.freshness.responsibility import feeds_to_ask_about
from importer.log import read_log
from importer.views.common import may_search

LINES_SHOWN = 10


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the state of the site at a glance; those who are only at the desk go there."""
    can = request.user.has_perm
    if can("desk.view_deskaccount") and not can("importer.view_feeditem"):
        return redirect("desk:overview")
    return _home(request)


@may_search
def _home(request: HttpRequest) -> HttpResponse:
    counts, networks = numbers.get_counts(), numbers.get_networks()
    context = {
        "counts": counts,
        "networks": networks,
        "steps": first_steps(request.user, counts, networks, site_of(request)),
        "runs": numbers.get_active_runs(),
        "freshness": (freshness := get_freshness()),
        "asked": feeds_to_ask_about() if freshness and freshness.asks else [],
        "clicks": (clicks := numbers.get_clicks()),
        "daily": numbers.get_daily_clicks() if clicks else None,
        **numbers.get_syncs(),
        "troubled_mails": numbers.count_troubled_mails() if request.user.has_perm("mail.view_mail") else 0,
        "is_demo": is_demo(),
        "lines": read_log(limit=LINES_SHOWN, routine=False),
    }
    return render(request, "dashboard/home.html", context)


@require_safe
@may_search
def active_runs(request: HttpRequest) -> HttpResponse:
    """Render the running imports: the part of the first page that asks again while there are any."""
    return render(request, "dashboard/_active_runs.html", {"runs": numbers.get_active_runs()})


@require_safe
@may_search
def syncs(request: HttpRequest) -> HttpResponse:
    """Render the feeds that sync or need a person: a part that asks again while any syncs."""
    return render(request, "dashboard/_syncs.html", numbers.get_syncs())
