"""The database goes away, or has no room, under work that is going on."""

from datetime import timedelta

import psycopg
import pytest
from django.conf import settings as site_settings
from django.db import DatabaseError, OperationalError, connection
from django.utils import timezone

from affiliate_site.celery import app
from affiliate_site.queues import waiting
from importer import tasks
from importer.feeds.schedule import sync_now
from importer.feeds.syncs import work_on_sync
from importer.imports import apply
from importer.imports.runs import find_silent_runs, start_import
from importer.models import Feed, ImportRun, SyncRun
from importer.outages import find_outage
from importer.sentences import say
from tests.importer.make import make_feed, make_items
from tests.own_servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def fail_in_sql(sqlstate: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '{sqlstate}'; END $$")


def kill_our_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    address = site_settings.DATABASES["default"]
    with psycopg.connect(
        host=address["HOST"] or address["OPTIONS"]["host"],
        user="postgres",
        dbname="postgres",
        autocommit=True,
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def once(monkeypatch, module, name, trouble):
    """Make trouble before the first call of a function of ours; return the list of its calls."""
    real, calls = getattr(module, name), []

    def call(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            trouble()
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, call)
    return calls


@pytest.mark.parametrize(
    ("sqlstate", "words"),
    [
        ("53100", "The disk of the database is full."),
        ("53200", "The database is out of memory."),
        ("53300", "The database has no connection left."),
        ("58030", "The disk of the database cannot be read or written."),
        ("57P01", "The database is stopping or starting."),
        ("40P01", ""),
        ("22001", ""),
        ("57014", ""),
    ],
)
def test_an_outage_is_said_in_words_and_a_refused_statement_is_none(sqlstate, words):
    with pytest.raises(DatabaseError) as caught:
        fail_in_sql(sqlstate)
    reason = find_outage(caught.value)
    assert (say(reason) if reason else "") == words


def test_a_lost_connection_is_an_outage():
    kill_our_connection()
    with pytest.raises(OperationalError) as caught:
        ImportRun.objects.count()
    assert find_outage(caught.value).code in ("database_lost", "database_restarting")
    connection.close()


def test_a_full_disk_is_on_the_run_which_goes_on_when_there_is_room(monkeypatch):
    run = start_import([item.pk for item in make_items(count=30)], kind="bulk")
    once(monkeypatch, apply, "record_refused", lambda: fail_in_sql("53100"))
    tasks.run_import(run.pk)
    run.refresh_from_db()
    assert str(run.message) == "The disk of the database is full. The import goes on by itself."
    assert (run.state, run.done_count) == ("running", 0)
    ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=6))
    assert find_silent_runs() == [run]
    tasks.run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.created_count, run.message) == ("done", 30, "")


def test_a_connection_that_is_lost_in_a_chunk_costs_a_moment(monkeypatch):
    run = start_import([item.pk for item in make_items(count=30)], kind="bulk")
    once(monkeypatch, apply, "record_refused", kill_our_connection)
    tasks.run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.created_count, run.failed_count, run.message) == ("done", 30, 0, "")


def test_a_deadlock_at_the_end_of_a_chunk_is_made_good_at_once(monkeypatch):
    run = start_import([item.pk for item in make_items(count=30)], kind="bulk")
    calls = once(monkeypatch, apply, "record_refused", lambda: fail_in_sql("40P01"))
    tasks.run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.created_count, run.failed_count, len(calls)) == ("done", 30, 0, 2)


@pytest.mark.parametrize(
    ("sqlstate", "state", "message"),
    [
        ("53100", "failed", "The disk of the database is full. It is tried again by itself."),
        ("57P01", "queued", "The database is stopping or starting."),
    ],
)
def test_a_sync_says_what_the_database_lacks_and_is_not_given_up(monkeypatch, sqlstate, state, message):
    feed = make_feed()
    run = sync_now(feed)
    monkeypatch.setattr("importer.feeds.syncs._replace", lambda *args, **more: fail_in_sql(sqlstate))
    with pytest.raises(DatabaseError):
        work_on_sync(run)
    run.refresh_from_db()
    assert (run.state, str(run.message)) == (state, message)
    due = Feed.objects.get().next_sync_at
    assert (due is not None and due < timezone.now() + timedelta(minutes=2)) == (state == "failed")


@pytest.fixture
def unread_queues(monkeypatch):
    """The real queues; the worker of earlier tests, if there is one, reads them again afterwards."""
    queues = ("imports", "feeds")
    monkeypatch.setattr("tests.conftest.unheard.queue", None)

    def read_by_somebody() -> set[str]:
        answers = app.control.inspect(timeout=1).active_queues() or {}
        return {queue["name"] for answer in answers.values() for queue in answer}

    were_read = read_by_somebody().intersection(queues)
    for queue in were_read:
        app.control.cancel_consumer(queue)
    wait_until(lambda: not read_by_somebody().intersection(queues))
    yield queues
    for queue in were_read:
        app.control.add_consumer(queue)
    wait_until(lambda: were_read <= read_by_somebody())


def test_a_run_that_waits_in_the_queue_is_not_sent_again(unread_queues):
    run = ImportRun.objects.create(kind="bulk", state="queued")
    sync = SyncRun.objects.create(feed=make_feed())
    long_ago = timezone.now() - timedelta(minutes=5)
    ImportRun.objects.update(created_at=long_ago)
    SyncRun.objects.update(created_at=long_ago)
    try:
        for _ in range(3):
            tasks.resume()
        assert ("importer.tasks.run_import", (run.pk,)) in waiting("imports")
        assert ("importer.tasks.sync_feed", (sync.pk,)) in waiting("feeds")
    finally:
        with app.connection_for_read() as broker:
            counts = [broker.default_channel.queue_purge(queue) for queue in unread_queues]
    assert counts == [1, 1]
