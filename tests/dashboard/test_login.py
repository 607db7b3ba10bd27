import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

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
        ("2001:db8::1", "2001:db8::"),  # a customer has all of a /64
        ("::ffff:203.0.113.7", "203.0.113.7"),
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


def test_after_a_wrong_password_the_cursor_is_in_its_field(client, anna):
    assert 'name="username" autofocus' in client.get(reverse("login")).text
    page = log_in(client, "anna", "wrong").text
    field = page.split('name="password"')[1].split(">")[0]
    assert "autofocus" in field
    assert page.count("autofocus") == 1
    assert log_in(client, "", "wrong").text.split('name="username"')[1].split(">")[0].count("autofocus") == 1


# --- Who guesses, and who is kept out by it ----------------------------------------------------


def fail(client, username, address="127.0.0.1", times=1) -> int:
    """Try wrong passwords; return the status of the last answer."""
    for _ in range(times):
        status = log_in(client, username, "wrong", REMOTE_ADDR=address).status_code
    return status


def log_in_from(client, address: str) -> int:
    return log_in(client, "anna", "right-Passw0rd", REMOTE_ADDR=address).status_code


def test_one_address_cannot_try_many_names(client, anna):
    statuses = [fail(client, f"name{number}") for number in range(60)]
    assert statuses[:29] == [200] * 29
    assert set(statuses[29:]) == {429}
    assert log_in_from(client, "127.0.0.1") == 429
    assert log_in_from(client, "203.0.113.9") == 302


def test_another_browser_is_the_same_address(client, anna):
    for number in range(12):
        status = log_in(client, "anna", "wrong", HTTP_USER_AGENT=f"browser {number}").status_code
    assert status == 429


def test_many_addresses_of_one_ipv6_customer_are_one(client, anna):
    statuses = [fail(client, "anna", f"2001:db8::{number}") for number in range(1, 15)]
    assert statuses[-1] == 429
    assert log_in_from(client, "2001:db8:0:1::1") == 302


def test_nobody_behind_the_same_proxy_keeps_the_owner_out(client, anna):
    owner = Client()
    assert log_in_from(owner, "127.0.0.1") == 302
    owner.post(reverse("logout"))
    assert fail(client, "anna", times=15) == 429
    assert fail(client, "bert", times=40) == 429
    assert log_in_from(Client(), "127.0.0.1") == 429
    assert log_in_from(owner, "127.0.0.1") == 302


def test_many_addresses_slow_a_name_down_and_do_not_lock_it(client, anna):
    owner = Client()
    assert log_in_from(owner, "127.0.0.1") == 302
    owner.post(reverse("logout"))
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        statuses = [fail(client, "anna", f"203.0.113.{number}") for number in range(1, 120)]
        assert statuses[98] == 200
        assert set(statuses[100:]) == {429}
        assert log_in_from(client, "198.51.100.1") == 429
        assert log_in_from(owner, "198.51.100.1") == 302
        clock.shift(11)
        assert fail(client, "anna", "203.0.113.200") == 429  # that was the one try
        assert log_in_from(Client(), "198.51.100.1") == 429
        clock.shift(11)
        assert log_in_from(Client(), "198.51.100.1") == 302


def test_a_known_device_cannot_guess_for_ever_either(client, anna):
    assert log_in_from(client, "127.0.0.1") == 302
    client.post(reverse("logout"))
    assert fail(client, "anna", times=9) == 200
    assert fail(client, "anna") == 429
    assert log_in_from(client, "203.0.113.9") == 429
    assert log_in_from(Client(), "203.0.113.9") == 302


def test_a_device_is_known_for_its_own_name_only(client, anna):
    get_user_model().objects.create_user("bert", password="right-Passw0rd")
    assert log_in_from(client, "127.0.0.1") == 302
    client.post(reverse("logout"))
    assert fail(client, "bert", times=10) == 429
    assert log_in(client, "bert", "right-Passw0rd").status_code == 429


@pytest.mark.parametrize("cookie", ["x", "x.y", ".", "0123456789abcdef.", "é.ü", "a" * 4000])
def test_a_device_that_is_made_up_is_unknown(client, anna, cookie):
    client.cookies["device"] = cookie
    assert fail(client, "anna", times=10) == 429
    assert log_in_from(client, "127.0.0.1") == 429


def test_the_cookie_of_a_device_says_nothing_and_is_for_the_dashboard_only(client, anna):
    log_in_from(client, "127.0.0.1")
    cookie = client.cookies["device"]
    assert "anna" not in cookie.value
    assert cookie["path"] == "/dashboard/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_who_keeps_trying_does_not_keep_the_door_closed(client, anna):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        fail(client, "anna", times=10)
        for _ in range(3):
            clock.shift(290)
            assert fail(client, "anna") == 429
        clock.shift(60)
        assert log_in_from(client, "127.0.0.1") == 302


def test_an_administrator_opens_the_door_from_the_command_line(client, anna):
    assert fail(client, "anna", times=10) == 429
    call_command("axes_reset")
    assert log_in_from(client, "127.0.0.1") == 302


def test_wrong_passwords_leave_little_behind(client, anna):
    for number in range(60):
        log_in(client, f"name{number}", "wrong", HTTP_USER_AGENT="x" * 5000, HTTP_ACCEPT="y" * 5000)
    assert AccessAttempt.objects.count() <= 30
    kept = "".join(str(value) for row in AccessAttempt.objects.values_list() for value in row)
    assert len(kept) < 30 * 5000


@pytest.mark.parametrize("name", ["x" * 256, "x" * 5000, "a\0b", "\U0001f45f" * 300])
def test_a_name_that_nobody_can_have_is_refused_and_counted(client, anna, name):
    assert fail(client, name) == 200
    assert fail(client, name, times=9) in (200, 429)
    assert log_in_from(client, "127.0.0.1") == 302
