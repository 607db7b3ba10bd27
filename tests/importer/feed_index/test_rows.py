"""What an item says arrives in the column of its name: `rows.CONTENT` and `RowMaker.row` keep one order."""

from dataclasses import fields
from decimal import Decimal

import pytest
from django.utils import timezone

from importer import feed_index
from importer.feed_index.rows import CONTENT
from importer.models import FeedItem
from importer.networks.contract import ItemData
from tests.importer.make import make_account, make_feed

pytestmark = pytest.mark.django_db
ITEM = {
    "external_id": "id\tof\\it",
    "title": "a title",
    "tracking_url": "https://click.example/1",
    "program_id": "a program",
    "shop_name": "a shop",
    "description": "<p>words\nof it</p>",
    "brand": "a brand",
    "category": "a > category",
    "price": Decimal("11.25"),
    "old_price": Decimal("22.50"),
    "shipping": Decimal("3.75"),
    "currency": "SEK",
    "gtin": "4006381333931",
    "in_stock": False,
    "product_url": "https://shop.example/1",
    "image_urls": ('https://img.example/"1",2.jpg', "https://img.example/3.jpg"),
    "attributes": {"colour": 'red "dark"', "size": "42\\43"},
    "problem": "a problem",
}
# What is made of several fields, not copied from one.
MADE = {
    "source_key": "adtraction:f1:id\tof\\it",
    "program_key": "adtraction:a program",
    "image_urls": list(ITEM["image_urls"]),
    "discount": 50,
}


def test_every_column_holds_its_namesake():
    feed = make_feed(make_account("adtraction"), "f1", is_mirrored=True, synced_at=timezone.now())
    feed_index.replace_feed(feed, [ItemData(feed_id="f1", **ITEM)])

    item = FeedItem.objects.get()
    assert {name: getattr(item, name) for name in CONTENT} == {name: (ITEM | MADE)[name] for name in CONTENT}


def test_no_two_values_of_that_item_are_alike():
    stored = [repr((ITEM | MADE)[name]) for name in CONTENT]
    assert len(set(stored)) == len(stored)


def test_a_field_that_items_have_twice_over_is_stored():
    """Whoever adds a field to both ItemData and FeedItem and forgets the row is told."""
    of_model = {field.name for field in FeedItem._meta.concrete_fields}
    assert {field.name for field in fields(ItemData)} & of_model <= set(CONTENT)
