"""TradeTracker: columns whatever the shop calls them, cookie sessions, and SOAP that may be anything."""

from decimal import Decimal
from types import SimpleNamespace

import pytest

from importer.http.client import Http
from importer.networks.columns import field_key
from importer.networks.contract import FeedData, ItemQuery, NetworkError, NetworkUnavailable
from importer.networks.tradetracker import client as tradetracker
from importer.networks.tradetracker import service
from importer.networks.tradetracker.products import LOCALE_CURRENCIES, parse_product
from importer.networks.tradetracker.service import rows_of

TC = "https://tc.tradetracker.net/?c=1234&m=91001&a=51000&r=&u=https%3A%2F%2Fwinkel.example%2Fkz9"


def product(extras=None, **changes):
    """Compose a FeedProduct as zeep gives it."""
    additional = None
    if extras is not None:
        additional = [SimpleNamespace(name=name, value=value) for name, value in extras.items()]
    values = {
        "identifier": "KZ-9",
        "name": "Koffiezetter 9",
        "productCategoryName": None,
        "description": "Zet koffie &amp;amp; thee",
        "price": 49.95,
        "productURL": TC,
        "imageURL": "https://winkel.example/kz9.jpg",
        "additional": additional,
    }
    return SimpleNamespace(**values | changes)


def parse(extras=None, **changes):
    return parse_product(product(extras, **changes), "EUR", campaign_names={"1234": "Winkel NL"})


def test_a_product_becomes_an_item():
    item = parse({"EAN": "4006381333931", "currency": "GBP", "merk": "Hult"})

    assert (item.feed_id, item.external_id, item.program_id) == ("91001", "KZ-9", "1234")
    assert (item.shop_name, item.title, item.brand) == ("Winkel", "Koffiezetter 9", "Hult")
    assert (item.price, item.currency, item.gtin) == (Decimal("49.95"), "GBP", "4006381333931")
    assert (item.description, item.category, item.in_stock) == ("Zet koffie &amp; thee", "", None)
    assert (item.product_url, item.tracking_url) == ("https://winkel.example/kz9", TC)
    assert item.problem == ""


@pytest.mark.parametrize(
    ("extras", "name", "value"),
    [
        *[
            ({key: "4006381333931"}, "gtin", "4006381333931")
            for key in ("EAN", "ean", "gtin", "GTIN", "extra_ean")
        ],
        ({"EAN": "0000000000000", "upc": "036000291452"}, "gtin", "0036000291452"),
        *[({key: "59,90"}, "old_price", Decimal("59.90")) for key in ("fromPrice", "extra_Streichpreis")],
        *[({key: "59.90 EUR"}, "old_price", Decimal("59.90")) for key in ("Adviesprijs", "price_old")],
        ({"fromPrice": "39,90"}, "old_price", None),
        ({"fromPrice": "59,90 GBP"}, "old_price", None),
        ({"sale_price": "39,90"}, "price", Decimal("39.90")),
        ({"sale_price": "39,90"}, "old_price", Decimal("49.95")),
        *[({key: "368"}, "in_stock", True) for key in ("stock", "extra_stock", "voorraad")],
        ({"availability": "Niet op voorraad"}, "in_stock", False),
        *[
            ({key: "4,95"}, "shipping", Decimal("4.95"))
            for key in ("deliveryCosts", "shippingcost", "shipping")
        ],
        ({"valuta": "sek"}, "currency", "SEK"),
        ({"currency": "euro", "valuta": "DKK"}, "currency", "DKK"),
        ({"Marke": "Hult"}, "brand", "Hult"),
        ({"brand": "N/A"}, "brand", ""),
        ({"category": "Keuken > Koffie"}, "category", "Keuken > Koffie"),
        ({"colour": "zwart", "size": None}, "attributes", {"colour": "zwart"}),
        (
            {"imageURLlarge": "https://winkel.example/big.jpg"},
            "image_urls",
            ("https://winkel.example/big.jpg", "https://winkel.example/kz9.jpg"),
        ),
        (None, "currency", "EUR"),
        ({}, "gtin", ""),
    ],
    ids=str,
)
def test_columns_are_found_whatever_they_are_called(extras, name, value):
    assert getattr(parse(extras), name) == value


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": None}, "has no name"),
        ({"price": None}, "has no price"),
        ({"price": 0.0}, "has no price"),
        ({"price": float("nan")}, "has no price"),
        ({"price": -3.0}, "the price “-3.0” cannot be read"),
        ({"productURL": None}, "has no link that can be used"),
        ({"identifier": None}, "has no id"),
    ],
    ids=str,
)
def test_an_unfit_item_says_why(changes, problem):
    assert parse(**changes).problem == problem


def test_a_deep_link_names_no_feed_but_the_feed_is_known_where_it_was_asked_for():
    feed = FeedData(external_id="91001", name="x", program_id="1234", program_name="Winkel NL")
    link = TC.replace("m=91001", "m=12")

    assert parse(productURL=link).feed_id == "1234"
    assert parse_product(product(productURL=link), "EUR", feed).feed_id == "91001"


def test_a_shop_without_a_name_goes_by_its_host():
    assert parse_product(product(), "EUR").shop_name == "winkel.example"


def test_every_locale_has_its_currency():
    assert len(LOCALE_CURRENCIES) == 21
    assert (LOCALE_CURRENCIES["nb_NO"], LOCALE_CURRENCIES["nl_NL"]) == ("NOK", "EUR")


