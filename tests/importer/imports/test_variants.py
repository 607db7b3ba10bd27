"""One model in several colours and sizes is one product, whose offers say which variant they are."""

from decimal import Decimal

import pytest

from catalog import services as catalog
from catalog.models import Offer, Product
from importer.imports import apply
from importer.imports.runs import start_import
from importer.imports.wrong_joins import scan_joins
from importer.models import JoinDoubt
from importer.search.hits import get_hits
from tests.importer.make import change_item, make_account, make_feed, make_item
from tests.importer.run import import_items
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db
EANS = ["4006381333931", "0036000291452", "5901234123457", "7056829153079"]
CHOICES = [("Black", "42"), ("Black", "43"), ("Red", "42"), ("Red", "43")]


def shoes(feed=None, *, title="Trail runner, {colour}, {size}", eans=EANS, **values):
    """Return four variants of one shoe, without a group of the shop's own."""
    feed = feed or make_feed()
    return [
        make_item(
            feed,
            title=title.format(colour=colour, size=size),
            attributes={"colour": colour, "size": size},
            gtin=ean,
            price=Decimal("99.90") + number,
            **values,
        )
        for number, ((colour, size), ean) in enumerate(zip(CHOICES, eans, strict=True))
    ]


def test_variants_of_a_feed_become_one_product_named_without_colour_and_size():
    results = import_items(*shoes(), status="published")

    assert [result.verdict for result in results] == ["created", "joined", "joined", "joined"]
    product = Product.objects.get()
    assert (product.title, product.slug, product.offer_count) == ("Trail runner", "trail-runner", 4)
    assert product.lowest_price == Decimal("99.90")
    assert [(offer.variant, offer.gtin) for offer in product.offers.order_by("id")] == [
        ({"colour": colour, "size": size}, ean) for (colour, size), ean in zip(CHOICES, EANS, strict=True)
    ]
    assert not JoinDoubt.objects.exists()


def test_the_shops_own_group_needs_no_colour_and_no_size():
    feed = make_feed()
    items = [
        make_item(feed, title=f"Phone X {size}", attributes={"item_group_id": "G7"})
        for size in ("64 GB", "128 GB")
    ]
    import_items(*items)

    assert Product.objects.get().offer_count == 2


def test_variants_that_come_later_join_their_model_wherever_its_offers_are():
    first, *later = shoes()
    product = import_items(first)[0].product
    assert product.title == "Trail runner, Black, 42", "nothing shows yet that there are more"
    assert import_items(later[0])[0].product == product
    other = catalog.create_product(title="Our choice of shoes")
    catalog.join_products(product, into=other)
    assert {result.product for result in import_items(*later[1:])} == {other}


def test_another_shops_offer_joins_the_variant_of_its_ean():
    import_items(*shoes())
    theirs = make_item(
        make_feed(make_account("adtraction")), title="Trailrunner rot Gr. 43", gtin=EANS[3], price=Decimal(95)
    )

    assert get_hits([theirs])[0].joins == Product.objects.get()
    assert import_items(theirs)[0].verdict == "joined"
    offer = Offer.objects.get(source_key=theirs.source_key)
    assert offer.variant == {"colour": "Red", "size": "43"}


def test_a_second_shop_with_the_same_variants_joins_each():
    import_items(*shoes())
    feed = make_feed(make_account("adtraction"))
    results = import_items(*shoes(feed, title="Nordfjell Trail runner {colour} {size}", brand="Nordfjell"))

    assert {result.verdict for result in results} == {"joined"}
    product = Product.objects.get()
    assert product.offer_count == 8
    assert len({tuple(offer.variant.items()) for offer in product.offers.all()}) == 4


def test_another_size_of_the_same_ean_is_doubted_though_the_model_is_alike():
    import_items(*shoes())
    theirs = make_item(make_feed(), title="Trail runner Red 42", gtin=EANS[3])
    (hit,) = get_hits([theirs])

    assert (hit.joins, "42" in hit.found.doubt and "43" in hit.found.doubt) == (None, True)
    assert import_items(theirs)[0].product.status == "draft"
    assert JoinDoubt.objects.get().product == Product.objects.get(title="Trail runner")


def test_variants_of_a_chunk_are_found_by_their_ean_in_the_same_chunk():
    theirs = make_item(make_feed(), title="Trail runner, red, size 43", gtin=EANS[3])
    results = import_items(*shoes(), theirs)

    assert results[-1].verdict == "joined"
    assert Offer.objects.get(source_key=theirs.source_key).variant == {"colour": "Red", "size": "43"}


def test_a_group_that_a_shop_gives_to_all_it_sells_groups_nothing_unlike():
    feed = make_feed()
    names = ("Red bucket", "Bicycle 28 inch", "Garden hose", "Oak table")
    items = [make_item(feed, title=name, attributes={"item_group_id": "default"}) for name in names]
    import_items(*items)
    late = make_item(feed, title="Desk lamp", attributes={"item_group_id": "default"})
    dear = make_item(feed, title="Red bucket", price=Decimal(9990), attributes={"item_group_id": "default"})

    assert [result.verdict for result in import_items(late, dear)] == ["created", "created"]
    assert Product.objects.count() == 6


def test_what_has_its_ean_elsewhere_stays_there_and_the_rest_is_one_product():
    theirs = make_item(make_feed(), title="Trail runner red 42", gtin=EANS[2])
    product = import_items(theirs)[0].product
    results = import_items(*shoes())

    assert [result.product == product for result in results] == [False, False, True, False]
    assert Product.objects.count() == 2


def test_a_model_in_the_trash_is_not_made_anew():
    first, *later = shoes()
    import_items(first)
    catalog.trash(Product.objects.all())

    assert get_hits(later)[0].is_trashed
    assert {result.verdict for result in import_items(*later)} == {"blocked"}


def test_a_row_of_a_search_says_that_it_joins_its_model():
    first, later, *_ = shoes(eans=["", "", "", ""])
    assert get_hits([later])[0].joins is None
    import_items(first)

    assert get_hits([later])[0].joins == Product.objects.get()


def test_a_title_that_a_person_typed_is_the_models():
    items = shoes()
    run = start_import(
        [item.pk for item in items], kind="single", edits={items[0].pk: {"title": "The runner"}}
    )
    apply.work(run)

    assert Product.objects.get().title == "The runner"


def test_the_model_keeps_its_name_when_the_feed_renames_a_variant():
    items = shoes()
    import_items(*items)
    change_item(items[0], title="Trail runner, black, 42, sale")
    import_items(items[0])

    assert Product.objects.get().title == "Trail runner"


def test_no_doubt_is_raised_about_variants_that_are_on_one_page():
    import_items(*shoes())
    import_items(*shoes(make_feed(), title="Trail runner {colour} {size}"))
    while not scan_joins(seconds=10):
        pass

    assert not JoinDoubt.objects.exists()


def test_an_offer_of_another_variant_that_was_joined_by_a_wrong_ean_is_found_later():
    import_items(*shoes())
    theirs = make_item(make_feed(), title="Trail runner, Red, 43", gtin=EANS[3])
    import_items(theirs)
    change_item(theirs, title="Trail runner, Red, 45")
    while not scan_joins(seconds=10):
        pass

    assert JoinDoubt.objects.get().source_key == theirs.source_key


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_model_at_once_make_one_product():
    items = shoes(eans=["", "", "", ""])
    runs = [start_import([item.pk for item in half], kind="bulk") for half in (items[:2], items[2:])]
    at_once(*(lambda run=run: apply.work(run) for run in runs))

    assert Product.objects.get().offer_count == 4
