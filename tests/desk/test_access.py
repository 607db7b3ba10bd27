"""Every page of the desk: who may, who may not, who is not logged in."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from desk import urls
from desk.models import OwnCategory, PushRun
from desk.services.conversions import create_key
from tests.desk.make import make_desk_account, make_own_feed

AT_THE_DESK, ADMINISTRATORS = "the desk too", "administrators only"

# Route -> who may open it, and how.
PAGES = {
    "overview": (AT_THE_DESK, "get"),
    "log": (AT_THE_DESK, "get"),
    "feed-list": (AT_THE_DESK, "get"),
    "feed-add": (AT_THE_DESK, "get"),
    "feed-detail": (AT_THE_DESK, "get"),
    "feed-edit": (AT_THE_DESK, "get"),
    "feed-columns": (AT_THE_DESK, "get"),
    "feed-refresh": (AT_THE_DESK, "post"),
    "feed-again": (AT_THE_DESK, "post"),
    "feed-empty": (AT_THE_DESK, "get"),
    "feed-remove": (AT_THE_DESK, "get"),
    "feed-pull": (AT_THE_DESK, "post"),
    "feed-plan": (AT_THE_DESK, "post"),
    "feed-categories": (AT_THE_DESK, "get"),
    "feed-learn": (AT_THE_DESK, "post"),
    "feed-map": (AT_THE_DESK, "post"),
    "push-detail": (AT_THE_DESK, "get"),
    "push-start": (AT_THE_DESK, "post"),
    "push-cancel": (AT_THE_DESK, "post"),
    "category-list": (AT_THE_DESK, "get"),
    "category-choose": (AT_THE_DESK, "post"),
    "account-list": (AT_THE_DESK, "get"),
    "account-add": (ADMINISTRATORS, "get"),
    "account-edit": (ADMINISTRATORS, "get"),
    "account-check": (ADMINISTRATORS, "post"),
    "account-remove": (ADMINISTRATORS, "get"),
    "publisher-list": (AT_THE_DESK, "get"),
    "publisher-decide": (AT_THE_DESK, "post"),
    "publisher-undo": (AT_THE_DESK, "post"),
    "publisher-read": (AT_THE_DESK, "post"),
    "pending-list": (AT_THE_DESK, "get"),
    "pending-decide": (AT_THE_DESK, "post"),
    "pending-undo": (AT_THE_DESK, "post"),
    "pending-read": (AT_THE_DESK, "post"),
    "pending-returns": (AT_THE_DESK, "get"),
    "conversion-list": (AT_THE_DESK, "get"),
    "conversion-decide": (AT_THE_DESK, "post"),
    "conversion-upload": (AT_THE_DESK, "get"),
    "key-list": (AT_THE_DESK, "get"),
    "key-revoke": (AT_THE_DESK, "post"),
    "program-index": (AT_THE_DESK, "get"),
    "program-call": (AT_THE_DESK, "get"),
}
every_page = pytest.mark.parametrize("name", PAGES)


@pytest.fixture
def address(db, no_network):
    """Return the address of any page, with rows that exist."""
    program = make_desk_account("tradedoubler", "management", role="owner")
    key, _ = create_key(make_desk_account("tradetracker", "conversions"), "Shop", None)
    account = make_desk_account()
    feed = make_own_feed(account)
    ids = {"account": account.pk, "feed": feed.pk, "key": key.pk}
    ids |= {"push": PushRun.objects.create(feed=feed, state="planned").pk}
    ids |= {"category": OwnCategory.objects.create(feed=feed, name="Shoes").pk}
    values = {"network": "tradedoubler", "kind": "products", "account": program.pk, "call": "statistics"}

    def get(name: str) -> str:
        pattern = next(pattern for pattern in urls.urlpatterns if pattern.name == name)
        kind = "account" if name == "feed-add" else name.partition("-")[0]
        known = values | {"pk": ids.get(kind, 1)}
        return reverse(f"desk:{name}", kwargs={key: known[key] for key in pattern.pattern.converters})

    return get


def test_every_page_is_in_the_table():
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES)


@every_page
def test_those_at_the_desk_open_what_is_theirs_and_nothing_else(desk_client, address, name):
    who, method = PAGES[name]
    response = getattr(desk_client, method)(address(name))
    assert response.status_code in ((200, 302) if who == AT_THE_DESK else (403,))


@every_page
def test_administrators_open_everything(client, django_user_model, address, name):
    user = django_user_model.objects.create_user("administrator")
    user.groups.add(Group.objects.get(name="Administrator"))
    client.force_login(user)
    assert getattr(client, PAGES[name][1])(address(name)).status_code in (200, 302)


@every_page
def test_editors_have_no_desk(editor_client, address, name):
    assert getattr(editor_client, PAGES[name][1])(address(name)).status_code == 403


@every_page
def test_who_is_not_logged_in_is_sent_to_the_login(client, address, name):
    response = getattr(client, PAGES[name][1])(address(name))
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", [name for name, (_, method) in PAGES.items() if method == "post"])
def test_changes_are_not_made_by_following_a_link(admin_client, address, name):
    assert admin_client.get(address(name)).status_code == 405


def test_those_at_the_desk_begin_there(desk_client):
    assert desk_client.get(reverse("dashboard:home")).headers["Location"] == reverse("desk:overview")


def test_the_menu_shows_the_desk_once_a_login_is_connected(admin_client):
    link = f'href="{reverse("desk:overview")}"'
    assert link not in admin_client.get(reverse("dashboard:home")).content.decode()
    make_desk_account()
    assert link in admin_client.get(reverse("dashboard:home")).content.decode()


def test_the_menu_of_an_editor_has_no_desk(editor_client):
    make_desk_account()
    page = editor_client.get(reverse("dashboard:home")).content.decode()
    assert reverse("desk:overview") not in page
