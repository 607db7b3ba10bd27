"""Ask for a price alert, confirm it, end it: without a cookie, a script or a login."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from affiliate_site.redis import get_redis
from catalog import services
from catalog.alerts import asking, limits
from catalog.alerts.wishes import Wish, parse_address, parse_price, stop_token
from catalog.models import PriceAlert, Product, SiteSettings
from mail import sending
from mail.models import Mail
from tests.catalog.alerts.conftest import ADDRESS, ask, form_of, links, sent_to

pytestmark = pytest.mark.django_db


def test_a_visitor_asks_confirms_and_ends_an_alert_without_a_cookie(visitor, product):
    page = visitor.get(product.get_absolute_url()).content.decode()
    assert reverse("public:alert-ask", args=[product.slug]) in page
    assert ask(visitor, product).status_code == 200
    assert not PriceAlert.objects.exists()

    (mail,) = sent_to(kind="alert-confirm")
    (link,) = links(mail)
    assert "less than €79.00" in visitor.get(link).content.decode()
    assert not PriceAlert.objects.exists()  # a program that follows links confirms nothing
    visitor.post(link)
    alert = PriceAlert.objects.get()
    assert (alert.product, alert.below, alert.currency) == (product, Decimal(79), "EUR")

    end = reverse("public:alert-stop", args=[stop_token(alert.pk)])
    assert product.title in visitor.get(end).content.decode()
    assert PriceAlert.objects.exists()
    visitor.post(end)
    assert not PriceAlert.objects.exists()
    assert not visitor.cookies


def test_mail_programs_end_an_alert_with_one_click(visitor, make_alert):
    """RFC 8058: a POST of "List-Unsubscribe=One-Click", answered by no redirect."""
    alert = make_alert()
    end = reverse("public:alert-stop", args=[stop_token(alert.pk)])
    response = visitor.post(end, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert not PriceAlert.objects.exists()
    assert visitor.post(end, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert visitor.get(end).status_code == 200


@pytest.mark.parametrize("token", ["1", "1:x", "x", "1:" + "a" * 43])
def test_a_made_up_link_ends_nothing(visitor, make_alert, token):
    make_alert()
    assert visitor.post(reverse("public:alert-stop", args=[token])).status_code == 404
    assert PriceAlert.objects.count() == 1


def test_all_alerts_of_an_address_end_together(visitor, make_alert, make_product):
    other = make_product("Other shoe")
    alert = make_alert()
    make_alert(product_id=other.pk)
    make_alert(address="somebody@else.example")
    end = reverse("public:alert-stop", args=[stop_token(alert.pk)])
    assert "Other shoe" in visitor.get(end).content.decode()
    visitor.post(end, {"all": "1"})
    assert PriceAlert.objects.count() == 1


def test_confirming_twice_is_one_alert_and_another_price_replaces_the_first(visitor, make_alert, product):
    assert make_alert("79") == make_alert("79")
    make_alert("69", address=ADDRESS.upper())
    assert PriceAlert.objects.get().below == 69


def test_a_link_holds_for_48_hours_and_nothing_is_left_of_it(visitor, product):
    ask(visitor, product)
    (link,) = links(Mail.objects.get())
    with time_machine.travel(timezone.now() + timedelta(hours=47)):
        assert visitor.get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        assert visitor.post(link).status_code == 410
    assert not PriceAlert.objects.exists()


def test_a_changed_link_confirms_nothing(visitor, product):
    ask(visitor, product)
    (link,) = links(Mail.objects.get())
    for changed in (link[:-3] + "AA/", link.replace("gAAAA", "gAAAB"), "/alerts/confirm/x/"):
        assert visitor.post(changed).status_code == 410
    assert not PriceAlert.objects.exists()


def test_no_link_and_no_row_shows_an_address(visitor, product):
    ask(visitor, product)
    (link,) = links(Mail.objects.get())
    assert "visitor" not in link
    visitor.post(link)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM catalog_pricealert a")
        assert "visitor" not in cursor.fetchone()[0]
        cursor.execute("SELECT row_to_json(m)::text FROM mail_mail m")
        assert "visitor" not in cursor.fetchone()[0]


def test_the_address_goes_with_the_last_alert(visitor, make_alert, product, mail_files):
    ask(visitor, product)
    visitor.post(links(Mail.objects.get())[0])
    sending.send_due(seconds=5)
    asking.stop(PriceAlert.objects.get().pk)
    assert not PriceAlert.objects.exists()
    assert list(Mail.objects.values_list("recipient", "text")) == [("", "")]


@pytest.fixture
def mail_files(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "mail.files.Backend", str(tmp_path)


def test_an_alert_ends_after_the_days_that_the_site_says(make_alert):
    SiteSettings.objects.create(pk=1, alert_days=30)
    alert = make_alert()
    assert alert.ends_at - alert.created_at == timedelta(days=30)
    with time_machine.travel(alert.ends_at - timedelta(minutes=1)):
        assert asking.forget() == 0
    with time_machine.travel(alert.ends_at + timedelta(minutes=1)):
        assert asking.forget() == 1
    assert not PriceAlert.objects.exists()


def test_the_answer_is_the_same_whether_an_address_is_known_or_not(visitor, make_alert, product):
    make_alert(address="known@home.example")
    answers = []
    for address in ("known@home.example", "unknown@home.example"):
        answers += [ask(visitor, product, email=address) for _ in range(limits.PER_ADDRESS + 1)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}


def test_an_address_gets_a_few_mails_a_day_whoever_asks(visitor, product):
    for number in range(limits.PER_ADDRESS + 3):
        ask(visitor, product, headers={"x-real": "1"}, below=str(70 + number))
    assert len(sent_to(kind="alert-confirm")) == limits.PER_ADDRESS


def test_one_network_sends_a_few_forms_an_hour_and_keeps_nobody_else_out(visitor, product, settings):
    settings.BEHIND_PROXY = True
    mine, other = {"x-forwarded-for": "2001:db8::1"}, {"x-forwarded-for": "2001:db8:0:1::1"}
    for number in range(limits.PER_NETWORK):
        assert ask(visitor, product, email=f"a{number}@home.example", headers=mine).status_code == 200
    mine["x-forwarded-for"] = "2001:db8::ffff"  # the same customer
    assert ask(visitor, product, email="a@home.example", headers=mine).status_code == 429
    assert ask(visitor, product, headers=other).status_code == 200
    assert Mail.objects.count() == limits.PER_NETWORK + 1


def test_the_site_sends_so_many_an_hour_whatever_others_do(visitor, product, settings, monkeypatch):
    monkeypatch.setattr(limits, "PER_SITE", 5)
    settings.BEHIND_PROXY = True
    statuses = [
        ask(
            visitor, product, email=f"a{n}@home.example", headers={"x-forwarded-for": f"10.0.0.{n}"}
        ).status_code
        for n in range(7)
    ]
    assert statuses == [200] * 5 + [429] * 2
    assert Mail.objects.count() == 5


def test_what_visitors_do_makes_nothing_grow(visitor, product, settings):
    """Not the keys of Redis, and no row but the mails, which are few an hour."""
    settings.BEHIND_PROXY = True
    ask(visitor, product, headers={"x-forwarded-for": "10.1.0.1"})
    keys = get_redis().dbsize()
    for number in range(2, 30):
        ask(visitor, product, email=f"a{number}@x.example", headers={"x-forwarded-for": f"10.1.0.{number}"})
    assert get_redis().dbsize() == keys
    assert all(get_redis().ttl(key) > 0 for key in get_redis().scan_iter("alerts:*"))
    assert not PriceAlert.objects.exists()


def test_an_address_has_so_many_alerts_at_most(visitor, product, make_product, make_alert, monkeypatch):
    monkeypatch.setattr(asking, "PER_ADDRESS", 2)
    for number in range(2):
        make_alert(product_id=make_product(f"Shoe {number}").pk)
    with pytest.raises(asking.TooMany):
        make_alert()
    ask(visitor, product)
    assert visitor.post(links(Mail.objects.get())[0]).status_code == 409
    assert PriceAlert.objects.count() == 2


def test_another_page_cannot_send_the_form_for_its_visitors(visitor, product, settings):
    settings.BEHIND_PROXY = True
    page, victim = {"x-forwarded-for": "10.0.0.1"}, {"x-forwarded-for": "10.0.0.2"}
    data = form_of(visitor, product, headers=page) | {"below": "79", "email": ADDRESS}
    address = reverse("public:alert-ask", args=[product.slug])
    assert visitor.post(address, data, headers=victim).status_code == 422
    assert visitor.post(address, {**data, "token": ""}, headers=page).status_code == 422
    assert not Mail.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        response = visitor.post(address, data, headers=page)
        assert "once more" in response.content.decode()
        assert ADDRESS in response.content.decode()  # typed once is enough


def test_the_form_of_one_product_asks_for_no_other(visitor, product, make_product):
    other = make_product("Other shoe")
    data = form_of(visitor, other) | {"below": "79", "email": ADDRESS}
    assert visitor.post(reverse("public:alert-ask", args=[product.slug]), data).status_code == 422


def test_who_fills_in_what_nobody_sees_gets_the_same_answer_and_no_mail(visitor, product):
    seen = ask(visitor, product)
    Mail.objects.all().delete()
    assert ask(visitor, product, website="https://spam.example").content == seen.content
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "nobody"},
        {"email": ""},
        {"email": "a@b.example\r\nBcc: c@d.example"},
        {"email": "x" * 300 + "@home.example"},
        {"below": "cheap"},
        {"below": ""},
        {"below": "0"},
        {"below": "-5"},
        {"below": "٧٩"},
        {"below": "9" * 20},
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_used_is_said(visitor, product, fields):
    response = ask(visitor, product, **fields)
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not Mail.objects.exists()


def test_what_was_typed_is_escaped(visitor, product):
    response = ask(visitor, product, below='"><script>', email='"><script>alert(1)</script>')
    assert "<script>" not in response.content.decode().partition("<main")[2]


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("79", "79"),
        (" 79,90 ", "79.90"),
        ("79.9", "79.9"),
        ("1.299,90", "1299.90"),
        ("1,299.90", "1299.90"),
        ("1 299,90", "1299.90"),
        ("1'299.90", "1299.90"),
        ("1.299", "1299"),
        ("1,299,000", "1299000"),
        ("1.2.3", None),
        ("1.299.90", None),
        ("79 EUR", None),
        ("1e5", None),
        ("NaN", None),
        ("", None),
    ],
)
def test_prices_are_read_as_people_type_them(text, price):
    assert parse_price(text) == (price and Decimal(price))


def test_addresses_are_those_that_mail_can_reach():
    assert parse_address(" ada@home.example ") == "ada@home.example"
    assert parse_address("ada@münchen.example") == "ada@münchen.example"
    assert parse_address("ada@home.example,eve@home.example") == ""
    assert parse_address("ada") == ""


def test_alerts_are_only_offered_where_mail_reaches_people_and_the_site_wants_them(
    visitor, product, settings
):
    form = reverse("public:alert-ask", args=[product.slug])
    assert visitor.get(form).status_code == 200
    settings.MAIL_IS_SET_UP = False
    assert visitor.get(form).status_code == 404
    assert form not in visitor.get(product.get_absolute_url()).content.decode()
    settings.MAIL_IS_SET_UP = True
    SiteSettings.objects.create(pk=1, offers_alerts=False)
    assert visitor.get(form).status_code == 404
    assert form not in visitor.get(product.get_absolute_url()).content.decode()


def test_an_alert_can_be_ended_where_they_are_offered_no_more(visitor, make_alert):
    alert = make_alert()
    SiteSettings.objects.create(pk=1, offers_alerts=False)
    visitor.post(reverse("public:alert-stop", args=[stop_token(alert.pk)]))
    assert not PriceAlert.objects.exists()


@pytest.mark.parametrize("status", ["draft", "trashed"])
def test_nobody_asks_for_what_is_not_published(visitor, product, status):
    Product.objects.update(status=status)
    assert visitor.get(reverse("public:alert-ask", args=[product.slug])).status_code == 404


def test_the_pages_are_kept_by_nobody_and_found_by_no_search(visitor, product, make_alert, settings):
    settings.PAGE_CACHE_SECONDS = 300
    alert = make_alert()
    wish = Wish(ADDRESS, product.pk, Decimal(79), "EUR", False)
    for path in (
        reverse("public:alert-ask", args=[product.slug]),
        reverse("public:alert-confirm", args=[wish.to_token()]),
        reverse("public:alert-stop", args=[stop_token(alert.pk)]),
    ):
        response = visitor.get(path)
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert '<meta name="robots" content="noindex, nofollow">' in response.content.decode()
        assert not response.cookies
    robots = visitor.get("/robots.txt").content.decode()
    assert "Disallow: /alerts/" in robots


def test_an_alert_changes_no_kept_page(product, make_alert):
    from catalog.site.generation import get_generation

    before = get_generation()
    make_alert()
    asking.stop(PriceAlert.objects.get().pk)
    assert get_generation() == before


def test_redis_away_asks_nobody_to_wait_and_sends_nothing(visitor, product, own_redis):
    data = form_of(visitor, product) | {"below": "79", "email": ADDRESS}
    own_redis.kill()
    response = visitor.post(reverse("public:alert-ask", args=[product.slug]), data)
    assert response.status_code == 503
    assert not Mail.objects.exists()


def test_who_waits_for_a_product_that_is_joined_waits_for_the_other(make_alert, make_product):
    alert, other = make_alert(), make_product("The same shoe")
    mine = make_alert(address="both@home.example")
    kept = make_alert(address="both@home.example", product_id=other.pk)
    services.join_products(alert.product, into=other)
    assert set(PriceAlert.objects.values_list("pk", "product")) == {(alert.pk, other.pk), (kept.pk, other.pk)}
    assert mine.pk != kept.pk


def test_the_address_is_never_logged(visitor, product, caplog):
    caplog.set_level("DEBUG")
    ask(visitor, product)
    visitor.post(links(Mail.objects.get())[0])
    assert "visitor@" not in caplog.text
    assert json.dumps(list(map(str, PriceAlert.objects.all()))).find("visitor") == -1
