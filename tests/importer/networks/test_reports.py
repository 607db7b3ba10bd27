"""What the adapters make of reports: rows as the networks write them, odd answers, lists that move."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from importer.http.client import Http
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.http.oauth import Tokens
from importer.http.pages import Seamless
from importer.networks.adtraction.reports import AdtractionReports
from importer.networks.report_rows import parse_amount
from importer.networks.reports import Basis, SaleState, Window
from importer.networks.tradedoubler.reports import TradedoublerReports
from importer.networks.tradetracker.reports import TradeTrackerReports
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.http_server import Server, reply

WINDOW = Window(date(2026, 10, 1), date(2026, 10, 20))
JSON = ["Content-Type: application/json"]


class Store:
    """Tokens in memory, good for an hour."""

    def __init__(self):
        self.tokens = Tokens("access", "refresh", 4_000_000_000.0)

    def load(self):
        return self.tokens

    @contextmanager
    def lock(self, seconds):
        yield self

    def save(self, tokens):
        self.tokens = tokens


@pytest.fixture
def serve(settings):
    """Start a server that answers each path by `answer(path, query, number)`: a body, or (status, body)."""
    cache.clear()
    servers = []

    def start(answer):
        def handler(connection, number):
            _, target, _ = server.requests[-1].split(" ", 2)
            parts = urlsplit(target)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            said = answer(parts.path, query, number)
            status, body = said if isinstance(said, tuple) else (200, said)
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.sendall(reply(status, body, JSON))

        server = Server(handler)
        servers.append(server)
        settings.TRADEDOUBLER_CONNECT_URL = f"{server.url}/"
        settings.ADTRACTION_API_URL = f"{server.url}/"
        return server

    yield start
    for server in servers:
        server.socket.close()


def tradedoubler(currency="EUR"):
    credentials = {"client_id": "c", "client_secret": "a-secret", "username": "u", "password": "p"}
    return TradedoublerReports(credentials, Http(["a-secret"], name="Tradedoubler"), Store(), currency)


def adtraction():
    return AdtractionReports(DEMO_CREDENTIALS["adtraction"], Http(["a-token"], name="Adtraction"))


def td_row(number, **fields):
    return {
        "transactionId": number,
        "programId": 300111,
        "programName": "Nordbad DE",
        "sourceId": 3100001,
        "eventTypeId": 5,
        "timeOfLastClick": "2026-10-03 20:15:01.0",
        "timeOfTransaction": "2026-10-04 11:02:33.0",
        "timeOfLastModified": None,
        "epi": "p812-offer",
        "orderNumber": "N-5512",
        "orderValue": 129.00,
        "commission": 6.45,
        "paid": False,
        "status": "P",
        "deviceObject": {"deviceType": "Phone"},
        "productsApi": {"productId": "64a0f0c2e4b0000000000001"},
        **fields,
    }


def td_page(*rows, currency="EUR"):
    return {"limit": 100, "offset": 0, "reportCurrencyCode": currency, "items": list(rows)}


def ad_row(number="A-1", **fields):
    return {
        "uniqueId": number,
        "transactionName": "Sale",
        "transactionDate": "2026-10-04T11:02:33+0200",
        "orderValue": 1290.0,
        "commission": 64.5,
        "currency": "SEK",
        "transactionStatus": 2,
        "paymentStatus": 1,
        "programId": 1062000001,
        "channelId": 1039000001,
        "epi": "outside",
        "click": {"programId": 1062000009, "epi": "inside", "clickDate": "2026-10-03T20:15:01+0200"},
        **fields,
    }


def test_a_row_of_tradedoubler_becomes_a_sale(serve):
    serve(lambda *_: td_page(td_row(700000000123)))
    [sale] = tradedoubler().fetch_sales(WINDOW)
    assert (sale.external_id, sale.program_id, sale.channel_id, sale.kind) == (
        "700000000123",
        "300111",
        "3100001",
        "sale",
    )
    assert (sale.order_value, sale.commission, sale.currency) == (Decimal(129), Decimal("6.45"), "EUR")
    assert sale.happened_at == datetime(2026, 10, 4, 9, 2, 33, tzinfo=UTC)
    assert (sale.sub_id, sale.product_hint, sale.state) == (
        "p812-offer",
        "64a0f0c2e4b0000000000001",
        SaleState.PENDING,
    )
    assert "Phone" not in repr(sale)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "A"}, {"state": SaleState.APPROVED}),
        ({"status": "A", "paid": True}, {"state": SaleState.PAID}),
        ({"status": "P", "paid": True}, {"state": SaleState.PENDING}),
        ({"status": "D", "reasonName": "Returned"}, {"state": SaleState.REJECTED, "reason": "Returned"}),
        ({"status": "X"}, {"problem": "Its state is not known: X."}),
        ({"commission": None}, {"commission": None, "problem": ""}),
        ({"commission": 0}, {"commission": Decimal(0), "problem": ""}),
        ({"commission": -3.5}, {"commission": Decimal("-3.5"), "problem": ""}),
        ({"commission": "six"}, {"commission": None, "problem": "Its commission is no amount: six."}),
        ({"commission": True}, {"problem": "Its commission is no amount: True."}),
        ({"commission": 1e15}, {"commission": None}),
        ({"transactionId": None}, {"external_id": "", "problem": "It has no ID."}),
        ({"timeOfTransaction": None}, {"problem": "It has no time that can be read."}),
        ({"timeOfTransaction": None, "timeOfCreate": "2026-10-05T08:00:00"}, {"problem": ""}),
        # Summer time: an hour that there is twice is the first of them, one that is not there is read.
        (
            {"timeOfTransaction": "2026-10-25 02:30:00.0"},
            {"happened_at": datetime(2026, 10, 25, 0, 30, tzinfo=UTC)},
        ),
        (
            {"timeOfTransaction": "2026-03-29 02:30:00.0"},
            {"happened_at": datetime(2026, 3, 29, 1, 30, tzinfo=UTC)},
        ),
        (
            {"timeOfTransaction": "2026-01-04T23:30:00"},
            {"happened_at": datetime(2026, 1, 4, 22, 30, tzinfo=UTC)},
        ),
        (
            {"eventTypeId": 4, "orderNumber": None, "leadNumber": "L-1"},
            {"kind": "lead", "order_number": "L-1"},
        ),
        ({"eventTypeId": 17}, {"kind": "other"}),
        ({"productsApi": None, "productInfo": [{"productID": "9"}]}, {"product_hint": "9"}),
        ({"productsApi": None, "productInfo": {"productID": "8"}}, {"product_hint": "8"}),
        ({"productsApi": [], "productInfo": "x"}, {"product_hint": ""}),
        ({"timeOfLastClick": None, "timeofLastClick": "2026-10-01 10:00:00.0"}, {"problem": ""}),
        ({"epi": None}, {"sub_id": ""}),
    ],
)
def test_fields_of_tradedoubler(serve, fields, expected):
    serve(lambda *_: td_page(td_row(1, **fields)))
    [sale] = tradedoubler().fetch_sales(WINDOW)
    assert {name: getattr(sale, name) for name in expected} == expected


@pytest.mark.parametrize("currency", ["QQQ", None, ""])
def test_an_envelope_without_a_known_currency_gives_no_amount(serve, currency):
    serve(lambda *_: td_page(td_row(1), currency=currency))
    [sale] = tradedoubler().fetch_sales(WINDOW)
    assert (sale.commission, sale.order_value, sale.currency) == (None, None, "")
    assert sale.problem.startswith("Its currency is not known")


def test_tradedoubler_is_asked_for_a_day_more_and_in_order(serve):
    server = serve(lambda *_: td_page())
    list(tradedoubler("SEK").fetch_sales(WINDOW, Basis.CHANGED))
    target = server.requests[0].split(" ")[1]
    for part in (
        "toDate=20261021",
        "reportCurrencyCode=SEK",
        "lastModified=true",
        "sortBy=timeOfLastModified",
    ):
        assert part in target


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 199, 200, 201, 450])
def test_every_row_of_a_list_comes_whatever_its_length(serve, count):
    rows = [td_row(number) for number in range(count)]

    def answer(path, query, number):
        offset = int(query["offset"])
        return td_page(*rows[offset : offset + 100])

    serve(answer)
    found = {sale.external_id for sale in tradedoubler().fetch_sales(WINDOW)}
    assert found == {str(number) for number in range(count)}


def test_a_list_that_shrinks_while_it_is_read_loses_nothing(serve):
    rows = [td_row(number) for number in range(350)]

    def answer(path, query, number):
        if number == 3:  # the first rows were taken back meanwhile
            del rows[:30]
        offset = int(query["offset"])
        return td_page(*rows[offset : offset + 100])

    serve(answer)
    found = {int(sale.external_id) for sale in tradedoubler().fetch_sales(WINDOW)}
    assert found >= set(range(30, 350))


def test_a_list_that_never_holds_still_is_not_taken_for_whole():
    numbers = iter(range(10_000_000))
    pages = Seamless(lambda offset: [next(numbers) for _ in range(10)], 10, lambda row: row)
    with pytest.raises(NetworkUnavailable):
        for _ in pages:
            pass


def test_a_list_that_gives_the_same_page_for_ever_ends():
    with pytest.raises(NetworkUnavailable):
        list(Seamless(lambda offset: list(range(10)), 10, lambda row: row))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((429, b"API rate limit exceeded"), "rate_limited"),
        ((403, [{"code": "403", "message": "Access is denied"}]), "role_too_low"),
        ((400, [{"code": "4002", "message": "The period is too long"}]), "request_refused"),
        ((200, b"<html><form><input type='password'></form></html>"), "login_page"),
        ((200, b"<html>maintenance</html>"), "web_page"),
        ((200, b""), "empty_answer"),
        ((200, b"Access Denied"), "no_json"),
        ((200, {"items": {"a": 1}}), "no_list"),
        ((200, [{"a": 1}, {"b": 2}]), None),
        ((200, b'"text"'), "unknown_form"),
        ((200, b'{"items": [{"transactionId": 1,'), "not_json"),
    ],
)
def test_odd_answers_of_tradedoubler_are_errors_in_words(serve, answer, code):
    serve(lambda *_: answer)
    if code is None:  # an array where an object was
        assert [sale.problem for sale in tradedoubler().fetch_sales(WINDOW)] == ["It has no ID."] * 2
        return
    with pytest.raises(NetworkError) as caught:
        list(tradedoubler().fetch_sales(WINDOW))
    assert caught.value.code == code


def test_a_refused_limit_is_waited_out_where_there_is_patience(serve, monkeypatch):
    monkeypatch.setattr("importer.networks.tradedoubler.reports.A_MINUTE", 0.05)
    serve(lambda path, query, number: (429, b"API rate limit exceeded") if number < 3 else td_page(td_row(1)))
    reports = tradedoubler()
    reports.patience = 10.0
    assert len(list(reports.fetch_sales(WINDOW))) == 1


def test_of_a_key_that_comes_twice_the_first_counts(serve):
    body = b"""{"reportCurrencyCode": "EUR", "items": [{"date": "2026-10-04T00:00:00.000+0000",
        "programId": 5, "clicks": 17, "sales": 2, "clicks": 0.5, "commission": 3.5}]}"""
    serve(lambda *_: body)
    [one] = tradedoubler().fetch_totals(WINDOW)
    assert (one.day, one.clicks, one.sales, one.commission) == (date(2026, 10, 4), 17, 2, Decimal("3.5"))


@pytest.mark.parametrize("is_array", [True, False])
def test_programs_come_as_an_object_or_in_an_array(serve, is_array):
    program = {"id": 7, "name": "Nordbad", "currencyCode": "EUR", "avgCancellationRate": 12.5}
    tariffs = [{"id": 1, "tariffs": [{"eventName": "Sale", "fixedFee": 2.5, "percentageFee": None}]}]

    def answer(path, query, number):
        if path.endswith("sources"):
            return [{"id": 1, "name": "Site"}]
        if path.endswith("detail"):
            return [{**program, "segmentTariffs": tariffs}]
        page = {"offset": 0, "limit": 100, "items": [program]}
        return [page] if is_array else {**page, "total": 1}

    serve(answer)
    [one] = tradedoubler().fetch_commissions()
    assert (one.program_id, one.fixed, one.currency, one.percent) == ("7", Decimal("2.5"), "EUR", None)
    assert one.approval_rate == Decimal("87.5")


# --- Adtraction ----------------------------------------------------------------------------------
def test_adtraction_reads_the_click_first_and_sends_no_null(serve):
    server = serve(lambda *_: [ad_row(), ad_row("A-2", click=None)])
    first, second = adtraction().fetch_sales(WINDOW)
    assert (first.sub_id, first.program_id, second.sub_id) == ("inside", "1062000009", "outside")
    assert first.clicked_at == datetime(2026, 10, 3, 18, 15, 1, tzinfo=UTC)
    assert "null" not in server.requests[0]
    assert server.requests[0].startswith("POST /v2/partner/transactions/ ")


@pytest.mark.parametrize(
    ("status", "payment", "state", "claim"),
    [
        (2, 1, SaleState.PENDING, False),
        (4, 1, SaleState.PENDING, True),
        (1, 1, SaleState.APPROVED, False),
        (1, 3, SaleState.APPROVED, False),
        (1, 4, SaleState.PAID, False),
        ("1", "4", SaleState.PAID, False),
        (5, 4, SaleState.REJECTED, False),
    ],
)
def test_states_of_adtraction(serve, status, payment, state, claim):
    serve(lambda *_: [ad_row(transactionStatus=status, paymentStatus=payment)])
    [sale] = adtraction().fetch_sales(WINDOW)
    assert (sale.state, sale.has_open_claim) == (state, claim)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"message": "No transactions found."}, 0),
        ([], 0),
        ({"message": "Something else"}, "unknown_form"),
        ({"uniqueId": "A-1"}, "unknown_form"),
        ([ad_row(), "x", None, 5], 1),
        ((400, {"message": "Invalid fromDate", "status": 400}), "request_refused"),
        ((401, {"message": "Unauthorized"}), "credentials_refused"),
        ((429, {"message": "Too many requests. Reset time 1"}), "rate_limited"),
        ((200, b"<html><input type=password></html>"), "login_page"),
        ((200, b"[{"), "not_json"),
    ],
)
def test_answers_of_adtraction(serve, answer, expected):
    serve(lambda *_: answer)
    if isinstance(expected, int):
        assert len(list(adtraction().fetch_sales(WINDOW))) == expected
        return
    with pytest.raises(NetworkError) as caught:
        list(adtraction().fetch_sales(WINDOW))
    assert caught.value.code == expected


def test_adtraction_and_tradetracker_tell_no_changes():
    with pytest.raises(NetworkError):
        list(adtraction().fetch_sales(WINDOW, Basis.CHANGED))
    reports = TradeTrackerReports(DEMO_CREDENTIALS["tradetracker"], Http(name="TradeTracker"))
    with pytest.raises(NetworkError):
        list(reports.fetch_sales(WINDOW, Basis.CHANGED))


# --- TradeTracker, against the sandbox's own service -----------------------------------------------
@pytest.mark.parametrize("is_exclusive", [0, 1])
def test_the_last_day_is_read_whether_or_not_it_is_included(control, is_exclusive):
    control("options", tradetracker_to_is_exclusive=is_exclusive)
    sale = {
        "network": "tradetracker",
        "program": "20101",
        "id": "5",
        "value": 100,
        "commission": 10,
        "happened_at": "2026-10-20T23:59:30+02:00",
        "currency": "EUR",
    }
    control("sales", add=[sale, {**sale, "id": "6", "happened_at": "2026-09-30T23:59:30+02:00"}])
    reports = TradeTrackerReports(DEMO_CREDENTIALS["tradetracker"], Http(name="TradeTracker"))
    assert [one.external_id for one in reports.fetch_sales(WINDOW)] == ["5"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3.250000", "3.25"),
        ("0.00", "0"),
        ("-1.5", "-1.5"),
        (3, "3"),
        (0.1, "0.1"),
        ("1e3", "1000"),
        ("", None),
    ],
)
def test_amounts(text, amount):
    assert parse_amount(text) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1,50", "EUR 3", [], {}, True, "1" * 40])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=re.compile("")):
        parse_amount(text)
