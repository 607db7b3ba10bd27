"""What the price log proves, in tables of dates. Day 0 is 1 June 2026, noon in Berlin."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.lib.price_log import (
    WINDOW,
    Point,
    daily_lows,
    find_reduction,
    lowest_between,
    lowest_of,
    prove_reduction,
    without_repeats,
)

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 6, 1, 12, tzinfo=BERLIN)


def on(day: float) -> datetime:
    return START + timedelta(days=day)


def log(*points: tuple) -> list[Point]:
    """Make a log of (day, price) pairs; a price of None means there was nothing to buy."""
    return [Point(on(day), None if price is None else Decimal(price)) for day, price in points]


@pytest.mark.parametrize(
    ("points", "today", "proven"),
    [
        pytest.param([(0, 100), (40, 80)], 41, (100, 20), id="a plain reduction"),
        pytest.param([(0, 100), (30, 80)], 30, (100, 20), id="exactly 30 days of log"),
        pytest.param([(0, 100), (29, 80)], 31, None, id="29 days of log"),
        pytest.param([(0, 100), (40, 80)], 70, (100, 20), id="its thirtieth day"),
        pytest.param([(0, 100), (40, 80)], 70.1, None, id="after 30 days it is the usual price"),
        pytest.param([(0, 80), (20, 100), (40, 80)], 41, None, id="raised first, then back"),
        pytest.param(
            [(0, 80), (20, 100), (40, 70)], 41, (80, 12), id="raised first, then lower: the old low"
        ),
        pytest.param([(0, 80), (9, 100), (40, 80)], 41, (100, 20), id="the low ended 31 days before"),
        pytest.param([(0, 80), (11, 100), (40, 80)], 41, None, id="the low ended 29 days before"),
        pytest.param([(0, 100), (35, 90), (40, 80)], 41, (90, 11), id="in two steps: against the last step"),
        pytest.param([(0, 100), (40, 80), (42, 90)], 43, None, id="a rise is no reduction"),
        pytest.param([(0, 100), (40, 80), (41, 80)], 42, (100, 20), id="saying it twice changes nothing"),
        pytest.param([(0, 100), (35, None), (40, 80)], 41, (100, 20), id="sold out in between"),
        pytest.param([(0, 100), (38, 80), (39, None), (40, 80)], 41, None, id="back with the same price"),
        pytest.param([(0, 100), (40, None)], 41, None, id="nothing to buy now"),
        pytest.param([(0, 100), (5, None), (40, 80)], 41, None, id="nothing to buy for all 30 days before"),
        pytest.param([(0, None), (20, 100), (40, 80)], 41, None, id="a log that began sold out"),
        pytest.param([(0, 100)], 90, None, id="never changed"),
        pytest.param([(0, "100.00"), (40, "99.50")], 41, None, id="less than one per cent"),
        pytest.param([(0, "100"), (40, "66.67")], 41, (100, 33), id="33.33 is 33"),
        pytest.param([(0, "100"), (40, "66.01")], 41, (100, 33), id="33.99 is 33"),
        pytest.param([(0, 100), (40, 0)], 41, (100, 100), id="for nothing"),
        pytest.param([], 41, None, id="no log"),
    ],
)
def test_what_proves_a_reduction(points, today, proven):
    reduction = find_reduction(log(*points), on(today))
    assert (reduction and (reduction.prior, reduction.percent)) == proven


@pytest.mark.parametrize(
    ("own", "others", "proven"),
    [
        pytest.param([(0, 100), (40, 80)], [], 100, id="one shop"),
        pytest.param([(0, 100), (40, 80)], [(0, 120)], 100, id="a dearer shop changes nothing"),
        pytest.param([(0, 100), (40, 80)], [(0, 90)], 90, id="against what a visitor paid elsewhere"),
        pytest.param([(0, 100), (40, 80)], [(0, 75), (40.5, None)], None, id="elsewhere it was cheaper"),
        pytest.param([(0, 100), (40, 80)], [(0, 70)], None, id="elsewhere it is cheaper"),
        pytest.param([(35, 80)], [(0, 100)], None, id="a new shop reduces nothing"),
        pytest.param([(0, 85), (40, 80)], [(0, 100)], 85, id="the shop's own price counts"),
    ],
)
def test_the_shops_own_log_and_all_shops_must_prove_it(own, others, proven):
    own, others = log(*own), log(*others)
    reduction = prove_reduction(own, lowest_of([own, others]), on(41))
    assert (reduction and reduction.prior) == proven


def test_a_shop_that_was_sold_out_at_a_lower_price_has_reduced_nothing():
    own = log((0, 70), (40, 80))
    market = lowest_of([log((0, None), (40, 80)), log((0, 100))])
    assert find_reduction(market, on(41)) is not None
    assert prove_reduction(own, market, on(41)) is None


def test_the_reduction_knows_when_it_ends():
    reduction = find_reduction(log((0, 100), (40, 80)), on(45))
    assert (reduction.began, reduction.until) == (on(40), on(70))


def test_the_lowest_price_of_several_shops():
    series = lowest_of([log((0, 100), (5, 90), (8, None)), log((2, 95), (9, 95)), log((20, None))])
    assert series == log((0, 100), (2, 95), (5, 90), (8, 95))
    assert lowest_of([log((0, 5), (1, None))]) == log((0, 5), (1, None))
    assert lowest_of([]) == []


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 5, 100, id="the end does not belong"),
        pytest.param(0, 5.1, 90, id="a moment of it does"),
        pytest.param(5, 9, 90, id="the start belongs"),
        pytest.param(10, 12, None, id="nothing to buy"),
        pytest.param(-5, 0, None, id="before the log"),
        pytest.param(7, 30, 80, id="across a gap"),
    ],
)
def test_the_lowest_price_of_a_time(start, end, expected):
    series = log((0, 100), (5, 90), (10, None), (20, 80))
    assert lowest_between(series, on(start), on(end)) == expected


def test_each_day_shows_the_lowest_price_that_held_in_it():
    series = log((0, 100), (0.1, 90), (0.2, 95), (2, None), (4, 80))
    lows = daily_lows(series, on(5), days=30, zone=BERLIN)
    assert [(day.date.isoformat(), day.price) for day in lows] == [
        ("2026-06-01", 90),
        ("2026-06-02", 95),
        ("2026-06-03", 95),
        ("2026-06-04", None),
        ("2026-06-05", 80),
        ("2026-06-06", 80),
    ]


def test_days_are_those_of_the_sites_time_zone_also_when_the_clocks_change():
    start = datetime(2026, 10, 24, 23, 30, tzinfo=BERLIN)
    series = [Point(start, Decimal(9)), Point(start + timedelta(minutes=30), Decimal(8))]
    lows = daily_lows(series, datetime(2026, 10, 26, 0, 30, tzinfo=BERLIN), days=30, zone=BERLIN)
    assert [(day.date.day, day.price) for day in lows] == [(24, 9), (25, 8), (26, 8)]


def test_only_the_last_days_are_listed():
    lows = daily_lows(log((0, 100), (50, 90)), on(60), days=7, zone=BERLIN)
    assert len(lows) == 7
    assert {day.price for day in lows} == {90}
    assert lows[-1].date == on(60).date()


def test_a_day_of_a_price_and_of_none_shows_the_price():
    lows = daily_lows(log((0, 100), (1, None), (1.1, 90)), on(2), days=7, zone=BERLIN)
    assert [day.price for day in lows] == [100, 90, 90]


logs = st.lists(
    st.tuples(st.floats(0, 100, allow_nan=False), st.one_of(st.none(), st.integers(1, 1000).map(Decimal))),
    max_size=12,
).map(lambda points: sorted((Point(on(day), price) for day, price in points), key=lambda point: point.at))


@given(st.lists(logs, max_size=4), st.floats(100, 160))
def test_no_reduction_is_ever_shown_that_the_log_contradicts(several, today):
    market = lowest_of(several)
    assert market == without_repeats(market)
    reduction = find_reduction(market, on(today))
    if reduction:
        began = reduction.began
        asked = {point.price for point in market if began - WINDOW <= point.at < began} - {None}
        assert all(price >= reduction.prior > reduction.price for price in asked)
        assert market[0].at <= began - WINDOW
        assert 1 <= reduction.percent <= 100
        assert on(today) - began <= WINDOW
