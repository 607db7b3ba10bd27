"""The desk's pages of publishers, sales and conversions, and the door of the shop."""

import json

import pytest
from django.urls import reverse

from desk.models import Application, Conversion, ConversionKey, PendingSale, State
from desk.services import conversions, pending, publishers
from events.models import Event
from importer.sandbox.credentials import management_credentials
from tests.desk.make import make_desk_account
from tests.desk.test_conversions import ADDRESS, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def channels(sandbox):
    account = make_desk_account("adtraction", "channels")
    publishers.read_applications(account)
    return account


@pytest.fixture
def management(sandbox, transactional_db):
    return make_desk_account(
        "tradedoubler", "management", programs={"290001": "OTTO DE", "290008": "Klang"}, role="owner"
    )


@pytest.fixture
def campaign(db):
    return make_desk_account("tradetracker", "conversions", programs={"20101": "OTTO"})


# --- Publishers and sales -------------------------------------------------------------------------


def test_a_decision_is_shown_before_it_is_made(desk_client, channels, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = desk_client.get(reverse("desk:publisher-list")).content.decode()
    assert "Good finds" in page
    row = publishers.list_applications()[0]
    data = {"ids": row.pk, "status": "rejected", "reason": "3", "next": "status=applied"}
    shown = desk_client.post(reverse("desk:publisher-decide"), data).content.decode()
    assert "1 publisher will change" in shown
    assert "<del>applied</del> → <ins>rejected</ins>" in shown
    assert "<ins>The site answers 404</ins>" in shown
    assert not Application.objects.exclude(state=State.NONE).exists()
    answer = desk_client.post(reverse("desk:publisher-decide"), data | {"confirm": "1"})
    assert answer["Location"] == reverse("desk:publisher-list") + "?status=applied"
    row.refresh_from_db()
    assert (row.state, row.decided_by.username) == (State.QUEUED, "desk")
    page = desk_client.get(reverse("desk:publisher-list")).content.decode()
    assert "1 decision on publishers waits to be sent: about 1 minute." in page
    desk_client.post(reverse("desk:publisher-undo"), {"ids": row.pk})
    row.refresh_from_db()
    assert row.state == State.NONE


def test_a_link_away_from_the_site_is_no_way_back(desk_client, channels):
    data = {"ids": "1", "next": "//evil.example/"}
    assert desk_client.post(reverse("desk:publisher-undo"), data)["Location"] == reverse(
        "desk:publisher-list"
    )


def test_publishers_of_both_networks_stand_on_one_page(desk_client, channels, management):
    desk_client.post(reverse("desk:publisher-read"))
    page = desk_client.get(reverse("desk:publisher-list")).content.decode()
    assert "Adtraction" in page
    assert "Tradedoubler" in page


def test_sales_are_shown_with_what_time_will_decide(desk_client, management, django_assert_max_num_queries):
    pending.read_pending(management)
    with django_assert_max_num_queries(12):
        page = desk_client.get(reverse("desk:pending-list")).content.decode()
    assert "then approved" in page
    row = pending.list_pending().exclude(event_id="17")[0]
    data = {"ids": row.pk, "status": "deny", "reason": "10"}
    assert (
        "pending</del> → <ins>denied"
        in desk_client.post(reverse("desk:pending-decide"), data).content.decode()
    )
    desk_client.post(reverse("desk:pending-decide"), data | {"confirm": "1"})
    assert PendingSale.objects.get(pk=row.pk).wanted == {"status": "denied", "reason": "10"}


def test_a_file_of_returns_shows_its_plan_and_then_follows_it(desk_client, management):
    from django.core.files.uploadedfile import SimpleUploadedFile

    pending.read_pending(management)
    row = pending.list_pending().exclude(event_id="17")[0]
    text = f"order,action,reason\n{row.order_number},deny,10\nX-9,deny,10\n"
    file = SimpleUploadedFile("returns.csv", text.encode())
    page = desk_client.post(reverse("desk:pending-returns"), {"file": file}).content.decode()
    assert "Deny: Returned" in page
    assert "No sale of this order waits." in page
    desk_client.post(reverse("desk:pending-returns"), {"text_kept": text, "confirm": "1"})
    assert PendingSale.objects.exclude(state=State.NONE).count() == 1


def test_the_overview_counts_what_waits(
    desk_client, channels, management, campaign, django_assert_max_num_queries
):
    pending.read_pending(management)
    conversions.take(campaign, [order(amount="9000000")])
    with django_assert_max_num_queries(12):
        page = desk_client.get(reverse("desk:overview")).content.decode()
    for words in ("publishers applied", "sales that time decides this week", "conversion is held"):
        assert words in page


# --- The shop's door ------------------------------------------------------------------------------


@pytest.fixture
def tell(client, campaign):
    """Post to the door with a fresh key, or with another."""
    _, key = conversions.create_key(campaign, "Shop", None)

    def post(body, key=key, **headers):
        body = body if isinstance(body, str | bytes) else json.dumps(body)
        return client.post(
            "/desk/api/conversions",
            body,
            "application/json",
            headers={"Authorization": f"Bearer {key}", **headers},
        )

    post.key = key
    return post


def test_one_conversion_is_taken(tell):
    answer = tell(order(email=ADDRESS))
    assert (answer.status_code, answer.json()) == (200, {"tid": "ORD-1", "outcome": "taken"})
    assert Conversion.objects.get().reference


def test_many_are_answered_in_their_order(tell):
    answer = tell([order(), order(), order("ORD-2", amount="x"), order("ORD-3", reference="")]).json()
    assert [one["outcome"] for one in answer["results"]] == ["taken", "taken", "refused", "taken"]
    assert answer["results"][3]["message"].startswith("No click reference")


def test_one_that_cannot_be_taken_is_422(tell):
    answer = tell(order(currency=""))
    assert answer.status_code == 422
    assert "never travels without one" in answer.json()["message"]


def test_numbers_are_read_as_they_are_written(tell):
    """12999 is held, 12999.00 is not; a float of JSON would not tell them apart."""
    tell(
        '[{"tid": "A", "amount": 129.10, "currency": "EUR"},'
        ' {"tid": "B", "amount": 1299900, "currency": "EUR"}]'
    )
    assert str(Conversion.objects.get(tid="A").amount) == "129.10"
    assert Conversion.objects.get(tid="B").state == "held"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("7", 400),
        ("[7]", 400),
        ("null", 400),
        ("[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (json.dumps([order(f"T-{n}") for n in range(1001)]), 413),
        ("[" + " " * (1 << 20) + "]", 413),
    ],
    ids=["empty", "half", "a number", "numbers", "null", "deep", "no text", "too many", "too large"],
)
def test_a_body_that_is_none_is_refused_in_words(tell, body, status):
    answer = tell(body)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_key_that_was_stolen_is_revoked_and_opens_nothing(tell, desk_client):
    key = ConversionKey.objects.get()
    assert tell.key not in key.key_hash
    assert tell(order()).status_code == 200
    desk_client.post(reverse("desk:key-revoke", args=[key.pk]))
    answer = tell(order("ORD-2"))
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert Conversion.objects.count() == 1  # what it brought stays
    assert Event.objects.filter(kind="desk_key.revoked").count() == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer conv_"])
