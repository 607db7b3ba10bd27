"""Wrong joins of before are found, a slice at a time, and asked about once."""

from decimal import Decimal

import pytest

from catalog import services as catalog
from catalog.models import Offer
from importer.imports.wrong_joins import scan_joins
from importer.models import DoubtScan, FeedItem, JoinDoubt
from tests.importer.make import make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db


def make_product(*rows):
    """Put one offer for each (title, brand, price, currency) on one product, as if by hand."""
    items = [
        make_item(make_feed(), title=title, brand=brand, price=Decimal(price), currency=currency)
        for title, brand, price, currency in rows
    ]
    first, *rest = [result.product for result in import_items(*items)]
    for product in rest:
        catalog.join_products(product, into=first)
    return first, items


BUCKET, BICYCLE = ("Red bucket", "Gries", "19.95", "EUR"), ("Bicycle", "Cube", "499", "EUR")


def test_an_offer_unlike_its_product_is_asked_about():
    product, (_, bike) = make_product(BUCKET, BICYCLE)
    assert scan_joins(seconds=60)

    doubt = JoinDoubt.objects.get()
    assert (doubt.kind, doubt.product, doubt.source_key) == ("split", product, bike.source_key)
    assert "brands" in doubt.reason


def test_offers_that_are_one_article_are_left_alone():
    make_product(BUCKET, ("Eimer rot", "Gries", "24.95", "EUR"), ("Röd hink", "Gries", "219", "SEK"))
    scan_joins(seconds=60)

    assert not JoinDoubt.objects.exists()


def test_a_name_that_leads_to_another_counts_as_well():
    make_product(
        ("Wanderstiefel", "Meindl", "199", "EUR"),
        ("Vandringskängor dam", "Meindl", "2190", "SEK"),
        ("Vandringskängor dam", "", "1190", "SEK"),
    )
    scan_joins(seconds=60)

    assert not JoinDoubt.objects.exists()


def test_a_scan_asks_once_and_never_about_what_was_decided():
    make_product(BUCKET, BICYCLE)
    scan_joins(seconds=60)
    JoinDoubt.objects.update(decision="same")
    scan_joins(seconds=60)

    assert JoinDoubt.objects.get().decision == "same"


def test_what_an_editor_named_anew_is_no_wrong_join():
    product, _ = make_product(BUCKET, ("Red bucket 10 l", "Gries", "21", "EUR"))
    catalog.update_product(product, title="Our favourite")
    scan_joins(seconds=60)

    assert not JoinDoubt.objects.exists()


def test_a_scan_goes_on_where_it_stopped_and_begins_anew_at_the_end():
    products = [make_product(BUCKET, BICYCLE)[0] for _ in range(3)]
    assert not scan_joins(seconds=0, at_once=1)
    assert DoubtScan.objects.get().last_product_id == products[0].pk
    assert list(JoinDoubt.objects.values_list("product", flat=True)) == [products[0].pk]
    while not scan_joins(seconds=0, at_once=1):
        pass

    assert JoinDoubt.objects.count() == 3
    scan = DoubtScan.objects.get()
    assert (scan.last_product_id, scan.finished_at is not None) == (0, True)


def test_products_in_the_trash_are_not_looked_at():
    product, _ = make_product(BUCKET, BICYCLE)
    catalog.trash([product.pk])
    scan_joins(seconds=60)

    assert not JoinDoubt.objects.exists()


def test_offers_whose_items_are_gone_are_compared_by_their_own_titles():
    product, _ = make_product(BUCKET, BICYCLE)
    FeedItem.objects.all().delete()
    scan_joins(seconds=60)

    assert JoinDoubt.objects.get().product == product
    assert Offer.objects.filter(product=product).count() == 2, "a scan moves nothing"
