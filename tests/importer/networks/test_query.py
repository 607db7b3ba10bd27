"""One query in three forms: the data class, its JSON and its address."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.utils.http import urlencode
from hypothesis import given
from hypothesis import strategies as st

from importer.forms import IndexSearchForm, SearchForm
from importer.networks import NETWORKS
from importer.networks.query import FIELDS, SORTS, VERSION, ItemQuery, QueryError
from importer.search.unobeyed import explain_unobeyed

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
TEXTS = st.lists(TEXT, max_size=4).map(tuple)
PRICES = st.none() | st.decimals(0, 10**9, places=2)
GTINS = st.sampled_from(["", "4006381333931", "04006381333931", "96385074"])
SHARED = {
    "keywords": TEXT,
    "networks": st.lists(st.sampled_from(sorted(NETWORKS)), max_size=3).map(tuple),
    "feed_ids": st.lists(st.integers(1, 2**31), max_size=3).map(tuple),
    **dict.fromkeys(["programs", "shops", "brands", "categories", "ids"], TEXTS),
    **dict.fromkeys(
        ["on_sale", "in_stock", "has_picture", "has_gtin", "not_imported", "blocked"], st.booleans()
    ),
    "gtin": GTINS,
    "new_since": st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    "sort": st.sampled_from(SORTS),
}


@st.composite
def queries(draw, **more) -> ItemQuery:
    """Any query whose range of prices is none that the forms refuse."""
    given = {name: draw(values) for name, values in (SHARED | more).items()}
    low, high = sorted([draw(PRICES), draw(PRICES)], key=lambda price: (price is not None, price))
    if low is None or high is None:
        low, high = high, low
    return ItemQuery(**given, min_price=low, max_price=high)


EVERY_FIELD = {
    "account_id": st.none() | st.integers(1, 2**63 - 1),
    "variants_of": st.none() | st.integers(1, 2**63 - 1),
    "currency": st.sampled_from(["", "EUR", "SEK"]),
}


def test_the_strategy_draws_every_field():
    assert {*SHARED, *EVERY_FIELD, "min_price", "max_price"} == set(FIELDS)


@given(queries(**EVERY_FIELD))
def test_a_query_survives_its_json(query):
    stored = json.loads(json.dumps(query.to_json()))
    assert ItemQuery.from_json(stored) == query


@given(queries(**EVERY_FIELD), st.randoms())
def test_equal_queries_have_equal_json_however_they_were_written(query, chance):
    values = {name: getattr(query, name) for name in FIELDS}
    for name, value in values.items():
        if isinstance(value, tuple):
            values[name] = [*chance.sample(value, len(value)), *value[:1]]
        elif isinstance(value, Decimal):
            values[name] = chance.choice([str(value), value.normalize(), f"{value:f}"])
        elif isinstance(value, str) and name != "sort":
            values[name] = f"  {value} "
    again = ItemQuery(**values)
    assert again == query
    assert json.dumps(again.to_json()) == json.dumps(query.to_json())


@given(queries(currency=st.just("EUR")))
def test_the_page_of_the_mirror_reads_a_query_from_its_address(query):
    form = IndexSearchForm(QueryDict(urlencode(query.to_params())), currencies=["EUR", "SEK"])
    assert form.is_valid(), form.errors
    assert form.get_query() == query


def test_the_page_of_the_mirror_reads_the_variants_of_a_model_from_its_address():
    query = ItemQuery(variants_of=5, sort="price")
    form = IndexSearchForm(QueryDict(urlencode(query.to_params())), currencies=["EUR"])
    assert form.is_valid()
    assert form.get_query() == query


@given(queries(programs=st.lists(st.sampled_from(["1", "2"]), max_size=2).map(tuple)), st.data())
def test_the_page_of_a_network_reads_a_query_from_its_address(query, data):
    query = replace(query, account_id=7, currency="EUR", keywords=query.keywords or "boot")
    programs = SimpleNamespace(values_list=lambda *names: [("1", "One"), ("2", "Two")])
    account = SimpleNamespace(pk=7, currency="EUR", programs=programs)
    form = SearchForm(
        QueryDict(urlencode(query.to_params())), account=account, network=NETWORKS["tradedoubler"]
    )
    assert form.is_valid(), form.errors
    assert form.get_query() == query


def test_the_json_holds_what_is_asked_and_nothing_else():
    query = ItemQuery(keywords="boot", brands=("b", "a"), min_price=Decimal("100.00"), in_stock=True)
    assert query.to_json() == {
        "version": VERSION,
        "keywords": "boot",
        "brands": ["a", "b"],
        "min_price": "100",
        "in_stock": True,
    }
    assert query.asked == {"keywords", "brands", "min_price", "in_stock"}


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({}, "version None"),
        ({"version": 2}, "version 2"),
        ({"version": True}, "version True"),
        ({"version": "1"}, "version 1"),
        ({"version": 1, "colour": "red", "age": 3}, "no field age, colour"),
        ({"version": 1, "keywords": 5}, "keywords is a text"),
        ({"version": 1, "keywords": None}, "keywords is a text"),
        ({"version": 1, "keywords": "a\0b"}, "no character"),
        ({"version": 1, "keywords": "\ud800"}, "no character"),
        ({"version": 1, "keywords": "a" * 501}, "longer than 500"),
        ({"version": 1, "brands": "Ecco"}, "brands is a list"),
        ({"version": 1, "brands": [["Ecco"]]}, "brands is a text"),
        ({"version": 1, "ids": ["1"] * 10_001}, "more than 10,000"),
        ({"version": 1, "feed_ids": [True]}, "number of a row"),
        ({"version": 1, "feed_ids": ["1"]}, "number of a row"),
        ({"version": 1, "account_id": 0}, "number of a row"),
        ({"version": 1, "account_id": 2**63}, "number of a row"),
        ({"version": 1, "min_price": 9.99}, "min_price is an amount"),
        ({"version": 1, "min_price": "NaN"}, "min_price is an amount"),
        ({"version": 1, "min_price": "-1"}, "min_price is an amount"),
        ({"version": 1, "min_price": "1e999999999"}, "min_price is an amount"),
        ({"version": 1, "max_price": "0.001"}, "max_price is an amount"),
        ({"version": 1, "max_price": [1, [1], 0]}, "max_price is an amount"),
        ({"version": 1, "max_price": True}, "max_price is an amount"),
        ({"version": 1, "in_stock": 1}, "in_stock is true or false"),
        ({"version": 1, "in_stock": "on"}, "in_stock is true or false"),
        ({"version": 1, "currency": "eur'"}, "three capital letters"),
        ({"version": 1, "sort": "colour"}, "cannot be sorted by “colour”"),
        ({"version": 1, "gtin": "4006381333932"}, "is no EAN"),
    ],
)
def test_what_is_no_query_is_refused_with_the_reason(stored, reason):
    with pytest.raises(QueryError, match=reason):
        ItemQuery.from_json(stored)


@pytest.mark.parametrize(
    ("network", "values", "sentence"),
    [
        ("tradedoubler", {"keywords": "a", "in_stock": True, "sort": "-price", "currency": "EUR"}, ""),
        ("tradedoubler", {"brands": ("a",)}, "Tradedoubler cannot filter by brand."),
        (
            "tradedoubler",
            {"brands": ("a",), "on_sale": True, "sort": "discount"},
            "Tradedoubler cannot filter by brand or reduction or sort that way.",
        ),
        ("tradedoubler", {"programs": ("1", "2")}, "Tradedoubler cannot filter by more than one program."),
        ("tradedoubler", {"networks": ("tradedoubler",)}, ""),
        ("tradedoubler", {"networks": ("adtraction",)}, "Tradedoubler cannot filter by network."),
        ("tradetracker", {"gtin": "4006381333931"}, "TradeTracker cannot filter by EAN."),
        ("tradetracker", {"gtin": "4006381333931", "keywords": "a"}, ""),
        ("tradetracker", {"keywords": "a", "in_stock": True}, ""),
        ("tradetracker", {"keywords": "a", "sort": "price"}, "TradeTracker cannot sort that way."),
        ("adtraction", {"keywords": "a"}, "Adtraction cannot filter by keyword."),
    ],
)
def test_a_network_says_in_one_sentence_what_it_cannot_obey(network, values, sentence):
    network = NETWORKS[network]
    assert explain_unobeyed(network, network.unobeyed(ItemQuery(**values))) == sentence


def test_every_filter_has_a_word():
    for name in set(FIELDS) - {"account_id"}:
        assert explain_unobeyed(NETWORKS["adtraction"], {name})
