"""The second factor, recovery codes, a lost password, and the browsers in which one is logged in."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from dashboard.models import SignIn
from dashboard.security import factors, sign_ins
from events.models import Event
from mail.models import Mail
from tests.catalog.conftest import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "right-Passw0rd"
LOGIN, CODE = reverse("login"), reverse("login-code")
SECURITY = reverse("dashboard:security")


@pytest.fixture
def anna():
    user = make_user("anna", "Editor")
    user.set_password(PASSWORD)
    user.email = "anna@example.com"
    user.save()
    return user


def log_in(client: Client, **more) -> object:
    return client.post(LOGIN, {"username": "anna", "password": PASSWORD, **more})


def is_in(client: Client) -> bool:
    return client.get(reverse("catalog:product-list")).status_code == 200


def code_of(device: TOTPDevice) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = timezone.now().timestamp()
    return f"{totp.token():06d}"


@pytest.fixture
def device(anna):
    """Anna's app, connected an hour ago."""
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=False):
        device = factors.get_setup(anna)
        assert factors.turn_on(anna, code_of(device))
    device.refresh_from_db()
    return device


def test_an_app_is_connected_by_a_code_that_it_shows_and_codes_are_shown_once(client, anna):
    log_in(client)
    page = client.get(reverse("dashboard:second-factor"))
    secret = page.context["secret"]
    assert "<svg" in page.content.decode()
    assert client.get(reverse("dashboard:second-factor")).context["secret"] == secret  # a reload keeps it
    device = TOTPDevice.objects.get(user=anna)
    address = reverse("dashboard:second-factor")
    client.post(address, {"code": "000000", "password": PASSWORD})
    client.post(address, {"code": code_of(device), "password": "wrong"})
    assert not factors.is_on(anna)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    answer = client.post(address, {"code": code_of(device), "password": PASSWORD})
    codes = answer.context["codes"]
    assert len(set(codes)) == factors.RECOVERY_CODES
    assert "no-cache" in answer.headers["Cache-Control"]
    assert factors.is_on(anna)
    assert not any(code in client.get(SECURITY).content.decode() for code in codes)
    event = Event.objects.filter(kind="user.changed", subjects__contains=[f"user:{anna.pk}"]).last()
    assert event.after["second_factor"] == "on"
    assert secret.replace(" ", "") not in str(list(Event.objects.values()))


def test_after_the_password_a_code_is_asked_for_and_only_then_one_is_in(client, anna, device):
    answer = log_in(client, next=reverse("catalog:brand-list"))
    assert answer.status_code == 200
    assert not is_in(client)
    answer = client.post(CODE, {"code": code_of(device), "next": reverse("catalog:brand-list")})
    assert answer.headers["Location"] == reverse("catalog:brand-list")
    assert is_in(client)


def test_a_code_counts_once(client, anna, device):
    code = code_of(device)
    log_in(client)
    client.post(CODE, {"code": code})
    other = Client()
    log_in(other)
    other.post(CODE, {"code": code})
    assert not is_in(other)


@pytest.mark.parametrize("code", ["", "000000", "abc", "1" * 5000, "12345\u0661", "\0", "-1"])
def test_a_wrong_code_lets_nobody_in(client, anna, device, code):
    log_in(client)
    answer = client.post(CODE, {"code": code})
    assert "This code does not count" in answer.content.decode()
    assert not is_in(client)


def test_who_guesses_waits_longer_each_time(client, anna, device):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        log_in(client)
        for _ in range(6):
            client.post(CODE, {"code": "000000"})
            clock.shift(timedelta(seconds=1))
        client.post(CODE, {"code": code_of(device)})
        assert not is_in(client)  # right, but too soon
        clock.shift(timedelta(minutes=5))
        client.post(CODE, {"code": code_of(device)})
        assert is_in(client)


def test_a_recovery_code_logs_in_once(client, anna, device):
    code = StaticToken.objects.filter(device__user=anna).first().token
    log_in(client)
    client.post(CODE, {"code": f" {code.upper()} "})
    assert is_in(client)
    other = Client()
    log_in(other)
    other.post(CODE, {"code": code})
    assert not is_in(other)
    assert factors.recovery_codes_left(anna) == factors.RECOVERY_CODES - 1


