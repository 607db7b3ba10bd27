"""The life of a sync: guarded, watched, cancelled, taken up again."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from importer import feed_index
from importer.feed_index.merge import lock_feeds
from importer.feeds import progress as sync_progress
from importer.feeds.schedule import due_feeds, set_mirrored, set_schedule, sync_now
from importer.feeds.syncs import (
    accept_held,
    discard_held,
    find_silent_syncs,
    sync_feed,
    work_on_sync,
)
from importer.http.errors import HostBusy
from importer.log import read_log
from importer.models import Feed, FeedItem, SyncRun
from importer.networks import NETWORKS
from importer.networks.contract import BadRow, FeedUnchanged, NetworkError, NetworkUnavailable
from importer.networks.query import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search.hits import search_index
from tests.importer.make import item_data, make_account, make_feed
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed():
    account = make_account("adtraction")
    account.set_credentials(DEMO_CREDENTIALS["adtraction"])
    account.save()
    return make_feed(account, synced_at=None, language="de")


def rows(count, **values):
    return [item_data(**{"external_id": f"i{n}"} | values) for n in range(count)]


def send(monkeypatch, *answers):
    """Let the network send these feeds, one after the other: lists, generators' functions or errors."""
    left = list(answers)

    def fetch_items(self, feed, watch):
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield from answer(watch) if callable(answer) else answer

    monkeypatch.setattr(NETWORKS["adtraction"], "fetch_items", fetch_items)


def live_ids(feed):
    return set(FeedItem.objects.filter(feed=feed, missing_at=None).values_list("external_id", flat=True))


def unread(count):
    """A feed of 100 rows that can be read and `count` that cannot."""

    def answer(watch):
        for n in range(count):
            watch.note_bad(BadRow("has two columns too few", f"row {n}"))
        yield from rows(100)

    return answer


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        pytest.param([], "empty", id="empty"),
        pytest.param(rows(60), "40 of 100 products would be gone", id="shrunken"),
        pytest.param(
            rows(100, currency="SEK"), "100 of 100 products would change their currency", id="currency"
        ),
        pytest.param(rows(100, problem="has no price"), "cannot be used; the first: has no price", id="bad"),
        pytest.param(unread(40), "40 of 140 rows cannot be used; the first: has two columns", id="unread"),
    ],
)
def test_what_looks_wrong_is_held_until_a_person_decides(feed, monkeypatch, then, reason):
    send(monkeypatch, rows(100), then, then)
    sync_feed(feed)
    before = list(FeedItem.objects.order_by("id").values())
    held = sync_feed(feed)
    assert (held.state, reason in str(held.message)) == ("held", True), held.message
    assert list(FeedItem.objects.order_by("id").values()) == before
    assert reason in read_log()[0].message
    accepted = accept_held(held)
    held.refresh_from_db()
    assert held.state == "discarded"
    assert accept_held(held) is None
    done = work_on_sync(accepted)
    assert done.state == "done"
    assert len(live_ids(feed)) == (0 if not then else 60 if "gone" in reason else 100)


def test_a_held_feed_can_be_discarded_and_is_overtaken_by_a_good_one(feed, monkeypatch):
    send(monkeypatch, rows(100), rows(10), rows(10), rows(101))
    sync_feed(feed)
    held = sync_feed(feed)
    assert discard_held(held)
    assert not discard_held(held)
    held = sync_feed(feed)
    assert sync_feed(feed).state == "done"
    held.refresh_from_db()
    assert held.state == "discarded"


def test_the_limits_are_the_feeds_own(feed, monkeypatch):
    feed.max_shrink_percent, feed.max_bad_percent = 100, 100
    feed.save()
    send(monkeypatch, rows(100), rows(1, problem="has no price"))
    sync_feed(feed)
    assert sync_feed(feed).state == "done"


def test_bad_rows_are_counted_with_samples(feed, monkeypatch):
    feed.max_bad_percent = 50
    feed.save()
    send(monkeypatch, unread(30))
    run = sync_feed(feed)
    assert (run.state, run.item_count, run.new_count, run.bad_count) == ("done", 130, 100, 30)
    assert len(run.bad_samples) == 20
    assert run.bad_samples[0] == {"reason": "has two columns too few", "row": "row 0"}


