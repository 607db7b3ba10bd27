"""A session that ended, a page that was too old, a database that is away: what was sent is still there."""

import html
import re

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog import services
from catalog.models import Product
from dashboard.unsent import SALT, unpack
from importer.models import ImportRun
from tests.importer.make import make_item

pytestmark = pytest.mark.django_db
TEXT = '<p>Typed "for" an hour</p>\n\n & more'
HERE = {"Origin": "http://testserver"}


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_superuser("anna", password="right-Passw0rd")


@pytest.fixture
def browser(owner) -> Client:
    """A browser with its tokens, logged in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    return client


def token_of(page) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]


def fields_of(page) -> dict[str, list[str]]:
    """Return what the form of a page that keeps something would send."""
    found: dict[str, list[str]] = {"csrfmiddlewaretoken": [token_of(page)]}
    for name, text in re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page.text, re.DOTALL):
        found.setdefault(html.unescape(name), []).append(html.unescape(text))
    return found


def log_in(browser, page, typed="right-Passw0rd"):
    packed = re.search(r'name="unsent" value="([^"]+)"', page.text)[1]
    fields = {"username": "anna", "password": typed, "unsent": packed, "next": "/"}
    return browser.post(reverse("login"), fields | {"csrfmiddlewaretoken": token_of(page)}, headers=HERE)


def new_product(browser, **fields):
    page = browser.get(reverse("catalog:product-create"))
    posted = {"title": "Red shoe", "description": TEXT, "status": "draft", "categories": []} | fields
    return reverse("catalog:product-create"), posted | {"csrfmiddlewaretoken": token_of(page)}


def test_a_session_that_ends_in_the_middle_costs_nothing(browser):
    categories = [services.get_or_create_category(name).pk for name in ("Shoes", "Red things")]
    address, posted = new_product(browser, categories=categories)
    Session.objects.all().delete()
    login = browser.post(address, posted, headers=HERE)
    assert (login.status_code, "no-store" in login["Cache-Control"]) == (401, True)
    assert "what you sent is still there" in login.text
    wrong = log_in(browser, login, typed="wrong")
    assert wrong.status_code == 200
    kept = log_in(browser, wrong)
    assert "You were logged out" in kept.text
    assert not Product.objects.exists()
    done = browser.post(address, fields_of(kept), headers=HERE)
    assert done.status_code == 302
    product = Product.objects.get()
    assert (product.title, product.description) == ("Red shoe", '<p>Typed "for" an hour</p>\n\n &amp; more')
    assert {category.pk for category in product.categories.all()} == set(categories)


def test_ten_wrong_passwords_later_it_is_still_there(browser):
    address, posted = new_product(browser)
    Session.objects.all().delete()
    page = browser.post(address, posted, headers=HERE)
    for _ in range(10):
        page = log_in(browser, page, typed="wrong")
    assert page.status_code == 429
    packed = re.search(r'name="unsent" value="([^"]+)"', page.text)[1]
    assert dict(unpack(packed).fields)["title"] == "Red shoe"


def test_a_page_that_is_too_old_is_sent_again(browser):
    address, posted = new_product(browser)
    browser.cookies["csrftoken"] = "a" * 32  # as after a login in another tab
    kept = browser.post(address, posted, headers=HERE)
    assert kept.status_code == 403
    assert "too old" in kept.text
    assert browser.post(address, fields_of(kept), headers=HERE).status_code == 302
    assert Product.objects.get().title == "Red shoe"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/http://testserver/"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": ""} | {"Referer": "https://evil.example/"},
    ],
)
@pytest.mark.parametrize("is_logged_in", [True, False])
def test_what_a_stranger_s_page_sends_is_never_offered(browser, headers, is_logged_in):
    address, posted = new_product(browser)
    if not is_logged_in:
        browser.logout()
    page = browser.post(address, posted | {"csrfmiddlewaretoken": "x"}, headers=headers)
    assert page.status_code in (302, 403)
    assert "Typed" not in page.text


def test_a_part_of_a_page_is_not_answered_by_a_login_page(browser):
    item = make_item()
    address = reverse("importer:item-import", args=[item.pk])
    token = token_of(browser.get(address))
    browser.logout()
    browser.cookies["csrftoken"] = token
    posted = {"title": "Typed", "csrfmiddlewaretoken": token}
    answer = browser.post(address, posted, headers=HERE | {"HX-Request": "true"})
    assert (answer.status_code, "<html" in answer.text) == (401, False)
    assert browser.get(address, headers={"HX-Request": "true"}).status_code == 401
    assert not ImportRun.objects.exists()


def test_secrets_stand_in_no_page(browser):
    address = reverse("dashboard:user-create")
    token = token_of(browser.get(address))
    posted = {"username": "bert", "password1": "secret-Passw0rd", "password2": "secret-Passw0rd"}
    posted |= {"credential_token": "secret-Passw0rd", "csrfmiddlewaretoken": token}
    Session.objects.all().delete()
    login = browser.post(address, posted, headers=HERE)
    kept = log_in(browser, login)
    assert fields_of(kept)["username"] == ["bert"]
    packed = re.search(r'name="unsent" value="([^"]+)"', login.text)[1]
    for page in (login.text, kept.text, str(unpack(packed).fields)):
        assert "secret-Passw0rd" not in page


@pytest.mark.parametrize("text", ["", "x", "e30:1abc:x", SALT])
def test_what_was_not_packed_here_is_nothing(browser, text):
    assert unpack(text) is None
    browser.logout()
    page = browser.get(reverse("login"))
    fields = {"username": "anna", "password": "right-Passw0rd", "unsent": text}
    answer = browser.post(reverse("login"), fields | {"csrfmiddlewaretoken": token_of(page)}, headers=HERE)
    assert answer.status_code == 302


def test_nothing_sent_is_nothing_kept(client):
    assert client.post(reverse("catalog:product-bulk")).status_code == 302
    assert client.get(reverse("catalog:product-list")).status_code == 302


def test_too_much_is_not_kept(client):
    answer = client.post(reverse("catalog:product-create"), {"description": "x" * 1_100_000})
    assert answer.status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_costs_nothing(browser):
    address, posted = new_product(browser)
    connection.close()
    connection.settings_dict["HOST"], host = "/nowhere", connection.settings_dict["HOST"]
    browser.raise_request_exception = False
    try:
        kept = browser.post(address, posted, headers=HERE)
    finally:
        connection.settings_dict["HOST"] = host
        connection.close()
    assert (kept.status_code, kept["Retry-After"]) == (503, "10")
    assert "does not answer" in kept.text
    assert browser.post(address, fields_of(kept), headers=HERE).status_code == 302
    assert Product.objects.get().title == "Red shoe"