def test_a_code_without_the_password_or_long_after_it_is_worth_nothing(client, anna, device):
    assert client.post(CODE, {"code": code_of(device)}).headers["Location"] == LOGIN
    log_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert client.post(CODE, {"code": code_of(device)}).headers["Location"] == LOGIN
    log_in(client)
    anna.set_password("another-Passw0rd")
    anna.save()
    assert client.post(CODE, {"code": code_of(device)}).headers["Location"] == LOGIN
    assert not is_in(client)


def test_somebody_who_was_deactivated_between_password_and_code_stays_out(client, anna, device):
    log_in(client)
    anna.is_active = False
    anna.save()
    client.post(CODE, {"code": code_of(device)})
    assert not is_in(client)


def test_what_was_sent_before_the_login_is_still_there_after_the_code(client, anna, device):
    brands = reverse("catalog:brand-list")
    asked = client.post(brands, {"name": "Typed before"})
    unsent = asked.context["unsent"]
    answer = log_in(client, unsent=unsent)
    assert unsent in answer.content.decode()
    answer = client.post(CODE, {"code": code_of(device), "unsent": unsent})
    assert "Typed before" in answer.content.decode()


def test_the_second_factor_is_turned_off_with_the_password_only(client, anna, device):
    log_in(client)
    client.post(CODE, {"code": code_of(device)})
    client.post(reverse("dashboard:second-factor-off"), {"password": "wrong"})
    assert factors.is_on(anna)
    client.post(reverse("dashboard:second-factor-off"), {"password": PASSWORD})
    assert not factors.is_on(anna)
    assert factors.recovery_codes_left(anna) == 0


def test_new_recovery_codes_end_the_old_ones(client, anna, device):
    old = set(StaticToken.objects.values_list("token", flat=True))
    log_in(client)
    client.post(CODE, {"code": code_of(device)})
    client.post(reverse("dashboard:recovery-codes"), {"password": PASSWORD})
    assert not old & set(StaticToken.objects.values_list("token", flat=True))


def test_an_administrator_helps_who_lost_the_phone_and_an_editor_cannot(client, anna, device, admin_client):
    address = reverse("dashboard:user-factor-off", args=[anna.pk])
    assert (
        "Second factor" in admin_client.get(reverse("dashboard:user-edit", args=[anna.pk])).content.decode()
    )
    log_in(client)
    client.post(CODE, {"code": code_of(device)})
    assert client.post(address).status_code == 403
    admin_client.post(address)
    assert not factors.is_on(anna)


def test_the_command_helps_too(anna, device, capsys):
    call_command("reset_second_factor", "anna")
    assert "has no second factor any more" in capsys.readouterr().out
    assert not factors.is_on(anna)
    call_command("reset_second_factor", "anna")
    assert "had no second factor" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no user"):
        call_command("reset_second_factor", "nobody")


# --- Where one is logged in --------------------------------------------------------------------

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (EDGE, "Edge on Windows"),
        (PHONE, "Safari on iPhone"),
        ("curl/8", "A browser"),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)
def test_browsers_have_names(agent, name):
    assert sign_ins.name_of(agent) == name


def test_every_browser_is_listed_and_any_can_be_logged_out(anna):
    here, there, third = (Client(HTTP_USER_AGENT=agent) for agent in (FIREFOX, EDGE, PHONE))
    for client in (here, there, third):
        log_in(client)
    places = here.get(SECURITY).context["places"]
    assert [place.name for place in places][0] == "Firefox on Linux"
    assert {place.name for place in places} == {"Firefox on Linux", "Edge on Windows", "Safari on iPhone"}
    assert [place.is_this for place in places] == [True, False, False]
    assert here.session.session_key not in here.get(SECURITY).content.decode()
    key = next(place.key for place in places if place.name == "Edge on Windows")
    here.post(reverse("dashboard:sign-in-end"), {"key": key})
    assert [is_in(client) for client in (here, there, third)] == [True, False, True]
    here.post(reverse("dashboard:sign-in-end"))
    assert [is_in(client) for client in (here, there, third)] == [True, False, False]
    assert SignIn.objects.count() == 1


