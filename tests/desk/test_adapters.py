"""The advertiser's logins against the sandbox, and answers in the other documented shapes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from importer.http.client import Http
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.networks.adtraction import advertiser as adtraction
from importer.networks.adtraction.advertiser import AdtractionChannels
from importer.networks.tradedoubler.advertiser import TradedoublerManagement, page_of, refusals_of, words_of
from importer.networks.tradetracker.advertiser import (
    Conversion,
    TradeTrackerConversions,
    TradeTrackerMerchant,
    parameters_of,
)
from importer.sandbox.credentials import (
    DEMO_ADVERTISER_CREDENTIALS,
    DEMO_CREDENTIALS,
    management_credentials,
)


def speak(kind_class, network, kind, **changes):
    credentials = {**DEMO_ADVERTISER_CREDENTIALS[network][kind], **changes}
    return kind_class(credentials, Http(kind_class.secrets(credentials), network))


def management(role: int = 1) -> TradedoublerManagement:
    return speak(TradedoublerManagement, "tradedoubler", "management", **management_credentials(role))


def channels(**changes) -> AdtractionChannels:
    return speak(AdtractionChannels, "adtraction", "channels", **changes)


def merchant(**changes) -> TradeTrackerMerchant:
    return speak(TradeTrackerMerchant, "tradetracker", "merchant", **changes)


def sale(tid: str = "ORD-1001", **changes) -> Conversion:
    values = {"campaign_id": "20101", "product_id": "1", "amount": Decimal("129.99"), "currency": "EUR"}
    return Conversion(**{"kind": "sale", "tid": tid, **values, **changes})


# --- Tradedoubler -------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "name"), [(1, "owner"), (2, "admin"), (3, "member"), (4, "read-only")])
def test_a_login_knows_its_programs_and_its_role(sandbox, role, name):
    known = management(role).check()
    assert known.role == name
    assert known.programs["290001"] == "OTTO DE"


def test_a_publishers_login_is_told_that_it_is_none_of_an_advertiser(sandbox):
    from importer.sandbox.credentials import DEMO_REPORTS

    login = speak(TradedoublerManagement, "tradedoubler", "management", **DEMO_REPORTS["tradedoubler"])
    with pytest.raises(NetworkError) as caught:
        login.check()
    assert caught.value.code == "not_an_advertiser"


def test_sources_change_together_and_each_failure_says_why(sandbox):
    login = management()
    applied = list(login.fetch_sources("290001", [1]))
    first, second = (one["sourceId"] for one in applied[:2])
    refused = login.update_sources(
        "290001",
        [
            {"sourceId": first, "statusId": 3, "segmentId": 2},
            {"sourceId": second, "statusId": 3, "segmentId": 99},
        ],
    )
    assert refused == {str(second): "segment not found"}
    now = {one["sourceId"]: one for one in login.fetch_sources("290001")}
    assert (now[first]["statusId"], now[first]["segmentName"]) == (3, "Gold")
    assert now[second]["statusId"] == 1


@pytest.mark.parametrize("lists", [0, 1], ids=["items", "successfulItems and failedItems"])
def test_sales_are_validated_whatever_shape_the_answer_has(sandbox, lists):
    sandbox.state.options.outcome_lists = lists
    login = management()
    first, second = list(login.fetch_pending())[:2]
    refused = login.validate(
        [
            {"transactionId": first["transactionId"], "action": "approve"},
            {"transactionId": "1", "action": "approve"},
            {"transactionId": second["transactionId"], "action": "deny", "reason": "99"},
        ]
    )
    assert refused == {
        "1": "9996: Transaction is not pending",
        second["transactionId"]: "9002: Reason is not valid",
    }
    assert first["transactionId"] not in {one["transactionId"] for one in login.fetch_pending()}


def test_a_role_too_low_is_a_sentence_of_its_own(sandbox):
    with pytest.raises(NetworkError) as caught:
        management(4).update_sources("290001", [{"sourceId": 1, "statusId": 3}])
    assert caught.value.code == "role_too_low"


def test_the_rate_limit_comes_as_text_and_says_when_to_go_on(sandbox):
    sandbox.state.options.connect_rate_limit = 2
    login = management()
    login.fetch_me()
    login.fetch_me()
    with pytest.raises(NetworkUnavailable) as caught:
        login.fetch_me()
    assert caught.value.code == "rate_limited"
    assert caught.value.retry_after == 60


SENT = ["1", "2", "3"]


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ({"total": 3, "success": 3, "fail": 0}, {}),
        ({"items": [{"id": 1, "status": 0}, {"id": 2, "status": 0}, {"id": "3", "status": 0}]}, {}),
        (
            {
                "successItems": [{"id": 1}, {"id": 2}],
                "failItems": [{"id": 3, "reason": "segment not found"}],
            },
            {"3": "segment not found"},
        ),
        (
            [{"successfulItems": [{"id": "1"}, {"id": "2"}], "failedItems": [{"id": "3", "error": None}]}],
            {"3": "no reason given"},
        ),
        (
            {
                "items": [
                    {"id": 1},
                    {"id": 2},
                    {"id": 3, "status": -1, "error": {"code": 9996, "message": "x"}},
                ]
            },
            {"3": "9996: x"},
        ),
        ({"successItems": [{"id": 1}, {"id": 2}]}, {"3": "no word about it"}),
        ({"success": 2, "fail": 0}, dict.fromkeys(SENT, "no word about it")),
        (None, dict.fromkeys(SENT, "no word about it")),
        ("OK", dict.fromkeys(SENT, "no word about it")),
        # Named as taken and as refused: refused, for a decision that was not taken is seen by nobody.
        (
            {"successItems": [{"id": 1}, {"id": 2}, {"id": 3}], "failItems": [{"id": 3, "reason": "no"}]},
            {"3": "no"},
        ),
    ],
)
def test_what_an_outcome_does_not_name_was_not_confirmed(answer, refused):
    assert refusals_of(answer, "id", SENT) == refused


@pytest.mark.parametrize(
    "answer",
    [
        {"items": [{"id": 1}], "total": 1},
        [{"items": [{"id": 1}], "total": 1}],
        [{"id": 1}],
    ],
    ids=["a page", "an array around a page", "a bare array"],
)
def test_a_list_is_read_in_each_of_its_shapes(answer):
    page = page_of(answer, Http())
    assert (page.items, page.total) == ([{"id": 1}], 1)


@pytest.mark.parametrize("answer", [{}, {"items": None}, "text", 7, None])
def test_another_shape_is_no_empty_list(answer):
    with pytest.raises(NetworkUnavailable):
        page_of(answer, Http())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"code": 7, "message": "No"}]', "7: No"),
        ('{"error": "invalid_token", "error_description": "Gone"}', "Gone"),
        ("API rate limit exceeded", "API rate limit exceeded"),
        ("<html>Oops</html>", ""),
        ("[]", ""),
    ],
)
def test_the_networks_words_are_found_in_each_form_of_an_error(text, words):
    assert words_of(text) == words


# --- Adtraction ---------------------------------------------------------------------------------


def test_channels_are_listed_approved_and_rejected(sandbox):
    login = channels()
    listed = list(login.fetch_channels())
    assert len(listed) == 60
    assert listed[7].applied_on is None  # the 31st of November
    login.decide(listed[1].external_id, approve=True)
    login.decide(listed[2].external_id, approve=False, reason=3)
    now = {one.external_id: one for one in login.fetch_channels()}
    assert now[listed[1].external_id].status == adtraction.APPROVED
    assert now[listed[2].external_id].reject_reason == 3


def test_a_decision_changes_what_the_publisher_sees(sandbox):
    from importer.networks import get_network

    publisher = get_network("adtraction", DEMO_CREDENTIALS["adtraction"])
    assert "1062000050" not in {one.external_id for one in publisher.fetch_programs()}
    channels().decide(DEMO_CREDENTIALS["adtraction"]["channel_id"], approve=True)
    assert "1062000050" in {one.external_id for one in publisher.fetch_programs()}


def test_a_rejection_without_a_reason_is_never_sent(sandbox):
    with pytest.raises(ValueError, match="reason"):
        channels().decide("1062700001", approve=False)
    assert not list(sandbox.state.requests)


def test_a_publishers_token_opens_no_channels(sandbox):
    with pytest.raises(NetworkError) as caught:
        channels(token=DEMO_CREDENTIALS["adtraction"]["token"]).check()
    assert caught.value.code == "credentials_refused"


def test_ten_calls_and_no_more_are_made_in_a_minute(sandbox):
    login = channels()
    for _ in range(10):
        login.check()
    with pytest.raises(NetworkUnavailable) as caught:
        login.check()
    assert caught.value.retry_after
    assert [one["status"] for one in sandbox.state.requests] == [200] * 10  # the eleventh was not asked


# --- TradeTracker -------------------------------------------------------------------------------


def test_a_conversion_has_the_parameters_of_the_documents():
    told = parameters_of(sale(quantity=3, reference="1::2::ref::x::1", email_hash="ab", note="ORD-1001"))
    assert told == {
        "s2s": "1",
        "cid": "20101",
        "pid": "1",
        "ttEventName": "sales",
        "tid": "ORD-1001",
        "tam": "129.99",
        "currency": "EUR",
        "qty": "3",
        "descrMerchant": "ORD-1001",
        "data": "1::2::ref::x::1",
        "eml": "ab",
    }
    lead = parameters_of(
        sale(kind="lead", amount=None, currency="", quantity=3, voucher="X", tracking_group="9")
    )
    assert lead == {"s2s": "1", "tgi": "9", "pid": "1", "ttEventName": "lead", "tid": "ORD-1001"}


@pytest.mark.parametrize(
    ("conversion", "status"),
    [
        (sale(), 200),
        (sale(currency=""), 400),
        (sale(amount=None), 400),
        (sale(campaign_id="99001"), 403),
        (sale(campaign_id="5"), 404),
        (sale(kind="lead", amount=None, currency=""), 200),
    ],
)
def test_the_hosts_say_what_they_take(sandbox, conversion, status):
    assert speak(TradeTrackerConversions, "tradetracker", "conversions").send(conversion) == status


def test_a_conversion_is_listed_by_the_merchants_service_and_assessed_there(sandbox):
    hosts = speak(TradeTrackerConversions, "tradetracker", "conversions")
    for tid in ("A-1", "A-2", "A-1"):
        hosts.send(sale(tid, reference="12::51000::p7-offer::::1"))
    login = merchant()
    assert login.check().programs["20101"] == "OTTO"
    first = timezone.localdate() - timedelta(days=20)
    rows = {row.order_number: row for row in login.fetch_conversions("20101", first=first)}
    assert sorted(rows) == ["A-1", "A-2"]
    assert rows["A-1"].order_amount == Decimal("129.99")
    assert rows["A-1"].site == "Good finds"
    login.assess(rows["A-1"].external_id, accept=True, amount=Decimal("100.00"))
    login.assess(rows["A-2"].external_id, accept=False, reason="order_canceled")
    now = {row.order_number: row for row in login.fetch_conversions("20101", first=first)}
    assert (now["A-1"].status, now["A-1"].order_amount) == ("accepted", Decimal("100.00"))
    assert (now["A-2"].status, now["A-2"].reason) == ("rejected", "order_canceled")
    with pytest.raises(NetworkError, match="assessed already"):
        login.assess(rows["A-2"].external_id, accept=True)


def test_a_wrong_passphrase_is_refused_in_words(sandbox):
    with pytest.raises(NetworkError) as caught:
        merchant(passphrase="wrong").check()
    assert caught.value.code == "passphrase_refused"
