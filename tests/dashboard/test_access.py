"""Every page of the dashboard's own: who may, who may not, who is not logged in."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from dashboard import urls

# route -> what an editor gets. An administrator gets in everywhere; a user without a role nowhere.
PAGES = {
    "home": 200,
    "active-runs": 200,
    "syncs": 200,
    "user-list": 403,
    "user-create": 403,
    "user-edit": 403,
}
every_page = pytest.mark.parametrize("name", PAGES)


def address(name: str, pk: int) -> str:
    return reverse(f"dashboard:{name}", args=[pk] if name.endswith("-edit") else [])


def test_every_page_is_in_the_table():
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES)


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
