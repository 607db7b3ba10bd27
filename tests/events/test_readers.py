"""No event is missed, whatever order its writers commit in."""

import random
import threading
from contextlib import ExitStack

import psycopg
import pytest
from django.db import connection, transaction

from events.kinds import Kind
from events.models import Event, Reader
from events.readers import AlreadyRead, read
from events.record import record
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class Writer:
    """Another process: one event in a transaction that stays open until told."""

    def __init__(self) -> None:
        params = connection.get_connection_params()
        names = ("host", "port", "user", "password", "dbname")
        self.connection = psycopg.connect(**{name: params[name] for name in names if name in params})

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.connection.close()

    def write(self, subject: str) -> None:
        self.connection.execute(
            "INSERT INTO events_event (id, kind, subjects, before, after, sources, actor, is_line, at) "
            "SELECT nextval('events_event_id_seq'), 'product.edited', ARRAY[%s], '{}', '{}', '{}', '', true, "
            "now() WHERE pg_current_xact_id() IS NOT NULL",
            [subject],
        )

    def commit(self) -> None:
        self.connection.commit()

    def rollback(self) -> None:
        self.connection.rollback()


def read_on(name: str = "alerts", limit: int = 1_000) -> list[str]:
    batch = read(name, limit=limit)
    batch.done()
    return [event.subject for event in batch.events]


def test_events_are_read_once_and_in_order():
    for number in range(5):
        record(Kind.PRODUCT_EDITED, f"product:{number}")
    assert read_on(limit=2) == ["product:0", "product:1"]
    assert read_on() == ["product:2", "product:3", "product:4"]
    assert read_on() == []
    assert read_on("webhooks", limit=1) == ["product:0"]


def test_nothing_is_skipped_when_writers_commit_in_the_reverse_order():
    with Writer() as first, Writer() as second:
        first.write("a")  # the lower id
        second.write("b")
        second.commit()
        assert read_on() == []  # "b" is there, but "a" is still to come before it
        first.commit()
        assert read_on() == ["a", "b"]


def test_an_older_transaction_that_draws_a_higher_id_and_commits_first_hides_nothing():
    with Writer() as older, Writer() as newer:
        older.connection.execute("SELECT pg_current_xact_id()")  # it has begun to write something else
        newer.write("a")
        older.write("b")
        older.commit()
        assert read_on() == []
        newer.commit()
        assert read_on() == ["a", "b"]


def test_what_is_certain_is_read_while_others_go_on_writing():
    """Somebody is always at it, and still events come through."""
    with ExitStack() as stack:
        writers = [stack.enter_context(Writer()) for _ in range(2)]
        writers[0].write("0")
        seen = []
        for number in range(1, 20):
            writers[number % 2].write(str(number))
            writers[(number + 1) % 2].commit()
            seen += read_on()
        assert seen == [str(number) for number in range(len(seen))]
        assert len(seen) >= 15


def test_an_event_that_was_undone_leaves_a_gap_and_no_wait():
    with Writer() as undone:
        undone.write("a")
        undone.rollback()
    record(Kind.PRODUCT_EDITED, "product:1")
    assert read_on() == ["product:1"]


def test_of_two_processes_of_one_reader_one_finishes_a_batch():
    record(Kind.PRODUCT_EDITED, "product:1")
    one, other = read("alerts"), read("alerts")
    one.done()
    with pytest.raises(AlreadyRead):
        other.done()
    assert read_on() == []


def test_a_batch_that_fails_is_read_again():
    record(Kind.PRODUCT_EDITED, "product:1")
    batch = read("alerts")
    with transaction.atomic():
        batch.done()
        transaction.set_rollback(True)
    assert read_on() == ["product:1"]


def test_reading_inside_a_transaction_is_refused():
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside"):
        read("alerts")


def test_a_reader_goes_on_after_the_database_moved_to_a_server_that_counts_anew():
    record(Kind.PRODUCT_EDITED, "product:1")
    Reader.objects.create(name="alerts", mark=0, mark_transaction=10**15)
    with Writer() as busy:
        busy.write("a")
        assert read_on() == []
        with Writer() as next_one:
            next_one.write("b")
            busy.commit()
            assert read_on() == ["product:1", "a"]


def test_many_writers_at_once_and_a_reader_beside_them_lose_nothing():
    count, writers, seen = 40, 4, []
    done = threading.Event()

    def write(name: int) -> None:
        chance = random.Random(name)
        for number in range(count):
            with transaction.atomic():
                for part in range(chance.randint(1, 3)):
                    record(Kind.PRODUCT_EDITED, f"product:{name}-{number}-{part}")

    def watch() -> None:
        while not done.is_set():
            seen.extend(read_on(limit=7))

    watcher = threading.Thread(target=lambda: at_once(watch))
    watcher.start()
    try:
        at_once(*(lambda name=name: write(name) for name in range(writers)))
    finally:
        done.set()
        watcher.join(60)
    while found := read_on():
        seen += found
    written = [event.subject for event in Event.objects.all()]
    assert seen == written
    assert len(seen) >= count * writers
