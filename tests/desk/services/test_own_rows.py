"""Rows of a shop's own file, and the rules of Tradedoubler: one case a rule, in JSON and XML."""

import urllib.request
from decimal import Decimal
from urllib.error import HTTPError

import orjson
import pytest

from desk.services.own_rows import Reading, guess_columns, learn_style, read_row
from importer.networks.tradedoubler.advertiser_products import read_errors
from importer.networks.tradedoubler.own_products import digest_of, find_problem, write_post
from importer.normalise import PriceStyle
from importer.sandbox.credentials import TRADEDOUBLER_ADVERTISER_TOKEN
from importer.sandbox.tradedoubler.posts import read_products

GOOD = {
    "name": "Concert ukulele",
    "description": "Four strings.",
    "productUrl": "https://shop.example/p/1",
    "productImage": "https://shop.example/p/1.jpg",
    "price": "149.90",
    "categories": [{"id": "100", "name": "Ukuleles"}],
}
# Rule, id, what differs from a good product, our code; and the sandbox's, "" where it takes it all the same.
RULES = [
    ("no id", "", {}, "own_id_missing", "PF_240"),
    ("comma in the id", "a,b", {}, "own_id_comma", ""),
    ("semicolon in the id", "a;b", {}, "own_id_comma", ""),
    ("id too long", "a" * 251, {}, "own_id_long", ""),
    ("no name", "a", {"name": " "}, "own_value_missing", "PF_240"),
    ("no description", "a", {"description": ""}, "own_value_missing", "PF_240"),
    ("no address", "a", {"productUrl": ""}, "own_value_missing", "PF_240"),
    ("no picture", "a", {"productImage": ""}, "own_value_missing", "PF_240"),
    ("no price", "a", {"price": ""}, "own_value_missing", "PF_240"),
    ("one decimal", "a", {"price": "12.5"}, "own_price_decimals", "PF_280"),
    ("three decimals", "a", {"price": "12.345"}, "own_price_decimals", "PF_280"),
    ("decimal comma", "a", {"price": "12,50"}, "own_price_unreadable", "PF_280"),
    ("price with its currency", "a", {"price": "12.50 EUR"}, "own_price_unreadable", "PF_280"),
    ("below zero", "a", {"price": "-1.00"}, "own_price_unreadable", "PF_280"),
    ("for nothing", "a", {"price": "0.00"}, "own_price_zero", ""),
    ("address without scheme", "a", {"productUrl": "shop.example/1"}, "own_address", "PF_391"),
    ("address with a space", "a", {"productUrl": "https://shop.example/a b"}, "own_address", "PF_391"),
    ("script for an address", "a", {"productUrl": "javascript:alert(1)"}, "own_address", "PF_391"),
    ("picture of no address", "a", {"productImage": "/1.jpg"}, "own_address", "PF_391"),
    ("no category", "a", {"categories": []}, "own_category_missing", "PF_240"),
    ("category of nothing", "a", {"categories": [{"name": " "}]}, "own_category_missing", ""),
    ("category id in words", "a", {"categories": [{"id": "Toys"}]}, "own_category_number", "PF_430"),
    ("stock in words", "a", {"inStock": "many"}, "own_number", "PF_260"),
    ("stock below zero", "a", {"inStock": -1}, "own_number", "PF_260"),
    ("width in words", "a", {"imageWidth": "wide"}, "own_number", "PF_260"),
    ("EAN of a spreadsheet", "a", {"ean": "8.10486E+11"}, "own_ean", "PF_260"),
    ("EAN too short", "a", {"ean": "1234"}, "own_ean", ""),
    ("carriage return", "a", {"description": "a\rb"}, "own_letters", "PF_430"),
    ("control character", "a", {"name": "a\x01b"}, "own_letters", "PF_430"),
    ("not a character", "a", {"fields": [{"name": "Colour", "value": "\uffff"}]}, "own_letters", "PF_430"),
    ("wrong encoding", "a", {"name": "Gr\ufffdn"}, "own_encoding", ""),
]


@pytest.mark.parametrize(("key", "changes", "code"), [rule[1:4] for rule in RULES], ids=[r[0] for r in RULES])
def test_a_rule_is_checked_before_sending(key, changes, code):
    problem = find_problem(key, GOOD | changes)
    assert problem is not None
    assert problem.code == code


