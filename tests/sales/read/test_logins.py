"""The login for reports: tried in words, kept encrypted, its tokens counted once; and callbacks as hints."""

import re
import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from importer.accounts.reports import reports_of
from importer.accounts.tokens import AccountTokens
from importer.http.errors import NetworkError
from importer.models import NetworkAccount, StoredTokens
from importer.networks.contract import Capability
from importer.sandbox.credentials import CONNECT_LOGINS, DEMO_REPORTS
from importer.sentences import say
from sales.models import ReportAccount, ReportWindow
from sales.read import reader, schedule
from tests.sales.read.conftest import read_all

LOGIN = DEMO_REPORTS["tradedoubler"]


@pytest.fixture
def plain_account(make_account):
    """At Tradedoubler, with no login for reports."""
    account = make_account("tradedoubler")
    account.set_credentials({}, Capability.REPORTS)
    account.save()
    return account


def post(client, account, **values):
    return client.post(reverse("sales:reading-edit", args=[account.pk]), values)


def test_a_login_that_works_is_kept_and_read_with(admin_client, plain_account, control):
    response = post(admin_client, plain_account, **LOGIN)
    assert response.status_code == 302
    stored = NetworkAccount.objects.get()
    assert stored.get_credentials(Capability.REPORTS) == LOGIN
    assert LOGIN["password"] not in stored.encrypted_credentials
    read_all(stored)
    assert ReportAccount.objects.get().login == LOGIN["username"]
    page = admin_client.get(reverse("sales:reading-edit", args=[stored.pk])).content.decode()
    assert "Up to date" in page
    assert not [secret for secret in (LOGIN["password"], LOGIN["client_secret"]) if secret in page]


def test_a_wrong_login_says_why_and_changes_nothing(admin_client, plain_account):
    response = post(admin_client, plain_account, **(LOGIN | {"password": "wrong"}))
    assert "Sign in again" in response.content.decode()
    assert NetworkAccount.objects.get().get_credentials(Capability.REPORTS) == {}
    response = post(admin_client, plain_account, client_id="x", client_secret="y")
    assert "Enter your password, or a refresh token." in response.content.decode()
    response = post(admin_client, plain_account, **(LOGIN | {"client_secret": "wrong"}))
    assert "refused the credentials" in response.content.decode()


def test_a_refresh_token_is_enough_and_is_not_kept_once_it_was_used(plain_account, admin_client, control):
    reports_of(_with(plain_account, LOGIN)).check()
    token = AccountTokens(plain_account.pk, Capability.REPORTS).load().refresh
    plain_account.refresh_from_db()
    values = {name: LOGIN[name] for name in ("client_id", "client_secret")}
    StoredTokens.objects.all().delete()
    assert post(admin_client, plain_account, **values, refresh_token=token).status_code == 302
    stored = NetworkAccount.objects.get()
    assert stored.get_credentials(Capability.REPORTS) == values
    assert AccountTokens(stored.pk, Capability.REPORTS).load().refresh not in ("", token)
    control("logins", method="DELETE")
    assert reports_of(stored).check().name == LOGIN["username"]


def _with(account, credentials):
    account.set_credentials(credentials, Capability.REPORTS)
    return account


def test_two_workers_use_a_refresh_token_once(make_account, control):
    account = make_account("tradedoubler")
    reports_of(account).check()
    control("logins", method="DELETE")  # the access token ends
    tokens = AccountTokens(account.pk, Capability.REPORTS).load()
    with AccountTokens(account.pk, Capability.REPORTS).lock(5) as held:
        held.save(type(tokens)("", tokens.refresh, 0.0))
    names, barrier = [], threading.Barrier(2)

    def ask():
        barrier.wait()
        names.append(reports_of(NetworkAccount.objects.get(pk=account.pk)).check().name)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert names == [LOGIN["username"]] * 2
    asked = [one["target"] for one in control("requests", method="GET") if "oauth" in one["target"]]
    assert len(asked) == 2  # the first sign-in, and one renewal


