"""What feeds may change is said on a page of its own under the account's settings."""

import pytest
from django.urls import reverse

from catalog.models import Offer
from events.models import Event
from importer.imports.follow import start_update
from tests.importer.imports.test_following import fresh, make, update
from tests.importer.make import make_account
from tests.importer.pages import text_of

pytestmark = pytest.mark.django_db
DEFAULTS = {
    **dict.fromkeys(("price", "stock", "link", "old_price", "shipping"), "always"),
    **dict.fromkeys(("title", "description", "brand", "gtin", "images", "attributes"), "unless_edited"),
    "category_ids": "unless_edited",
    "gone": "mark",
    "gone_mail": "no",
}


def address(account):
    return reverse("importer:account-policies", args=[account.network, account.pk])


def save(client, account, **choices):
    response = client.post(address(account), DEFAULTS | choices)
    assert response.status_code == 302
    account.refresh_from_db()
    return account.policies


def test_the_page_shows_good_defaults_and_is_found_from_the_settings(admin_client):
    account = make_account("adtraction")
    page = admin_client.get(address(account))
    assert {name: page.context["form"][name].value() for name in DEFAULTS} == DEFAULTS
    settings = admin_client.get(reverse("importer:account-edit", args=["adtraction", account.pk]))
    assert address(account) in settings.content.decode()


def test_only_what_differs_from_the_defaults_is_stored_and_told(admin_client):
    account = make_account("adtraction")
    assert save(admin_client, account) == {}
    wanted = {"title": "never", "price": "never", "gone": "draft", "gone_mail": True}
    assert save(admin_client, account, **wanted | {"gone_mail": "yes"}) == wanted
    event = Event.objects.get(kind="account.changed")
    assert event.after == {"policies": wanted}
    page = admin_client.get(address(account))
    assert page.context["form"]["gone"].value() == "draft"
    assert save(admin_client, account) == {}


@pytest.mark.parametrize("wrong", [{"title": "sometimes"}, {"price": "unless_edited"}, {"gone": ""}])
def test_what_is_no_policy_is_refused(admin_client, wrong):
    account = make_account("adtraction")
    response = admin_client.post(address(account), DEFAULTS | wrong)
    assert response.status_code == 200
    assert "Select a valid choice" in text_of(response) or "required" in text_of(response)
    account.refresh_from_db()
    assert account.policies == {}


@pytest.mark.django_db(transaction=True)
def test_what_may_follow_again_does_with_the_next_sync(admin_client):
    account = make_account("adtraction", policies={"title": "never"})
    item, product = make(account)
    update(item, title="Trail shoe 2")
    assert fresh(product).title == "Trail shoe"
    assert start_update(item.feed) is None
    save(admin_client, account)
    assert Offer.objects.get().source_digest is None
    update(item)
    assert fresh(product).title == "Trail shoe 2"
