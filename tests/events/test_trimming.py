from datetime import timedelta

import pytest
from django.utils import timezone

from events import tasks, trimming
from events.kinds import Kind
from events.models import Event
from events.record import record

pytestmark = pytest.mark.django_db


def make_events(count: int, *, days_ago: int = 0) -> None:
    ids = set(Event.objects.values_list("pk", flat=True))
    for number in range(count):
        record(Kind.PRODUCT_EDITED, f"product:{number}")
    Event.objects.exclude(pk__in=ids).update(at=timezone.now() - timedelta(days=days_ago))


def test_old_events_go_and_newer_ones_stay(settings):
    settings.EVENT_DAYS = 30
    make_events(3, days_ago=31)
    make_events(2, days_ago=29)
    assert trimming.trim(seconds=10)
    assert Event.objects.count() == 2
    assert trimming.trim(seconds=10)
    assert Event.objects.count() == 2


def test_only_the_newest_are_kept_where_there_are_too_many(settings):
    settings.EVENT_ROWS = 4
    make_events(9)
    tasks.trim()
    assert [event.subject for event in Event.objects.all()] == [f"product:{n}" for n in range(5, 9)]


def test_many_are_deleted_a_batch_at_a_time_until_time_is_out(settings, monkeypatch):
    monkeypatch.setattr(trimming, "BATCH", 3)
    settings.EVENT_ROWS = 1
    make_events(8)
    assert not trimming.trim(seconds=0)
    assert Event.objects.count() == 5
    assert trimming.trim(seconds=10)
    assert Event.objects.count() == 1


def test_nothing_to_trim_is_fine():
    assert trimming.trim(seconds=10)
