import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna", password="right-Passw0rd")


def log_in(client, username, password, **extra):
    return client.post(reverse("login"), {"username": username, "password": password}, **extra)


def test_ten_wrong_passwords_close_the_login_even_for_the_right_one(client, anna):
    for _ in range(9):
        assert log_in(client, "anna", "wrong").status_code == 200
    assert log_in(client, "anna", "wrong").status_code == 429
    refused = log_in(client, "anna", "right-Passw0rd")
    assert refused.status_code == 429
    assert "15 minutes" in refused.text
    assert "sessionid" not in client.cookies


def test_another_name_and_another_address_are_not_concerned(client, anna):
    get_user_model().objects.create_user("bert", password="right-Passw0rd")
    for _ in range(11):
        log_in(client, "anna", "wrong")
    assert log_in(client, "bert", "right-Passw0rd").status_code == 302
    client.logout()
    assert log_in(client, "anna", "right-Passw0rd", REMOTE_ADDR="203.0.113.9").status_code == 302


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7", "203.0.113.7"),  # only the last entry is the proxy's own
        ("2001:db8::1", "2001:db8::1"),
        ("nonsense", "127.0.0.1"),
        (None, "127.0.0.1"),
    ],
)
def test_behind_a_proxy_the_visitor_is_counted_not_the_proxy(client, anna, settings, forwarded, counted):
    settings.BEHIND_PROXY = True
    log_in(client, "anna", "wrong", **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))
    assert AccessAttempt.objects.get().ip_address == counted


def test_without_a_proxy_nobody_can_name_his_address(client, anna, settings):
    settings.BEHIND_PROXY = False
    log_in(client, "anna", "wrong", HTTP_X_FORWARDED_FOR="203.0.113.7")
    assert AccessAttempt.objects.get().ip_address == "127.0.0.1"


def test_logging_in_forgets_the_wrong_passwords_before(client, anna):
    for _ in range(9):
        log_in(client, "anna", "wrong")
    assert log_in(client, "anna", "right-Passw0rd").status_code == 302
    assert not AccessAttempt.objects.exists()


def test_no_password_is_kept(client, anna):
    log_in(client, "anna", "a-very-Secret-one")
    assert "a-very-Secret-one" not in str(AccessAttempt.objects.values().get())
