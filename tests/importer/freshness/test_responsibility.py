"""Importing an item makes somebody responsible for it: the mirror of its feed, else itself."""

import pytest
from django.utils import timezone

from affiliate_site.redis import get_redis
from catalog.clicks.looks import LOOKS
from catalog.models import DailyClicks, Offer, Product
from importer import tasks
from importer.feeds.cleaning import remove_account
from importer.feeds.schedule import set_mirrored
from importer.freshness.responsibility import (
    decline_mirror,
    feeds_of_run,
    feeds_to_ask_about,
    review_checks,
    take_responsibility,
)
from importer.freshness.schedule import CLICKS, LOOKS_A_CLICK, weigh
from importer.imports import apply
from importer.imports.runs import start_import
from importer.log import read_log
from importer.models import Feed, ItemCheck, SyncRun
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def imported(**values):
    """Return a feed of so many products that is not mirrored, with one that was imported."""
    feed = make_feed(**{"item_count": 1_000} | values)
    import_items(make_item(feed))
    return feed


def test_the_feed_of_an_imported_item_is_mirrored_by_itself():
    feed = imported()
    (run,) = take_responsibility([feed.pk])
    feed.refresh_from_db()
    assert (feed.is_mirrored, run.feed_id, run.state) == (True, feed.pk, "queued")
    assert "is mirrored from now on" in read_log()[0].message
    assert take_responsibility() == [], "once is enough"


def test_until_its_mirror_stands_an_item_is_read_by_itself():
    imported()
    take_responsibility()
    assert ItemCheck.objects.count() == 1
    Feed.objects.update(synced_at=timezone.now())
    review_checks()
    assert not ItemCheck.objects.exists()


def test_of_a_large_feed_a_person_is_asked_and_the_answer_holds():
    feed = imported(item_count=500_001)
    assert take_responsibility() == []
    assert feeds_to_ask_about() == [feed]
    assert "has 500,001 products: mirror it?" in read_log()[0].message
    take_responsibility()
    assert len([line for line in read_log() if "mirror it?" in line.message]) == 1
    assert ItemCheck.objects.count() == 1, "meanwhile it is read by itself"
    decline_mirror(feed)
    assert (take_responsibility(), feeds_to_ask_about()) == ([], [])


def test_a_person_who_says_yes_is_not_asked_again():
    feed = imported(item_count=500_001)
    take_responsibility()
    assert set_mirrored(feed, True)
    assert feeds_to_ask_about() == []


def test_an_account_may_mirror_nothing_by_itself():
    feed = imported(account=make_account(mirrors_imported=False))
    assert take_responsibility() == []
    assert ItemCheck.objects.get().feed == feed


def test_a_feed_that_a_person_stopped_is_not_mirrored_again_by_itself():
    feed = imported()
    take_responsibility()
    feed.refresh_from_db()
    set_mirrored(feed, False)
    assert take_responsibility() == []
    feed.refresh_from_db()
    assert not feed.is_mirrored


def test_a_feed_of_unknown_size_is_not_mirrored_by_itself():
    imported(item_count=None)
    assert take_responsibility() == []
    assert ItemCheck.objects.count() == 1


def test_items_of_a_network_of_whole_feeds_are_not_read_by_themselves():
    feed = make_feed(make_account("adtraction"), is_mirrored=False, mirror_wish="declined")
    import_items(make_item(feed))
    assert take_responsibility() == []
    assert not ItemCheck.objects.exists()


def test_what_was_never_imported_is_nobodys_business():
    make_item(make_feed(item_count=10))
    assert take_responsibility() == []
    assert not ItemCheck.objects.exists()


def test_of_one_article_through_two_accounts_one_is_read():
    first, second = (make_feed(external_id="77", account=make_account()) for _ in range(2))
    item = make_item(first, external_id="same")
    make_item(second, external_id="same")
    import_items(item)
    take_responsibility()
    assert ItemCheck.objects.get().item == item


def test_what_a_mirror_of_another_account_has_is_left_to_it():
    feed = make_feed(external_id="77", account=make_account(), item_count=10)
    mirror = make_feed(external_id="77", account=make_account(), is_mirrored=True, synced_at=timezone.now())
    item = make_item(feed, external_id="same")
    make_item(mirror, external_id="same")
    import_items(item)
    assert take_responsibility() == []
    assert not ItemCheck.objects.exists()


@pytest.mark.parametrize(
    "end",
    [
        lambda feed: Product.objects.update(status="trashed"),
        lambda feed: Offer.objects.all().delete(),
        lambda feed: Feed.objects.update(is_mirrored=True, synced_at=timezone.now()),
        lambda feed: feed.items.all().delete(),
    ],
    ids=["trashed", "removed", "mirrored", "item deleted"],
)
def test_nobody_looks_after_what_is_not_there_any_more(end):
    feed = imported(item_count=None)
    take_responsibility()
    end(feed)
    review_checks()
    assert not ItemCheck.objects.exists()


def test_a_removed_account_reads_nothing():
    from importer.freshness import rereads

    feed = imported(item_count=None)
    take_responsibility()
    ItemCheck.objects.update(due_at=timezone.now())
    remove_account(feed.account)
    assert rereads.find_due_accounts() == []
    assert take_responsibility() == []


def test_a_run_that_ends_sees_to_what_it_imported(monkeypatch):
    feed = make_feed(item_count=1_000)
    run = start_import([make_item(feed).pk], kind="quick")
    sent = []
    monkeypatch.setattr(tasks.look_after_feeds, "delay", sent.append)
    tasks.run_import(run.pk)
    assert sent == [[feed.pk]]
    assert feeds_of_run(run.pk) == [feed.pk]
    tasks.look_after_feeds([feed.pk])
    assert SyncRun.objects.get().feed == feed


def test_a_lost_message_is_made_good_by_the_next_look_at_everything():
    feed = make_feed(item_count=1_000)
    apply.work(start_import([make_item(feed).pk], kind="quick"))
    tasks.keep_fresh()
    feed.refresh_from_db()
    assert feed.is_mirrored


def test_what_is_clicked_is_read_oftener():
    feed = make_feed()
    items = [make_item(feed) for _ in CLICKS] + [make_item(feed)]
    import_items(*items)
    take_responsibility()
    before = {check.item_id: check.due_at for check in ItemCheck.objects.all()}
    for item, clicks in zip(items, CLICKS, strict=False):
        offer = Offer.objects.get(source_key=item.source_key)
        DailyClicks.objects.create(offer=offer, day=timezone.localdate(), place="top", count=clicks)
    review_checks()
    found = {check.item_id: check for check in ItemCheck.objects.all()}
    weights = [found[item.pk].weight for item in items]
    assert weights == [weigh(clicks) for clicks in (*CLICKS, 0)] == [2, 3, 4, 1]
    assert all(found[item.pk].due_at < before[item.pk] for item in items[:-1])
    assert found[items[-1].pk].due_at == before[items[-1].pk]


def test_what_is_looked_at_is_read_oftener_though_nobody_clicks():
    get_redis().delete(LOOKS)
    feed = make_feed()
    seen, unseen = make_item(feed), make_item(feed)
    import_items(seen, unseen)
    take_responsibility()
    slug = Product.objects.get(offers__source_key=seen.source_key).slug
    get_redis().zadd(LOOKS, {slug: 10 * LOOKS_A_CLICK, "no-such-page": 9_999})
    review_checks()
    assert ItemCheck.objects.get(item=seen).weight == weigh(10)
    assert ItemCheck.objects.get(item=unseen).weight == 1
