"""Connecting, changing, testing and removing accounts, against the sandbox over real HTTP."""

import html

import pytest
from django.urls import reverse

from catalog.models import Offer, Product, SiteSettings
from events.models import Event
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.importer.make import make_account, make_item
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
EVERY_NETWORK = pytest.mark.parametrize("network", sorted(NETWORKS))
SECRETS = {"tradedoubler": "token", "adtraction": "token", "tradetracker": "passphrase"}


def fields(network: str, **changes) -> dict:
    typed = {"label": "Mine", "currency": "SEK", "product_status": "published", "quick_publishes": "on"}
    return (
        typed | {f"credential_{name}": value for name, value in DEMO_CREDENTIALS[network].items()} | changes
    )


def add(client, network: str, **changes):
    return client.post(reverse("importer:account-add", args=[network]), fields(network, **changes))


@EVERY_NETWORK
def test_connecting_stores_the_account_and_says_so(admin_client, sandbox, network):
    response = add(admin_client, network)
    account = NetworkAccount.objects.get()
    assert response.url == reverse("importer:account-edit", args=[network, account.pk])
    assert account.get_credentials() == DEMO_CREDENTIALS[network]
    assert (account.label, account.currency, account.product_status) == ("Mine", "SEK", "published")
    assert account.quick_publishes
    assert not account.import_description
    page = text_of(admin_client.get(response.url))
    assert f"Connected to {NETWORKS[network].label}." in page


@pytest.mark.parametrize(
    ("network", "changes", "currency"),
    [
        ("tradedoubler", {}, "EUR"),
        ("adtraction", {"market": "SE"}, "SEK"),
        ("adtraction", {"market": "gb"}, "GBP"),
        ("adtraction", {"market": "CH"}, "CHF"),
        ("adtraction", {"market": "DK"}, "DKK"),
        ("adtraction", {"market": "DE"}, "EUR"),
        ("tradetracker", {"locale": "en_GB"}, "GBP"),
        ("tradetracker", {"locale": "sv_SE"}, "SEK"),
        ("tradetracker", {"locale": "nl_NL"}, "EUR"),
    ],
)
def test_a_new_account_searches_in_the_currency_of_its_market(
    admin_client, sandbox, network, changes, currency
):
    """Tradedoubler names no market: most of its products count."""
    SiteSettings.objects.create(pk=1, currency="PLN")
    page = text_of(admin_client.get(reverse("importer:account-add", args=[network])))
    assert "The currency of its market" in page
    add(
        admin_client, network, currency="", **{f"credential_{name}": value for name, value in changes.items()}
    )

    assert NetworkAccount.objects.get().currency == currency


def test_a_currency_that_was_chosen_stays(admin_client, sandbox):
    add(admin_client, "adtraction", currency="NOK", credential_market="SE")
    assert NetworkAccount.objects.get().currency == "NOK"


@EVERY_NETWORK
def test_stored_credentials_are_never_shown_again(admin_client, sandbox, network):
    page = text_of(admin_client.get(add(admin_client, network).url))
    for name, value in DEMO_CREDENTIALS[network].items():
        if name not in ("market", "locale"):  # choices, and no secret
            assert value not in page
    assert 'placeholder="saved"' in page


@EVERY_NETWORK
def test_wrong_credentials_are_an_error_on_the_form_that_keeps_what_was_typed(admin_client, sandbox, network):
    secret = f"credential_{SECRETS[network]}"
    response = add(admin_client, network, label="My <site>", **{secret: "f" * 40})
    page = text_of(response)
    assert response.status_code == 200
    assert "Not saved." in page
    assert page.split('role="alert"')[1].split("</div></div>")[0].count("refused") == 1
    assert 'value="My &lt;site&gt;"' in page
    assert "f" * 40 not in page
    assert not NetworkAccount.objects.exists()
    assert Event.objects.get().kind == "account.failed"


@EVERY_NETWORK
def test_wrong_credentials_leave_a_stored_account_as_it_was(admin_client, sandbox, network):
    add(admin_client, network)
    account = NetworkAccount.objects.get()
    url = reverse("importer:account-edit", args=[network, account.pk])
    secret = {f"credential_{SECRETS[network]}": "f" * 40}
    response = admin_client.post(url, fields(network, label="Other", currency="EUR", **secret))
    assert "Nothing was changed." in text_of(response)
    stored = NetworkAccount.objects.get()
    assert (stored.label, stored.currency) == ("Mine", "SEK")
    assert stored.get_credentials() == DEMO_CREDENTIALS[network]


