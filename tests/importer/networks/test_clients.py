"""What all three clients promise, over HTTP with the sandbox: data, or one error that reads as a sentence."""

import logging
import re
import traceback

import pytest

from importer.networks import NETWORKS
from importer.networks.contract import (
    Capability,
    ItemQuery,
    NetworkError,
    NetworkUnavailable,
    SearchNotSupported,
)
from importer.sandbox.credentials import DEMO_CREDENTIALS
from importer.sentences import say

SLUGS = list(NETWORKS)
SEARCHING = [slug for slug in SLUGS if NETWORKS[slug].sorts]
PATHS = {"tradedoubler": "/tradedoubler/", "adtraction": "/adtraction/", "tradetracker": "/tradetracker/"}
all_networks = pytest.mark.parametrize("slug", SLUGS)
searching_networks = pytest.mark.parametrize("slug", SEARCHING)


@all_networks
def test_credential_fields_have_the_names_of_the_command(slug):
    fields = NETWORKS[slug].credential_fields[Capability.SEARCH]

    assert set(fields) == set(DEMO_CREDENTIALS[slug])
    assert all(field.label and field.help_text for field in fields.values())
    for name, field in fields.items():
        assert field.clean(DEMO_CREDENTIALS[slug][name]) == DEMO_CREDENTIALS[slug][name]


@all_networks
def test_good_credentials_pass(connect, slug):
    connect(slug).check()


@all_networks
def test_programs_and_feeds_belong_together(connect, slug):
    network = connect(slug)
    programs = {program.external_id: program for program in network.fetch_programs()}
    feeds = list(network.fetch_feeds())

    assert programs
    assert feeds
    for feed in feeds:
        assert feed.program_id in programs
        assert re.fullmatch("[A-Z]{3}", feed.currency)
        assert feed.item_count > 0
        assert feed.network_updated_at.tzinfo is not None


@all_networks
def test_a_feed_comes_whole(connect, slug):
    network = connect(slug)
    feed = next(network.fetch_feeds())
    items = list(network.fetch_items(feed))

    assert len(items) == feed.item_count
    # A few identifiers come twice (docs/networks/tradetracker.md 5): who stores them keeps one.
    assert 0 <= len(items) - len({item.external_id for item in items}) <= 3
    for item in items:
        assert item.feed_id == feed.external_id
        assert item.program_id == feed.program_id
        assert item.shop_name
        assert item.old_price is None or item.old_price > item.price
        assert item.price is None or item.currency
        assert bool(item.problem) == (not (item.title and item.price and item.tracking_url))


@searching_networks
def test_a_hit_and_its_feed_row_are_the_same_item(connect, slug):
    network = connect(slug)
    feed = next(network.fetch_feeds())
    rows = {item.external_id: item for item in network.fetch_items(feed)}
    hits = network.search(ItemQuery(programs=(feed.program_id,)), page_size=20).items

    assert len(hits) == 20
    for hit in hits:
        row = rows[hit.external_id]
        assert (hit.feed_id, hit.title, hit.price, hit.shop_name) == (
            row.feed_id,
            row.title,
            row.price,
            row.shop_name,
        )


@searching_networks
def test_pages_follow_each_other(connect, slug):
    network = connect(slug)
    first, second = (network.search(ItemQuery(), page, 10) for page in (1, 2))

    assert first.has_next
    assert len(first.items) == len(second.items) == 10
    assert not {item.external_id for item in first.items} & {item.external_id for item in second.items}


@searching_networks
def test_prices_and_words_filter(connect, slug):
    network = connect(slug)
    word = network.search(ItemQuery(), page_size=1).items[0].title.split()[0]
    page = network.search(ItemQuery(keywords=word, min_price=20, max_price=200), page_size=50)

    assert page.items
    for item in page.items:
        assert word.lower() in f"{item.title} {item.description} {item.brand}".lower()
        assert item.problem or 15 <= item.price <= 250  # sale prices stand below what the network compares


@searching_networks
def test_categories_filter(connect, slug):
    network = connect(slug)
    category = network.fetch_categories()[-1]
    page = network.search(ItemQuery(categories=(category,)))

    assert page.items


@searching_networks
def test_nothing_found_is_an_empty_page(connect, slug):
    page = connect(slug).search(ItemQuery(keywords="xyzzy plugh"))

    assert (page.items, page.has_next, page.notice) == ((), False, None)


def test_adtraction_has_no_search(connect):
    with pytest.raises(SearchNotSupported, match="^no_search network='Adtraction'"):
        connect("adtraction").search(ItemQuery(keywords="shoe"))


