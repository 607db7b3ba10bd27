"""What imports and updates change of products is in their history, column by column."""

from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Offer, Product, Revision
from importer.imports import apply
from importer.imports.follow import start_update
from importer.models import FeedItem, ImportRun
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


def update(item, **values) -> Revision:
    change_item(item, **values)
    run = start_update(item.feed)
    apply.work(run)
    return Revision.objects.get(cause=f"run:{run.pk}")


NEW = {
    "title": "Another name",
    "price": Decimal("79.90"),
    "old_price": Decimal("120.00"),
    "shipping": Decimal("4.95"),
    "currency": "SEK",
    "in_stock": False,
    "tracking_url": LINK.replace("shop", "other"),
    "description": "<p>Heavy.</p>",
}


def typed(model, values: dict) -> dict:
    return {name: model._meta.get_field(name).to_python(value) for name, value in values.items()}


@pytest.mark.parametrize("column", NEW)
def test_every_column_that_an_update_wrote_is_there_as_it_was_and_is(item, column):
    offer, product = state()
    revision = update(item, **{column: NEW[column]})
    assert revision.product_id == product["id"]
    new_offer, new_product = state()
    # Nothing is kept of times, and of what follows from the rest.
    follows = {"checked_at", "changed_at", "updated_at", "search"}
    from_offers = {"lowest_price", "is_available", "currency"}
    before = typed(Offer, revision.before.get("offers", {}).get(str(offer["id"]), {}))
    after = typed(Offer, revision.after.get("offers", {}).get(str(offer["id"]), {}))
    for old, new, was, now in (
        (offer, new_offer, before, after),
        (product, new_product, without_offers(revision.before), without_offers(revision.after)),
    ):
        names = {name for name, value in old.items() if new[name] != value} - follows
        names -= from_offers if old is product else set()
        names -= (
            {"source_digest"} if names == {"source_digest"} else set()
        )  # the product changed, no offer did
        names |= {"currency"} if names & {"price", "old_price", "shipping"} else set()
        assert was == {name: old[name] for name in names}
        assert now == {name: new[name] for name in names}


def without_offers(values: dict) -> dict:
    return {name: value for name, value in values.items() if name != "offers"}


def test_a_text_that_a_person_edited_is_not_said_to_be_written(item):
    said = item.title
    Product.objects.update(title="Mine")
    revision = update(item, title="Another name")
    assert set(revision.before) == {"imported", "provenance", "offers"}
    assert (revision.before["imported"]["title"], revision.after["imported"]["title"]) == (
        said,
        "Another name",
    )


def test_what_expired_was_listed_before_and_what_came_back_was_not(item):
    key = str(Offer.objects.get().pk)
    revision = update(item, missing_at=timezone.now())
    expired_at = Offer.objects.get().expired_at.isoformat()
    assert revision.before == {"offers": {key: {"expired_at": None}}}
    assert revision.after == {"offers": {key: {"expired_at": expired_at}}}
    revision = update(item, missing_at=None)
    assert revision.before == {"offers": {key: {"expired_at": expired_at}}}
    assert revision.after == {"offers": {key: {"expired_at": None}}}


def test_what_a_run_made_was_not_there_before():
    feed = make_feed()
    items = [make_item(feed, gtin="4006381333931") for _ in range(2)]
    import_items(*items)
    first, second = Offer.objects.order_by("pk")
    cause = f"run:{ImportRun.objects.get().pk}"
    assert list(Revision.objects.order_by("pk").values_list("product_id", "cause", "before", "after")) == [
        (first.product_id, cause, None, {}),
        (first.product_id, cause, {"offers": {str(second.pk): None}}, {"offers": {str(second.pk): {}}}),
    ]


def test_what_changed_nothing_leaves_no_revision(item):
    known = Revision.objects.count()
    import_items(item)
    assert Revision.objects.count() == known
