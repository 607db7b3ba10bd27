"""What a run wrote over can be read afterwards, column by column."""

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Offer, Product
from importer.imports import apply
from importer.imports.before import get_before_images
from importer.imports.follow import start_update
from importer.models import FeedItem, ImportItem, ImportRun
from tests.importer.make import change_item, make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)
LINK = "https://track.adtraction.com/t/t?a=1&as=2&url=https://shop.example/"


@pytest.fixture
def item() -> FeedItem:
    item = make_item(make_feed(make_account("adtraction", import_description=True)), tracking_url=LINK)
    import_items(item)
    return item


def state() -> tuple[dict, dict]:
    return Offer.objects.values().get(), Product.objects.values().get()


def update(item, **values):
    change_item(item, **values)
    run = start_update(item.feed)
    apply.work(run)
    (before,) = get_before_images(run)
    return before


NEW = {
    "title": "Another name",
    "price": Decimal("79.90"),
    "old_price": Decimal("120"),
    "shipping": Decimal("4.95"),
    "currency": "SEK",
    "in_stock": False,
    "tracking_url": LINK.replace("shop", "other"),
    "description": "<p>Heavy.</p>",
}


@pytest.mark.parametrize("column", NEW)
def test_every_column_that_an_update_wrote_is_there_as_it_was(item, column):
    offer, product = state()
    before = update(item, **{column: NEW[column]})
    assert (before.verdict, before.offer_id, before.product_id) == ("updated", offer["id"], product["id"])
    assert not before.is_new_offer
    new_offer, new_product = state()
    # Nothing is kept of times, and of what follows from the rest.
    follows = {"checked_at", "changed_at", "updated_at", "search"}
    for old, new, kept in ((offer, new_offer, before.offer), (product, new_product, before.product)):
        changed = {name: value for name, value in old.items() if new[name] != value}
        from_offers = {"lowest_price", "is_available", "currency"} if old is product else set()
        assert kept == {name: value for name, value in changed.items() if name not in follows | from_offers}


def test_a_text_that_a_person_edited_is_not_said_to_be_written(item):
    said = item.title
    Product.objects.update(title="Mine")
    before = update(item, title="Another name")
    assert set(before.product) == {"imported"}
    assert before.product["imported"]["title"] == said


def test_what_expired_was_listed_before_and_what_came_back_was_not(item):
    before = update(item, missing_at=timezone.now())
    assert (before.verdict, before.offer) == ("expired", {"expired_at": None})
    expired_at = Offer.objects.get().expired_at
    before = update(item, missing_at=None)
    assert (before.verdict, before.offer) == ("updated", {"expired_at": expired_at})


def test_what_a_run_made_is_named_and_was_not_there_before():
    feed = make_feed()
    items = [make_item(feed, gtin="4006381333931") for _ in range(2)]
    import_items(*items)
    found = {before.verdict: before for before in get_before_images(ImportRun.objects.get())}
    assert set(found) == {"created", "joined"}
    for before in found.values():
        assert (before.is_new_offer, before.offer, before.product) == (True, {}, {})
        assert Offer.objects.get(pk=before.offer_id).product_id == before.product_id


def test_what_changed_nothing_has_no_image_and_a_deleted_offer_no_id(item):
    run = ImportRun.objects.get()
    import_items(item)
    assert list(get_before_images(ImportRun.objects.first())) == []
    Offer.objects.all().delete()
    (before,) = get_before_images(run)
    assert before.offer_id is None


def test_images_go_with_their_run(item):
    update(item, price=Decimal("79.90"))
    ImportRun.objects.all().delete()
    assert ImportItem.objects.count() == 0
