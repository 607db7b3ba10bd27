"""Running a program: every call of the table against the sandbox, roles, and writes that ask first."""

import re

import pytest
from django.urls import reverse

from desk.services.program import CALLS
from desk.services.program import run as program
from events.models import Event
from importer.sandbox.credentials import management_credentials
from tests.desk.make import make_desk_account

pytestmark = pytest.mark.django_db(transaction=True)

DATES = {"fromDate": "2026-01-01", "toDate": "2099-01-01", "reportCurrencyCode": "EUR"}
# What each reading call is asked with.
ASKED = {
    "user": {"logonAccountId": "700100"},
    "program": {"programId": "290001"},
    "advanced": {"programId": "290001"},
    "texts": {"programId": "290001"},
    "ads": {"programId": "290001"},
    "ad": {"adId": "2900010"},
    "sources": {"programId": "290001"},
    "connections": {"programId": "290001"},
    "commissions": {"programId": "290001"},
    "segments": {"programId": "290001"},
    "invoice": {"invoiceNumber": "TD20260000"},
    "statistics": {**DATES, "reportType": "program", "intervalType": "period"},
    "statistics-file": {**DATES, "reportType": "program", "intervalType": "period", "format": "csv"},
    "transactions": DATES,
    "transactions-file": {**DATES, "format": "csv"},
    "dashboard": {"intervalType": "LAST_30_DAYS", "reportCurrencyCode": "EUR"},
    "top-programs": {"intervalType": "LAST_30_DAYS", "reportCurrencyCode": "EUR"},
    "top-sources": {"intervalType": "LAST_30_DAYS", "reportCurrencyCode": "EUR"},
}
SHOWS = {
    "programs": "OTTO DE",
    "program": "Home page url",
    "advanced": "Time zone",
    "time-zones": "UTC+1",
    "texts": "Short description",
    "ads": "Banner 0",
    "ad": "300x250",
    "sources": "Owner of",
    "connections": "Good finds",
    "categories": "Trial",
    "commissions": "General",
    "segments": "Gold",
    "events": "Sale of furniture",
    "tokens": "PRODUCTS",
    "invoices": "TD20260000",
    "statistics": "Clicks",
    "transactions": "N-50",
    "dashboard": "Sales after impressions",
    "top-programs": "Order value",
    "top-sources": "Order value",
    "me": "owner@nordbad.example",
    "organisation": "Nordbad GmbH",
    "users": "Adam",
    "user": "Olga",
}
READS = [slug for slug, call in CALLS.items() if not call.writes]
WRITES = [slug for slug, call in CALLS.items() if call.writes]


@pytest.fixture
def login(sandbox):
    programs = {"290001": "OTTO DE", "290008": "Klangstudio DE"}
    return make_desk_account("tradedoubler", "management", programs=programs, role="owner")


def address(login, slug, **values):
    return reverse("desk:program-call", args=[login.pk, slug]) + "".join(
        f"{'&' if place else '?'}{name}={value}" for place, (name, value) in enumerate(values.items())
    )


def test_each_reading_call_shows_what_the_network_tells(desk_client, login):
    for slug in READS:
        answer = desk_client.get(address(login, slug, **ASKED.get(slug, {})))
        assert answer.status_code == 200, slug
        if CALLS[slug].is_file:
            assert "attachment" in answer["Content-Disposition"]
            assert answer.content.startswith((b"%PDF", b"transactionId,", b"programId,")), slug
        else:
            assert SHOWS[slug] in answer.content.decode(), slug


def write(client, login, slug, values, typed="", **about):
    """Fill the form of a write, look at what it changes, and say yes. Return (what is shown, the end)."""
    here = address(login, slug, **about)
    form = client.get(here)
    assert form.status_code == 200, slug
    data = {name: field.value() for name, field in fields_of(form) if field.value() is not None}
    shown = client.post(here, {**data, **values}).content.decode()
    seal = re.search(r'name="seal" value="([^"]+)"', shown)
    assert seal, shown[shown.find("field-error") - 200 :][:600]
    end = client.post(here, {"seal": seal[1], "typed": typed}, follow=True)
    return shown, end.content.decode()


def fields_of(response):
    return [(field.name, field) for field in response.context["form"]]


