"""Tradedoubler: its products as they come, its four ways to say no, the cap and the file in the making."""

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from importer.networks.contract import ItemQuery, NetworkError, NetworkUnavailable
from importer.networks.tradedoubler import client as tradedoubler
from importer.networks.tradedoubler.answers import error_of
from importer.networks.tradedoubler.client import Tradedoubler
from importer.networks.tradedoubler.products import current_price, parse_product
from importer.sentences import say

LINK = "https://pdt.tradedoubler.com/click?a(3100001)p(290001)product(31105-TR3-42)ttid(3)url(https%3A%2F%2Fs.example%2Ftr3)"


def product(offer=(), **changes):
    """Compose a product with one offer, as the search answers."""
    price = {"price": {"value": "1099.00", "currency": "SEK"}, "date": 1719830400000}
    return {
        "name": "Trail runner 3 &amp; laces",
        "description": "Light shoe.<br/>Two colours",
        "brand": "Nordfjell",
        "productImage": {"url": "https://img.example/tr3.jpg,https://img.example/tr3-b.jpg"},
        "identifiers": {"ean": "7312345000014", "sku": "TR3-42"},
        "categories": [{"name": "Skor > Löpning", "id": 71, "tdCategoryName": "Sports shoes"}],
        "fields": [],
        "offers": [
            {
                "feedId": 31105,
                "sourceProductId": "TR3-42",
                "id": "5f01ff7d-426b-4f3c-9439-51bfd7362e8e",
                "programName": "Nordfjell SE",
                "productUrl": LINK,
                "priceHistory": [price],
                "availability": "in_stock",
                "shippingCost": "49",
                **dict(offer),
            }
        ],
    } | changes


def parse(offer=(), **changes):
    (item,) = parse_product(product(offer, **changes))
    return item


def test_a_product_becomes_an_item():
    item = parse()

    assert (item.feed_id, item.external_id, item.program_id) == ("31105", "TR3-42", "290001")
    assert (item.title, item.shop_name, item.brand) == ("Trail runner 3 & laces", "Nordfjell", "Nordfjell")
    assert (item.price, item.old_price, item.currency) == (Decimal("1099.00"), None, "SEK")
    assert (item.shipping, item.gtin, item.in_stock) == (Decimal("49.00"), "7312345000014", True)
    assert (item.category, item.description) == ("Skor > Löpning", "Light shoe.<br>Two colours")
    assert item.image_urls == ("https://img.example/tr3.jpg", "https://img.example/tr3-b.jpg")
    assert (item.tracking_url, item.product_url) == (LINK, "https://s.example/tr3")
    assert item.attributes["sku"] == "TR3-42"
    assert item.problem == ""


@pytest.mark.parametrize(
    ("fields", "price", "old_price"),
    [
        pytest.param({"sale_price": "899.00 SEK"}, 899, 1099, id="sale price with a unit"),
        pytest.param({"(field)Sale Price": "899,00"}, 899, 1099, id="name of the CSV column"),
        pytest.param({"New Price": "899", "original price": "1199"}, 899, 1199, id="new and original price"),
        pytest.param({"strike_price": "1299.00"}, 1099, 1299, id="strike price"),
        pytest.param({"Prevoius_price": "1299"}, 1099, 1299, id="misspelt"),
        pytest.param({"price_without_discount": "1099.00"}, 1099, None, id="no discount"),
        pytest.param({"raw_price": "999"}, 1099, None, id="old price below the price"),
        pytest.param({"sale_price": "1199"}, 1099, None, id="sale price above the price"),
        pytest.param({"sale_price": "0.00"}, 1099, None, id="no sale"),
        pytest.param({"sale_price": "89.00 EUR"}, 1099, None, id="another currency"),
        pytest.param({"sale_price": "soon"}, 1099, None, id="not a price"),
        pytest.param({"colour": None}, 1099, None, id="field without value"),
    ],
)
def test_the_sale_price_is_in_the_fields(fields, price, old_price):
    listed = [{"name": name, "value": value} if value else {"name": name} for name, value in fields.items()]
    item = parse(fields=listed)

    assert (item.price, item.old_price) == (price, old_price)


def test_the_current_price_has_the_greatest_date():
    entries = [
        {"price": {"value": "3"}, "date": 300},
        {"price": {"value": "5"}, "date": "2024-01-01T00:00:00Z"},
        {"price": {"value": "4"}, "date": 100},
    ]

    assert current_price({"priceHistory": entries})[0] == {"value": "5"}
    assert current_price({"priceHistory": [entries[0], {"price": {"value": "9"}, "date": 300}]})[0] == {
        "value": "9"
    }
    assert current_price({"priceHistory": [{"price": {"value": "9"}}]})[0] == {"value": "9"}
    assert current_price({"priceHistory": None}) == ({}, None)