def test_a_good_product_has_no_problem():
    assert find_problem("12-113-4917", GOOD) is None
    assert find_problem("1", GOOD | {"price": "199", "inStock": 0, "ean": "0810486016247"}) is None


# XML cannot even say it.
NOT_IN_XML = ("control character", "not a character", "carriage return", "width in words")


@pytest.mark.parametrize("format", ["json", "xml"])
def test_the_sandbox_refuses_nothing_that_we_would_send(sandbox, format):
    """And what it refuses of the table, we refused before: all of it."""
    for name, key, changes, _, code in RULES:
        if format == "xml" and name in NOT_IN_XML:
            continue
        errors = post(sandbox, write_post([(key, GOOD | changes)], format), format)
        assert [error.code for error in errors] == ([code] if code else []), name
    assert post(sandbox, write_post([("a", GOOD)], format), format) == []


def post(sandbox, pieces, format):
    address = f"{sandbox.url}/tradedoubler/1.0/products;fid=41001?token={TRADEDOUBLER_ADVERTISER_TOKEN}"
    headers = {"Content-Type": f"application/{format}; charset=utf-8", "User-Agent": "test"}
    asked = urllib.request.Request(address, data=b"".join(pieces), headers=headers, method="POST")  # noqa: S310 our own address
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            return read_errors(answer.read())
    except HTTPError as error:
        return read_errors(error.read())


FULL = GOOD | {
    "imageWidth": 500,
    "imageHeight": 300,
    "inStock": 34,
    "ean": "0810486016247",
    "sku": "12-113",
    "brand": 'Tom & "Sons" <x>',
    "fields": [{"name": "Colour", "value": "Brown & red"}],
}


def test_json_and_xml_say_the_same():
    as_json, as_xml = (
        read_products(b"".join(write_post([("a&1", FULL)], kind)), kind == "xml") for kind in FORMATS
    )
    assert as_json
    assert as_xml
    assert str(as_json[0].pop("price")) == as_xml[0].pop("price") == "149.90"
    image = as_json[0].pop("productImage")
    assert image == {"url": GOOD["productImage"], "width": 500, "height": 300}
    assert as_xml[0].pop("productImage") == {"url": image["url"]}  # XML has room for the address alone
    assert as_json[0].pop("inStock") == int(as_xml[0].pop("inStock")) == 34
    assert as_json == as_xml


FORMATS = ("json", "xml")


def test_a_price_keeps_its_decimals_in_json():
    body = b"".join(write_post([("a", GOOD | {"price": "149.90"}), ("b", GOOD | {"price": "20.00"})], "json"))
    assert b'"price":149.90,' in body
    assert b'"price":20.00,' in body
    assert orjson.loads(body)["products"][1]["sourceProductId"] == "b"


def test_identifiers_stand_where_the_switch_says():
    top = read_products(b"".join(write_post([("a", FULL)], "json")), False)
    below = read_products(b"".join(write_post([("a", FULL)], "json", nests_identifiers=True)), False)
    assert top
    assert below
    assert top[0]["ean"] == below[0]["identifiers"]["ean"] == "0810486016247"
    assert "ean" not in below[0]


# --- Rows -----------------------------------------------------------------------------------------
ROW = {
    "id": "1",
    "title": "Ukulele",
    "link": "https://shop.example/1",
    "image_link": "https://shop.example/1.jpg",
    "price": "149.90 EUR",
    "product_type": "Music > Ukuleles",
}
COLUMNS = guess_columns(ROW)


def read(changes, **values):
    return read_row(ROW | changes, Reading(**{"columns": COLUMNS, "currency": "EUR"} | values))


def test_the_columns_of_google_merchant_are_known():
    names = [*ROW, "description", "gtin", "availability", "g:mpn"[2:], "brand", "shipping_weight"]
    found = guess_columns(names)
    assert found["sourceProductId"] == "id"
    assert found["name"] == "title"
    assert found["ean"] == "gtin"
    assert found["category"] == "product_type"
    assert found["weight"] == "shipping_weight"


def test_a_row_becomes_a_product():
    found = read({})
    assert found.reason is None
    assert found.product["price"] == "149.90"
    assert found.product["description"] == "Ukulele"  # never empty
    assert found.product["categories"] == [{"name": "Music > Ukuleles"}]


