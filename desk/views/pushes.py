"""Pushes of own feeds: planned, begun, watched, cancelled."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from desk import tasks
from desk.models import OwnFeed, PushRun
from desk.services import own_products, push, runs
from desk.services.plan import refused_by_code
from desk.services.runs import FeedBusy
from desk.views.common import may_push, may_see_feeds
from importer.reasons import Reason
from importer.sentences import say


@require_POST
@may_push
def feed_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a feed's source, and plan what a push would do."""
    feed = get_object_or_404(OwnFeed.objects.select_related("account"), pk=pk)
    kind = request.POST.get("kind", "")
    try:
        run = runs.start_run(feed, kind=kind if kind in OwnFeed.Mode.values else "", user=request.user)
    except FeedBusy:
        messages.warning(request, "This feed is being read or pushed already.")
        return redirect(feed)
    tasks.run_push.delay_on_commit(run.pk)
    return redirect(run)


@require_safe
@may_see_feeds
def push_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a plan or a push; asks again every second while it is under way."""
    run = get_object_or_404(PushRun.objects.select_related("feed__account", "user"), pk=pk)
    is_plan = run.state == PushRun.State.PLANNED
    context = {
        "tab": "products",
        "run": run,
        "feed": run.feed,
        "doubts": [say(Reason.from_json(doubt)) for doubt in run.doubts],
        "changed": own_products.samples(run.feed) if is_plan else [],
        "new": own_products.list_products(run.feed, state="new")[:5] if is_plan else [],
        "reasons": refused_by_code(run.feed) if is_plan and run.counts.get("refused") else [],
        "refused": [] if is_plan or run.is_active else own_products.refused_items(run),
    }
    return render_page_or_part(request, "desk/push_detail.html", context)


@require_POST
@may_push
def push_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Push what a plan says."""
    run = get_object_or_404(PushRun, pk=pk)
    try:
        push.start_push(run, user=request.user, accepts=bool(request.POST.get("accepts")))
    except push.NotAccepted:
        messages.error(request, "Look at what is in doubt, and tick that you have.")
    except push.PlanOutdated:
        messages.warning(request, "This plan is not the newest any more. Read the source again.")
    else:
        tasks.run_push.delay_on_commit(run.pk)
    return redirect(run)


@require_POST
@may_push
def push_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a push; what was sent is sent."""
    run = get_object_or_404(PushRun.objects.select_related("feed__account"), pk=pk)
    if runs.cancel(run):
        messages.success(request, "Stopped. What was sent is sent.")
    return redirect(run)