def priced(value):
    return {"priceHistory": [{"price": {"value": value, "currency": "SEK"}, "date": 1}]}


@pytest.mark.parametrize(
    ("offer", "changes", "problem"),
    [
        pytest.param({}, {"name": None}, "has no name", id="no name"),
        pytest.param({"priceHistory": []}, {}, "has no price", id="no price"),
        pytest.param(priced("0.00"), {}, "has no price", id="zero"),
        pytest.param(priced("abc"), {}, "the price “abc” cannot be read", id="word"),
        pytest.param(priced("NaN"), {}, "has no price", id="NaN"),
        pytest.param(priced("-5"), {}, "the price “-5” cannot be read", id="negative"),
        pytest.param(
            {"productUrl": "javascript:alert(1)"}, {}, "has no link that can be used", id="javascript"
        ),
        pytest.param({"productUrl": None}, {}, "has no link that can be used", id="no link"),
        pytest.param({"sourceProductId": None, "id": None}, {}, "has no id", id="no id"),
    ],
)
def test_an_unfit_item_says_why(offer, changes, problem):
    assert parse(offer, **changes).problem == problem


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"categories": []}, "category", ""),
        ({"categories": [{"tdCategoryName": "Sports shoes"}]}, "category", "Sports shoes"),
        ({"brand": "Nenurodyta"}, "brand", ""),
        ({"brand": None, "manufacturer": "Hult"}, "brand", "Hult"),
        ({"identifiers": {}, "fields": [{"name": "EAN", "value": "7312345000014"}]}, "gtin", "7312345000014"),
        ({"identifiers": {"ean": 0, "upc": "036000291452"}}, "gtin", "0036000291452"),
        ({"identifiers": None}, "gtin", ""),
        ({"productImage": None}, "image_urls", ()),
        ({"fields": None}, "old_price", None),
    ],
    ids=str,
)
def test_missing_parts_are_empty(changes, name, value):
    assert getattr(parse(**changes), name) == value


@pytest.mark.parametrize(
    ("offer", "in_stock"),
    [
        ({"availability": "N"}, False),
        ({"availability": "", "inStock": 12}, True),
        ({"availability": None, "inStock": 0}, False),
        ({"availability": "soon"}, None),
    ],
)
def test_stock_comes_from_words_or_a_number(offer, in_stock):
    assert parse(offer).in_stock is in_stock


def test_grouped_offers_are_items_of_their_own():
    grouped = product()
    grouped["offers"].append(grouped["offers"][0] | {"feedId": 7, "sourceProductId": "B"})

    assert [(item.feed_id, item.external_id) for item in parse_product(grouped)] == [
        ("31105", "TR3-42"),
        ("7", "B"),
    ]


def test_a_single_offer_may_stand_without_its_list():
    alone = product()
    alone["offers"] = alone["offers"][0]

    assert [item.external_id for item in parse_product(alone)] == ["TR3-42"]


# --- Errors ----------------------------------------------------------------------------------------
ENVELOPES = [
    (
        "plain text",
        403,
        "2: Token not authorized for request.",
        NetworkError,
        "Tradedoubler refused the token: Token not auth",
    ),
    (
        "list of errors",
        400,
        '{"errors":[{"code":"PF_392","message":"Requester is not connected to Feed (5)"}]}',
        NetworkError,
        r"Feed not connected yet.*: Requester is not connected to Feed \(5\)\.",
    ),
    (
        "bare code",
        429,
        '{"code":"429","message":"Request Quota exceeded. Feed has not been updated recently"}',
        NetworkUnavailable,
        "Request Quota exceeded. Feed has not been updated recently. Try again in 3 hours",
    ),
    ("statuscode", 401, '{"message":"Bad token","statuscode":4001}', NetworkError, "credentials: Bad token"),
    ("empty", 400, "", NetworkError, "it gave no reason"),
    ("an error with status 200", 200, '{"errors":[{"code":"PF_1","message":"No"}]}', NetworkError, "No"),
]


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"), [pytest.param(*row[1:], id=row[0]) for row in ENVELOPES]
)
def test_every_envelope_of_errors_is_read(connect, fault, status, body, kind, words):
    fault(path="/tradedoubler/", status=status, body=body or "empty", headers={"Connection": "close"})

    with pytest.raises(NetworkError) as caught:
        connect("tradedoubler").check()
    assert re.search(words, say(caught.value))
    assert type(caught.value) is kind


