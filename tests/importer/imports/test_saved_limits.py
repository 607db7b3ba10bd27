"""Saved searches: how much they add in a day, and what becomes of it when somebody is killed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from catalog.models import Product
from importer.imports import saved_runs
from importer.imports.runs import cancel_run, retry_failed
from importer.imports.saved_runs import find_due, look, room_today
from importer.models import ImportRun
from tests.importer.make import change_item, make_account, make_feed
from tests.importer.saved import boots, finish, keep, said
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed():
    return make_feed(make_account("adtraction"))


# --- How much a day -----------------------------------------------------------------------------
def test_no_more_than_the_limit_is_added_in_a_day_however_often_it_runs(feed):
    boots(feed, 10)
    saved = keep()
    finish(look(saved.pk))
    assert room_today(saved) == 0
    assert look(saved.pk, is_asked=True) is None
    assert said(saved) == "Nothing added: the 3 of today are spent."
    assert Product.objects.count() == 3


def test_what_is_still_to_do_counts_and_what_was_refused_does_not(feed):
    items = boots(feed, 6)
    change_item(items[-1], tracking_url="https://evil.example/x")
    saved = keep()
    run = look(saved.pk)
    assert room_today(saved) == 0
    finish(run)
    assert (run.invalid_count, room_today(saved)) == (1, 1)
    assert finish(look(saved.pk, is_asked=True)).created_count == 1
    assert room_today(saved) == 0


def test_a_cancelled_run_counts_what_it_added_and_what_somebody_lets_go_on(feed):
    boots(feed, 3)
    saved = keep()
    run = look(saved.pk)
    cancel_run(run)
    assert room_today(saved) == 3
    retry_failed(run)
    assert room_today(saved) == 0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles"])
def test_a_day_begins_at_midnight_of_the_sites_time_zone(feed, settings, zone):
    settings.TIME_ZONE = zone
    tz = ZoneInfo(zone)
    boots(feed, 9)
    with time_machine.travel(datetime(2026, 3, 28, 23, 50, tzinfo=tz), tick=False):
        saved = keep()
        finish(look(saved.pk))
        assert room_today(saved) == 0
    with time_machine.travel(datetime(2026, 3, 29, 0, 5, tzinfo=tz), tick=False):
        assert room_today(saved) == 3
        assert finish(look(saved.pk, is_asked=True)).created_count == 3
        assert room_today(saved) == 0


def test_a_run_over_midnight_counts_for_both_days(feed, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    tz = ZoneInfo("Europe/Berlin")
    boots(feed, 9)
    with time_machine.travel(datetime(2026, 3, 28, 23, 59, tzinfo=tz), tick=False):
        saved = keep()
        run = look(saved.pk)
    with time_machine.travel(datetime(2026, 3, 29, 0, 1, tzinfo=tz), tick=False):
        assert room_today(saved) == 0
        finish(run)
        assert room_today(saved) == 0
        assert look(saved.pk, is_asked=True) is None


def test_two_workers_on_one_schedule_make_one_run(feed, transactional_db):
    boots(feed, 9)
    saved = keep()
    at_once(*[lambda: look(saved.pk)] * 3)
    assert ImportRun.objects.get().total_count == 3


def test_two_who_ask_at_once_get_no_more_than_the_limit(feed, transactional_db):
    boots(feed, 9)
    saved = keep(schedule="")
    at_once(*[lambda: look(saved.pk, is_asked=True)] * 3)
    assert sum(run.total_count for run in ImportRun.objects.all()) == 3


# --- Killed -------------------------------------------------------------------------------------
@pytest.mark.parametrize("line", ["find_networks", "record_run", "room_today", "Candidates"])
def test_whoever_is_killed_before_the_run_is_there_leaves_it_due(feed, transactional_db, monkeypatch, line):
    boots(feed, 5)
    saved = keep()

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(saved_runs, line, die)
        with pytest.raises(KeyboardInterrupt):
            look(saved.pk)
    assert not ImportRun.objects.exists()
    assert saved.pk in {each.pk for each in find_due()}
    assert look(saved.pk).total_count == 3
    assert ImportRun.objects.count() == 1


def test_whoever_is_killed_after_the_run_is_there_makes_no_other(feed, transactional_db, monkeypatch):
    boots(feed, 5)
    saved = keep()

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(saved_runs, "count", die)
        with pytest.raises(KeyboardInterrupt):
            look(saved.pk)
    assert look(saved.pk) is None
    run = finish(ImportRun.objects.get())
    assert run.created_count == 3
