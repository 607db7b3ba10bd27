"""Conversions: read at the door, kept once, sent until taken, confirmed by the network's own list."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, connections
from django.utils import timezone

from desk.models import Conversion
from desk.services import outbox
from desk.services.conversions import NO_REFERENCE, hash_email, read_conversion, take
from tests.desk.make import make_desk_account

ADDRESS = "Jane.Doe@Example.com"
REFERENCE = "12::51000::p7-offer::::1"


def order(tid="ORD-1", **values):
    return {"tid": tid, "amount": "129.99", "currency": "EUR", "reference": REFERENCE, **values}


@pytest.fixture
def account(db, sandbox):
    return make_desk_account("tradetracker", "conversions", programs={"20101": "OTTO"})


def count_of(sandbox):
    return len(sandbox.state.sales.rows("tradetracker", None, None))


# --- The door -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tid": ""}, "tid is missing"),
        ({"kind": "click"}, "kind is sale or lead."),
        ({"amount": ""}, "amount is missing."),
        ({"amount": "129,99"}, "major units"),
        ({"amount": "1,299.00"}, "major units"),
        ({"amount": "1.299"}, "major units"),
        ({"amount": "-5"}, "major units"),
        ({"amount": "NaN"}, "major units"),
        ({"amount": 1e300}, "major units"),
        ({"amount": "0.00"}, "a sale of nothing"),
        ({"currency": ""}, "never travels without one"),
        ({"currency": "EURO"}, "ISO 4217"),
        ({"currency": "XYZ"}, "ISO 4217"),
        ({"quantity": "-1"}, "whole number"),
        ({"product_id": "1 or 2"}, "digits only"),
        ({"email": "nobody"}, "no e-mail address"),
        ({"email_hash": "ab"}, "SHA-256"),
        ({"note": f"for {ADDRESS}"}, "belongs in email"),
        ({"tid": ADDRESS}, "belongs in email"),
        ({"tid": "x" * 101}, "longer than 100"),
        ({"referense": "x"}, "“referense” is no field"),
        ({ADDRESS: "x"}, "“…” is no field"),
        ({"amount": True}, "a text or a number"),
        ({"tid": {"a": 1}}, "a text or a number"),
    ],
)
def test_what_cannot_be_a_conversion_is_refused_in_words(changes, problem):
    told = read_conversion(order() | changes)
    assert problem in told.problem
    assert ADDRESS not in told.problem + told.tid


@pytest.mark.parametrize(
    "raw",
    [
        {"order_id": "1", "revenue": 12.5, "currency": "eur", "data": "r"},
        {"TID": " 1 ", "tam": "12.50", "currency": "EUR", "data": "r"},
        {"transaction_id": 1, "value": Decimal("12.5"), "currency": "EUR", "reference": "r", "voucher": None},
    ],
)
def test_names_of_the_field_and_of_tradetracker_are_the_same(raw):
    values = read_conversion(raw).values
    assert (values["tid"], values["amount"], values["currency"], values["reference"]) == (
        "1",
        Decimal("12.50"),
        "EUR",
        "r",
    )


def test_an_address_is_trimmed_lowered_and_hashed():
    known = "86e0b9e56c17cc4d12387e1949b85053fbe73bc3ce5a1188713a9d300cc6133d"
    assert hash_email("  jane.doe@EXAMPLE.com ") == known
    assert read_conversion(order(email=f" {ADDRESS} ")).values["email_hash"] == known


def test_a_lead_needs_no_amount():
    assert not read_conversion({"tid": "L-1", "kind": "lead"}).problem


# --- Kept once ----------------------------------------------------------------------------------


def test_a_conversion_told_a_thousand_times_is_one(account, sandbox):
    first = take(account, [order()] * 500)
    second = take(account, [order()] * 500)
    assert {one.outcome for one in first} == {"taken"}
    assert {one.outcome for one in second} == {"known"}
    outbox.send_waiting(account)
    outbox.send_waiting(account)
    assert (Conversion.objects.count(), count_of(sandbox)) == (1, 1)


def test_the_first_word_stands_and_another_amount_is_said(account):
    take(account, [order()])
    assert "another amount" in take(account, [order(amount="5.00")])[0].message
    assert Conversion.objects.get().amount == Decimal("129.99")


def test_a_sale_and_a_lead_of_one_number_are_two(account):
    take(account, [order(), order(kind="lead")])
    assert Conversion.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_conversion_told_by_many_at_once_is_one_row(sandbox):
    account = make_desk_account("tradetracker", "conversions")
    outcomes: list[str] = []

    def tell():
        try:
            outcomes.extend(one.outcome for one in take(account, [order(f"T-{n}") for n in range(20)]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Conversion.objects.count() == 20
    assert (outcomes.count("taken"), outcomes.count("known")) == (20, 60)


def test_no_row_and_no_line_of_a_log_holds_an_address(account, caplog):
    caplog.set_level("DEBUG")
    take(account, [order(email=ADDRESS), order("ORD-2", note=ADDRESS), {ADDRESS: ADDRESS}])
    outbox.send_waiting(account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(c::text, '') FROM desk_conversion c")
        rows = cursor.fetchone()[0] or ""
        cursor.execute("SELECT string_agg(e::text, '') FROM events_event e")
        kept = rows + (cursor.fetchone()[0] or "")
    assert hash_email(ADDRESS) in kept
    for text in (kept, caplog.text):
        assert "jane.doe" not in text.lower()


# --- Amounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "state"),
    [
        ("12999", "held"),
        ("12999.00", "waiting"),
        ("130", "waiting"),
        ("129.99", "waiting"),
        ("4000", "waiting"),
    ],
)
def test_an_amount_in_minor_units_is_held_and_asked_about(account, amount, state):
    """The shop sells things for about 100 EUR."""
    take(account, [order(f"N-{n}", amount=f"{90 + n}.50") for n in range(20)])
    (taken,) = take(account, [order(amount=amount)])
    row = Conversion.objects.get(tid="ORD-1")
    assert row.state == state
    if state == "held":
        assert taken.outcome == "held"
        assert taken.message == "12999 looks like minor units: is it 129.99 EUR?"


def test_what_is_held_is_sent_as_told_or_as_a_hundredth_or_not_at_all(account, sandbox):
    take(account, [order(f"H-{n}", amount="9000000") for n in range(3)])
    ids = list(Conversion.objects.order_by("tid").values_list("pk", flat=True))
    outbox.send_waiting(account)
    assert count_of(sandbox) == 0
    assert outbox.release(ids[:1], as_minor=True) == 1
    assert outbox.release(ids[1:2], as_minor=False) == 1
    assert outbox.drop(ids[2:]) == 1
    outbox.send_waiting(account)
    rows = {row.sale.order: row.value for row in sandbox.state.sales.rows("tradetracker", None, None)}
    assert rows == {"H-0": 9_000_000, "H-1": 900_000_000}


# --- Sent ---------------------------------------------------------------------------------------


def test_a_conversion_is_sent_and_confirmed_when_the_network_lists_it(account, sandbox):
    make_desk_account("tradetracker", "merchant", programs={"20101": "OTTO"})
    take(account, [order(), order("ORD-2", reference="")])
    assert outbox.send_waiting(account).sent == 2
    assert {row.state for row in Conversion.objects.all()} == {"sent"}
    assert Conversion.objects.get(tid="ORD-2").problem == NO_REFERENCE
    assert outbox.confirm(account) == 2
    rows = {row.tid: row for row in Conversion.objects.all()}
    assert (rows["ORD-1"].state, rows["ORD-1"].problem) == ("confirmed", "")
    assert rows["ORD-2"].problem.startswith("Nobody's")


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "missing or wrong (400)"), (403, "disabled (403)"), (404, "no campaign"), (418, "418")],
)
def test_a_refusal_is_said_in_words_and_not_sent_again(account, sandbox, control, status, words):
    control("faults", {"path": "/tradetracker/sale/", "status": status})
    take(account, [order()])
    assert outbox.send_waiting(account).refused == 1
    row = Conversion.objects.get()
    assert (row.state, row.answer_status) == ("refused", status)
    assert words in row.problem
    assert outbox.send_waiting(account).refused == 0
    control("faults", method="DELETE")
    assert outbox.send_again([row.pk]) == 1
    assert outbox.send_waiting(account).sent == 1


def test_a_network_that_is_down_gets_it_later_with_the_same_number(account, sandbox, control):
    control("faults", {"path": "/tradetracker/sale/", "status": 503, "times": 3})
    take(account, [order()])
    sent = outbox.send_waiting(account)
    assert (sent.sent, sent.failed) == (0, 1)
    row = Conversion.objects.get()
    assert (row.state, row.tries) == ("waiting", 1)
    assert row.next_try_at > timezone.now()
    Conversion.objects.update(next_try_at=timezone.now())
    assert outbox.send_waiting(account).sent == 1
    tids = {one["target"].partition("tid=")[2].partition("&")[0] for one in sandbox.state.requests}
    assert tids == {"ORD-1"}


def test_leads_have_a_host_of_their_own(account, sandbox):
    take(account, [{"tid": "L-1", "kind": "lead", "reference": REFERENCE}])
    outbox.send_waiting(account)
    assert [one["target"].partition("?")[0] for one in sandbox.state.requests] == ["/tradetracker/lead/"]
