from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from catalog.lib.money import format_money


@pytest.mark.parametrize(
    ("language", "price", "currency", "expected"),
    [
        pytest.param("en", "1299.90", "EUR", "€1,299.90", id="english"),
        pytest.param("de", "1299.90", "EUR", "1.299,90 €", id="german"),
        pytest.param("sv", "1299.90", "SEK", "1 299,90 kr", id="swedish"),
        pytest.param("nl", "19.9", "EUR", "€ 19,90", id="dutch"),
        pytest.param("en", "5", "XQX", "XQX 5.00", id="unknown currency"),
        pytest.param("en", "1299", "SEK", "SEK 1,299.00", id="code before the digits"),
        pytest.param("en", "1000", "JPY", "¥1,000", id="no minor unit"),
        pytest.param("tlh", "5", "EUR", "€5.00", id="language babel does not know"),
    ],
)
def test_money_reads_as_the_language_writes_it(language, price, currency, expected):
    with translation.override(language):
        written = format_money(Decimal(price), currency)
    assert " " not in written
    assert written.replace("\N{NO-BREAK SPACE}", " ") == expected


def test_the_filter_shows_nothing_where_there_is_no_price():
    template = Template("{% load money %}[{{ price|money:currency }}]")
    assert template.render(Context({"price": None, "currency": "EUR"})) == "[]"
