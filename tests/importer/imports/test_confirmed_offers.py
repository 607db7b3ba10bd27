"""Offers that their feed goes on confirming: visitors read when a price was checked."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from catalog import services as catalog
from catalog.models import Offer, OfferCheck, Product
from importer.feeds.syncs import sync_feed
from importer.imports import apply, stale
from importer.imports.follow import find_update
from importer.models import FeedItem
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import rows, send
from tests.importer.imports.test_follow import import_all, sync
from tests.importer.make import set_checked
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed


def checked() -> dict[str, datetime]:
    offers = Offer.objects.select_related("later_check")
    return {offer.source_key: offer.last_checked_at for offer in offers}


def test_a_feed_that_goes_on_saying_the_same_confirms_its_offers_hourly(feed, monkeypatch):
    send(monkeypatch, *[rows(3)] * 2)
    sync(feed)
    import_all(feed)
    old, recent = (timezone.now() - timedelta(hours=hours) for hours in (3, 0.5))
    first, second, third = Offer.objects.order_by("id")
    set_checked(old, pk__in=[first.pk, third.pk])
    set_checked(recent, pk=second.pk)
    assert sync(feed) is None
    first, second, third = Offer.objects.order_by("id")
    assert first.last_checked_at > recent
    assert second.last_checked_at == recent
    assert third.last_checked_at > recent


def test_a_check_that_finds_nothing_new_leaves_the_offers_row_alone(feed, monkeypatch):
    send(monkeypatch, *[rows(3)] * 2)
    sync(feed)
    import_all(feed)
    set_checked(timezone.now() - timedelta(hours=3))
    before = list(Offer.objects.order_by("id").values())
    assert sync(feed) is None
    assert list(Offer.objects.order_by("id").values()) == before
    assert OfferCheck.objects.count() == 3


def test_an_offer_that_differs_is_not_confirmed(feed, monkeypatch):
    send(monkeypatch, rows(2), rows(2, price=Decimal("1.00")))
    sync(feed)
    import_all(feed)
    old = timezone.now() - timedelta(hours=30)
    set_checked(old)
    sync_feed(feed)  # its update has not run yet
    assert set(checked().values()) == {old}


def test_many_who_note_the_same_offers_at_once_do_not_wait_in_a_circle(feed, monkeypatch):
    send(monkeypatch, rows(300))
    sync(feed)
    import_all(feed)
    ids = list(Offer.objects.values_list("pk", flat=True))
    now = timezone.now()

    def note(number):
        order = random.Random(number).sample(ids, len(ids))
        catalog.bulk.touch_offers(order, at=now + timedelta(seconds=number))

    at_once(*[lambda number=number: note(number) for number in range(4)])
    assert set(checked().values()) == {now + timedelta(seconds=3)}


def test_a_check_of_yesterday_that_comes_late_undoes_none_of_today(feed, monkeypatch):
    send(monkeypatch, rows(1))
    sync(feed)
    import_all(feed)
    offer, now = Offer.objects.get(), timezone.now() + timedelta(hours=1)
    for at in (now, now - timedelta(days=1)):
        catalog.bulk.touch_offers([offer.pk], at=at)
    assert set(checked().values()) == {now}


COUNT, STEPS = 8, 14
GTINS = ["4006381333931", "4006381333948", "4006381333955", "4006381333962", "4006381333979"]


@pytest.mark.parametrize("seed", range(3))
def test_an_offer_was_checked_when_its_feed_last_said_its_price_whatever_came_between(
    feed, monkeypatch, seed
):
    """Against the rule by rows: an offer is checked when what was just read says what it says."""
    chance = random.Random(seed)
    said = [replace(item, gtin=GTINS[n % 5]) for n, item in enumerate(rows(COUNT))]
    sent: list = [said]
    monkeypatch_answers(monkeypatch, sent)
    began = datetime(2026, 3, 2, 8, tzinfo=timezone.get_default_timezone())
    with time_machine.travel(began, tick=False) as clock:
        sync(feed)
        import_all(feed)
        kept = Product.objects.order_by("pk").first()
        catalog.set_policies(kept, policies={"price": "never"})
        feed.max_price_factor = 5
        feed.save()
        expected = dict.fromkeys(checked(), began)
        for _ in range(STEPS):
            clock.shift(timedelta(minutes=chance.choice([20, 50, 70, 300])))
            now = timezone.now()
            if chance.random() < 0.25:
                some = chance.sample(list(FeedItem.objects.values_list("pk", flat=True)), 3)
                keys = set(FeedItem.objects.filter(pk__in=some).values_list("source_key", flat=True))
                stale.confirm_offers(feed, at=now, before=now, item_ids=some)
                by_rows(expected, now, before=now, keys=keys)
            else:
                sent.append([moved(item, chance) for item in said if chance.random() > 0.15] or said)
                sync_feed(feed)
                by_rows(expected, now, before=now - timedelta(hours=1))
                if update := find_update(feed.pk):
                    apply.work(update)
                    done = update.items.exclude(verdict="expired")
                    by_rows(
                        expected,
                        now,
                        before=now,
                        keys=set(done.values_list("feed_item__source_key", flat=True)),
                    )
            assert checked() == expected
    assert len(set(expected.values())) > 2


def monkeypatch_answers(monkeypatch, sent) -> None:
    send(monkeypatch, *[lambda watch: iter(sent[-1])] * (STEPS + 1))


def moved(item, chance):
    """What the feed says of an article this time: mostly the same."""
    way = chance.choice(["same"] * 6 + ["price", "far", "other", "broken", "stock"])
    if way == "price":
        return replace(item, price=Decimal(chance.randrange(9000, 11000)) / 100)
    if way == "far":
        return replace(item, price=Decimal("0.99"))
    if way == "other":
        return replace(item, title="Coffee maker", gtin=chance.choice(GTINS))
    if way == "broken":
        return replace(item, price=None, problem="has no price")
    return replace(item, in_stock=False) if way == "stock" else item


def by_rows(expected, now, *, before, keys=None) -> None:
    items = FeedItem.objects.in_bulk(field_name="pk")
    items = {item.source_key: item for item in items.values()}
    for offer in Offer.objects.filter(expired_at=None):
        item, key = items[offer.source_key], offer.source_key
        is_held = item.held_price is not None or item.held_article is not None
        says_it = (item.source_digest, item.price, item.currency) == (
            offer.source_digest,
            offer.price,
            offer.currency,
        )
        is_read = keys is None or key in keys
        if is_read and item.is_fit and not is_held and says_it and expected[key] < before:
            expected[key] = now
