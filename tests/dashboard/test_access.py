"""Every page of the dashboard's own: who may, who may not, who is not logged in."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from dashboard import urls
from mail.models import Mail
from mail.outbox import Letter, put

# route -> what an editor gets. An administrator gets in everywhere; a user without a role nowhere.
PAGES = {
    "home": 200,
    "active-runs": 200,
    "syncs": 200,
    "mail-settings": 200,
    "mail-list": 403,
    "mail-detail": 403,
    "mail-html": 403,
    "user-list": 403,
    "user-create": 403,
    "user-edit": 403,
}
# What is posted to.
ACTIONS = {"mail-again": 403, "user-factor-off": 403}
# One's own: for everybody who is logged in, whatever the role.
OWN_PAGES = {"security", "second-factor"}
OWN_ACTIONS = {"second-factor-off", "recovery-codes", "passkey-remove", "sign-in-end"}
# For everybody who has the link.
OPEN = {"mail-stop"}
every_page = pytest.mark.parametrize("name", PAGES)
every_action = pytest.mark.parametrize("name", ACTIONS)


def address(name: str, pk: int) -> str:
    if name in ("mail-detail", "mail-html", "mail-again"):
        put([Letter(kind="digest", recipient="ada@shop.example", subject="News", text="News")])
        pk = Mail.objects.get().pk
    needs_id = name.endswith(("-edit", "-detail", "-html", "-again", "passkey-remove", "-factor-off"))
    needs_id = needs_id and name != "second-factor-off"
    return reverse(f"dashboard:{name}", args=[pk] if needs_id else [])


def test_every_page_is_in_the_table():
    assert {pattern.name for pattern in urls.urlpatterns} == (
        PAGES.keys() | ACTIONS.keys() | OPEN | OWN_PAGES | OWN_ACTIONS
    )


@pytest.mark.parametrize("name", sorted(OWN_PAGES | OWN_ACTIONS))
def test_what_is_ones_own_needs_a_login_and_no_role(editor, outsider_client, name):
    path, is_page = address(name, editor.pk), name in OWN_PAGES
    refused = Client().get(path) if is_page else Client().post(path)
    assert refused.url.startswith(reverse("login"))
    if is_page:
        assert outsider_client.get(path).status_code == 200
    else:
        assert outsider_client.get(path).status_code == 405


@every_page
def test_editors_open_what_is_for_them_and_nothing_else(editor, editor_client, name):
    assert editor_client.get(address(name, editor.pk)).status_code == PAGES[name]


@every_page
def test_administrators_open_everything(client, editor, django_user_model, name):
    user = django_user_model.objects.create_user("administrator")
    user.groups.add(Group.objects.get(name="Administrator"))
    client.force_login(user)
    assert client.get(address(name, editor.pk)).status_code == 200


@every_page
def test_who_has_no_role_is_refused(editor, outsider_client, name):
    assert outsider_client.get(address(name, editor.pk)).status_code == 403


@every_page
def test_who_is_not_logged_in_is_asked_to(client, editor, name):
    response = client.get(address(name, editor.pk))
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


@every_action
def test_only_administrators_do_what_is_theirs(client, editor, django_user_model, name):
    path = address(name, editor.pk)
    assert client.post(path).url.startswith(reverse("login"))
    client.force_login(editor)
    assert client.post(path).status_code == ACTIONS[name]
    user = django_user_model.objects.create_user("administrator")
    user.groups.add(Group.objects.get(name="Administrator"))
    client.force_login(user)
    assert client.get(path).status_code == 405
    assert client.post(path).status_code == 302