def test_a_changed_password_stops_the_reading_in_words_until_a_person_signs_in(
    make_account, control, admin_client
):
    account = make_account("tradedoubler")
    read_all(account)
    control("logins", **{CONNECT_LOGINS[0].username: "another"})
    ReportAccount.objects.update(recent_at=None)
    read_all(account)
    report = ReportAccount.objects.get()
    assert "Sign in again" in str(report.check_error)
    assert report.rests_until > timezone.now() + timedelta(minutes=50)
    waiting = ReportWindow.objects.filter(state="queued").count()
    assert waiting
    response = post(admin_client, account, **(LOGIN | {"password": "another"}))
    assert response.status_code == 302
    read_all(account)
    assert ReportAccount.objects.get().check_error == ""
    assert not ReportWindow.objects.filter(state="queued").exists()


def test_a_role_that_is_too_low_says_so(make_account):
    account = make_account("tradedoubler")
    member = CONNECT_LOGINS[1]
    account.set_credentials({name: getattr(member, name) for name in LOGIN}, Capability.REPORTS)
    account.save()
    reports = reports_of(account)
    assert reports.check().name == member.username
    today = schedule.today_of(type(reports), timezone.now())
    with pytest.raises(NetworkError) as caught:
        list(reports.fetch_payments(schedule.Window(today - timedelta(days=30), today)))
    assert "role" in say(caught.value)


def test_what_went_wrong_never_holds_a_secret(make_account, control, caplog):
    account = make_account("tradedoubler")
    control("faults", path="/connect/", status=400, body=f"no {LOGIN['client_secret']} {LOGIN['password']}")
    schedule.plan()
    reader.work(account.pk)
    said = str(ReportAccount.objects.get().rests_for) + caplog.text
    assert not [secret for secret in (LOGIN["client_secret"], LOGIN["password"]) if secret in said]


# --- Callbacks -----------------------------------------------------------------------------------
def test_a_callback_lets_the_newest_days_be_read_once_a_minute(client, adtraction, control):
    read_all(adtraction)
    secret = ReportAccount.objects.get().hook_secret
    address = reverse("sales-hook", args=["adtraction", secret])
    for _ in range(5):
        assert client.post(address, {"epi": "never looked at"}).status_code == 204
    assert client.get(address, {"commission": "1"}).status_code == 204
    hints = ReportWindow.objects.filter(cause=ReportWindow.Cause.HINT)
    assert hints.count() == 1
    ReportAccount.objects.update(hinted_at=timezone.now() - timedelta(minutes=2))
    client.get(address)
    assert hints.count() == 1  # it still waits


def test_a_callback_without_the_secret_is_nobody_s(client, adtraction, control):
    read_all(adtraction)
    secret = ReportAccount.objects.get().hook_secret
    before = ReportWindow.objects.count()
    for network, guess in (("adtraction", "x" * 43), ("tradetracker", secret), ("adtraction", secret[:-1])):
        assert client.get(f"/hooks/{network}/{guess}/").status_code == 404
    assert ReportWindow.objects.count() == before


def test_the_page_names_the_callback_and_a_test_reads_at_once(admin_client, adtraction, control):
    schedule.plan()
    page = admin_client.get(reverse("sales:reading-edit", args=[adtraction.pk])).content.decode()
    assert re.search(r"/hooks/adtraction/[\w-]{40,}/", page)
    check = reverse("sales:reading-check", args=[adtraction.pk])
    response = admin_client.post(check, follow=True)
    assert "signed in as" in response.content.decode()


def test_editors_see_the_state_and_change_no_login(client, make_account):
    account = make_account("tradedoubler")
    user = User.objects.create_user("editor")
    user.groups.add(Group.objects.get(name="Editor"))
    client.force_login(user)
    assert client.get(reverse("sales:reading-list")).status_code == 200
    assert client.get(reverse("sales:reading-edit", args=[account.pk])).status_code == 403
    assert client.post(reverse("sales:reading-check", args=[account.pk])).status_code == 403