WRONG = [
    ("tradedoubler", {"token": "0" * 40}, "Tradedoubler refused the token: "),
    ("adtraction", {"token": "0" * 40}, "Adtraction refused the credentials"),
    ("adtraction", {"channel_id": "1"}, "Adtraction refused"),
    (
        "tradetracker",
        {"passphrase": "wrong"},
        "refused the customer ID or the passphrase: Failed to authenticate",
    ),
    (
        "tradetracker",
        {"affiliate_site_id": "1"},
        "TradeTracker knows no affiliate site 1 of yours. Yours: 51000",
    ),
]


@pytest.mark.parametrize(
    ("slug", "changes", "words"), WRONG, ids=[f"{slug} {next(iter(changes))}" for slug, changes, _ in WRONG]
)
def test_wrong_credentials_are_refused_in_words(connect, slug, changes, words):
    with pytest.raises(NetworkError) as caught:
        connect(slug, **changes).check()
    assert words in say(caught.value)
    assert not isinstance(caught.value, NetworkUnavailable)


FAULTS = [
    ({"status": 500}, "server_problem"),
    ({"status": 503}, "server_problem"),
    ({"status": 429, "headers": {"Retry-After": "300"}}, "rate_limited"),
    ({"delay": 2}, "no_answer_in_time"),
    ({"cut_after": 40}, "answer_cut"),
    ({"body": "json"}, "not_json|not_xml|unknown_form|no_list|no_json"),
    ({"body": "xml"}, "not_json|no_json|not_xml"),
    ({"body": "html"}, "web_page"),
    ({"body": "empty"}, "empty_answer"),
]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("how", "codes"), FAULTS, ids=[str(how) for how, _ in FAULTS])
@all_networks
def test_a_network_in_trouble_is_unavailable(connect, fault, slug, how, codes):
    network = connect(slug)
    network.check()  # the service description is loaded, the session open
    fault(path=PATHS[slug], **how)

    with pytest.raises(NetworkUnavailable) as caught:
        list(network.fetch_feeds())
    assert caught.value.code in codes.split("|")
    assert "Try again in" in say(caught.value)
    assert NETWORKS[slug].label in say(caught.value)


LOGIN = "<!DOCTYPE html><html><body><form><input name=p type='password'></form></body></html>"
REFUSED = [
    ({"status": 401}, "check the account's settings"),
    ({"status": 403}, "ask the network for access"),
    ({"status": 404}, "it may be closed or removed"),
    ({"status": 410}, "Trying again does not help"),
    ({"status": 400, "body": ""}, "Trying again does not help"),
    ({"status": 200, "body": LOGIN}, "sent a login page instead of data. Trying again does not help"),
    ({"status": 200, "body": LOGIN.replace("'", "")}, "check the account's settings"),
]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("how", "words"), REFUSED, ids=[str(how) for how, _ in REFUSED])
@all_networks
def test_a_refusal_says_that_no_later_try_helps(connect, fault, slug, how, words):
    network = connect(slug)
    network.check()
    fault(path=PATHS[slug], **how)

    with pytest.raises(NetworkError) as caught:
        list(network.fetch_feeds())
    assert not isinstance(caught.value, NetworkUnavailable)
    assert words in say(caught.value)
    assert "Try again in" not in say(caught.value)


@pytest.mark.usefixtures("impatient")
@all_networks
def test_half_a_feed_is_an_error(connect, fault, slug):
    network = connect(slug)
    feed = next(network.fetch_feeds())
    path = {"tradedoubler": "/tradedoubler/1.0/files/"}.get(slug, PATHS[slug])
    fault(path=path, cut_after=3_000)

    with pytest.raises(NetworkUnavailable):
        list(network.fetch_items(feed))


@all_networks
def test_a_short_trouble_goes_unnoticed(connect, fault, slug):
    network = connect(slug)
    network.check()
    fault(path=PATHS[slug], status=503, times=1)

    assert list(network.fetch_feeds())


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "how", [{"status": 500}, {"status": 403}, {"body": "html"}, {"cut_after": 10}, {"delay": 2}], ids=str
)
@all_networks
def test_secrets_appear_nowhere(connect, fault, caplog, slug, how):
    caplog.set_level(logging.DEBUG)
    network = connect(slug)
    secrets = network.secrets()
    fault(path=PATHS[slug], **how)

    with pytest.raises(NetworkError) as caught:
        network.check()
    said = (
        "".join(traceback.format_exception(caught.value)) + caplog.text + repr(network) + repr(network.http)
    )

    assert secrets
    assert [secret for secret in secrets if secret in said] == []
