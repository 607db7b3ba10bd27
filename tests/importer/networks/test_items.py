"""An item of raw values: its currency and its old price, whatever the columns say."""

from decimal import Decimal

import pytest

from importer.networks.contract import FeedData
from importer.networks.items import make_item


def make(price="12,95", currency="", feed_currency="EUR", **values):
    feed = FeedData(external_id="1", name="Shop", currency=feed_currency)
    values = {"title": "Lamp", "link": "https://shop.example/1", "external_id": "1"} | values
    return make_item(feed_id="1", price=price, currency=currency, feed=feed, **values)


@pytest.mark.parametrize(
    ("column", "feed_currency", "expected"),
    [
        ("€", "EUR", "EUR"),
        ("Euro", "SEK", "EUR"),
        ("EUR (€)", "EUR", "EUR"),
        ("978", "SEK", "EUR"),
        ("752", "EUR", "SEK"),
        ("kr", "NOK", "NOK"),
        ("kr.", "DKK", "DKK"),
        ("zł", "EUR", "PLN"),
        ("N/A", "EUR", "EUR"),
        ("-", "SEK", "SEK"),
        ("null", "EUR", "EUR"),
        ("geen", "EUR", "EUR"),
    ],
)
def test_a_currency_column_is_read_in_the_light_of_the_feed(column, feed_currency, expected):
    item = make(currency=column, feed_currency=feed_currency)
    assert (item.price, item.currency, item.problem) == (Decimal("12.95"), expected, "")


@pytest.mark.parametrize(
    ("price", "column", "feed_currency"),
    [
        ("12,95", "kr", "EUR"),
        ("12,95", "$", "EUR"),
        ("12,95", "XXX", "EUR"),
        ("12,95", "XAU", "EUR"),
        ("12,95", "points", "EUR"),
        ("12,95 €", "SEK", "SEK"),
        ("12,95 kr", "", "EUR"),
        ("12,95 €/kg", "", "EUR"),
        ("12,95", "", ""),
    ],
)
def test_a_price_whose_currency_is_in_doubt_makes_the_row_bad(price, column, feed_currency):
    item = make(price, column, feed_currency)
    assert item.price is None or not item.currency
    assert item.problem


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (["15,95", "19,95"], "19.95"),
        (["1995", "15,95"], "15.95"),
        (["12,95", "9,95"], None),
        (["19,95 SEK", "15,95"], "15.95"),
        (["", None], None),
    ],
)
def test_the_greatest_old_price_that_can_be_one_counts(claims, expected):
    item = make(old_prices=claims)
    assert item.old_price == (expected and Decimal(expected))


def test_a_name_with_letters_that_nobody_can_read_makes_the_row_bad():
    item = make(
        title="Gr\ufffdn stol", brand="\ufffdrsted", category="Hem > M\ufffdbler", description="Sk\ufffdn"
    )
    assert "cannot be read for sure: “Gr\ufffdn stol”" in item.problem
    assert (item.brand, item.category, item.description) == ("", "", "")
    assert make(title="Stol \ufffd grön", description="A \ufffd B").title == "Stol grön"
