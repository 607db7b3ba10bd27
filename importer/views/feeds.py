"""The Feeds tab: which feeds are mirrored, how their syncs go, and what a person decides about them."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliate_site.htmx import render_page_or_part
from affiliate_site.refused import keep_refused, take_refused
from importer import tasks
from importer.feeds.lists import feeds_of, get_held_items, get_swapped_items
from importer.feeds.progress import of_sync
from importer.feeds.schedule import set_limits, set_mirrored, set_schedule, start_syncs
from importer.feeds.state import get_state, get_states
from importer.feeds.syncs import accept_held, cancel_sync, discard_held
from importer.forms import FeedFilterForm, FeedForm, FeedsActionForm
from importer.forms.feeds import SYNC
from importer.freshness.doubted import is_doubted
from importer.imports import follow
from importer.models import Feed, NetworkAccount, SyncRun
from importer.networks import NETWORKS
from importer.normalise import FeedProfile
from importer.views.common import get_network_class, may_configure, may_search, may_sync

FEEDS_PER_PAGE = 50
HELD_SHOWN = 50  # held prices on the page of a feed
CHANGE = "importer.change_networkaccount"


@require_safe
@may_search
def network_feeds(request: HttpRequest, network: str) -> HttpResponse:
    """List the feeds of all the network's accounts, filtered by state and text."""
    network_class = get_network_class(network)
    form = FeedFilterForm(request.GET)
    page = Paginator(form.filter(feeds_of(network)), FEEDS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "network": network_class,
        "tab": "feeds",
        "accounts": list(NetworkAccount.objects.filter(network=network)),
        "form": form,
        "page": page,
        "states": get_states(page.object_list),
        "schedules": Feed.Schedule.choices,
        "refused": (refused := take_refused(request, "feeds")),
        "ticked": refused.getlist("ids"),
    }
    return render_page_or_part(request, "importer/network_feeds.html", context)


@require_POST
@may_sync
def feeds_apply(request: HttpRequest, network: str) -> HttpResponse:
    """Do one thing with the ticked feeds. Settings are for those who may change the account."""
    get_network_class(network)
    form = FeedsActionForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.warning(request, errors[0])
        keep_refused(request, "feeds")
        return _back(request, network)
    action = form.cleaned_data["action"]
    if action != SYNC and not request.user.has_perm(CHANGE):
        messages.error(request, "Only administrators may change how feeds are mirrored.")
        return _back(request, network)
    ticked = form.cleaned_data["ids"]
    feeds = list(feeds_of(network).filter(pk__in=ticked))
    messages.success(request, f"{len(feeds)} feed{pluralize(len(feeds))}: {_apply(action, feeds)}")
    return _back(request, network)


@require_POST
@may_configure
def feeds_refresh(request: HttpRequest, network: str) -> HttpResponse:
    """Have the list of feeds read from the network again, for each of its accounts."""
    get_network_class(network)
    accounts = NetworkAccount.objects.filter(network=network)
    for account in accounts:
        tasks.refresh_account.delay_on_commit(account.pk)
    if accounts:
        messages.success(request, "The list of feeds is being read again. Reload the page in a moment.")
    return _back(request, network)


@require_http_methods(["GET", "POST"])
@may_search
def feed_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a feed with the history of its syncs and the rows that were bad; save its settings."""
    feed = _get_feed(pk)
    if request.method == "POST":
        return _save_settings(request, feed)
    return _render_detail(request, feed, FeedForm(instance=feed))


@may_configure
def _save_settings(request: HttpRequest, feed: Feed) -> HttpResponse:
    """Save the settings of a feed, or show what is wrong with them."""
    form = FeedForm(request.POST, instance=feed)
    if not form.is_valid():
        return _render_detail(request, _get_feed(feed.pk), form)
    limits = {name: value for name, value in form.cleaned_data.items() if name != "schedule"}
    set_limits(feed, **limits)
    set_schedule(feed, form.cleaned_data["schedule"])
    messages.success(request, "Settings saved.")
    return redirect("importer:feed-detail", feed.pk)


@require_safe
@may_search
def feed_row(request: HttpRequest, pk: int) -> HttpResponse:
    """Render the row of a feed as it is now."""
    return _render_row(request, pk)


@require_POST
@may_configure
def feed_mirror(request: HttpRequest, pk: int) -> HttpResponse:
    """Mirror a feed (`on=1`) and sync it for the first time, or mirror it no longer."""
    feed = _get_feed(pk)
    _apply("mirror" if request.POST.get("on") else "stop", [feed])
    return _answer(request, feed)


@require_POST
@may_configure
def feed_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how often a feed is synced; what is no schedule changes nothing."""
    feed = _get_feed(pk)
    if request.POST.get("schedule") in Feed.Schedule.values:
        set_schedule(feed, request.POST["schedule"])
    return _answer(request, feed)


@require_POST
@may_sync
def feed_sync(request: HttpRequest, pk: int) -> HttpResponse:
    """Sync a mirrored feed now."""
    feed = _get_feed(pk)
    _apply(SYNC, [feed])
    return _answer(request, feed)