def test_a_feed_that_the_network_says_is_unchanged_is_left_alone(feed, monkeypatch):
    states = []

    def first(watch):
        watch.new_state["etag"] = "1"
        yield from rows(3)

    def unchanged(watch):
        states.append(dict(watch.state))
        raise FeedUnchanged
        yield

    send(monkeypatch, first, unchanged)
    sync_feed(feed)
    feed.refresh_from_db()
    run = sync_feed(feed)
    assert (run.state, run.unchanged_count, states) == ("unchanged", 3, [{"etag": "1"}])
    feed.refresh_from_db()
    assert feed.next_sync_at > timezone.now() + timedelta(hours=11)


def test_a_failure_plans_the_next_try(feed, monkeypatch):
    send(
        monkeypatch,
        NetworkUnavailable("empty_answer"),
        NetworkUnavailable("rate_limited", 7_200, who="Adtraction", said=""),
        NetworkError("address_gone", who="Adtraction", said=""),
    )
    waits = []
    for _ in range(3):
        with pytest.raises(NetworkError):
            sync_feed(feed)
        feed.refresh_from_db()
        waits.append(round((feed.next_sync_at - timezone.now()).total_seconds() / 60))
    assert waits == [1, 120, 720]
    assert {run.state for run in feed.syncs.all()} == {"failed"}


@pytest.mark.parametrize("what", ["rows", "feed"])
def test_a_search_does_not_wait_for_a_merge(feed, what):
    """A live search that finds what a sync is writing shows what is stored."""
    stored = feed_index.store_hits({"f": feed}, rows(2))
    locked, ended = threading.Event(), threading.Event()

    def lock():
        with transaction.atomic(), connection.cursor() as cursor:
            if what == "rows":
                cursor.execute("SELECT FROM importer_feeditem FOR UPDATE")
            else:
                lock_feeds([feed.pk])
            locked.set()
            assert ended.wait(20)

    def search():
        assert locked.wait(10)
        try:
            found = feed_index.store_hits({"f": feed}, rows(3, title="Other"))
        finally:
            ended.set()
        assert [item.pk for item in found] == [item.pk for item in stored]

    at_once(lock, search)


@pytest.mark.parametrize(("hit", "changed"), [({}, 0), ({"title": "Said otherwise"}, 1)])
def test_what_a_search_stores_while_a_sync_reads_is_neither_there_twice_nor_gone(
    feed, hit, changed, monkeypatch
):
    monkeypatch.setattr("importer.feed_index.sync.BATCH", 1)
    first, second = rows(2)

    def read():
        yield first
        yield second
        # The first is staged as new.
        at_once(lambda: feed_index.store_hits({"f": feed}, [replace(first, **hit)]))

    written = feed_index.replace_feed(feed, read())
    assert written == feed_index.Written(new=1, changed=changed, unchanged=1 - changed, gone=0)
    items = FeedItem.objects.filter(missing_at=None).order_by("external_id")
    assert [item.title for item in items] == [first.title, second.title]
    again = feed_index.replace_feed(feed, [first, second])
    assert again == feed_index.Written(unchanged=2)


def test_a_row_that_comes_twice_with_a_search_between_is_there_once(feed, monkeypatch):
    monkeypatch.setattr("importer.feed_index.sync.BATCH", 1)
    (row,) = rows(1)

    def read():
        yield row
        yield from rows(1, external_id="between")
        at_once(lambda: feed_index.store_hits({"f": feed}, [row]))
        yield row

    assert feed_index.replace_feed(feed, read()).gone == 0
    assert live_ids(feed) == {row.external_id, "between"}


def test_a_worker_that_was_taken_for_dead_does_not_write(feed, monkeypatch):
    def slow(watch):
        yield from rows(2, title="Old")
        SyncRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
        at_once(lambda: work_on_sync(SyncRun.objects.get()))

    send(monkeypatch, slow, rows(2, title="New"))
    run = sync_feed(feed)
    assert run.state == "done"
    assert set(FeedItem.objects.values_list("title", flat=True)) == {"New"}


