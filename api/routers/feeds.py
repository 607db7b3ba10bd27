"""Accounts, feeds and syncs."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from api.forms import data_of
from api.guard import Needs, check_version, show_version
from api.paging import Paging, page_of
from api.problems import Problem, of_form
from api.schemas import feeds as shapes
from api.schemas.common import Count, Page
from importer import tasks
from importer.feeds.schedule import set_limits, set_mirrored, set_schedule, sync_now
from importer.feeds.syncs import accept_held, cancel_sync, discard_held
from importer.forms import FeedFilterForm, FeedForm
from importer.imports import follow
from importer.models import Feed, NetworkAccount, SyncRun

accounts, router, syncs = Router(), Router(), Router()
READ, WRITE = Needs("feeds:read"), Needs("feeds:write")
CONFIGURE = Needs("feeds:write", "importer.change_networkaccount")


@accounts.get("", response=list[shapes.AccountOut], auth=READ)
def list_accounts(request: HttpRequest) -> Any:
    """List the network accounts, without credentials."""
    return list(NetworkAccount.objects.order_by("pk"))


@accounts.post("/{int:pk}/refresh", response={202: None}, auth=CONFIGURE)
def refresh_account(request: HttpRequest, pk: int) -> Any:
    """Have programs and feeds read from the network again, by a worker."""
    account = get_object_or_404(NetworkAccount, pk=pk)
    tasks.refresh_account.delay_on_commit(account.pk)
    return Status(202, None)


@router.get("", response=Page[shapes.FeedOut], auth=READ)
def list_feeds(request: HttpRequest, asked: Query[shapes.FeedFilter], paging: Query[Paging]) -> Any:
    found = _feeds()
    if asked.network:
        found = found.filter(account__network=asked.network)
    form = FeedFilterForm({"state": asked.state, "text": asked.text})
    if not form.is_valid():
        raise of_form(form)
    page = page_of(form.filter(found), paging, falls=False)
    return {"items": [_row(feed) for feed in page["items"]], "next": page["next"]}


@router.get("/{int:pk}", response=shapes.FeedOut, auth=READ)
def get_feed(request: HttpRequest, pk: int) -> Any:
    return _show(request, pk)


@router.patch("/{int:pk}", response=shapes.FeedOut, auth=CONFIGURE)
def change_feed(request: HttpRequest, pk: int, data: shapes.FeedPatch) -> Any:
    """Change the settings of a feed, and whether it is mirrored."""
    feed = get_object_or_404(_feeds(), pk=pk)
    now = FeedForm(instance=feed)
    check_version(request, now.now)
    typed = data.dict(exclude_unset=True)
    is_mirrored = typed.pop("is_mirrored", None)
    form = FeedForm(data_of(now, typed), instance=Feed.objects.get(pk=pk))
    if not form.is_valid():
        raise of_form(form)
    limits = {name: value for name, value in form.cleaned_data.items() if name != "schedule"}
    set_limits(feed, **limits)
    set_schedule(feed, form.cleaned_data["schedule"])
    if (
        is_mirrored is not None
        and is_mirrored != feed.is_mirrored
        and (run := set_mirrored(feed, is_mirrored))
    ):
        tasks.sync_feed.delay_on_commit(run.pk)
    return _show(request, pk)


@router.post("/{int:pk}/sync", response={202: shapes.SyncOut}, auth=WRITE)
def sync_feed(request: HttpRequest, pk: int) -> Any:
    """Sync a mirrored feed now."""
    feed = get_object_or_404(_feeds(), pk=pk)
    if not feed.is_mirrored:
        raise Problem("not_possible", "This feed is not mirrored.")
    run = sync_now(feed)
    if run is None:
        raise Problem("not_possible", "A sync of this feed is under way.")
    tasks.sync_feed.delay_on_commit(run.pk)
    return Status(202, _sync(run))


@router.post("/{int:pk}/accept-prices", response=Count, auth=CONFIGURE)
def accept_prices(request: HttpRequest, pk: int, data: shapes.ItemsIn) -> Any:
    """Let held prices through: those of some items, or all."""
    return _accept(pk, follow.accept_held_prices, data)


@router.post("/{int:pk}/accept-articles", response=Count, auth=CONFIGURE)
def accept_articles(request: HttpRequest, pk: int, data: shapes.ItemsIn) -> Any:
    """Let ids name the articles that the feed says now: of some items, or all."""
    return _accept(pk, follow.accept_swapped, data)


@syncs.get("", response=Page[shapes.SyncOut], auth=READ)
def list_syncs(request: HttpRequest, paging: Query[Paging], feed: int | None = None) -> Any:
    """List syncs, the newest first."""
    found = SyncRun.objects.filter(feed__account__removed_at=None)
    page = page_of(found.filter(feed=feed) if feed else found, paging)
    return {"items": [_sync(run) for run in page["items"]], "next": page["next"]}


@syncs.get("/{int:pk}", response=shapes.SyncOut, auth=READ)
def get_sync(request: HttpRequest, pk: int) -> Any:
    return _sync(_get_run(pk))


@syncs.post("/{int:pk}/cancel", response=shapes.SyncOut, auth=WRITE)
def cancel(request: HttpRequest, pk: int) -> Any:
    """Stop a sync; the index stays as it was."""
    cancel_sync(_get_run(pk))
    return _sync(_get_run(pk))


@syncs.post("/{int:pk}/accept", response={202: shapes.SyncOut}, auth=CONFIGURE)
def accept(request: HttpRequest, pk: int) -> Any:
    """Sync a held feed again, this time whatever it looks like."""
    run = accept_held(_get_run(pk))
    if run is None:
        raise Problem("not_possible", "This sync is not held.")
    tasks.sync_feed.delay_on_commit(run.pk)
    return Status(202, _sync(run))


@syncs.post("/{int:pk}/discard", response=shapes.SyncOut, auth=CONFIGURE)
def discard(request: HttpRequest, pk: int) -> Any:
    """Leave the index as it was before a held sync."""
    discard_held(_get_run(pk))
    return _sync(_get_run(pk))


# --- Steps ---------------------------------------------------------------------------------------
def _feeds() -> Any:
    return Feed.objects.select_related("account", "program").filter(account__removed_at=None)


def _get_run(pk: int) -> SyncRun:
    runs = SyncRun.objects.select_related("feed__account", "feed__program")
    return get_object_or_404(runs, pk=pk, feed__account__removed_at=None)


def _accept(pk: int, accept_them: Callable[[Feed, list[int] | None], int], data: shapes.ItemsIn) -> Any:
    feed = get_object_or_404(_feeds(), pk=pk)
    count = accept_them(feed, data.items)
    if update := follow.find_update(feed.pk):
        tasks.run_import.delay_on_commit(update.pk)
    return {"count": count}


def _show(request: HttpRequest, pk: int) -> dict[str, Any]:
    feed = get_object_or_404(_feeds(), pk=pk)
    version = FeedForm(instance=feed).now
    show_version(request, version)
    return _row(feed) | {"version": version}


def _row(feed: Feed) -> dict[str, Any]:
    names = ("id", "account_id", "external_id", "name", "is_mirrored", "is_current", "schedule", "item_count")
    more = ("synced_at", "next_sync_at", "max_shrink_percent", "max_bad_percent", "max_price_factor")
    return {
        **{name: getattr(feed, name) for name in (*names, *more, "gone_after_syncs")},
        "network": feed.account.network,
        "program": feed.program.name if feed.program else "",
    }


def _sync(run: SyncRun) -> dict[str, Any]:
    names = [name for name in shapes.SyncOut.model_fields if name != "message"]
    return {name: getattr(run, name) for name in names} | {"message": str(run.message or "")}
