"""Prices that nobody checks: they are counted, shown and ended."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from catalog.models import Offer, Product
from importer import tasks
from importer.feeds.cleaning import remove_account
from importer.imports.freshness import OldPrices, get_old_prices
from importer.models import SyncRun
from tests.importer.make import make_feed, make_item
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_was_counted():
    cache.clear()


def grow_old(*items, days=9) -> None:
    keys = [item.source_key for item in items]
    Offer.objects.filter(source_key__in=keys).update(checked_at=timezone.now() - timedelta(days=days))


def test_offers_nobody_checks_are_counted_by_feed(db):
    few, many = make_feed(name="Few"), make_feed(name="Many")
    one, fresh = make_item(few), make_item(few)
    two = [make_item(many), make_item(many)]
    import_items(one, fresh, *two)
    grow_old(one, *two)
    assert get_old_prices() == (0, []), "a page reads no offers"
    tasks.keep_fresh()
    assert get_old_prices() == (3, [OldPrices("tradedoubler", 2, many), OldPrices("tradedoubler", 1, few)])


def test_what_a_weekly_feed_says_is_not_old(db):
    item = make_item(make_feed())
    import_items(item)
    grow_old(item, days=7)
    tasks.keep_fresh()
    assert get_old_prices() == (0, [])


def test_what_is_in_the_trash_or_expired_is_not_counted(db):
    feed = make_feed()
    trashed, expired = make_item(feed), make_item(feed)
    import_items(trashed, expired)
    grow_old(trashed, expired)
    Product.objects.filter(offers__source_key=trashed.source_key).update(status="trashed")
    Offer.objects.filter(source_key=expired.source_key).update(expired_at=timezone.now())
    tasks.keep_fresh()
    assert get_old_prices() == (0, [])


def test_offers_of_a_removed_account_belong_to_no_feed(db):
    item = make_item(make_feed())
    import_items(item)
    grow_old(item)
    remove_account(item.feed.account)
    tasks.keep_fresh()
    assert get_old_prices() == (1, [OldPrices("tradedoubler", 1, None)])


def test_one_click_mirrors_the_feed_and_comes_back(admin_client):
    item = make_item(make_feed(name="OTTO DE"))
    import_items(item)
    grow_old(item)
    tasks.keep_fresh()
    home = reverse("dashboard:home")
    page = text_of(admin_client.get(home))
    assert "1 offer was last checked more than a week ago." in page
    assert "Mirror this feed" in page
    answer = admin_client.post(
        reverse("importer:feed-mirror", args=[item.feed.pk]), {"on": "1", "next": home}
    )
    assert answer["Location"] == home
    assert SyncRun.objects.get().feed == item.feed
    page = text_of(admin_client.get(home))
    assert "Mirror this feed" not in page
    assert "is mirrored: see how its last sync went" in page


def test_feeds_of_one_name_are_told_apart_by_their_program(admin_client):
    feed = make_feed(name="Standard")
    feed.program = feed.account.programs.create(external_id="7", name="Spielkiste")
    feed.save()
    item = make_item(feed)
    import_items(item)
    grow_old(item)
    tasks.keep_fresh()
    assert "Spielkiste, Standard" in text_of(admin_client.get(reverse("dashboard:home")))


def test_an_editor_sees_it_without_the_button(editor_client):
    item = make_item(make_feed(name="OTTO DE"))
    import_items(item)
    grow_old(item)
    tasks.keep_fresh()
    page = text_of(editor_client.get(reverse("dashboard:home")))
    assert "OTTO DE" in page
    assert "Mirror this feed" not in page


def test_the_product_list_finds_them(editor_client):
    feed = make_feed()
    old, fresh = make_item(feed, title="Old shoe"), make_item(feed, title="Fresh shoe")
    import_items(old, fresh)
    grow_old(old)
    page = editor_client.get(reverse("catalog:product-list"), {"price": "old"})
    assert [product.title for product in page.context["page_obj"]] == ["Old shoe"]
    editor = editor_client.get(
        reverse("catalog:product-edit", args=[Product.objects.get(title="Old shoe").pk])
    )
    assert "old-check" in text_of(editor)
    editor = editor_client.get(
        reverse("catalog:product-edit", args=[Product.objects.get(title="Fresh shoe").pk])
    )
    assert "old-check" not in text_of(editor)
