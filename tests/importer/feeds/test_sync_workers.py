"""Syncs on one worker and on several, some of which are killed."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.utils import timezone

from importer import tasks
from importer.accounts.accounts import connect_account, refresh_account
from importer.feeds.schedule import set_mirrored
from importer.models import Feed, FeedItem, SyncRun
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import live_ids

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed

WORKER = """
import django
django.setup()
from importer import tasks
from importer.models import SyncRun
while pks := list(SyncRun.objects.filter(state__in=("queued", "running")).values_list("pk", flat=True)):
    for pk in pks:
        tasks.sync_feed(pk)
"""


def start_worker():
    name = connection.settings_dict["NAME"]
    address = os.environ["DATABASE_URL"].replace("/affiliate?", f"/{name}?")
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "affiliate_site.settings", "DATABASE_URL": address}
    return subprocess.Popen([sys.executable, "-c", WORKER], env=env, cwd=site_settings.BASE_DIR)


@pytest.fixture
def many_feeds(sandbox):
    account = connect_account("tradedoubler", credentials=DEMO_CREDENTIALS["tradedoubler"], label="Mine")
    refresh_account(account)
    # The sandbox lists one feed that it then refuses.
    feeds = list(account.feeds.exclude(external_id="31109").order_by("pk")[:20])
    assert len(feeds) == 20
    return feeds


def test_four_workers_sync_twenty_feeds_each_once_even_when_two_are_killed(many_feeds, monkeypatch):
    runs = [set_mirrored(feed, True) for feed in many_feeds]
    assert len(runs) == 20
    workers = [start_worker() for _ in range(4)]
    deadline = time.monotonic() + 300
    while SyncRun.objects.filter(state="running").count() < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for worker in workers[:2]:
        worker.send_signal(signal.SIGKILL)
    # What they held is free as soon as their silence is long enough.
    while SyncRun.objects.filter(state="queued").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    silent = SyncRun.objects.filter(state="running", heartbeat_at__lt=timezone.now() - timedelta(seconds=1))
    silent.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    for worker in workers[2:]:
        assert worker.wait(300) == 0
    assert [(run.state, run.message) for run in SyncRun.objects.all()] == [("done", "")] * 20
    for feed in many_feeds:
        run = feed.syncs.get()
        assert run.new_count == len(live_ids(feed)) > 0


def test_the_worker_does_what_is_due(feed, worker, sandbox):
    account = connect_account("adtraction", credentials=DEMO_CREDENTIALS["adtraction"], label="Mine")
    feeds = refresh_account(account)
    Feed.objects.filter(pk__in=[feed.pk for feed in feeds]).update(next_sync_at=timezone.now())
    Feed.objects.filter(pk=feed.pk).update(is_mirrored=False)
    tasks.resume()
    deadline = time.monotonic() + 180
    while Feed.objects.filter(account=account, synced_at=None).exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert SyncRun.objects.filter(state="done").count() == len(feeds)
    assert Decimal(1) < FeedItem.objects.filter(feed__in=feeds).count()