@require_safe
@may_search
def sync_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Render how far a sync is: the part that asks again every second until the sync is over."""
    run = _get_run(pk)
    context = {"run": run, "progress": of_sync(run), "in_row": "row" in request.GET}
    return render(request, "importer/_sync_progress.html", context)


@require_POST
@may_sync
def sync_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a sync; the index stays as it was."""
    run = _get_run(pk)
    cancel_sync(run)
    return _answer(request, run.feed)


@require_POST
@may_configure
def sync_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Sync a held feed again, this time whatever it looks like."""
    run = _get_run(pk)
    if accepted := accept_held(run):
        tasks.sync_feed.delay_on_commit(accepted.pk)
    return _answer(request, run.feed)


@require_POST
@may_configure
def sync_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the index as it was before a held sync."""
    run = _get_run(pk)
    discard_held(run)
    return _answer(request, run.feed)


@require_POST
@may_configure
def held_prices_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let held prices of a feed through: that of `item`, or all of them without."""
    return _accept(request, pk, follow.accept_held_prices, "price")


@require_POST
@may_configure
def swapped_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let ids of a feed name the articles that it says now: that of `item`, or all of them without."""
    return _accept(request, pk, follow.accept_swapped, "article")


def _accept(
    request: HttpRequest, pk: int, accept: Callable[[Feed, list[int] | None], int], noun: str
) -> HttpResponse:
    feed = _get_feed(pk)
    item = request.POST.get("item", "")
    if item and not (item.isascii() and item.isdecimal() and len(item) < 19):
        return HttpResponseBadRequest()
    count = accept(feed, [int(item)] if item else None)
    if update := follow.find_update(feed.pk):
        tasks.run_import.delay_on_commit(update.pk)
    messages.success(request, f"{count} {noun}{pluralize(count)} taken over.")
    return redirect("importer:feed-detail", feed.pk)


# --- Steps -------------------------------------------------------------------------------------
def _get_feed(pk: int) -> Feed:
    feeds = Feed.objects.select_related("account", "program")
    return get_object_or_404(feeds, pk=pk, account__removed_at=None)


def _get_run(pk: int) -> SyncRun:
    runs = SyncRun.objects.select_related("feed__account", "feed__program")
    return get_object_or_404(runs, pk=pk, feed__account__removed_at=None)


def _apply(action: str, feeds: list[Feed]) -> str:
    """Do `action` (as in FeedsActionForm) with the feeds, and say in words what was done."""
    match action:
        case "sync":
            _enqueue(start_syncs(feed for feed in feeds if feed.is_mirrored))
            return "syncing those that are mirrored."
        case "mirror":
            _enqueue(set_mirrored(feed, True) for feed in feeds if not feed.is_mirrored)
            return "mirrored from now on."
        case "stop":
            for feed in feeds:
                if feed.is_mirrored:
                    set_mirrored(feed, False)
            return "no longer mirrored."
    for feed in feeds:
        set_schedule(feed, action)
    return f"{Feed.Schedule(action).label.lower()}."


def _enqueue(runs) -> None:
    for run in runs:
        if run:
            tasks.sync_feed.delay_on_commit(run.pk)


def _answer(request: HttpRequest, feed: Feed) -> HttpResponse:
    """Answer a click on a row with the row, and one without htmx with the page it came from."""
    if request.htmx:
        return _render_row(request, feed.pk)
    return _back(request, feed.account.network)


def _back(request: HttpRequest, network: str) -> HttpResponse:
    address = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(address, None):
        address = reverse("importer:network-feeds", args=[network])
    return redirect(address)


def _render_row(request: HttpRequest, pk: int) -> HttpResponse:
    context = {"states": [get_state(_get_feed(pk))], "schedules": Feed.Schedule.choices, "only_rows": True}
    return render(request, "importer/_network_feeds.html", context)


def _render_detail(request: HttpRequest, feed: Feed, form: FeedForm) -> HttpResponse:
    runs = list(feed.syncs.all())
    for run in runs:
        run.feed = feed
    wanted = request.GET.get("run", "")
    held_count, held_items = get_held_items(feed, HELD_SHOWN)
    swapped_count, swapped_items = get_swapped_items(feed, HELD_SHOWN)
    with_bad = [run for run in runs if run.bad_samples and (not wanted or str(run.pk) == wanted)]
    context = {
        "network": NETWORKS[feed.account.network],
        "tab": "feeds",
        "feed": feed,
        "state": get_state(feed),
        "runs": runs,
        "bad_run": with_bad[0] if with_bad else None,
        "profile": FeedProfile.from_json(feed.profile),
        "held_count": held_count,
        "held_items": held_items,
        "is_doubted": not feed.is_mirrored and is_doubted(feed),
        "swapped_count": swapped_count,
        "swapped_items": swapped_items,
        "form": form,
    }
    return render_page_or_part(request, "importer/feed_detail.html", context)
