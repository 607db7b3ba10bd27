"""Let a week pass: in a demo, where the networks are the sandbox."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from importer import tasks
from importer.feeds import weeks
from importer.networks.contract import NetworkError
from importer.sentences import say
from importer.views.common import may_sync


@require_http_methods(["GET", "POST"])
@may_sync
def week(request: HttpRequest) -> HttpResponse:
    """Say what a week brings and what the last one brought; let one pass (`number=`: which)."""
    if not weeks.is_demo():
        raise Http404("This is no demo.")
    if request.method == "POST":
        _pass(request)
        return redirect("importer:week")
    next_number, error = None, ""
    try:
        next_number = weeks.count_weeks() + 1
    except NetworkError as failure:
        error = say(failure.reason)
    context = {"next_number": next_number, "error": error, **_state()}
    return render(request, "importer/week.html", context)


@require_safe
@may_sync
def week_state(request: HttpRequest) -> HttpResponse:
    """Render what the last week brought: the part that asks again while feeds are read."""
    return render(request, "importer/_week_state.html", _state())


def _pass(request: HttpRequest) -> None:
    number = request.POST.get("number", "")
    try:
        runs = weeks.pass_week(int(number)) if number.isdecimal() and len(number) < 6 else None
    except weeks.WeekRefused as refusal:
        messages.warning(request, say(refusal.reason))
        return
    except NetworkError as failure:
        messages.error(request, f"The week did not pass. {say(failure.reason)}")
        return
    if runs is None:
        messages.info(request, "That week has passed already. What it brought stands below.")
        return
    for run in runs:
        tasks.sync_feed.delay_on_commit(run.pk)
    messages.success(request, "A week has passed. Your feeds are being read.")


def _state() -> dict:
    last = weeks.last_week()
    if last is None:
        return {"last": None}
    syncs, read = weeks.count_syncs(last.at)
    return {
        "last": last,
        "syncs": syncs,
        "read": read,
        "is_reading": read < syncs,
        "moved": weeks.moved_since(last.at),
    }
