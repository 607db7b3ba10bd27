"""One line per import, however large; failures one by one; two networks, two logs."""

import pytest

from events.actor import acting_as
from events.models import Event
from importer import log
from importer.imports import apply
from importer.imports.runs import cancel_run, fail_run, retry_failed, start_import
from importer.log import clear_log, read_log
from importer.models import ImportRun
from importer.reasons import Reason
from tests.importer.make import change_item, make_account, make_feed, make_item, make_items
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def messages_of(network: str = "", **options) -> list[str]:
    return [line.message for line in read_log(network, **options)]


def test_a_large_import_is_one_line_and_a_row_per_chunk(monkeypatch):
    monkeypatch.setattr(apply, "CHUNK", 100)
    feed = make_feed()
    items = [
        *make_items(feed, 300),
        *make_items(feed, 20, gtin="4006381333931"),
        *make_items(feed, 2, title=""),
    ]
    run = start_import([item.pk for item in items], kind="bulk")
    assert messages_of("tradedoubler") == ["Import of 322. Waiting for a worker."]
    ImportRun.objects.update(state="running")
    apply.work_chunk(run.pk, size=100)
    assert messages_of("tradedoubler") == ["Import of 322: 100 created. Running."]
    while apply.work_chunk(run.pk, size=100):
        pass
    apply.work(run)
    lines = read_log("tradedoubler")
    assert lines[0].message == "Import of 322: 301 created, 19 joined, 2 invalid."
    assert (lines[0].url, lines[0].type) == (run.get_absolute_url(), "import")
    assert [line.type for line in lines[1:]] == ["error", "error"]
    assert "It has no name." in lines[1].message
    created = Event.objects.filter(kind="product.created")
    assert [len(event.subjects) for event in created] == [100, 100, 100, 1]
    assert {(event.run, event.after["status"]) for event in created} == {(run.pk, "draft")}
    assert Event.objects.count() < 15


def test_of_many_failures_the_first_20_are_lines_and_the_run_counts_them_all():
    feed = make_feed()
    run = start_import([item.pk for item in make_items(feed, 50, price=None)], kind="bulk")
    ImportRun.objects.update(state="running")
    while apply.work_chunk(run.pk, size=15):
        pass
    apply.work(run)
    lines = read_log("tradedoubler")
    assert lines[0].message == "Import of 50: 50 invalid."
    assert [line.type for line in lines[1:]] == ["error"] * 20
    assert {line.url for line in lines} == {run.get_absolute_url()}


def test_a_run_over_two_networks_is_in_both_logs_and_what_failed_in_its_own():
    one = make_item(make_feed())
    other = make_item(make_feed(make_account("adtraction")), price=None, title="Bad one")
    import_items(one, other)
    assert messages_of("tradedoubler") == ["Import of 2: 1 created, 1 invalid."]
    assert messages_of("adtraction") == [
        "Import of 2: 1 created, 1 invalid.",
        "Bad one: It has no price.",
    ]
    assert read_log("tradetracker") == []
    assert len(read_log()) == 2


def test_a_run_that_fails_is_cancelled_or_is_tried_again_stays_one_line():
    run = start_import([make_item().pk], kind="bulk")
    cancel_run(run)
    assert messages_of() == ["Import of 1. Cancelled."]
    retry_failed(run)
    assert messages_of() == ["Import of 1. Waiting for a worker."]
    fail_run(run, Reason("account_removed"))
    (line,) = read_log()
    assert (line.message, line.type) == ("Import of 1. The account was removed.", "error")
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert kinds == ["run.started", "run.cancelled", "run.retried", "run.failed"]


def test_the_line_of_a_run_that_was_deleted_keeps_its_counts():
    import_items(make_item(), make_item())
    ImportRun.objects.all().delete()
    assert messages_of("tradedoubler") == ["Import of 2: 2 created."]


def test_a_new_price_is_an_event_with_the_old_one():
    item = make_item()
    import_items(item)
    import_items(change_item(item, price="79.90"))
    event = Event.objects.get(kind="offer.price_changed")
    assert event.before == {"price": [["99.90", "EUR", None]]}
    assert event.after == {"price": [["79.90", "EUR", None]]}
    assert not Event.objects.filter(kind="offer.changed").exists()


def test_importing_again_what_is_there_changes_nothing_and_says_only_that():
    item = make_item()
    import_items(item)
    known = Event.objects.count()
    import_items(item)
    assert list(Event.objects.values_list("kind", flat=True)[known:]) == ["run.started", "run.ended"]


def test_a_deleted_log_shows_a_run_again_once_it_goes_on():
    run = start_import([make_item().pk], kind="bulk")
    clear_log("tradedoubler")
    assert read_log("tradedoubler") == read_log() == []
    apply.work(run)
    assert messages_of("tradedoubler") == ["Import of 1: 1 created."]


def test_the_log_shows_as_many_lines_as_asked_for_whatever_lies_between(monkeypatch):
    monkeypatch.setattr(log, "BATCH", 2)
    for _ in range(5):
        import_items(make_item())
    assert len(read_log()) == len(read_log("tradedoubler")) == 5
    assert len(read_log(limit=3)) == 3


def test_who_began_a_run_is_who_acts_and_its_own_work_is_the_runs():
    with acting_as("command:import_items"):
        import_items(make_item())
    assert set(Event.objects.values_list("actor", flat=True)) == {"command:import_items"}
    assert read_log()[0].who == "manage.py import_items"
