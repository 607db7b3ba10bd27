"""What a sync finds to be done for offers: one rule says what differs, one what can be imported."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.models import Offer
from catalog.services.bulk_data import OFFER_FIELDS
from importer.feed_index.rows import CONTENT
from importer.imports import apply
from importer.imports.follow import find_update, start_update
from importer.imports.plan import offer_data, unfit
from importer.imports.planned import PlannedItem
from importer.imports.stale import find_stale
from importer.models import Feed, FeedItem
from importer.models.items import FOLLOWED, OFFERED
from tests.importer.make import change_item, make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)

LINK = "https://track.adtraction.com/t/t?a=1&as=2&url=https://shop.example/"
NEW = {
    "external_id": "another",
    "program_key": "tradedoubler:another",
    "title": "Another name",
    "price": Decimal("79.90"),
    "old_price": Decimal("120"),
    "shipping": Decimal("4.95"),
    "in_stock": False,
    "tracking_url": "https://click.example/another",
    "currency": "SEK",
    "image_urls": ["https://img.example/another.jpg"],
    "attributes": {"Colour": "red"},
    "discount": 33,
    "gtin": "4006381333931",
}
# Left alone: the key by which an offer finds its item, and why an item cannot be imported.
COLUMNS = [name for name in CONTENT if name not in ("source_key", "problem")]


def stale(feed) -> int:
    with transaction.atomic():
        return find_stale(Feed.objects.select_related("account").get(pk=feed.pk))


def imported(**values):
    feed = make_feed(make_account("adtraction"))
    item = make_item(feed, **{"tracking_url": LINK} | values)
    import_items(item)
    assert stale(feed) == 0
    return item


@pytest.mark.parametrize("column", COLUMNS)
def test_an_offer_is_stale_when_what_is_taken_of_its_item_changes_and_by_nothing_else(column):
    item = imported()
    change_item(item, **{column: NEW.get(column, "another")})
    assert stale(item.feed) == (column in (*OFFERED, *FOLLOWED))


def test_what_an_offer_takes_is_in_the_digest_of_its_item():
    item = imported()
    taken = {name for name in OFFER_FIELDS if name in {field.attname for field in FeedItem._meta.fields}}
    assert taken - {"source_digest"} == set(OFFERED)
    offer = Offer.objects.get()
    assert {name: getattr(offer, name) for name in OFFERED} == {name: getattr(item, name) for name in OFFERED}


@pytest.mark.parametrize("column", OFFERED)
def test_an_update_leaves_nothing_stale(column):
    item = imported()
    change_item(item, **{column: NEW[column]})
    apply.work(start_update(item.feed))
    assert find_update(item.feed_id) is None
    assert stale(item.feed) == 0
    assert getattr(Offer.objects.get(), column) == NEW[column]


@pytest.mark.parametrize("column", FOLLOWED)
def test_what_a_product_takes_is_looked_at_once(column):
    item = imported()
    change_item(item, **{column: NEW.get(column, "another")})
    apply.work(start_update(item.feed))
    assert stale(item.feed) == 0


def test_what_is_worded_otherwise_and_says_the_same_is_noted_once():
    item = imported()
    change_item(item, tracking_url=LINK.replace("https", "http", 1))
    run = start_update(item.feed)
    assert run.total_count == 1
    apply.work(run)
    run.refresh_from_db()
    assert (run.unchanged_count, stale(item.feed)) == (1, 0)
    assert Offer.objects.get().tracking_url == LINK


def test_a_null_is_not_the_same_as_a_value_in_the_next_column():
    item = imported(old_price=Decimal("120"), shipping=None)
    change_item(item, old_price=None, shipping=Decimal("120"))
    assert stale(item.feed) == 1


UNFIT = {
    "title": "",
    "price": None,
    "currency": "",
    "tracking_url": "",
    "problem": "has no price",
    "missing_at": timezone.now(),
}


@pytest.mark.parametrize("column", UNFIT)
def test_what_cannot_be_imported_has_a_reason_and_its_offer_expires_once(column):
    item = imported()
    item = change_item(item, **{column: UNFIT[column]})
    assert not item.is_fit
    assert unfit(item)
    assert stale(item.feed) == 1
    apply.work(start_update(item.feed))
    assert Offer.objects.get().expired_at
    assert stale(item.feed) == 0


def test_what_can_be_imported_has_no_reason():
    item = imported()
    assert item.is_fit
    assert unfit(item) == ""


def test_the_offer_of_an_item_has_its_digest():
    item = imported()
    data = offer_data(PlannedItem(item=item, account=item.feed.account))
    assert data.source_digest == item.source_digest == Offer.objects.get().source_digest
    assert replace(data, source_digest=None) != data