def test_data_is_not_an_error():
    assert error_of('{"feeds": []}') == error_of('{"products": []}') == error_of("[]") == ("", "")


# --- Search ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "name|description|price\nLamp|Red|19.95\n",
            "not valid JSON: it begins with “name|description|price",
        ),
        ('{"productHeader": {"totalHits": 5}}', "no list of products"),
        ('{"products": "name;price"}', "no list of products"),
    ],
    ids=["csv", "no products", "products as text"],
)
def test_an_answer_without_products_as_json_is_an_error_and_no_empty_page(connect, fault, body, words):
    fault(path="/tradedoubler/1.0/products.json", status=200, body=body, headers={"Connection": "close"})

    with pytest.raises(NetworkUnavailable) as caught:
        connect("tradedoubler").search(ItemQuery(keywords="lamp"))
    assert words in say(caught.value)


def test_keys_go_into_the_matrix():
    url = Tradedoubler({"token": "x"})._url("products", q="röd, skor;x", fid=["1", "2"], ean="", page=2)

    assert url.endswith("/products.json;q=r%C3%B6d%252C%20skor%3Bx;fid=1,2;page=2")


def test_lists_that_only_help_to_search_are_asked_for_once(connect, control):
    network = connect("tradedoubler")
    query = ItemQuery(
        categories=(network.fetch_categories()[0],), programs=(next(network.fetch_programs()).external_id,)
    )
    network.search(query)
    before = len(control("requests"))
    connect("tradedoubler").search(query)

    assert len(control("requests")) - before == 1


def test_the_cap_is_said_and_not_crossed(connect, control):
    network = connect("tradedoubler")
    page = network.search(ItemQuery(), page=11, page_size=100)

    assert "first 1,000 hits" in say(page.notice)
    assert not page.has_next
    assert control("requests") == [] or all("page=11" not in one["target"] for one in control("requests"))


def test_all_matches_come_past_the_cap(connect, monkeypatch):
    monkeypatch.setattr(tradedoubler, "MAX_HITS", 200)
    network = connect("tradedoubler")
    query = ItemQuery(min_price=Decimal(10))
    total = network.search(query).total
    items = list(network.fetch_matches(query))

    assert total > 800
    assert len({(item.feed_id, item.external_id) for item in items}) == len(items)
    assert total - len(items) <= total // 50  # hits without a price are in no band


def test_results_are_sorted_by_price(connect):
    network = connect("tradedoubler")
    cheap, dear = (network.search(ItemQuery(sort=sort), page_size=50).items for sort in ("price", "-price"))

    assert max(item.price for item in cheap if item.price) < min(item.price for item in dear if item.price)


def test_a_gtin_finds_its_items(connect):
    network = connect("tradedoubler")
    gtin = next(item.gtin for item in network.search(ItemQuery()).items if item.gtin)
    hits = network.search(ItemQuery(gtin=gtin)).items

    assert {item.gtin for item in hits} == {gtin}


def test_in_stock_finds_shops_that_say_it_in_words_and_fills_the_pages(connect):
    network = connect("tradedoubler")
    query = ItemQuery(keywords="shoe")
    everything = list(network.fetch_matches(query))
    available = {(item.feed_id, item.external_id) for item in everything if item.in_stock is not False}
    query = replace(query, in_stock=True)

    assert 0 < len(available) < len(everything)
    assert {(item.feed_id, item.external_id) for item in network.fetch_matches(query)} == available
    first, last = (network.search(query, page, 10) for page in (1, -(-len(available) // 10)))
    assert len(first.items) == 10
    assert first.has_next
    assert not last.has_next
    assert last.total == len(available)
    assert {item.in_stock for item in (*first.items, *last.items)} <= {True, None}
    assert network.search(query, page=100, page_size=25).items == ()


def test_a_shop_that_gives_no_number_of_what_it_has_is_in_stock_by_its_words(connect, fault):
    hit = product(offer={"availability": "Op voorraad"}, name="Kettle")
    gone = product(offer={"availability": "uitverkocht", "sourceProductId": "2", "inStock": 5})
    body = json.dumps({"productHeader": {"totalHits": 2}, "products": [hit, gone]})
    fault(path="/tradedoubler/1.0/products.json", status=200, body=body)

    page = connect("tradedoubler").search(ItemQuery(keywords="kettle", in_stock=True))

    assert [item.title for item in page.items] == ["Kettle"]
    assert page.total == 1
