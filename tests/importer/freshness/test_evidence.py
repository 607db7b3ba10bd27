"""Evidence, windows and intervals: tables."""

from datetime import UTC, datetime, time, timedelta

import pytest

from importer.accounts.windows import is_within
from importer.freshness.evidence import Evidence, is_doubtful
from importer.freshness.schedule import HEAVIEST, interval_of, intervals, weigh

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def hours_ago(hours):
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("seen", "misses", "first", "is_gone"),
    [
        (True, 0, None, False),
        (True, 1, 0, False),
        (True, 1, 100, False),  # one never decides, however long ago
        (True, 2, 23.9, False),
        (True, 2, 24, True),
        (True, 3, 0, True),
        (True, 9, 1, True),
        (False, 9, 100, False),  # it was never found by itself
    ],
)
def test_what_is_gone(seen, misses, first, is_gone):
    missed_at = None if first is None else hours_ago(first)
    evidence = Evidence(seen_at=hours_ago(200) if seen else None, misses=misses, missed_at=missed_at)
    assert evidence.is_gone(NOW, misses=3, hours=24) == is_gone


@pytest.mark.parametrize(
    ("missed", "listed", "is_in_doubt"),
    [(3, 9, False), (4, 10, True), (3, 10, False), (31, 100, True), (0, 0, False)],
)
def test_much_that_is_missed_at_once_is_doubtful(missed, listed, is_in_doubt):
    assert is_doubtful(missed, listed, 30) == is_in_doubt


@pytest.mark.parametrize(
    ("start", "end", "at", "inside"),
    [
        (None, None, time(3), True),
        (time(1), None, time(3), True),
        (time(1), time(6), time(0, 59, 59), False),
        (time(1), time(6), time(1), True),
        (time(1), time(6), time(5, 59, 59), True),
        (time(1), time(6), time(6), False),
        (time(22), time(6), time(23), True),
        (time(22), time(6), time(0), True),
        (time(22), time(6), time(6), False),
        (time(22), time(6), time(12), False),
        (time(4), time(4), time(12), True),
    ],
)
def test_a_window_may_go_over_midnight(start, end, at, inside):
    assert is_within(start, end, at) == inside


def test_every_weight_keeps_the_promise():
    target = timedelta(hours=24)
    assert [weigh(clicks) for clicks in (0, 1, 9, 10, 99, 100, 10**9)] == [1, 2, 2, 3, 3, 4, 4]
    assert len(intervals(target)) == HEAVIEST
    assert all(interval_of(weight, target) < target for weight in range(1, HEAVIEST + 1))
