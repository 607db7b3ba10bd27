"""Adtraction: rows of mixed types, and a rate limit that all processes obey together."""

import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache

from importer.http.budget import Budget, seconds_until
from importer.http.client import Http
from importer.networks.adtraction.products import parse_file_row, parse_row
from importer.networks.contract import FeedData, FeedWatch, NetworkError, NetworkUnavailable

FEED = FeedData(
    external_id="501", name="Standard", program_id="1062000001", program_name="Hult SE", currency="SEK"
)


def row(**changes):
    """Compose a row of `products/feed`: text price, number for the old one."""
    return {
        "productName": "Skruvdragare 18 V",
        "productPrice": "1290",
        "oldPrice": 1490,
        "currency": "SEK",
        "shipping": 49,
        "productUrl": "https://butik.example/p/18v",
        "trackingUrl": "https://track.adtraction.com/t/t?a=1&as=2&t=2&tk=1&url=https://butik.example/p/18v",
        "imageUrl": "https://butik.example/18v.jpg",
        "sku": "18V",
        "ean": "4006381333931",
        "manufacturer": "Hult",
        "manufacturerArticleNumber": "",
        "extraInfo": [{"key": "CONDITION", "value": "new"}],
        "inStock": True,
        "programId": 1062000001,
        "productCategory": "Verktyg - el",
        "productDescription": "Stark.\\nTyst.<br/>",
    } | changes


def test_a_row_becomes_an_item():
    item = parse_row(row(), FEED)

    assert (item.feed_id, item.external_id, item.program_id, item.shop_name) == (
        "501",
        "18V",
        "1062000001",
        "Hult",
    )
    assert (item.price, item.old_price, item.shipping, item.currency) == (1290, 1490, 49, "SEK")
    assert (item.category, item.description) == ("Verktyg > el", "Stark.<br>Tyst.")
    assert (item.gtin, item.brand, item.in_stock) == ("4006381333931", "Hult", True)
    assert item.attributes == {"CONDITION": "new"}
    assert item.image_urls == ("https://butik.example/18v.jpg",)
    assert item.problem == ""


def at(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


# Extras -> price, old price; the row says 1290, before 1490.
SALES = [
    ({"SALE_PRICE": "990"}, 990, 1490),
    ({"sale_price": "990,00 SEK"}, 990, 1490),
    ({"Special Price": "990.00", "regular_price": "1590"}, 990, 1590),
    ({"SALE_PRICE": "99 EUR"}, 1290, 1490),
    ({"SALE_PRICE": "1390"}, 1290, 1490),
    ({"SALE_PRICE": "990", "SALE_PRICE_EFFECTIVE_DATE": f"{at(-2)}/{at(2)}"}, 990, 1490),
    ({"SALE_PRICE": "990", "SALE_PRICE_EFFECTIVE_DATE": f"{at(-4)}/{at(-2)}"}, 1290, 1490),
    ({"SALE_PRICE": "990", "SALE_PRICE_EFFECTIVE_DATE": f"{at(2)}/{at(4)}"}, 1290, 1490),
    ({"SALE_PRICE": "990", "SALE_PRICE_EFFECTIVE_DATE": "soon"}, 1290, 1490),
    ({"SALE_PRICE": "990", "sale_start_date": at(-1)}, 990, 1490),
    ({"SALE_PRICE": "990", "sale_end_date": at(-1)}, 1290, 1490),
]


@pytest.mark.parametrize(("extras", "price", "old_price"), SALES)
def test_a_sale_in_the_extras_counts_while_it_is_on(extras, price, old_price):
    pairs = [{"key": key, "value": value} for key, value in extras.items()]
    packed = "".join(f"{{{key}#{value}}}" for key, value in extras.items())
    of_file = {"SKU": "1", "Name": "Lamp", "Price": "1290", "OriginalPrice": "1490", "Extras": packed}
    for item in (parse_row(row(extraInfo=pairs), FEED), parse_file_row(of_file, FEED)):
        assert (item.price, item.old_price, item.currency) == (price, old_price, "SEK")
        assert not item.attributes


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"oldPrice": 45}, "old_price", None),
        ({"oldPrice": 0}, "old_price", None),
        ({"oldPrice": 1290}, "old_price", None),
        ({"oldPrice": None}, "old_price", None),
        ({"productPrice": Decimal("129.5")}, "price", Decimal("129.50")),
        ({"productPrice": "2 490,00"}, "price", Decimal("2490.00")),
        ({"productPrice": "89.90 CHF", "currency": None}, "currency", "CHF"),
        ({"currency": ""}, "currency", "SEK"),
        ({"shipping": None}, "shipping", None),
        ({"shipping": 0}, "shipping", Decimal("0.00")),
        ({"sku": None}, "external_id", "4006381333931"),
        ({"sku": "", "ean": ""}, "external_id", "https://butik.example/p/18v"),
        ({"extraInfo": None}, "attributes", {}),
        ({"productUrl": None}, "product_url", "https://butik.example/p/18v"),
        ({"inStock": None}, "in_stock", None),
        ({"productName": ""}, "problem", "has no name"),
        ({"productPrice": None}, "problem", "has no price"),
        ({"productPrice": "abc"}, "problem", "the price “abc” cannot be read"),
        ({"trackingUrl": None}, "problem", "has no link that can be used"),
    ],
    ids=str,
)
def test_odd_rows(changes, name, value):
    assert getattr(parse_row(row(**changes), FEED), name) == value