PEOPLE = {
    "username": "new@nordbad.example",
    "firstName": "Nina",
    "lastName": "New",
    "email": "new@nordbad.example",
    "languageId": "en",
    "newsletter": "N",
    "reportCurrencyCode": "EUR",
    "roleId": "3",
    "countryAccess": "DE, SE",
}
PROGRAM = {
    "name": "Nordbad NL",
    "currencyCode": "EUR",
    "countryCode": "NL",
    "implementationTypeId": "3",
    **dict.fromkeys(("adminPersonId", "techPersonId", "genericPersonId"), "800100"),
    **dict.fromkeys(("invoiceTdOrgId", "tdOrganizationId"), "51"),
}
# slug -> (what is typed, about which row, the word to type, what is shown before, what stands there then)
CHANGES = {
    "me-edit": ({"firstName": "Olivia"}, {}, "", "Olga</del> → <ins>Olivia", "Olivia"),
    "password": (
        {"currentPassword": "desk-of-owner", "newPassword": "another-1"},
        {},
        "",
        "a new one",
        "done",
    ),
    "user-add": ({**PEOPLE, "password": "first-1"}, {}, "", "Nina", "Nina"),
    "user-edit": ({"roleId": "4"}, {"logonAccountId": "700101"}, "", "Admin</del> → <ins>Read-only", "done"),
    "user-delete": ({}, {"logonAccountId": "700102"}, "member@nordbad.example", "Mia", "done"),
    "program-add": (PROGRAM, {}, "", "Nordbad NL", "Nordbad NL"),
    "program-edit": ({"cookieWindow": "45"}, {"programId": "290001"}, "", "30</del> → <ins>45", "done"),
    "program-end": (
        {"td_mainclosurereason": "899140004"},
        {"programId": "290008"},
        "Klangstudio DE",
        "Klangstudio DE",
        "done",
    ),
    "advanced-edit": ({"plt": "2"}, {"programId": "290001"}, "", "No</del> → <ins>Both", "done"),
    "text-edit": (
        {"text": "All for the bath."},
        {"programId": "290001", "textTypeId": "3", "languageCode": "en"},
        "",
        "All for the bath.",
        "All for the bath.",
    ),
    "ad-add": (
        {"name": "New ad", "programId": "290001", "adType": "1", "text": "Hi"},
        {},
        "",
        "New ad",
        "done",
    ),
    "ad-edit": ({"size": "468x60"}, {"adId": "2900010"}, "", "300x250</del> → <ins>468x60", "done"),
    "category-add": ({"categoryName": "Blogs"}, {}, "", "Blogs", "Blogs"),
    "category-edit": ({"categoryName": "Best"}, {"categoryId": "1"}, "", "Top</del> → <ins>Best", "Best"),
    "commission-add": (
        {"startDate": "2027-01-01", "publisherCommissionPercent": "9"},
        {"programId": "290001", "segmentId": "2", "eventId": "51"},
        "",
        "8</del> → <ins>9",
        "2027-01-01",
    ),
    "segment-add": ({"segmentName": "Silver"}, {"programId": "290001"}, "", "Silver", "Silver"),
    "segment-edit": (
        {"segmentName": "Platinum"},
        {"programId": "290001", "segmentId": "2"},
        "",
        "Gold</del> → <ins>Platinum",
        "Platinum",
    ),
    "event-add": ({"name": "Call", "eventTypeId": "4", "ruleId": "2"}, {}, "", "Call", "Call"),
    "event-edit": ({"pendingPeriod": "90"}, {"eventId": "51"}, "", "30</del> → <ins>90", "90"),
    "token-renew": (
        {},
        {"id": "1", "tokenType": "ADVERTISER", "tokenSystem": "PRODUCTS"},
        "PRODUCTS",
        "dies",
        "done",
    ),
}


def test_every_write_has_a_test():
    assert set(CHANGES) == set(WRITES)
    assert set(SHOWS) | {slug for slug in READS if CALLS[slug].is_file} == set(READS)


def test_each_write_shows_before_and_after_asks_and_is_in_the_log(desk_client, login, sandbox):
    sandbox.state.options.connect_rate_limit = 1000  # more than a minute of people
    for slug, (values, about, typed, before, afterwards) in CHANGES.items():
        shown, end = write(desk_client, login, slug, values, typed, **about)
        assert before in shown, slug
        assert afterwards in end, slug
        line = Event.objects.filter(kind="desk_program.changed").latest("pk")
        assert line.after["name"].startswith(CALLS[slug].title)
        for told in ("another-1", "first-1", "desk-of-owner"):
            assert told not in f"{line.before}{line.after}{end}"
    assert Event.objects.filter(kind="desk_program.changed").count() == len(WRITES)


