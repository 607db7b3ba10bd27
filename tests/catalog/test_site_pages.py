"""Site settings, button texts, people, login."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from affiliate_site.roles import ADMINISTRATOR, DESK, EDITOR
from catalog.forms import ButtonTextsForm
from catalog.models import ButtonTexts, SiteSettings
from dashboard.users import LastAdministrator, get_role, save_user
from tests.catalog.conftest import client_of, make_user, texts

SETTINGS = reverse("catalog:site-settings")
PASSWORD = "correct horse battery"


def site_data(**changes) -> dict:
    names = ("buttons-long", "buttons-short", "buttons-unavailable", "tagline", "footer")
    data = {"name": "Shoes", "currency": "EUR", "disclosure": "Advertisement", "language": "en"}
    data |= {"fresh_for_hours": "24", "prices_shown_hours": "192"}
    data |= {"alert_days": "180", "digest_at": "07:00", "late_percent": "10"}
    return dict.fromkeys(names, "") | data | {"accent": "#3b50d9"} | changes


def test_site_settings_are_saved_as_one_row(admin_client):
    for currency in ("SEK", "EUR"):
        data = site_data(currency=currency, **{"buttons-long": "Go to %s"})
        assert texts(admin_client.post(SETTINGS, data, follow=True)) == ["Site settings saved."]
    assert SiteSettings.objects.values_list("pk", "name", "currency").get() == (1, "Shoes", "EUR")
    assert ButtonTexts.objects.values_list("source", "long").get() == ("", "Go to %s")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "EURO"),
        ("currency", "XXQ"),
        ("name", ""),
        ("accent", ""),
        ("buttons-long", "%d"),
        ("buttons-long", "%s%s"),
        ("buttons-short", "%5d %s %x"),
        ("buttons-long", "x" * 61),
    ],
)
def test_wrong_settings_are_refused_whole(admin_client, field, value):
    response = admin_client.post(SETTINGS, site_data(**{field: value}))
    assert response.status_code == 200
    assert response.context["form"].errors or response.context["buttons"].errors
    assert not SiteSettings.objects.exists()
    assert not ButtonTexts.objects.exists()


@pytest.mark.parametrize("text", ["100%", "50 % off at %s", "%s", ""])
def test_a_lone_percent_sign_is_kept(admin_client, text):
    admin_client.post(SETTINGS, site_data(**{"buttons-long": text}))
    assert ButtonTexts.objects.get().long == text


def test_empty_texts_show_what_will_be_used(db):
    ButtonTexts.objects.create(source="", long="Go to %s")
    form = ButtonTextsForm(instance=ButtonTexts(source="adtraction", short="Buy"))
    placeholders = {
        name: field.widget.attrs["placeholder"] for name, field in form.fields.items() if name != "seen"
    }
    assert placeholders == {"long": "Go to %s", "short": "Buy now", "unavailable": "Not available"}
    assert [text for _, _, text in form.previews] == ["Go to %s", "Buy", "Not available"]


# --- People -------------------------------------------------------------------------------------


def user_data(**changes) -> dict:
    data = {"username": "new", "email": "", "role": EDITOR, "is_active": "on"}
    return data | {"password1": PASSWORD, "password2": PASSWORD} | changes


def edit(client, user: User, **changes):
    data = user_data(username=user.username, password1="", password2="", **changes)
    return client.post(reverse("dashboard:user-edit", args=[user.pk]), data)


@pytest.mark.parametrize("role", [ADMINISTRATOR, EDITOR])
def test_a_user_is_added_and_can_log_in(admin_client, client, role):
    admin_client.post(reverse("dashboard:user-create"), user_data(role=role))
    assert get_role(User.objects.get(username="new")) == role
    assert User.objects.get(username="new").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", ""),
        ("username", "ADA"),
        ("role", "King"),
        ("password1", ""),
        ("password2", "something else"),
        ("email", "nonsense"),
    ],
)
def test_a_wrong_user_is_refused(admin_client, field, value):
    response = admin_client.post(reverse("dashboard:user-create"), user_data(**{field: value}))
    assert response.context["form"].errors
    assert User.objects.count() == 1


def test_a_weak_password_is_refused(admin_client):
    response = admin_client.post(
        reverse("dashboard:user-create"), user_data(password1="new", password2="new")
    )
    assert "too short" in response.content.decode()


def test_a_user_gets_a_new_role_password_or_is_locked_out(admin_client, editor, client):
    edit(admin_client, editor, role=ADMINISTRATOR)
    assert get_role(User.objects.get(pk=editor.pk)) == ADMINISTRATOR
    assert User.objects.get(username="eddi").check_password(PASSWORD), "an empty password keeps the old one"
    data = user_data(username="eddi", password1="another long one", password2="another long one")
    admin_client.post(reverse("dashboard:user-edit", args=[editor.pk]), data)
    assert User.objects.get(username="eddi").check_password("another long one")
    edit(admin_client, editor, is_active="")
    refused = client.post(reverse("login"), {"username": "eddi", "password": "another long one"})
    assert refused.status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("one", "two"), [("another long one", ""), ("", "another long one")])
def test_a_password_has_to_be_written_twice(admin_client, editor, one, two):
    data = user_data(username="eddi", password1=one, password2=two)
    response = admin_client.post(reverse("dashboard:user-edit", args=[editor.pk]), data)
    assert response.context["form"].errors["password2"]


def test_nobody_takes_the_role_from_themselves(admin_client, administrator):
    make_user("second", ADMINISTRATOR)
    edit(admin_client, administrator, role=EDITOR, is_active="")
    administrator = User.objects.get(pk=administrator.pk)
    assert (get_role(administrator), administrator.is_active) == (ADMINISTRATOR, True)


def test_who_was_made_by_createsuperuser_is_administrator(db):
    root = User.objects.create_superuser("root", password=PASSWORD)
    assert get_role(root) == ADMINISTRATOR
    assert client_of(root).get(reverse("dashboard:user-list")).status_code == 200


def test_a_superuser_who_becomes_editor_keeps_no_power(admin_client):
    root = User.objects.create_superuser("root", password=PASSWORD)
    edit(admin_client, root, role=EDITOR)
    root = User.objects.get(pk=root.pk)
    assert (root.is_superuser, get_role(root)) == (False, EDITOR)
    assert client_of(root).get(reverse("dashboard:user-list")).status_code == 403


@pytest.mark.parametrize(
    "change", [{"role": EDITOR}, {"role": ADMINISTRATOR, "is_active": False}], ids=["role", "off"]
)
def test_the_last_administrator_stays(administrator, change):
    administrator.is_active = change.get("is_active", True)
    with pytest.raises(LastAdministrator):
        save_user(administrator, role=change["role"])
    administrator = User.objects.get(pk=administrator.pk)
    assert (get_role(administrator), administrator.is_active) == (ADMINISTRATOR, True)


def test_an_administrator_who_cannot_log_in_does_not_count(administrator):
    make_user("asleep", ADMINISTRATOR, is_active=False)
    with pytest.raises(LastAdministrator):
        save_user(administrator, role=EDITOR)


def test_my_own_new_password_keeps_me_logged_in(admin_client, administrator):
    data = {
        "old_password": PASSWORD,
        "new_password1": "another long one",
        "new_password2": "another long one",
    }
    response = admin_client.post(reverse("password_change"), data, follow=True)
    assert texts(response) == ["Your password is changed. Other browsers are logged out."]
    data = user_data(username="ada", role=ADMINISTRATOR)
    admin_client.post(reverse("dashboard:user-edit", args=[administrator.pk]), data)
    assert admin_client.get(SETTINGS).status_code == 200


def test_a_wrong_old_password_changes_nothing(editor_client, editor):
    data = {"old_password": "x", "new_password1": "another long one", "new_password2": "another long one"}
    assert editor_client.post(reverse("password_change"), data).context["form"].errors
    assert User.objects.get(pk=editor.pk).check_password(PASSWORD)


def test_login_and_logout(client, editor):
    login = reverse("login")
    failed = client.post(login, {"username": "eddi", "password": "wrong"})
    assert "correct username and password" in failed.content.decode()
    address = reverse("catalog:product-list")
    assert client.post(login, {"username": "eddi", "password": PASSWORD, "next": address}).url == address
    client.post(reverse("logout"))
    assert client.get(address).status_code == 302


def test_pages_have_no_inline_script_or_style(admin_client, product):
    for name, args in [
        ("catalog:product-list", []),
        ("catalog:product-edit", [product.pk]),
        ("catalog:site-settings", []),
        ("dashboard:user-create", []),
    ]:
        page = admin_client.get(reverse(name, args=args)).content.decode()
        assert "<style" not in page
        assert "<script>" not in page
        assert " style=" not in page
        assert " onclick=" not in page


def test_the_roles_exist(db):
    assert set(Group.objects.values_list("name", flat=True)) == {ADMINISTRATOR, DESK, EDITOR}


def test_the_login_page_names_the_site(client, db):
    SiteSettings.objects.create(pk=1, name="Shoe fox")
    assert "Shoe fox" in client.get(reverse("login")).content.decode()
