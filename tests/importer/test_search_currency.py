"""One rule for live and mirrored searches: the currency is for price ranges, and hides nothing else."""

from collections import Counter
from decimal import Decimal

import pytest

from importer.accounts.accounts import connect_account
from importer.networks import NETWORKS
from importer.networks.contract import ItemQuery
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.search import hits
from tests.importer.make import make_account, make_feed, make_items

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    account = make_account("adtraction", currency="EUR")
    feed = make_feed(account)
    make_items(feed, 3, title="Trail shoe", price=Decimal(100), currency="SEK")
    make_items(feed, 2, title="Trail boot", price=Decimal(100), currency="EUR")
    return account


def search(account, **values):
    return hits.search(account, ItemQuery(currency=account.currency, **values))


def test_a_search_without_a_price_range_shows_every_currency(account):
    result = search(account, keywords="trail")
    assert (result.total, result.notice) == (5, "")


@pytest.mark.parametrize("given", [{"min_price": Decimal(1)}, {"max_price": Decimal(500)}])
def test_a_price_range_is_in_the_currency_of_the_account_and_says_what_it_hides(account, given):
    result = search(account, keywords="trail", **given)
    assert result.total == 2
    assert "Prices are compared in EUR" in result.notice
    assert "Prices are compared in EUR" in search(account, keywords="shoe", **given).notice


def test_a_price_range_that_hides_no_currency_says_nothing(account):
    assert search(account, keywords="boot", min_price=Decimal(1)).notice == ""
    assert search(account, keywords="nothing like it", min_price=Decimal(1)).notice == ""


@pytest.mark.parametrize(("network", "word"), [("tradedoubler", "shoe"), ("tradetracker", "a")])
def test_a_live_search_obeys_the_same_rule(sandbox, network, word):
    account = connect_account(
        network, credentials=DEMO_CREDENTIALS[network], label="Mine", defaults={"currency": "PLN"}
    )
    everything = search(account, keywords=word)
    in_range = search(account, keywords=word, min_price=Decimal(1))

    assert everything.hits
    assert everything.notice == ""
    assert in_range.hits == []
    assert "Prices are compared in PLN" in in_range.notice


def test_a_live_search_stores_programs_with_their_address(sandbox):
    account = connect_account("tradetracker", credentials=DEMO_CREDENTIALS["tradetracker"], label="Mine")
    assert search(account, keywords="a").hits

    assert account.programs.exists()
    assert not account.programs.filter(url="").exists()
    assert account.currency == "EUR"


def test_a_program_that_was_stored_without_its_address_gets_it_by_the_next_search(sandbox):
    account = connect_account("tradetracker", credentials=DEMO_CREDENTIALS["tradetracker"], label="Mine")
    search(account, keywords="a")
    account.programs.update(url="")
    search(account, keywords="a")

    assert not account.programs.filter(url="").exists()


def test_the_command_says_what_the_currency_hides(account, capsys):
    from django.core.management import call_command

    call_command("search", "adtraction", "shoe", min_price=Decimal(1))
    assert "Prices are compared in EUR" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("network", "credentials", "currency"),
    [
        ("adtraction", {"market": "SE"}, "SEK"),
        ("adtraction", {"market": "gb"}, "GBP"),
        ("adtraction", {"market": "UK"}, "GBP"),
        ("adtraction", {"market": " CH "}, "CHF"),
        ("tradetracker", {"locale": "en_GB"}, "GBP"),
        ("tradetracker", {"locale": "sv_SE"}, "SEK"),
        ("tradetracker", {"locale": "nl_NL"}, "EUR"),
    ],
)
def test_an_account_compares_prices_in_the_currency_of_its_market(network, credentials, currency):
    client = NETWORKS[network](DEMO_CREDENTIALS[network] | credentials)

    assert client.market_currency() == currency


@pytest.mark.parametrize("market", ["", "XX", "EU", "<b>"])
def test_a_market_that_there_is_not_has_no_currency(market):
    client = NETWORKS["adtraction"](DEMO_CREDENTIALS["adtraction"] | {"market": market})

    assert client.market_currency() in ("", "EUR")


def test_a_network_without_a_market_takes_the_currency_of_most_of_its_products(sandbox):
    account = connect_account(
        "tradedoubler", credentials=DEMO_CREDENTIALS["tradedoubler"], label="Mine", defaults={}
    )
    counts = Counter()
    for feed in NETWORKS["tradedoubler"](DEMO_CREDENTIALS["tradedoubler"]).fetch_feeds():
        counts[feed.currency] += feed.item_count or 1

    assert account.currency == counts.most_common(1)[0][0]