# --- Requests --------------------------------------------------------------------------------------
def test_absent_filters_are_left_out(connect, fault):
    """The network answers 400 to a filter that is null (docs/networks/adtraction.md 2)."""
    sent = []
    network = connect("adtraction")
    request = network.http.session.request
    network.http.session.request = lambda *args, **kwargs: (
        sent.append(kwargs["json"]) or request(*args, **kwargs)
    )
    feed = next(network.fetch_feeds())
    list(network.fetch_items(feed))

    assert None not in [value for body in sent for value in body.values()]
    assert "setEpi" not in sent[-1]


def test_programs_that_are_not_approved_are_left_out(connect, fault):
    programs = [{"programId": 1, "programName": "A", "approvalStatus": status} for status in (0, 1, 2, 3)]
    fault(path="/adtraction/", body=json.dumps(programs), status=200)

    assert len(list(connect("adtraction").fetch_programs())) == 1


def test_a_program_that_lists_no_feeds_is_asked_for_them(connect, fault, control):
    program = next(connect("adtraction").fetch_programs()).external_id
    programs = [{"programId": int(program), "programName": "A SE", "approvalStatus": 1, "currency": "SEK"}]
    fault(path="/adtraction/v3/partner/programs/", body=json.dumps(programs), status=200)
    (feed,) = connect("adtraction").fetch_feeds()

    assert (feed.program_id, feed.currency) == (program, "SEK")
    assert feed.item_count > 0


def test_no_data_may_be_an_object(connect, fault):
    fault(path="/adtraction/", body='{"message":"No programs found."}', status=200)

    assert list(connect("adtraction").fetch_programs()) == []


def test_the_reason_of_a_refusal_is_shown(connect, fault):
    body = '{"message":"Invalid status. Expected value: 0 = live, 3 = closing","status":400}'
    fault(path="/adtraction/", body=body, status=400)

    with pytest.raises(NetworkError, match="^request_refused .*said='Invalid status. Expected value"):
        connect("adtraction").check()


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        pytest.param(json.dumps([row()])[:-1], {}, "feed_cut_or_not_json", id="no end"),
        pytest.param("[{", {}, "feed_cut_or_not_json", id="broken"),
        pytest.param("html", {}, "feed_web_page", id="web page"),
    ],
)
def test_a_feed_counts_only_when_it_is_whole(connect, fault, body, headers, code):
    network = connect("adtraction")
    fault(path="/adtraction/", body=body, headers=headers, status=200)

    with pytest.raises(NetworkUnavailable, match=f"^{code} "):
        list(network.fetch_items(FEED))


