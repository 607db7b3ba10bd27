"""What imports do with products that an editor joined, split or gave other offers: they respect it."""

from contextlib import suppress
from decimal import Decimal
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from catalog import services as catalog
from catalog.models import Offer, Product, ProductImage, Shop
from importer.imports import apply
from importer.imports.options import Options
from importer.imports.planned import PlannedItem
from importer.models import ImportRun
from importer.search.hits import get_hits
from tests.importer.make import change_item, make_account, make_feed, make_item

EAN, OTHER_EAN = "4006381333931", "0036000291452"


def run(*items, edits=None):
    """Import the items now; return the decisions."""
    planned_items = [PlannedItem(item=item, account=item.feed.account, edits=edits) for item in items]
    while True:
        with suppress(apply.Moved), transaction.atomic():
            return apply.apply(planned_items, Options())


def product_of(item) -> Product:
    return Offer.objects.get(source_key=item.source_key).product


@pytest.fixture
def joined(db):
    """Two items of one EAN, imported as one product."""
    feed = make_feed(make_account(import_description=True))
    items = [
        make_item(feed, gtin=EAN, shop_name=name, program_id=name, title=f"Shoe at {name}")
        for name in ("OTTO", "Bol")
    ]
    run(*items)
    assert product_of(items[0]) == product_of(items[1])
    return items


def test_a_split_offer_stays_where_it_is_put(joined):
    otto, bol = joined
    product = product_of(otto)
    made = catalog.split_offers(product, offer_ids=[Offer.objects.get(source_key=bol.source_key).pk])
    change_item(bol, price=Decimal("50.00"), title="Shoe, new name")
    run(otto, bol)
    assert (product_of(otto), product_of(bol)) == (product, made)
    made.refresh_from_db()
    assert (made.lowest_price, made.title) == (Decimal("50.00"), "Shoe, new name")
    assert Product.objects.get(pk=product.pk).offer_count == 1


def test_a_split_product_has_what_its_item_says(joined):
    _, bol = joined
    product = product_of(bol)
    made = catalog.split_offers(product, offer_ids=[Offer.objects.get(source_key=bol.source_key).pk])
    assert (made.title, made.description, made.brand.name) == ("Shoe at Bol", "<p>Light.</p>", "Nordfjell")
    picture = made.images.get()
    assert (picture.source_url, picture.host) == (bol.image_urls[0], "img.example")
    assert picture.state == ProductImage.State.WAITING
    assert made.imported["source_key"] == bol.source_key


def test_a_moved_offer_stays_where_it_is_put(joined):
    otto, bol = joined
    other = catalog.create_product(title="Another")
    catalog.move_offers(
        product_of(bol), offer_ids=[Offer.objects.get(source_key=bol.source_key).pk], into=other
    )
    change_item(bol, price=Decimal("50.00"), title="Shoe, new name")
    run(otto, bol)
    other.refresh_from_db()
    assert product_of(bol) == other
    assert (other.lowest_price, other.title) == (Decimal("50.00"), "Another")


@pytest.mark.parametrize("other_ean", ["", OTHER_EAN], ids=["takes the EAN", "has one of its own"])
def test_what_joins_by_ean_finds_the_product_that_is_left(joined, other_ean):
    product = product_of(joined[0])
    other = catalog.create_product(title="Another", gtin=other_ean)
    catalog.join_products(product, into=other)
    late = make_item(joined[0].feed, gtin=EAN, shop_name="Late")
    assert get_hits([late])[0].joins == other
    [decision] = run(late)
    assert (decision.verdict, decision.product_id) == ("joined", other.pk)
    change_item(joined[0], price=Decimal("5.00"))
    run(*joined)
    other.refresh_from_db()
    assert (other.offer_count, other.lowest_price) == (3, Decimal("5.00"))


def test_add_to_existing_product_finds_the_product_that_is_left(joined):
    product = product_of(joined[0])
    other = catalog.create_product(title="Another")
    catalog.join_products(product, into=other)
    late = make_item(joined[0].feed)
    run(late, edits={"product_id": product.pk})
    assert product_of(late) == other


def test_the_main_offer_stays_after_an_update(joined):
    otto, bol = joined
    product = product_of(otto)
    dear = Offer.objects.get(source_key=bol.source_key)
    catalog.choose_main_offer(product, offer_id=dear.pk)
    change_item(otto, price=Decimal("10.00"))
    change_item(bol, price=Decimal("120.00"))
    run(otto, bol)
    product.refresh_from_db()
    assert (product.lowest_price, product.has_cheaper_offer) == (Decimal("120.00"), True)


@pytest.mark.django_db(transaction=True)
def test_an_import_that_waits_for_a_join_adds_to_the_product_that_is_left():
    first = make_item(gtin=EAN)
    run(first)
    product, other = product_of(first), catalog.create_product(title="Another")
    late = make_item(first.feed, gtin=EAN, shop_name="Late")
    is_joined, may_commit, results = Event(), Event(), []

    def join():
        with transaction.atomic():
            catalog.join_products(product, into=other)
            is_joined.set()
            may_commit.wait(10)
        connection.close()

    def add():
        try:
            results.extend(run(late))
        finally:
            connection.close()

    joining, adding = Thread(target=join), Thread(target=add)
    joining.start()
    assert is_joined.wait(10)
    adding.start()
    adding.join(0.5)
    assert adding.is_alive(), "it waits"
    may_commit.set()
    joining.join()
    adding.join()
    assert product_of(late) == other
    assert Product.objects.get(pk=other.pk).offer_count == 2


# --- Shops --------------------------------------------------------------------------------------


def test_a_merged_shop_is_not_imported_again(joined):
    otto, bol = (Shop.objects.get(name=name) for name in ("OTTO", "Bol"))
    assert catalog.merge_shops(otto, into=bol) == 1
    feed = joined[0].feed
    other_network = make_feed(make_account("adtraction"))
    items = [
        make_item(feed, shop_name="OTTO", program_id="OTTO"),  # its program
        make_item(feed, shop_name="Otto", program_id="another program"),  # its name
        make_item(other_network, shop_name="OTTO", program_id="9"),
    ]
    run(*items, *joined)
    assert set(Offer.objects.values_list("shop__name", flat=True)) == {"Bol"}
    assert Shop.objects.count() == 1
    assert all(product.shop_ids == [bol.pk] for product in Product.objects.all())


@pytest.mark.django_db(transaction=True)
def test_an_import_that_knew_the_shop_before_the_merge_plans_again():
    first = make_item(shop_name="OTTO", program_id="OTTO")
    run(first)
    otto, bol = Shop.objects.get(), Shop.objects.create(name="Bol", slug="bol")
    late = make_item(first.feed, shop_name="OTTO", program_id="OTTO")
    job = ImportRun.objects.create(kind="bulk", state="running", total_count=1)
    job.items.create(feed_item=late)
    is_merged, may_commit = Event(), Event()

    def merge():
        with transaction.atomic():
            catalog.merge_shops(otto, into=bol)
            is_merged.set()
            may_commit.wait(10)
        connection.close()

    def add():
        apply.work_chunk(job.pk)
        connection.close()

    merging, adding = Thread(target=merge), Thread(target=add)
    merging.start()
    assert is_merged.wait(10)
    adding.start()
    adding.join(0.5)
    assert adding.is_alive(), "it waits"
    may_commit.set()
    merging.join()
    adding.join()
    assert set(Offer.objects.values_list("shop__name", flat=True)) == {"Bol"}
    assert job.items.get().verdict == "created"
