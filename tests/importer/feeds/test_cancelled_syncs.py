"""A sync that is cancelled while it reads or writes."""

import threading
import time

import pytest
from django.db import connection, transaction

from importer.feeds.schedule import sync_now
from importer.feeds.syncs import (
    cancel_sync,
    sync_feed,
    work_on_sync,
)
from importer.models import FeedItem
from importer.reasons import Reason
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import live_ids, rows, send
from tests.importer.make import item_data
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed


def test_cancel_stops_the_reading_within_two_seconds(feed, monkeypatch):
    reading = threading.Event()

    def endless(watch):
        for n in range(10**9):
            reading.set()
            watch.wait(0.05, Reason("waits_for_connection"))
            yield item_data(external_id=f"i{n}")

    send(monkeypatch, endless)
    run = sync_now(feed)
    taken = []

    def cancel():
        assert reading.wait(10)
        assert cancel_sync(run)
        taken.append(time.monotonic())

    def work():
        work_on_sync(run)
        taken.append(time.monotonic())

    at_once(work, cancel)
    assert taken[1] - taken[0] < 2
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert live_ids(feed) == set()
    assert not cancel_sync(run)


def test_cancel_stops_the_merge_too(feed, monkeypatch):
    """The merge waits for a lock that nobody gives up: only cancelling its statement ends it."""
    send(monkeypatch, rows(3), rows(3, title="Other"))
    sync_feed(feed)
    run = sync_now(feed)
    locked, ended = threading.Event(), threading.Event()

    def lock():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM importer_feeditem FOR UPDATE")
            locked.set()
            assert ended.wait(20)

    def work():
        assert locked.wait(10)
        work_on_sync(run)
        ended.set()

    def cancel():
        assert locked.wait(10)
        time.sleep(1)
        cancel_sync(run)
        started = time.monotonic()
        assert ended.wait(10)
        assert time.monotonic() - started < 5

    at_once(lock, work, cancel)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert not FeedItem.objects.filter(title="Other").exists()
