"""Who is told what, and when: what offers say now decides, once a day, in one currency."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from catalog import services
from catalog.alerts import watching
from catalog.alerts.watching import Stand, decide, watch
from catalog.models import Offer, PriceAlert, Product, SiteSettings
from events.kinds import Kind
from events.models import Event, Reader
from events.record import keys, record
from mail.models import Mail
from tests.catalog.alerts.conftest import links, sent_to
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def reprice(offer: Offer, price: str | None = None, **fields) -> None:
    """Change an offer as an import does, with its event."""
    values = {"checked_at": timezone.now()} | ({"price": Decimal(price)} if price else {}) | fields
    with transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(**values)
        services.refresh_prices([offer.product_id])
        record(Kind.OFFER_PRICE_CHANGED, f"offer:{offer.pk}")


@pytest.fixture
def offer(product) -> Offer:
    return product.offers.get()


def test_a_price_below_is_told_with_a_way_out(offer, make_alert, visitor):
    alert = make_alert("79")
    assert watch(seconds=5) == 0
    reprice(offer, "75.00")
    assert watch(seconds=5) == 1
    (mail,) = sent_to()
    assert mail.subject == "€75.00: Trail Shoe"
    assert "less than €79.00" in mail.text
    product, end = links(mail)
    assert product == alert.product.get_absolute_url()
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Unsubscribe"].endswith(f"{end}>")
    visitor.post(end)
    assert not PriceAlert.objects.exists()


@pytest.mark.parametrize("price", ["79.00", "79.01", "99.00"])
def test_a_price_that_is_not_below_is_not_told(offer, make_alert, price):
    make_alert("79")
    reprice(offer, price)
    assert watch(seconds=5) == 0


def test_a_price_that_is_below_already_is_told_at_once(make_alert):
    make_alert("120")
    assert watch(seconds=5) == 1


def test_a_price_in_another_currency_says_nothing(offer, make_alert, make_offer, product):
    make_alert("79")
    reprice(offer, "9.00", currency="SEK")
    make_offer(product, "5.00", currency="USD")
    record(Kind.OFFER_ADDED, f"product:{product.pk}")
    assert watch(seconds=5) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"checked_at": timezone.now() - timedelta(days=60)},
        {"in_stock": False},
        {"expired_at": timezone.now()},
    ],
    ids=["stale", "sold out", "gone"],
)
def test_a_price_that_does_not_count_fires_nothing(offer, make_alert, fields):
    make_alert("79")
    reprice(offer, "75.00", **fields)
    assert watch(seconds=5) == 0


def test_a_price_that_the_site_no_longer_shows_fires_nothing(offer, make_alert):
    SiteSettings.objects.create(pk=1, prices_shown_hours=6)
    make_alert("79")
    reprice(offer, "75.00", checked_at=timezone.now() - timedelta(hours=7))
    assert watch(seconds=5) == 0
    reprice(offer, "75.00", checked_at=timezone.now() - timedelta(hours=5))
    assert watch(seconds=5) == 1


def test_a_draft_fires_nothing_until_it_is_published(offer, make_alert, product):
    make_alert("79")
    Product.objects.update(status="draft")
    reprice(offer, "75.00")
    assert watch(seconds=5) == 0
    services.publish([product])
    assert watch(seconds=5) == 1


def test_one_mail_a_day_and_then_what_is_true_then(offer, make_alert):
    make_alert("79")
    reprice(offer, "75.00")
    assert watch(seconds=5) == 1
    reprice(offer, "60.00")
    assert watch(seconds=5) == 0
    reprice(offer, "70.00")
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        Offer.objects.update(checked_at=timezone.now())
        assert watch(seconds=5) == 1
        assert [mail.subject for mail in sent_to()] == ["€75.00: Trail Shoe", "€70.00: Trail Shoe"]


def test_the_same_fall_is_told_once_and_the_next_one_again(offer, make_alert):
    make_alert("79")
    now = timezone.now()
    told = []
    for day, price in enumerate(["75", "75", "78", "74", "90", "75"]):
        with time_machine.travel(now + timedelta(days=2 * day), tick=False):
            reprice(offer, price)
            told.append(watch(seconds=5))
    assert told == [1, 0, 0, 1, 0, 1]


def test_back_in_stock_is_told_when_it_is_back(offer, make_alert):
    reprice(offer, in_stock=False)
    make_alert(None)
    assert watch(seconds=5) == 0
    reprice(offer, in_stock=True)
    assert watch(seconds=5) == 1
    assert sent_to()[0].subject == "Back in stock: Trail Shoe"
    reprice(offer, "98.00")
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        reprice(offer, "97.00")
        assert watch(seconds=5) == 0  # it never was away
        reprice(offer, in_stock=False)
        watch(seconds=5)
        reprice(offer, in_stock=True)
        assert watch(seconds=5) == 1


def test_an_offer_that_nobody_checks_is_no_sign_that_it_is_back_or_away(offer, make_alert):
    reprice(offer, in_stock=False)
    make_alert(None)
    old = timezone.now() - timedelta(days=60)
    reprice(offer, in_stock=True, checked_at=old)
    assert watch(seconds=5) == 0


def test_two_who_wait_are_both_told_and_never_in_one_mail(offer, make_alert):
    for name in ("a", "b"):
        make_alert("79", address=f"{name}@home.example")
    reprice(offer, "75.00")
    assert watch(seconds=5) == 2
    assert len(sent_to("a@home.example")) == len(sent_to("b@home.example")) == 1


def test_who_ends_an_alert_and_asks_again_has_still_one_mail_a_day(offer, make_alert):
    alert = make_alert("79")
    reprice(offer, "75.00")
    assert watch(seconds=5) == 1
    alert.delete()
    make_alert("79")
    assert watch(seconds=5) == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        reprice(offer, "74.00")
        assert watch(seconds=5) == 1


def test_workers_at_once_tell_each_once(offer, make_alert, monkeypatch):
    monkeypatch.setattr(watching, "CHUNK", 3)
    for number in range(20):
        make_alert("79", address=f"v{number}@home.example")
    reprice(offer, "75.00")
    at_once(*[lambda: _watch_through_races()] * 3)
    watch(seconds=5)
    assert Mail.objects.filter(kind="alert").count() == 20
    assert all(len(sent_to(f"v{number}@home.example")) == 1 for number in range(20))


def _watch_through_races() -> None:
    from events.readers import AlreadyRead

    while True:
        try:
            watch(seconds=10)
            return
        except AlreadyRead:
            continue


@pytest.mark.parametrize("at", ["mark", "look"])
def test_a_worker_killed_before_its_commit_loses_and_doubles_nothing(offer, make_alert, monkeypatch, at):
    make_alert("79")
    watch(seconds=5)
    reprice(offer, "75.00")
    if at == "look":
        watching.mark_changed()
    with monkeypatch.context() as patch:
        # As late as can be: everything is written but the commit.
        target = (watching, "put") if at == "look" else (watching.read.__globals__["Batch"], "done")
        patch.setattr(*target, _die)
        with pytest.raises(SystemExit):
            watch(seconds=5)
    assert not Mail.objects.filter(kind="alert").exists()
    assert watch(seconds=5) == 1
    assert watch(seconds=5) == 0


def _die(*args) -> None:
    raise SystemExit


def test_nothing_is_told_while_the_site_offers_no_alerts(offer, make_alert):
    make_alert("79")
    SiteSettings.objects.create(pk=1, offers_alerts=False)
    reprice(offer, "75.00")
    assert watch(seconds=5) == 0
    SiteSettings.objects.update(offers_alerts=True)
    assert watch(seconds=5) == 1


def test_many_changes_are_read_a_bounded_batch_at_a_time(make_alert, offer, monkeypatch):
    monkeypatch.setattr(watching, "EVENTS", 2)
    make_alert("79")
    watch(seconds=5)
    for first in range(0, 5_000, 1_000):
        record(Kind.OFFER_PRICE_CHANGED, keys("offer", range(10**6 + first, 10**6 + first + 1_000)))
    reprice(offer, "75.00")
    before = Reader.objects.get().position
    assert watching.mark_changed()
    read = Event.objects.filter(pk__gt=before, pk__lte=Reader.objects.get().position).count()
    assert read == 2
    assert watch(seconds=20) == 1


def test_a_title_cannot_put_markup_or_headers_into_a_mail(offer, make_alert, product):
    Product.objects.update(title="Shoe <script>alert(1)</script>\r\nBcc: x@y.example {{ site }}")
    make_alert("79")
    reprice(offer, "75.00")
    watch(seconds=5)
    (mail,) = sent_to()
    assert "<script>" not in mail.html
    assert "\n" not in mail.subject
    assert "<script>alert(1)</script>" in mail.text  # plain text shows it as it is


@pytest.mark.parametrize("language", ["de", "nl", "sv"])
def test_mails_speak_the_sites_language(offer, make_alert, language):
    SiteSettings.objects.create(pk=1, language=language)
    make_alert("79")
    reprice(offer, "75.00")
    watch(seconds=5)
    (mail,) = sent_to()
    for english in ("less than", "End the alert", "when we checked"):
        assert english not in mail.text + mail.html


D = Decimal


@pytest.mark.parametrize(
    ("alert", "stand", "tells"),
    [
        ({"below": D(79)}, Stand({"EUR": D(78)}, True), D(78)),
        ({"below": D(79), "told_price": D(78)}, Stand({"EUR": D(78)}, True), False),
        ({"below": D(79), "told_price": D(78)}, Stand({"EUR": D(77)}, True), D(77)),
        ({"below": D(79)}, Stand({"SEK": D(7)}, True), False),
        ({"below": D(79)}, Stand({}, None), False),
        ({"below": D(79), "in_stock": True}, Stand({"EUR": D(90)}, True), None),
        ({"in_stock": True, "was_available": True}, Stand({"EUR": D(90)}, True), False),
        ({"in_stock": True, "was_available": False}, Stand({}, None), False),
        ({"in_stock": True, "was_available": False}, Stand({"SEK": D(90)}, True), None),
    ],
)
def test_what_there_is_to_tell(alert, stand, tells):
    news = decide(PriceAlert(currency="EUR", **alert), stand, timezone.now())
    assert (news.price if news.is_told else False) == tells
