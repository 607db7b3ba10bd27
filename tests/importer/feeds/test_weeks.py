"""A week passes in the demo: the sandbox moves, its feeds are read, and the log of prices is a week older."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import services as catalog
from catalog.models import Offer, PricePoint, Product
from events.models import Event
from importer.accounts.accounts import connect_account, refresh_account
from importer.feeds import weeks
from importer.feeds.schedule import set_mirrored
from importer.feeds.syncs import work_on_sync
from importer.imports import apply
from importer.imports.follow import find_update
from importer.models import FeedItem, SyncRun
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.importer.pages import text_of
from tests.importer.run import import_items
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "importer:week"


@pytest.fixture
def feed(sandbox):
    """A mirrored feed with six imported articles."""
    account = connect_account("adtraction", credentials=DEMO_CREDENTIALS["adtraction"], label="Mine")
    refresh_account(account)
    account.feeds.update(is_mirrored=False)
    feed = account.feeds.get(external_id="501")
    work_on_sync(set_mirrored(feed, True))
    fit = FeedItem.objects.filter(feed=feed, problem="", in_stock=True, variant_key="").exclude(gtin="")
    import_items(*fit.order_by("id")[:6], status="published")
    assert Offer.objects.count() == 6
    return feed


def let_pass(number):
    """Let the week pass, and do what the workers would."""
    runs = weeks.pass_week(number)
    for run in runs or ():
        work_on_sync(run)
        run.refresh_from_db()
        assert run.state == SyncRun.State.DONE
        if update := find_update(run.feed_id):
            apply.work(update)
    return runs


def prices() -> dict[int, tuple]:
    return {offer.pk: (offer.price, offer.expired_at is None) for offer in Offer.objects.all()}


def test_prices_move_articles_go_and_come_back_and_what_a_person_wrote_stays(feed):
    offers = list(Offer.objects.select_related("product").order_by("pk"))
    edited = offers[3].product
    catalog.update_product(edited, title="My own title")
    before, points = prices(), PricePoint.objects.count()
    assert [run.feed for run in let_pass(1)] == [feed]
    after = prices()
    cheaper, gone, dearer = offers[3].pk, offers[0].pk, offers[1].pk  # what a person edited is watched first
    assert after[cheaper][0] < before[cheaper][0]
    assert after[gone][1] is False
    assert after[dearer][0] > before[dearer][0]
    assert PricePoint.objects.count() > points
    assert Product.objects.get(pk=edited.pk).title == "My own title"
    assert FeedItem.objects.get(source_key=offers[3].source_key).title not in (
        "My own title",
        offers[3].title,
    )
    let_pass(2)
    assert prices()[gone][1] is True


def test_the_log_shows_a_week_between_though_no_clock_moved(feed):
    began = timezone.now()
    let_pass(1)
    offer = next(point.offer for point in weeks.moved_since(began) if point.offer.expired_at is None)
    first, second = offer.price_points.all()
    assert timedelta(days=6, hours=23) < second.recorded_at - first.recorded_at < timedelta(days=7, hours=1)
    assert began <= second.recorded_at <= timezone.now()
    assert offer.last_checked_at >= began


def test_pressed_twice_at_once_one_week_passes(feed):
    log = dict(PricePoint.objects.values_list("pk", "recorded_at"))
    answers = []
    at_once(*[lambda: answers.append(weeks.pass_week(1))] * 3)
    assert sorted(answer is None for answer in answers) == [False, True, True]
    assert weeks.count_weeks() == 1
    assert Event.objects.filter(kind="week.passed").count() == 1
    assert SyncRun.objects.filter(state="queued").count() == 1
    moved = dict(PricePoint.objects.values_list("pk", "recorded_at"))
    assert moved == {pk: at - timedelta(days=7) for pk, at in log.items()}


def test_no_week_passes_while_feeds_are_read_or_in_a_sandbox_that_began_anew(feed):
    weeks.pass_week(1)
    with pytest.raises(weeks.WeekRefused, match="week_feeds_read"):
        weeks.pass_week(2)
    with pytest.raises(weeks.WeekRefused, match="week_began_anew"):
        weeks.pass_week(7)
    assert weeks.count_weeks() == 1


def test_the_page_says_what_will_happen_and_what_happened(feed, editor_client, sandbox):
    home = editor_client.get(reverse("dashboard:home")).content.decode()
    assert reverse(PAGE) in home
    page = text_of(editor_client.get(reverse(PAGE)))
    assert "Let week 1 pass" in page
    assert "What you wrote yourself stays" in page
    let_pass(1)
    page = text_of(editor_client.get(reverse(PAGE)))
    assert "Let week 2 pass" in page
    assert "1 feed read" in page
    assert all(words in page for words in ("Cheaper", "Dearer", "No longer listed"))
    assert "Week 1" in text_of(editor_client.get(reverse("importer:week-state")))
    answer = text_of(editor_client.post(reverse(PAGE), {"number": "1"}, follow=True))
    assert "That week has passed already" in answer
    for number in ("", "-1", "x", "9" * 30):
        editor_client.post(reverse(PAGE), {"number": number})
    assert weeks.count_weeks() == 1


def test_a_press_of_the_button_sends_the_feeds_to_a_worker(feed, editor_client):
    answer = editor_client.post(reverse(PAGE), {"number": "1"}, follow=True)
    assert "A week has passed" in text_of(answer)
    assert "0 of 1 feeds read" in text_of(answer)
    assert Event.objects.get(kind="week.passed").after["week"] == 1


def test_only_a_demo_has_weeks_and_only_for_those_who_may_sync(
    sandbox, outsider_client, admin_client, settings
):
    assert outsider_client.get(reverse(PAGE)).status_code == 403
    assert outsider_client.post(reverse(PAGE), {"number": "1"}).status_code == 403
    # One real network is enough: its prices are evidence.
    settings.ADTRACTION_API_URL = "https://api.adtraction.net/"
    assert admin_client.get(reverse(PAGE)).status_code == 404
    assert admin_client.post(reverse(PAGE), {"number": "1"}).status_code == 404
    assert "Let a week pass" not in admin_client.get(reverse("dashboard:home")).content.decode()


def test_without_a_sandbox_the_page_says_so(editor_client, settings, db):
    for name in ("SANDBOX_URL", "TRADEDOUBLER_API_URL", "ADTRACTION_API_URL", "TRADETRACKER_WSDL_URL"):
        setattr(settings, name, "http://127.0.0.1:9" + ("" if name == "SANDBOX_URL" else "/x"))
    page = text_of(editor_client.get(reverse(PAGE)))
    assert "The sandbox does not answer" in page
    assert "pass</button>" not in page
    answer = editor_client.post(reverse(PAGE), {"number": "1"}, follow=True)
    assert "The week did not pass" in text_of(answer)