@EVERY_NETWORK
def test_fields_left_blank_keep_the_stored_credentials(admin_client, sandbox, network):
    add(admin_client, network)
    account = NetworkAccount.objects.get()
    url = reverse("importer:account-edit", args=[network, account.pk])
    blank = {f"credential_{name}": "" for name in DEMO_CREDENTIALS[network]}
    for choice in ("market", "locale"):  # a choice is always sent
        if choice in DEMO_CREDENTIALS[network]:
            blank[f"credential_{choice}"] = DEMO_CREDENTIALS[network][choice]
    assert admin_client.post(url, fields(network, label="Renamed", **blank)).status_code == 302
    stored = NetworkAccount.objects.get()
    assert stored.label == "Renamed"
    assert stored.get_credentials() == DEMO_CREDENTIALS[network]


def test_changing_a_default_does_not_need_the_network(admin_client, no_network):
    account = make_account("tradedoubler")
    url = reverse("importer:account-edit", args=["tradedoubler", account.pk])
    response = admin_client.post(url, fields("tradedoubler", credential_token="", currency="PLN"))
    assert response.status_code == 302
    account.refresh_from_db()
    assert (account.currency, account.get_credentials()) == ("PLN", {"token": "t"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"label": ""}, "required", id="no label"),
        pytest.param({"label": "x" * 61}, "60", id="long label"),
        pytest.param({"currency": "XXX"}, "not one of the available choices", id="no currency in use"),
        pytest.param({"product_status": "trashed"}, "not one of the available choices", id="wrong status"),
        pytest.param({"credential_token": ""}, "required", id="no token"),
        pytest.param({"credential_token": "x" * 101}, "100", id="long token"),
    ],
)
def test_bad_input_is_refused_before_the_network_is_asked(admin_client, no_network, changes, message):
    response = add(admin_client, "tradedoubler", **changes)
    assert response.status_code == 200
    assert message in text_of(response)
    assert not NetworkAccount.objects.exists()
    assert not Event.objects.exists()


def test_a_label_may_be_used_once_per_network(admin_client, sandbox):
    add(admin_client, "tradedoubler")
    assert "There is an account of this name already." in text_of(add(admin_client, "tradedoubler"))
    assert add(admin_client, "adtraction").status_code == 302
    assert NetworkAccount.objects.count() == 2


def test_a_network_that_is_down_is_a_message_and_no_error_page(admin_client, no_network):
    response = add(admin_client, "adtraction")
    assert response.status_code == 200
    assert "Adtraction" in text_of(response)
    assert not NetworkAccount.objects.exists()


def test_the_connection_test_shows_its_result_with_reason_and_time(admin_client, sandbox):
    add(admin_client, "tradedoubler")
    account = NetworkAccount.objects.get()
    url = reverse("importer:account-check", args=["tradedoubler", account.pk])
    assert "the connection works" in text_of(admin_client.post(url, follow=True))
    account.set_credentials({"token": "0" * 40})
    account.save()
    page = text_of(admin_client.post(url, follow=True))
    account.refresh_from_db()
    assert not account.is_connected
    assert str(account.check_error) in html.unescape(page)
    assert "Tested" in page


def test_removing_an_account_keeps_the_products(admin_client):
    item = make_item()
    import_items(item)
    account = item.feed.account
    url = reverse("importer:account-remove", args=[account.network, account.pk])
    assert "stay on the site" in text_of(admin_client.get(url))
    assert NetworkAccount.objects.exists()
    assert admin_client.post(url).status_code == 302
    assert not NetworkAccount.objects.exists()
    assert (Product.objects.count(), Offer.objects.count()) == (1, 1)
    assert admin_client.post(url).status_code == 404


def test_an_unreadable_account_asks_for_its_credentials_again(admin_client, settings):
    account = make_account("tradedoubler")
    settings.CREDENTIALS_KEYS = ["another key"]
    url = reverse("importer:account-edit", args=["tradedoubler", account.pk])
    assert 'placeholder="saved"' not in text_of(admin_client.get(url))
    check = reverse("importer:account-check", args=["tradedoubler", account.pk])
    assert "can no longer be read" in text_of(admin_client.post(check, follow=True))