def test_column_names_lose_prefix_case_and_accents():
    names = ("extra_Streichpreis", "(field)Sale Price", "Märke", "image_url")
    assert [field_key(name) for name in names] == ["streichpreis", "saleprice", "marke", "imageurl"]


def test_rows_are_found_in_every_wrapping():
    assert rows_of(None) == rows_of([]) == rows_of([None]) == []
    assert rows_of([1, 2]) == [1, 2]
    assert rows_of("one") == ["one"]


# --- Requests --------------------------------------------------------------------------------------
def test_a_lapsed_session_is_opened_again(connect, control):
    network = connect("tradetracker")
    network.check()
    network.http.session.cookies.clear()

    assert list(network.fetch_programs())


def test_a_wrong_request_is_not_repeated_for_ever(connect, control):
    network = connect("tradetracker")
    network.check()
    before = len(control("requests"))

    with pytest.raises(NetworkError, match="^fault .*Feed does not exist"):
        list(network.fetch_items(FeedData(external_id="999999", name="x")))
    assert len(control("requests")) - before == 3  # the call, a new login, the call again


def test_a_session_is_opened_once(connect, control):
    network = connect("tradetracker")
    list(network.fetch_programs())
    before = len(control("requests"))
    list(network.fetch_programs())

    assert len(control("requests")) - before == 1


def test_the_service_description_is_loaded_once_per_process(connect, control):
    for _ in range(2):
        connect("tradetracker").check()

    assert len([one for one in control("requests") if "wsdl" in one["target"].lower()]) <= 1


def test_a_broken_service_description_is_not_kept(connect, fault, control):
    service.service_description.cache_clear()
    fault(path="/tradetracker/", body="html", status=200, times=1)
    with pytest.raises(NetworkUnavailable, match="^web_page_for_description"):
        connect("tradetracker").check()

    connect("tradetracker").check()


def test_feeds_longer_than_a_page_come_whole(connect, monkeypatch):
    monkeypatch.setattr(tradetracker, "PAGE_SIZE", 50)
    network = connect("tradetracker")
    feed = next(network.fetch_feeds())

    assert feed.item_count > 100
    assert feed.item_count - len(list(network.fetch_items(feed))) <= 3


def test_search_knows_the_shops_names(connect, control):
    network = connect("tradetracker")
    programs = {program.external_id: program.name for program in network.fetch_programs()}
    items = network.search(ItemQuery(), page_size=30).items

    assert items
    assert all(item.shop_name == programs[item.program_id].removesuffix(" DE") for item in items)
    before = len(control("requests"))
    connect("tradetracker").search(ItemQuery(), page_size=5)
    assert len(control("requests")) - before == 2  # a login and a search: the names are remembered


def test_filters_the_service_lacks_are_applied_here(connect):
    network = connect("tradetracker")
    items = network.search(ItemQuery(), page_size=100).items
    word, gtin = next((item.title.split()[0], item.gtin) for item in items if item.gtin)

    assert False in {item.in_stock for item in items}
    assert False not in {
        item.in_stock for item in network.search(ItemQuery(in_stock=True), page_size=100).items
    }
    assert {item.gtin for item in network.search(ItemQuery(keywords=word, gtin=gtin)).items} == {gtin}
    assert network.search(ItemQuery(currency="SEK")).items == ()
    assert network.search(ItemQuery(currency="SEK")).total == 0
    assert network.unobeyed(ItemQuery(gtin=gtin)) == {"gtin"}
    assert network.unobeyed(ItemQuery(gtin=gtin, keywords=word)) == set()
    assert network.search(ItemQuery(programs=("x",))).items == ()


def test_a_page_is_full_although_filters_leave_hits_out(connect):
    network = connect("tradetracker")
    everything = list(network.fetch_matches(ItemQuery(keywords="a")))
    available = [item for item in everything if item.in_stock is not False]
    pages = [network.search(ItemQuery(keywords="a", in_stock=True), page_size=20, page=n) for n in (1, 2)]

    assert 40 < len(available) < len(everything)
    assert [len(page.items) for page in pages] == [20, 20]
    assert [item.external_id for page in pages for item in page.items] == [
        item.external_id for item in available[:40]
    ]


def test_a_last_page_counts(connect):
    network = connect("tradetracker")
    word = next(item.title for item in network.search(ItemQuery(), page_size=5).items if item.title)
    page = network.search(ItemQuery(keywords=word), page_size=100)

    assert not page.has_next
    assert page.total == len(page.items) > 0
    assert network.search(ItemQuery(), page_size=5).total is None
    assert network.search(ItemQuery(keywords="nobody sells this")).total == 0


def test_the_currency_follows_the_locale_where_none_is_named(connect):
    item = connect("tradetracker").search(ItemQuery(), page_size=1).items[0]

    assert item.currency == "EUR"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Envelope>&b;</Envelope>', id="entity"
        ),
        pytest.param("<Envelope><Body>", id="cut XML"),
        pytest.param("<Envelope><Body/></Envelope>", id="no SOAP"),
        pytest.param("Envelope", id="no XML"),
    ],
)
def test_odd_answers_are_unavailable(connect, fault, body):
    network = connect("tradetracker")
    network.check()
    fault(path="/tradetracker/", body=body, status=200)

    with pytest.raises(NetworkUnavailable, match="^other_xml "):
        list(network.fetch_feeds())


def test_local_files_are_never_loaded():
    transport = service.GuardedTransport(Http(name="TradeTracker"))

    for address in ("file:///etc/passwd", "/etc/passwd", ""):
        with pytest.raises(NetworkError, match="^local_file"):
            transport.load(address)
