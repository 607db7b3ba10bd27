"""Numbers to shapes."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.lib.charts import HEIGHT, MARGIN, WIDTH, draw_bars, draw_steps, sum_days

TOP, BASE = MARGIN, HEIGHT - MARGIN
numbers = st.decimals(min_value=0, max_value=10**9, allow_nan=False, places=2) | st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("values", "lines"),
    [
        ([], []),
        ([None, None], []),
        ([5], [f"M0.0 {HEIGHT / 2}H600.0"]),
        ([5, 5, 5], [f"M0.0 {HEIGHT / 2}H600.0"]),
        ([1, 3], [f"M0.0 {BASE}.0H300.0V{TOP}.0H600.0"]),
        ([3, None, 1], [f"M0.0 {TOP}.0H200.0", f"M400.0 {BASE}.0H600.0"]),
        ([None, 1, 2, None], [f"M150.0 {BASE}.0H300.0V{TOP}.0H450.0"]),
        ([0, 1], [f"M0.0 {BASE}.0H300.0V{TOP}.0H600.0"]),
    ],
)
def test_steps_are_drawn_from_the_lowest_to_the_highest_with_gaps(values, lines):
    assert draw_steps(values).lines == lines


@given(st.lists(st.none() | numbers, max_size=400))
def test_a_line_never_leaves_the_drawing_and_there_is_one_for_each_stretch(values):
    chart = draw_steps(values)
    stretches = sum(
        value is not None and (at == 0 or values[at - 1] is None) for at, value in enumerate(values)
    )
    assert len(chart.lines) == stretches
    for line in chart.lines:
        xs = [float(x) for x in re.findall(r"[MH](-?[\d.]+)", line)]
        ys = [float(y) for y in re.findall(r"(?: |V)(-?[\d.]+)", line)]
        assert xs == sorted(xs)
        assert 0 <= xs[0] < xs[-1] <= WIDTH
        assert all(TOP <= y <= BASE for y in ys)


def test_a_price_that_stays_is_one_stroke():
    assert len(draw_steps([Decimal("9.99")] * 3_000).lines[0]) < 30


@pytest.mark.parametrize("values", [[], [0], [0, 0, 0], [-3, 0]])
def test_nothing_counted_draws_no_bar(values):
    assert draw_bars(values).bars == []


def test_the_highest_bar_fills_the_drawing_and_zero_has_none():
    chart = draw_bars([0, 10, 5])
    assert (chart.lowest, chart.highest) == (0, 10)
    whole, half = chart.bars
    assert (whole.x, whole.y, whole.width, whole.height) == ("220.0", f"{TOP}.0", "160.0", f"{BASE - TOP}.0")
    assert float(half.height) == (BASE - TOP) / 2


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=62))
def test_bars_stand_on_the_base_side_by_side(values):
    bars = draw_bars(values).bars
    assert len(bars) == sum(value > 0 for value in values)
    right = 0.0
    for bar in bars:
        assert float(bar.x) >= right - 0.2
        right = float(bar.x) + float(bar.width)
        assert float(bar.y) >= TOP
        assert float(bar.y) + float(bar.height) == pytest.approx(BASE, abs=0.2)
    assert right <= WIDTH


@pytest.mark.parametrize(
    ("count", "spans"), [(0, 0), (1, 1), (30, 30), (62, 62), (63, 32), (365, 61), (4_000, 62)]
)
def test_a_long_time_is_summed_in_equal_spans(count, spans):
    days = [(date(2020, 1, 1) + timedelta(days=day), 1) for day in range(count)]
    found = sum_days(days)
    assert len(found) == spans
    assert sum(span.sum for span in found) == count
    lengths = {(span.last - span.first).days + 1 for span in found[1:]}
    assert len(lengths) <= 1
    if found:
        assert (found[0].first, found[-1].last) == (days[0][0], days[-1][0])
    for before, after in zip(found, found[1:], strict=False):
        assert after.first - before.last == timedelta(days=1)
