"""What a real worker in a process of its own makes of runs, and what becomes of them when something dies."""

import os
import signal
import subprocess
import time
from datetime import timedelta

import pytest
from celery import Celery
from django.utils import timezone

from affiliate_site.celery import Task, app
from affiliate_site.run import processes
from catalog.models import Offer, PricePoint, Product
from events.models import Event
from importer import tasks
from importer.accounts.accounts import connect_account, refresh_account
from importer.feeds.schedule import count_sync_progress
from importer.imports import apply
from importer.imports.runs import start_import, start_import_of_matches
from importer.models import FeedItem, ImportRun, SyncRun
from importer.networks.contract import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.importer.make import make_account, make_items

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def has_ended(run):
    run.refresh_from_db()
    return not run.is_active


def test_the_worker_does_a_run(worker):
    run = start_import([item.pk for item in make_items(count=30)], kind="bulk")
    tasks.run_import.delay_on_commit(run.pk)
    wait_for(lambda: has_ended(run))
    assert (run.state, run.created_count) == ("done", 30)
    assert Product.objects.count() == 30


def test_the_same_message_twice_changes_nothing(worker):
    run = start_import([item.pk for item in make_items(count=30)], kind="bulk")
    for _ in range(3):
        tasks.run_import.delay(run.pk)
    wait_for(lambda: has_ended(run))
    assert (run.created_count, run.done_count, Product.objects.count()) == (30, 30, 30)


def test_the_worker_collects_all_matches_first(worker, sandbox):
    account = connect_account("tradedoubler", credentials=DEMO_CREDENTIALS["tradedoubler"], label="Mine")
    run = start_import_of_matches(ItemQuery(account_id=account.pk, keywords="lampe"))
    tasks.run_import.delay_on_commit(run.pk)
    wait_for(lambda: has_ended(run))
    assert run.state == "done"
    assert run.total_count == run.done_count > 10


def test_connecting_adtraction_indexes_its_feeds(worker, sandbox):
    account = connect_account("adtraction", credentials=DEMO_CREDENTIALS["adtraction"], label="Mine")
    tasks.refresh_account.delay_on_commit(account.pk)
    wait_for(lambda: (p := count_sync_progress(account))["feeds"] and p["feeds"] == p["synced"], 60)
    assert FeedItem.objects.filter(feed__account=account).count() > 100


def test_a_run_whose_message_was_lost_is_found_and_done(worker):
    run = start_import([item.pk for item in make_items(count=3)], kind="bulk")
    tasks.resume()
    assert not has_ended(run)  # it is young: its message may be on the way
    ImportRun.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    tasks.resume()
    wait_for(lambda: has_ended(run))
    assert run.created_count == 3


def test_a_run_whose_worker_died_halfway_is_found_and_finished(worker):
    run = start_import([item.pk for item in make_items(count=30)], kind="bulk")
    ImportRun.objects.update(state="running")
    apply.work_chunk(run.pk, size=10)
    ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    tasks.resume()
    wait_for(lambda: has_ended(run))
    assert (run.created_count, Product.objects.count()) == (30, 30)


def test_a_worker_killed_in_the_middle_of_a_run_costs_nothing(worker, worker_env):
    """Its own queue makes sure that the worker that is killed is the one at work."""
    run = start_import([item.pk for item in make_items(count=5_000)], kind="bulk")
    doomed = subprocess.Popen(
        [*processes.CELERY, "worker", "--queues", "doomed", "--concurrency", "1", "--hostname", "doomed@%h"],
        env={**os.environ, **worker_env},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        tasks.run_import.apply_async([run.pk], queue="doomed")
        wait_for(lambda: ImportRun.objects.get(pk=run.pk).done_count > 0)
    finally:
        os.killpg(doomed.pid, signal.SIGKILL)
        doomed.wait()
    ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    tasks.resume()
    wait_for(lambda: has_ended(run), 60)
    assert (run.state, run.created_count, run.done_count) == ("done", 5_000, 5_000)
    assert (Product.objects.count(), Offer.objects.count(), PricePoint.objects.count()) == (5_000,) * 3


def test_a_page_does_not_break_when_redis_is_down():
    run = start_import([item.pk for item in make_items(count=1)], kind="bulk")
    broken = Celery("broken", broker="redis://127.0.0.1:9/0", task_cls=Task, set_as_current=False)
    broken.conf.task_publish_retry_policy = app.conf.task_publish_retry_policy
    task = broken.task(tasks.run_import.run, bind=True, name="broken.run_import")
    started = time.monotonic()
    task.delay_on_commit(run.pk)
    assert time.monotonic() - started < 5
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_sync_whose_worker_died_is_taken_up_again(worker, sandbox):
    account = connect_account("adtraction", credentials=DEMO_CREDENTIALS["adtraction"], label="Mine")
    feed = refresh_account(account)[0]
    silent = timezone.now() - timedelta(minutes=1)
    lost = SyncRun.objects.create(feed=feed, state="running", started_at=silent, heartbeat_at=silent)
    tasks.resume()
    wait_for(lambda: feed.syncs.filter(state="done").exists())
    assert feed.syncs.get() == lost


def test_a_mirrored_feed_is_synced_when_it_is_due(worker, sandbox):
    account = connect_account("adtraction", credentials=DEMO_CREDENTIALS["adtraction"], label="Mine")
    feed = refresh_account(account)[0]
    tasks.resume()
    assert not feed.syncs.exists()  # it has no time yet: who connected it syncs it first
    type(feed).objects.filter(pk=feed.pk).update(next_sync_at=timezone.now())
    tasks.resume()
    wait_for(lambda: feed.syncs.filter(state="done").exists())
    soon = timezone.now() + timedelta(hours=1)
    wait_for(lambda: type(feed).objects.filter(pk=feed.pk, next_sync_at__gt=soon).exists())


def test_rows_that_are_gone_are_no_error():
    tasks.run_import(10**9)
    tasks.refresh_account(10**9)
    tasks.sync_feed(10**9)


def test_an_account_that_cannot_be_refreshed_is_in_the_log(sandbox):
    account = make_account("adtraction")
    account.set_credentials(DEMO_CREDENTIALS["adtraction"] | {"token": "0" * 40})
    account.save()
    tasks.refresh_account(account.pk)
    event = Event.objects.get()
    assert (event.kind, event.actor) == ("account.failed", "task:refresh_account")


def test_a_click_does_not_wait_for_long_runs(worker):
    long_runs = [start_import([item.pk for item in make_items(count=6_000)], kind="bulk") for _ in range(2)]
    for run in long_runs:
        tasks.run_import.delay(run.pk)
    wait_for(lambda: ImportRun.objects.filter(state="running").count() == 2)
    quick = start_import([make_items(count=1)[0].pk], kind="quick")
    tasks.run_import.delay(quick.pk)
    wait_for(lambda: has_ended(quick))
    assert all(not has_ended(run) for run in long_runs)
    wait_for(lambda: all(has_ended(run) for run in long_runs), 60)
    assert [run.created_count for run in long_runs] == [6_000, 6_000]