def test_fewer_rows_than_promised_are_a_doubt_that_no_retry_mends(connect, fault):
    fault(path="/adtraction/", body=json.dumps([row()]), headers={"count": "2"}, status=200)
    watch = FeedWatch()

    assert len(list(connect("adtraction").fetch_items(FEED, watch))) == 1
    assert (watch.doubt.code, watch.doubt.params) == ("count_differs", {"promised": 2, "came": 1})


def test_a_message_in_place_of_a_feed_is_an_error(connect, fault):
    network = connect("adtraction")
    fault(path="/adtraction/", body='{"message":"Not approved"}', status=200)

    with pytest.raises(NetworkError, match="^no_feed .*Not approved"):
        list(network.fetch_items(FEED))


# --- The rate limit --------------------------------------------------------------------------------
def headers(left, seconds):
    return {
        "X-RateLimit-Remaining": f": {left}",
        "X-RateLimit-Reset": str(int((time.time() + seconds) * 1000)),
    }


@pytest.fixture
def a_budget(sandbox):
    return lambda secret="one": Budget(Http(name="Adtraction"), "adtraction", secret, "feed")


def test_the_reset_is_in_milliseconds_whatever_the_documents_say():
    now = time.time()

    assert seconds_until(int((now + 30) * 1000)) == pytest.approx(30, abs=1)
    assert seconds_until(int(now + 30)) == pytest.approx(30, abs=1)
    assert [seconds_until(value) for value in (None, "soon", int(now * 1000) - 9, int(now * 2000))] == [
        None
    ] * 4


def test_a_spent_budget_holds_everyone_with_the_credential(a_budget):
    a_budget().learn(headers(1, 60))
    a_budget().spend()

    with pytest.raises(NetworkUnavailable, match="^rate_limited ") as caught:
        a_budget().spend()
    assert caught.value.retry_after == pytest.approx(60, abs=10)
    a_budget("another").spend()


def test_a_short_wait_is_waited_out(a_budget):
    a_budget().learn(headers(0, 0.5))
    began = time.monotonic()
    a_budget().spend()

    assert 0.2 < time.monotonic() - began < 5


def test_a_late_answer_does_not_refill_the_budget(a_budget):
    a_budget().learn(headers(1, 60))
    a_budget().learn(headers(29, 60))
    a_budget().spend()

    with pytest.raises(NetworkUnavailable):
        a_budget().spend()


def test_the_token_is_no_cache_key(a_budget, connect):
    connect("adtraction").check()
    network = connect("adtraction")
    keys = cache._cache.get_client().keys("*budget*")

    assert keys
    assert not [key for key in keys if network.credentials["token"].encode() in key]


def test_without_a_cache_the_network_still_answers(a_budget, connect, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    a_budget().learn(headers(0, 60))

    connect("adtraction").check()


def test_the_limit_is_obeyed_before_it_is_met(connect, control):
    control("options", rate_limit=3)
    network = connect("adtraction")
    for _ in range(3):
        network.check()

    with pytest.raises(NetworkUnavailable) as caught:
        network.check()
    assert 40 < caught.value.retry_after <= 60
    assert not [one for one in control("requests") if one["status"] == 429]


def test_a_429_that_ends_soon_is_waited_out(connect, fault):
    reset = str(int((time.time() + 1.5) * 1000))
    body = json.dumps({"message": f"Quota exceeded. Reset time {reset}", "status": 429})
    network = connect("adtraction")
    fault(path="/adtraction/", status=429, body=body, times=1, headers={"X-RateLimit-Remaining": "0"})

    network.check()


@pytest.mark.parametrize("call", ["check", "feed"])
def test_a_429_that_lasts_is_reported(connect, fault, call):
    network = connect("adtraction")
    reset = str(int((time.time() + 50) * 1000))
    fault(path="/adtraction/", status=429, body=f'{{"message":"Reset time {reset}"}}')

    with pytest.raises(NetworkUnavailable, match="^rate_limited ") as caught:
        network.check() if call == "check" else list(network.fetch_items(FEED))
    assert caught.value.retry_after == pytest.approx(50, abs=10)
