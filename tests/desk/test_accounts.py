"""The advertiser's logins: connected, refused, tested, removed."""

import pytest
from django.urls import reverse

from desk.models import DeskAccount
from desk.services.accounts import check_account, connect_account
from events.models import Event
from importer.http.errors import NetworkError
from importer.sandbox.credentials import (
    DEMO_CREDENTIALS,
    TRADEDOUBLER_ADVERTISER_TOKEN,
    TRADEDOUBLER_VOUCHER_TOKEN,
)
from tests.desk.make import make_desk_account

ADD = ["tradedoubler", "products"]


def post(client, token: str, **values):
    data = {"label": "Our shop", "credential_token": token} | values
    return client.post(reverse("desk:account-add", args=ADD), data)


def test_a_login_is_kept_once_the_network_accepted_it(admin_client, sandbox):
    assert post(admin_client, TRADEDOUBLER_ADVERTISER_TOKEN).status_code == 302
    account = DeskAccount.objects.get()
    assert account.programs == {"295001": "Kontor & Kraut DE", "295002": "Kontor & Kraut SE"}
    assert account.get_credentials() == {"token": TRADEDOUBLER_ADVERTISER_TOKEN}
    page = admin_client.get(account.get_absolute_url()).content.decode()
    assert TRADEDOUBLER_ADVERTISER_TOKEN not in page
    assert TRADEDOUBLER_ADVERTISER_TOKEN not in account.encrypted_credentials


@pytest.mark.parametrize("token", [TRADEDOUBLER_VOUCHER_TOKEN, "0" * 40], ids=["another system", "unknown"])
def test_a_token_that_is_refused_is_not_kept(admin_client, sandbox, token):
    page = post(admin_client, token).content.decode()
    assert "Tradedoubler refused the token" in page
    assert token not in page
    assert not DeskAccount.objects.exists()


def test_two_logins_of_a_kind_have_two_names(admin_client, sandbox):
    make_desk_account(label="Our shop")
    assert "There is a login of this name already." in post(admin_client, "x" * 40).content.decode()


def test_what_is_left_blank_keeps_the_credentials(admin_client, sandbox):
    account = make_desk_account()
    admin_client.post(account.get_absolute_url(), {"label": "Renamed", "credential_token": ""})
    account.refresh_from_db()
    assert account.label == "Renamed"
    assert account.get_credentials() == {"token": TRADEDOUBLER_ADVERTISER_TOKEN}


def test_a_login_that_stops_working_says_why_and_waits_for_somebody(admin_client, sandbox):
    account = make_desk_account()
    account.set_credentials({"token": "0" * 40})
    account.save()
    with pytest.raises(NetworkError):
        check_account(account)
    page = admin_client.get(reverse("desk:overview")).content.decode()
    assert "login does not work" in page
    assert "refused the token" in admin_client.get(reverse("desk:account-list")).content.decode()


def test_a_removed_login_leaves_a_line_in_the_log(admin_client, sandbox):
    account = make_desk_account()
    admin_client.post(reverse("desk:account-remove", args=[account.pk]))
    assert not DeskAccount.objects.exists()
    page = admin_client.get(reverse("desk:log")).content.decode()
    assert "Login of the desk removed" in page
    assert "admin" in page


def test_no_event_holds_a_credential(db, sandbox):
    connect_account(*ADD, credentials={"token": TRADEDOUBLER_ADVERTISER_TOKEN}, label="Shop")
    account = DeskAccount.objects.get()
    connect_account(
        *ADD, credentials={"token": TRADEDOUBLER_ADVERTISER_TOKEN}, label="Other", account=account
    )
    told = str(list(Event.objects.values()))
    assert "Other" in told
    assert TRADEDOUBLER_ADVERTISER_TOKEN not in told


def test_the_publishers_token_is_no_advertisers(db, sandbox):
    """It lists the feeds of shops: which of the two it is shows in the first write."""
    account = connect_account(*ADD, credentials=DEMO_CREDENTIALS["tradedoubler"], label="Wrong")
    assert "295001" not in account.programs