def test_without_a_key_the_door_is_shut(client, campaign, header):
    answer = client.post("/desk/api/conversions", "{}", "application/json", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_key_is_shown_once(desk_client, campaign):
    page = desk_client.post(reverse("desk:key-list"), {"account": campaign.pk, "name": "Shop"})
    assert "conv_" in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "conv_" not in desk_client.get(reverse("desk:key-list")).content.decode()


def test_a_file_of_conversions_says_what_became_of_each(desk_client, campaign):
    from django.core.files.uploadedfile import SimpleUploadedFile

    text = f"tid;amount;currency;email\nA-1;129.99;EUR;{ADDRESS}\nA-2;12,5;EUR;\n"
    data = {"account": campaign.pk, "file": SimpleUploadedFile("a.csv", text.encode())}
    page = desk_client.post(reverse("desk:conversion-upload"), data).content.decode()
    assert "Taken" in page
    assert "major units" in page
    assert Conversion.objects.get().email_hash


def test_held_conversions_are_decided_on_the_page(desk_client, campaign):
    conversions.take(campaign, [order(amount="9000000")])
    page = desk_client.get(reverse("desk:conversion-list")).content.decode()
    assert "9000000 looks like minor units: is it 90000.00 EUR?" in page
    row = Conversion.objects.get()
    desk_client.post(reverse("desk:conversion-decide"), {"ids": row.pk, "action": "minor"})
    row.refresh_from_db()
    assert (row.state, str(row.amount)) == ("waiting", "90000.00")


def test_credentials_of_each_role_are_the_sandboxs():
    assert management_credentials(4)["username"].startswith("reader")