def test_progress_has_a_rate_and_a_time_left(feed):
    started = timezone.now() - timedelta(seconds=10)
    run = SyncRun.objects.create(
        feed=feed,
        state="running",
        started_at=started,
        heartbeat_at=timezone.now(),
        item_count=5000,
        byte_count=1_000_000,
        total_bytes=4_000_000,
    )
    progress = sync_progress.of_sync(run)
    assert progress.rate == pytest.approx(500, rel=0.1)
    assert progress.seconds_left == pytest.approx(30, rel=0.1)
    assert progress.percent == 25
    assert not progress.is_stalled
    SyncRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=2))
    run.refresh_from_db()
    progress = sync_progress.of_sync(run)
    assert progress.is_stalled
    assert "worker" in progress.stalled


def test_mirroring_on_and_off(feed, monkeypatch):
    send(monkeypatch, rows(3))
    Feed.objects.update(is_mirrored=False)
    feed.refresh_from_db()
    run = set_mirrored(feed, True)
    work_on_sync(run)
    assert search_index(ItemQuery()).page.total == 3
    assert set_mirrored(feed, False) is None
    assert search_index(ItemQuery()).page.total == 0
    assert list(due_feeds()) == []


def test_a_schedule_counts_from_the_last_sync(feed):
    feed.synced_at = timezone.now()
    feed.save()
    set_schedule(feed, "hourly")
    feed.refresh_from_db()
    assert (feed.schedule, feed.next_sync_at - feed.synced_at) == ("hourly", timedelta(hours=1))


def test_only_the_newest_runs_are_kept(feed, monkeypatch):
    monkeypatch.setattr("importer.feeds.syncs.KEPT_RUNS", 3)
    send(monkeypatch, *[rows(1) for _ in range(5)])
    runs = [sync_feed(feed).pk for _ in range(5)]
    assert list(feed.syncs.values_list("pk", flat=True)) == runs[:1:-1]


def test_a_waiting_sync_that_nobody_takes_is_silent(feed):
    run = sync_now(feed)
    assert find_silent_syncs() == []
    SyncRun.objects.update(created_at=timezone.now() - timedelta(seconds=6))
    assert find_silent_syncs() == [run]


def test_the_command_prints_each_feed(feed, sandbox, monkeypatch):
    Feed.objects.update(next_sync_at=timezone.now())
    send(monkeypatch, rows(2), [])
    out = StringIO()
    call_command("sync_feeds", feed=feed.external_id, inline=True, json=True, stdout=out)
    (result,) = json.loads(out.getvalue())
    assert result.pop("seconds") >= 0
    assert result == {
        **{"feed": feed.external_id, "state": "done", "new": 2, "changed": 0},
        **{"unchanged": 0, "gone": 0, "bad": 0},
    }
    with pytest.raises(CommandError, match="empty"):
        call_command("sync_feeds", feed=feed.external_id, inline=True, json=True, stdout=out)
    out = StringIO()
    call_command("sync_feeds", due=True, inline=True, json=True, stdout=out)
    assert json.loads(out.getvalue()) == []


def test_a_sync_whose_host_is_busy_gives_its_worker_back_and_is_taken_up_later(feed, monkeypatch):
    send(monkeypatch, HostBusy("host_busy", 60, network="Adtraction"), rows(3))
    run = work_on_sync(sync_now(feed), gives_way=True)
    assert (run.state, str(run.message)[:29]) == ("queued", "Waiting for a free connection")
    long_ago = timezone.now() - timedelta(minutes=1)
    SyncRun.objects.update(heartbeat_at=long_ago)
    assert find_silent_syncs() == []  # nobody asks before its time
    assert work_on_sync(run, gives_way=True) is None
    SyncRun.objects.update(waits_until=long_ago)
    assert find_silent_syncs() == [run]
    assert work_on_sync(run, gives_way=True).state == "done"
    assert live_ids(feed) == {"i0", "i1", "i2"}


def test_a_command_waits_for_a_busy_host_and_says_so(feed, monkeypatch):
    send(monkeypatch, HostBusy("host_busy", 60, network="Adtraction"))
    with pytest.raises(NetworkUnavailable, match="^host_busy"):
        work_on_sync(sync_now(feed))
    assert SyncRun.objects.get().state == "failed"
