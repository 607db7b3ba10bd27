"""What a click earns, and when nobody can say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.queries.epc import FEW_CLICKS, get_epc, wilson


def epc_of(clicks: int, *commissions: str, approved: str = "0"):
    amounts = [Decimal(text) for text in commissions]
    return get_epc(
        clicks=clicks,
        commission=sum(amounts, Decimal(0)),
        approved=Decimal(approved),
        squares=sum((amount * amount for amount in amounts), Decimal(0)),
    )


def test_it_is_commission_over_our_clicks():
    epc = epc_of(100, "2.00", "3.00", approved="2.00")
    assert (epc.value, epc.approved) == (Decimal("0.05"), Decimal("0.02"))
    assert Decimal(0) < epc.low < epc.value < epc.high


def test_few_clicks_say_nothing_however_much_was_sold():
    epc = epc_of(FEW_CLICKS - 1, "100.00")
    assert not epc.is_known
    assert epc.value is None
    assert epc.high is None


def test_no_sale_is_known_to_be_nothing_without_a_bound():
    epc = epc_of(100)
    assert epc.value == 0
    assert epc.high is None


def test_corrections_that_outweigh_are_shown_as_they_are():
    epc = epc_of(100, "1.00", "-3.00")
    assert epc.value == Decimal("-0.02")
    assert epc.low is None


def test_one_large_sale_says_less_than_many_small_ones():
    one, many = epc_of(1000, "100"), epc_of(1000, *["1"] * 100)
    assert one.value == many.value
    assert one.high - one.low > 5 * (many.high - many.low)


def test_more_sales_than_clicks_is_no_mistake():
    epc = epc_of(30, *["1.00"] * 40)
    assert epc.value > 1
    assert epc.high is not None


@pytest.mark.parametrize(
    ("successes", "tries", "low", "high"),
    [(0, 30, 0.0, 0.1135), (10, 100, 0.0552, 0.1744), (30, 30, 0.8865, 1)],
)
def test_wilsons_interval_is_that_of_the_books(successes, tries, low, high):
    assert wilson(successes, tries) == pytest.approx((low, high), abs=0.0005)


@given(st.integers(30, 10_000), st.lists(st.decimals("0.01", "500", places=2), max_size=30))
def test_the_value_lies_in_its_interval(clicks, amounts):
    epc = epc_of(clicks, *map(str, amounts))
    if epc.low is not None and len(amounts) < clicks:
        assert epc.low <= epc.value * Decimal("1.000001")
        assert epc.high >= epc.value * Decimal("0.999999")