def test_a_program_ends_only_when_its_name_is_typed(desk_client, login, sandbox):
    _, end = write(
        desk_client, login, "program-end", {"td_mainclosurereason": "899140004"}, "OTTO", programId="290001"
    )
    assert "Nothing was done." in end
    assert sandbox.state.organisation.programs[0]["endDate"] is None


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(desk_client, login, sandbox):
    here = address(login, "segment-edit", programId="290001", segmentId="2")
    shown = desk_client.post(
        here, {"programId": "290001", "segmentId": "2", "segmentName": "Mine"}
    ).content.decode()
    sandbox.state.organisation.segments[290001][1]["name"] = "Theirs"
    seal = re.search(r'name="seal" value="([^"]+)"', shown)[1]
    end = desk_client.post(here, {"seal": seal}, follow=True).content.decode()
    assert "Somebody else changed it meanwhile." in end
    assert sandbox.state.organisation.segments[290001][1]["name"] == "Theirs"


def test_a_seal_is_one_persons_and_one_pages(desk_client, admin_client, login):
    here = address(login, "segment-add", programId="290001")
    shown = desk_client.post(here, {"programId": "290001", "segmentName": "New"}).content.decode()
    seal = re.search(r'name="seal" value="([^"]+)"', shown)[1]
    for client, page, text in (
        (admin_client, here, seal),
        (desk_client, address(login, "category-add"), seal),
        (desk_client, here, seal[:-4]),
    ):
        assert "shown too long ago" in client.post(page, {"seal": text}, follow=True).content.decode()
    assert not Event.objects.filter(kind="desk_program.changed").exists()


def test_what_the_role_does_not_allow_is_neither_offered_nor_done(desk_client, login):
    for role, number in [("admin", 2), ("member", 3), ("read-only", 4), ("", 4)]:
        login.role = role
        login.save()
        page = desk_client.get(reverse("desk:program-index")).content.decode()
        for slug, call in CALLS.items():
            if number > call.lowest:
                assert f"/program/{login.pk}/{slug}/" not in page
                assert desk_client.get(address(login, slug)).status_code == 403
                assert desk_client.post(address(login, slug), {"seal": "x"}).status_code == 403


def test_a_network_that_knows_a_lower_role_refuses_in_words(desk_client, login):
    login.set_credentials(management_credentials(4))
    login.save()
    _, end = write(desk_client, login, "segment-add", {"segmentName": "New"}, programId="290001")
    assert "The role of this login does not allow it" in end


def test_nobody_without_the_permission_writes(client, django_user_model, login):
    from django.contrib.auth.models import Permission

    user = django_user_model.objects.create_user("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_deskaccount"))
    client.force_login(user)
    assert client.get(address(login, "segments", programId="290001")).status_code == 200
    assert client.get(address(login, "segment-add")).status_code == 403
    assert "segment-add" not in client.get(reverse("desk:program-index")).content.decode()


def test_no_page_shows_a_token_whole(desk_client, login, sandbox):
    page = desk_client.get(address(login, "tokens")).content.decode()
    for token in sandbox.state.organisation.tokens:
        assert token["token"] not in page
    assert "…0001" in page


def test_a_network_that_is_down_is_a_sentence_on_the_page(desk_client, login, control):
    control("faults", {"path": "/connect/advertiser/", "status": 503})
    page = desk_client.get(address(login, "events")).content.decode()
    assert "has a problem (status 503)" in page


def test_what_is_no_call_or_no_program_is_404(desk_client, login):
    assert desk_client.get(address(login, "nothing")).status_code == 404
    other = make_desk_account("adtraction", "channels")
    assert desk_client.get(address(other, "programs")).status_code == 404


def test_numbers_and_texts_that_read_alike_are_no_change():
    call = CALLS["event-edit"]
    before = {"id": 51, "name": "Sale", "ruleId": 2, "pending": True, "daysToAutoApprove": 30}
    values = {"eventId": 51, "name": "Sale", "ruleId": 2, "pending": True, "pendingPeriod": 30}
    assert program.changes_of(call, before, values) == []