@pytest.mark.parametrize(
    ("price", "style", "sent"),
    [
        ("149,90", PriceStyle(), "149.90"),
        ("1.299,00 €", PriceStyle(), "1299.00"),
        ("1 299", PriceStyle(), "1299.00"),
        (149.9, PriceStyle(), "149.90"),
        (Decimal("12.50"), PriceStyle(), "12.50"),
        ("12.5", PriceStyle(), "12.50"),
        ("12.5000", PriceStyle(decimal=".", is_long=True), "12.50"),
        ("1,299", PriceStyle(decimal=".", grouping=","), "1299.00"),
    ],
)
def test_a_price_is_written_with_two_decimals(price, style, sent):
    found = read({"price": price}, style=style)
    assert (found.product["price"], found.reason) == (sent, None)


@pytest.mark.parametrize(
    ("price", "style", "code"),
    [
        ("12.3456", PriceStyle(), "own_price_decimals"),
        (12.345, PriceStyle(), "own_price_decimals"),
        ("12.345", PriceStyle(decimal=".", is_long=True), "own_price_decimals"),
        ("24.990", PriceStyle(decimal="."), "own_price_unreadable"),  # among prices like 24.95
        ("149.90 USD", PriceStyle(), "own_price_currency"),
        ("on request", PriceStyle(), "own_price_unreadable"),
        ("", PriceStyle(), "own_value_missing"),
        ("0", PriceStyle(), "own_price_zero"),
        ("-5", PriceStyle(), "own_price_unreadable"),
        (True, PriceStyle(), "own_price_unreadable"),
    ],
)
def test_a_price_in_doubt_is_not_sent(price, style, code):
    assert read({"price": price}, style=style).reason.code == code


def test_cents_are_divided_where_the_feed_says_so():
    assert read({"price": "14990"}, in_cents=True).product["price"] == "149.90"
    assert read({"price": "149.90"}, in_cents=True).reason.code == "own_price_cents"


@pytest.mark.parametrize(
    ("stock", "number", "words"),
    [
        ("0", 0, "Out of stock"),
        ("7", 7, None),
        ("in stock", None, "in stock"),
        ("out of stock", 0, "out of stock"),
        ("ausverkauft", 0, "ausverkauft"),
    ],
)
def test_what_is_out_of_stock_says_so_and_is_sent(stock, number, words):
    found = read({"stock": stock}, columns=COLUMNS | {"inStock": "stock"})
    assert found.reason is None
    assert (found.product.get("inStock"), found.product.get("availability")) == (number, words)


def test_google_says_it_in_availability_alone():
    columns = guess_columns([*ROW, "availability"])
    found = read({"availability": "out of stock"}, columns=columns)
    assert found.product["inStock"] == 0


def test_lines_end_in_lf_alone():
    columns = COLUMNS | {"description": "text"}
    assert read({"text": "a\r\nb\rc"}, columns=columns).product["description"] == "a\nb\nc"


def test_columns_of_ones_own_go_along():
    found = read(
        {"farbe": "rot", "leer": ""}, columns=COLUMNS | {"field:Colour": "farbe", "field:None": "leer"}
    )
    assert found.product["fields"] == [{"name": "Colour", "value": "rot"}]


def test_a_file_says_how_it_writes_prices():
    assert learn_style(["24,95"] * 30 + ["1.299,00"]).decimal == ","


def test_a_digest_changes_with_each_change():
    assert digest_of(GOOD) == digest_of(dict(GOOD))
    assert digest_of(GOOD) != digest_of(GOOD | {"price": "149.91"})


# --- Answers --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"errors":[]}',
        b'<Response xmlns="http://api.tradedoubler.com/1.0/products"><errors/></Response>',
    ],
)
def test_every_form_of_success_is_one(body):
    assert read_errors(body) == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"errors":[{"code":"PF_240","sourceProductId":"a-1","message":"Value missing : description"}]}',
        b'[{"code":"PF_240","sourceProductId":"a-1","message":"Value missing : description"}]',
        b"<Response><errors><e><code>PF_240</code><message>Value missing : description</message>"
        b"<sourceProductId>a-1</sourceProductId></e></errors></Response>",
    ],
)
def test_every_form_of_an_error_is_read(body):
    (error,) = read_errors(body)
    assert (error.code, error.id, error.said) == ("PF_240", "a-1", "Value missing : description")
