"""Imported items of feeds that no mirror has are read by themselves: prices follow, evidence decides."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Offer, Product
from events.models import Event
from importer.freshness import rereads
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.imports import apply
from importer.imports.follow import find_updates
from importer.models import ASKED, Feed, FeedItem, ImportRun, ItemCheck, NetworkAccount
from tests.importer.freshness.make import item_of, make_due, offer_of, open_shop, reread, sell
from tests.importer.make import make_account, make_feed
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(monkeypatch):
    return open_shop(monkeypatch)


def on_pages():
    """What any page shows of the offers."""
    columns = ("id", "price", "currency", "in_stock", "expired_at", "tracking_url", "title")
    products = ("id", "lowest_price", "is_available", "status", "title")
    offers = Offer.objects.order_by("id").values(
        *columns, checked=Greatest("checked_at", "later_check__checked_at")
    )
    return list(offers), list(Product.objects.order_by("id").values(*products))


def test_what_was_imported_from_a_feed_without_a_mirror_is_watched_and_due_in_time(shop):
    feed = sell(shop, 2)
    checks = ItemCheck.objects.all()
    assert {check.feed_id for check in checks} == {feed.pk}
    soon, late = timezone.now() + timedelta(hours=12), timezone.now() + timedelta(hours=24)
    assert all(soon < check.due_at < late for check in checks)
    assert rereads.find_due_accounts() == []


def test_an_unchanged_item_is_noted_as_checked_and_makes_no_run(shop):
    feed = sell(shop, 3)
    make_due()
    assert rereads.find_due_accounts() == [feed.account_id]
    tally = reread(feed)
    assert (tally.seen, tally.missed, tally.is_left) == (3, 0, False)
    assert all(timezone.now() - offer.last_checked_at < timedelta(minutes=1) for offer in Offer.objects.all())
    assert not ImportRun.objects.filter(kind="update").exists()
    assert rereads.find_due_accounts() == []


def test_a_new_price_reaches_the_page(shop):
    feed = sell(shop, 2)
    shop.items["i1"] = replace(shop.items["i1"], price=Decimal("79.90"))
    make_due()
    reread(feed)
    assert (offer_of("i0").price, offer_of("i1").price) == (Decimal("99.90"), Decimal("79.90"))
    run = ImportRun.objects.get(kind="update")
    assert (run.state, run.total_count, run.feed) == ("done", 1, feed)
    assert offer_of("i1").last_checked_at > timezone.now() - timedelta(minutes=1)


def test_one_miss_decides_nothing_and_three_do(shop):
    feed = sell(shop, 1)
    make_due()
    reread(feed)
    del shop.items["i0"]
    for missed in (1, 2):
        make_due()
        before = on_pages()
        assert reread(feed).gone == 0
        assert on_pages() == before
        assert ItemCheck.objects.get().misses == missed
    make_due()
    assert reread(feed).gone == 1
    assert offer_of("i0").expired_at
    assert not Product.objects.get().is_available


def test_two_misses_a_day_apart_decide(shop):
    feed = sell(shop, 1)
    make_due()
    reread(feed)
    del shop.items["i0"]
    make_due()
    reread(feed)
    ItemCheck.objects.update(missed_at=timezone.now() - timedelta(hours=25))
    make_due()
    assert reread(feed).gone == 1


def test_what_comes_back_after_a_miss_begins_anew(shop):
    feed = sell(shop, 1)
    make_due()
    reread(feed)
    item = shop.items.pop("i0")
    for _ in range(2):
        make_due()
        reread(feed)
    shop.items["i0"] = item
    make_due()
    reread(feed)
    assert ItemCheck.objects.get().misses == 0
    assert offer_of("i0").expired_at is None


def test_what_is_gone_is_looked_for_once_a_day_and_comes_back(shop):
    feed = sell(shop, 1)
    make_due()
    reread(feed)
    item = shop.items.pop("i0")
    for _ in range(3):
        make_due()
        reread(feed)
    assert ItemCheck.objects.get().due_at > timezone.now() + timedelta(hours=23)
    shop.items["i0"] = item
    make_due()
    reread(feed)
    assert offer_of("i0").expired_at is None
    assert item_of("i0").missing_at is None


def test_what_no_re_read_ever_found_is_not_gone_because_it_is_not_found(shop):
    feed = sell(shop, 1)
    del shop.items["i0"]
    for _ in range(5):
        make_due()
        assert reread(feed).gone == 0
    assert offer_of("i0").expired_at is None


def test_when_much_of_a_feed_is_missed_at_once_nothing_is_gone(shop):
    feed = sell(shop, 20)
    make_due()
    reread(feed)
    kept = {name: item for name, item in shop.items.items() if name in ("i0", "i1")}
    shop.items = kept
    for _ in range(4):
        make_due()
        assert reread(feed).gone == 0
    feed.refresh_from_db()
    assert "18 of 20 products were not found" in str(feed.rests_for)
    assert not Offer.objects.exclude(expired_at=None).exists()


def test_a_person_may_know_that_much_of_a_feed_is_gone(shop, admin_client):
    feed = sell(shop, 20)
    unseen = item_of("i19")
    ItemCheck.objects.update(seen_at=timezone.now())
    ItemCheck.objects.filter(item=unseen).update(seen_at=None)
    shop.items = {name: item for name, item in shop.items.items() if name in ("i0", "i1")}
    for _ in range(3):
        make_due()
        reread(feed)
    address = reverse("importer:feed-detail", args=[feed.pk])
    assert "Products that were not found" in admin_client.get(address).content.decode()
    answer = admin_client.post(reverse("importer:missing-accept", args=[feed.pk]), follow=True)
    page = answer.content.decode()
    assert "17 products taken for gone." in page
    assert "Products that were not found" not in page
    for update in find_updates(feed.account):
        apply.work(update)
    gone = set(Offer.objects.exclude(expired_at=None).values_list("source_key", flat=True))
    assert gone == {item_of(f"i{n}").source_key for n in range(2, 19)}
    assert Event.objects.get(kind="feed.missing_accepted").after["items"] == 17
    # What comes back is found; and pressed twice nothing more is gone.
    shop.items["i5"] = replace(shop.items["i0"], external_id="i5")
    admin_client.post(reverse("importer:missing-accept", args=[feed.pk]))
    make_due()
    reread(feed)
    assert offer_of("i5").expired_at is None
    assert Offer.objects.exclude(expired_at=None).count() == 16


@pytest.mark.parametrize(
    "error",
    [
        NetworkUnavailable("unreachable", host="x"),
        NetworkUnavailable("rate_limited", 90, who="x", said=""),
        NetworkUnavailable("requests_spent", 30),
        NetworkError("token_refused", network="Tradedoubler", said=""),
        NetworkError("feed_not_connected", network="Tradedoubler", said=""),
    ],
    ids=lambda error: error.code,
)
def test_a_failure_changes_nothing_on_any_page_and_is_tried_again(shop, error):
    feed = sell(shop, 3)
    make_due()
    reread(feed)
    make_due()
    before, items = on_pages(), list(FeedItem.objects.order_by("id").values())
    shop.answer = error
    for _ in range(3):
        make_due()
        NetworkAccount.objects.update(rests_until=None)
        Feed.objects.update(rests_until=None)
        reread(feed)
    make_due()
    before = ([row | {"checked": None} for row in before[0]], before[1])
    after = on_pages()
    assert ([row | {"checked": None} for row in after[0]], after[1]) == before
    assert list(FeedItem.objects.order_by("id").values()) == items
    assert set(ItemCheck.objects.values_list("misses", "claim")) == {(0, None)}
    feed.refresh_from_db()
    feed.account.refresh_from_db()
    assert feed.rests_for or feed.account.rests_for
    assert rereads.find_due_accounts() == [], "nobody is asked again at once"
    shop.answer = None
    NetworkAccount.objects.update(rests_until=timezone.now())
    Feed.objects.update(rests_until=timezone.now())
    assert rereads.find_due_accounts() == [feed.account_id]
    assert reread(feed).seen == 3
    feed.refresh_from_db()
    feed.account.refresh_from_db()
    assert (feed.rests_for, feed.account.rests_for) == ("", "")


def test_a_refused_feed_does_not_stop_the_others(shop, monkeypatch):
    account = make_account()
    bad, good = make_feed(account), make_feed(account)
    sell(shop, 2, bad)
    sell(shop, 2, good)
    answer = shop.look_up

    def look_up(network, feed, wanted):
        if feed.external_id == bad.external_id:
            raise NetworkError("feed_not_connected", network="Tradedoubler", said="")
        return answer(network, feed, wanted)

    shop.look_up = look_up
    make_due()
    tally = reread(good)
    assert (tally.seen, tally.rests_for) == (2, None)


class Killed(BaseException):
    pass


STEPS = [
    "_claim",
    "_settle",
    "_hold",
    "store_hits",
    "_note",
    "mark_items_gone",
    "start_update",
    "confirm_offers",
]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", STEPS)
def test_a_worker_killed_at_any_line_costs_a_repeat_never_a_loss(shop, monkeypatch, name, when):
    feed = sell(shop, 4)
    make_due()
    reread(feed)
    shop.items["i1"] = replace(shop.items["i1"], price=Decimal("79.90"))
    del shop.items["i2"]
    ItemCheck.objects.filter(item__external_id="i2").update(misses=2, missed_at=timezone.now())
    make_due()
    before = on_pages()
    step = getattr(rereads, name)

    def killed(*args, **kwargs):
        if when == "after":
            step(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(rereads, name, killed)
        with pytest.raises(Killed):
            rereads.work(feed.account)
    if (name, when) != ("_settle", "after"):
        assert on_pages() == before, "all that was answered counts, or nothing"
    # Its claim ends by itself.
    ItemCheck.objects.exclude(claim=None).update(claimed_until=timezone.now() - timedelta(seconds=1))
    reread(feed)
    assert offer_of("i1").price == Decimal("79.90")
    assert offer_of("i2").expired_at
    assert offer_of("i0").last_checked_at > timezone.now() - timedelta(minutes=1)
    assert offer_of("i1").price_points.count() == 2
    assert ImportRun.objects.filter(kind="update").exclude(state="done").count() == 0


def test_what_another_worker_took_over_is_left_to_it(shop):
    feed = sell(shop, 2)
    make_due()
    reread(feed)
    del shop.items["i0"]
    make_due()
    answer = shop.look_up

    def slow(network, looked_at, wanted):
        # While we waited for the network, our claim ended, and somebody else read the item.
        ItemCheck.objects.update(claim=None, claimed_until=None, due_at=timezone.now() + timedelta(hours=9))
        return answer(network, looked_at, wanted)

    shop.look_up = slow
    tally = rereads.work(feed.account)
    assert (tally.seen, tally.missed) == (0, 0)
    assert not ItemCheck.objects.exclude(misses=0).exists()


def test_two_workers_read_each_item_once(shop):
    feed = sell(shop, 120)
    make_due()
    at_once(lambda: rereads.work(feed.account), lambda: rereads.work(feed.account))
    asked = [name for batch in shop.asked for name in batch]
    assert sorted(asked) == sorted(shop.items)
    assert max(map(len, shop.asked)) == 50


def test_the_one_that_is_due_longest_is_read_first(shop):
    account = make_account()
    first, second = sell(shop, 1, make_feed(account)), sell(shop, 1, make_feed(account))
    make_due()
    ItemCheck.objects.filter(feed=second).update(due_at=timezone.now() - timedelta(hours=5))
    reread(first)
    assert shop.asked == [["i1"], ["i0"]]


def test_what_a_person_asked_for_comes_first_and_outside_of_the_window(shop):
    feed = sell(shop, 3)
    make_due()
    now = timezone.localtime()
    closed = {"works_from": (now + timedelta(hours=2)).time(), "works_to": (now + timedelta(hours=3)).time()}
    NetworkAccount.objects.update(**closed)
    assert rereads.find_due_accounts() == []
    assert reread(feed).seen == 0
    ItemCheck.objects.filter(item__external_id="i2").update(due_at=ASKED)
    assert rereads.find_due_accounts() == [feed.account_id]
    reread(feed)
    assert shop.asked == [["i2"]]


def test_a_held_price_is_not_noted_as_checked(shop):
    feed = sell(shop, 1)
    Feed.objects.update(max_price_factor=5)
    shop.items["i0"] = replace(shop.items["i0"], price=Decimal("0.99"))
    make_due()
    reread(feed)
    offer = offer_of("i0")
    assert offer.price == Decimal("99.90")
    assert offer.last_checked_at < timezone.now() - timedelta(hours=29)