def test_nobody_logs_another_user_out(anna, admin_client):
    client = Client()
    log_in(client)
    key = str(SignIn.objects.get(user=anna).key)
    for wrong in (key, "x", "0" * 36):
        admin_client.post(reverse("dashboard:sign-in-end"), {"key": wrong})
    assert is_in(client)


def test_a_new_password_logs_all_others_out(anna):
    here, there = Client(), Client()
    for client in (here, there):
        log_in(client)
    new = {"old_password": PASSWORD, "new_password1": "brand-New-1", "new_password2": "brand-New-1"}
    here.post(reverse("password_change"), new)
    assert is_in(here)
    assert not is_in(there)
    assert Session.objects.filter(sign_in__user=anna).count() == 1


def test_it_is_noted_hourly_that_a_browser_is_used(anna):
    client = Client()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        log_in(client)
        clock.shift(timedelta(minutes=30))
        client.get(SECURITY)
        assert client.get(SECURITY).context["places"][0].seen_at.timestamp() == int(start.timestamp())
        clock.shift(timedelta(hours=1))
        client.get(SECURITY)
        seen = client.get(SECURITY).context["places"][0].seen_at
        assert seen.timestamp() == int((start + timedelta(minutes=90)).timestamp())


def test_logging_out_forgets_the_browser(anna):
    client = Client()
    log_in(client)
    client.post(reverse("logout"))
    assert not SignIn.objects.exists()


# --- A lost password ---------------------------------------------------------------------------


@pytest.fixture
def mail_is_set_up(settings):
    settings.MAIL_IS_SET_UP = True


def link_in(mail: Mail) -> str:
    return re.search(r"https?://[^/\s]+(/\S+)", mail.text)[1]


def test_a_link_by_mail_gives_a_new_password_once(client, anna, mail_is_set_up):
    other = Client()
    log_in(other)
    client.post(reverse("lost-password"), {"email": " ANNA@example.com "})
    link = link_in(Mail.objects.get(kind="lost-password"))
    form = client.get(link, follow=True)
    choose = form.redirect_chain[-1][0]
    new = {"new_password1": "brand-New-1", "new_password2": "brand-New-1"}
    assert client.post(choose, new).headers["Location"] == LOGIN
    anna.refresh_from_db()
    assert anna.check_password("brand-New-1")
    assert not is_in(other)
    assert "does not count any more" in Client().get(link, follow=True).content.decode()


def test_a_link_grows_old(client, anna, mail_is_set_up, settings):
    client.post(reverse("lost-password"), {"email": "anna@example.com"})
    link = link_in(Mail.objects.get())
    later = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT, hours=14)  # in any zone
    with time_machine.travel(later, tick=False):
        assert "does not count any more" in client.get(link, follow=True).content.decode()


def test_nobody_learns_who_there_is_and_nobody_is_flooded(client, anna, mail_is_set_up):
    answers = [
        client.post(reverse("lost-password"), {"email": address}, follow=True)
        for address in ("anna@example.com", "nobody@example.com", "", "x" * 5000, "a\0b")
        for _ in range(3)
    ]
    assert len({re.sub(r'value="[^"]+"', "", answer.content.decode()) for answer in answers}) == 1
    assert Mail.objects.count() <= 2  # two, where a window ends in between


def test_who_may_not_log_in_gets_no_link(client, anna, mail_is_set_up):
    get_user_model().objects.filter(pk=anna.pk).update(is_active=False)
    client.post(reverse("lost-password"), {"email": "anna@example.com"})
    anna.is_active = True
    anna.set_unusable_password()
    anna.save()
    client.post(reverse("lost-password"), {"email": "anna@example.com"})
    assert not Mail.objects.exists()


def test_without_mail_the_page_names_the_command(client, anna, settings):
    settings.MAIL_IS_SET_UP = False
    page = client.get(reverse("lost-password")).content.decode()
    assert "manage.py changepassword" in page
    client.post(reverse("lost-password"), {"email": "anna@example.com"})
    assert not Mail.objects.exists()
