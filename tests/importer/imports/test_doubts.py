"""An EAN alone does not join: what looks unlike gets a draft of its own, and a person is asked."""

from decimal import Decimal

import pytest

from catalog import services as catalog
from catalog.models import Offer, Product
from importer import feed_index
from importer.imports import apply
from importer.imports.runs import start_import
from importer.models import JoinDoubt
from tests.importer.make import change_item, item_data, make_account, make_feed, make_item
from tests.importer.run import import_items
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db
EAN, OTHER_EAN = "4006381333931", "0036000291452"


def bucket(**values):
    values = {"title": "Red bucket", "brand": "Gries", "price": Decimal("19.95"), "gtin": EAN} | values
    return make_item(**values)


def bicycle(**values):
    values = {"title": "Bicycle 28 inch", "brand": "Cube", "price": Decimal("499"), "gtin": EAN} | values
    return make_item(**values)


def product_of(item) -> Product:
    return Offer.objects.get(source_key=item.source_key).product


def test_an_unlike_article_of_the_same_ean_gets_a_draft_of_its_own_and_a_row_in_the_queue():
    red, bike = bucket(), bicycle()
    import_items(red, status="published")
    (result,) = import_items(bike, status="published")

    assert (result.verdict, result.product.status, result.product.gtin) == ("created", "draft", "")
    assert "“Red bucket” has the same EAN and looks unlike" in result.message
    assert "the brands are Cube and Gries" in result.message
    doubt = JoinDoubt.objects.get()
    assert (doubt.kind, doubt.source_key, doubt.product, doubt.gtin) == (
        "join", bike.source_key, product_of(red), EAN,
    )  # fmt: skip
    assert "the brands are Cube and Gries" in doubt.reason


def test_unlike_articles_of_one_chunk_are_doubted_alike():
    red, bike = bucket(), bicycle()
    first, second = import_items(red, bike)

    assert (first.product.gtin, second.product.gtin) == (EAN, "")
    assert JoinDoubt.objects.get().product == first.product


def test_an_article_in_another_language_joins():
    import_items(make_item(title="Wanderstiefel Damen", brand="Haglöfs", price=Decimal("139"), gtin=EAN))
    swedish = make_item(
        make_feed(currency="SEK"),
        title="Vandringskängor", brand="Haglöfs", price=Decimal("1499"), currency="SEK", gtin=EAN,
    )  # fmt: skip

    assert import_items(swedish)[0].verdict == "joined"
    assert not JoinDoubt.objects.exists()


def test_what_an_editor_renamed_is_compared_by_its_old_name_too():
    red = bucket(brand="")
    import_items(red)
    catalog.update_product(product_of(red), title="Our favourite for the garden")

    assert import_items(bucket(brand="", price=Decimal("59.00")))[0].verdict == "joined"


def test_a_price_that_changed_later_moves_no_offer():
    first, second = bucket(), bucket()
    import_items(first, second)
    change_item(second, price=Decimal("4999.00"), title="Bicycle", brand="Cube")

    assert import_items(second)[0].verdict == "updated"
    assert product_of(first) == product_of(second)


def test_an_import_twice_asks_once():
    red, bike = bucket(), bicycle()
    import_items(red, bike)
    product_of(bike).offers.all().delete()
    import_items(bike)

    assert JoinDoubt.objects.count() == 1


@pytest.mark.parametrize(
    ("decision", "verdict"),
    [pytest.param("apart", "created", id="apart"), pytest.param("same", "joined", id="same")],
)
def test_what_a_person_decided_holds_for_an_item_that_comes_back(decision, verdict):
    red, bike = bucket(), bicycle()
    import_items(red, bike)
    JoinDoubt.objects.update(decision=decision)
    Offer.objects.filter(source_key=bike.source_key).delete()
    (result,) = import_items(bike, status="published")

    assert result.verdict == verdict
    assert (result.product == product_of(red)) == (decision == "same")
    if decision == "apart":
        assert (result.product.status, result.product.gtin) == ("published", ""), "nothing is left to ask"


def test_what_a_person_keeps_apart_does_not_join_though_it_looks_alike():
    first = bucket()
    import_items(first)
    second = bucket()
    JoinDoubt.objects.create(
        kind="split", source_key=second.source_key, product=product_of(first), decision="apart", reason="."
    )

    assert import_items(second)[0].verdict == "created"


def test_a_person_may_join_what_looks_unlike():
    red, bike = bucket(), bicycle()
    product = import_items(red)[0].product
    run = start_import([bike.pk], kind="single", edits={bike.pk: {"product_id": product.pk}})
    apply.work(run)

    assert product_of(bike) == product
    assert not JoinDoubt.objects.exists()


def test_what_is_unlike_a_product_in_the_trash_is_no_business_of_it():
    red, bike = bucket(), bicycle()
    import_items(red)
    catalog.trash(Product.objects.all())

    assert import_items(bike)[0].verdict == "created"
    assert import_items(bucket())[0].verdict == "blocked"


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_ask_once():
    red = bucket()
    import_items(red)
    account = make_account()
    bikes = [bicycle(feed=make_feed(account)) for _ in range(6)]
    runs = [start_import([item.pk for item in bikes], kind="bulk") for _ in range(2)]
    at_once(*(lambda run=run: apply.work(run) for run in runs))

    assert JoinDoubt.objects.count() == Offer.objects.exclude(product=product_of(red)).count() == 6


# --- Codes that a feed gives to unlike articles --------------------------------------------------
def sync(feed, *rows):
    feed_index.replace_feed(feed, [item_data(feed_id=feed.external_id, **row) for row in rows])
    feed.refresh_from_db()
    return list(feed.items.order_by("id"))


@pytest.mark.django_db(transaction=True)
def test_a_code_that_a_feed_gives_to_unlike_articles_joins_nothing():
    feed = make_feed(is_mirrored=True)
    names = ("Bucket", "Bicycle", "Lamp", "Garden hose", "Sofa")
    items = sync(
        feed, *({"title": name, "gtin": EAN} for name in names), {"title": "Chair", "gtin": OTHER_EAN}
    )
    assert feed.shared_codes == [EAN]
    results = import_items(*items)

    assert {result.verdict for result in results} == {"created"}
    assert sorted(Product.objects.values_list("gtin", flat=True)) == ["", "", "", "", "", OTHER_EAN]
    assert not JoinDoubt.objects.exists()
    other = make_item(make_feed(), title="Bucket", gtin=EAN)
    assert import_items(other)[0].verdict == "created", "nobody has that code"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{"title": "Trail shoe 42"}, {"title": "Trail shoe 43"}], id="sizes"),
        pytest.param([{"title": "Orange juice 500 ml"}, {"title": "Orange juice 1 l"}], id="amounts"),
        pytest.param([{"title": "Dress"}, {"title": "Dress"}], id="the same row twice"),
        pytest.param(
            [
                {"title": "Azure", "attributes": {"item_group_id": "7"}},
                {"title": "Crimson", "attributes": {"item_group_id": "7"}},
            ],
            id="the shop's own group",
        ),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_variants_of_one_article_may_share_a_code(rows):
    feed = make_feed(is_mirrored=True)
    sync(feed, *({"gtin": EAN} | row for row in rows))

    assert feed.shared_codes == []


@pytest.mark.django_db(transaction=True)
def test_a_code_is_shared_from_the_row_that_shows_it_until_none_does():
    feed = make_feed(is_mirrored=True)
    one = {"external_id": "1", "title": "Bucket", "gtin": EAN}
    two = {"external_id": "2", "title": "Bicycle", "gtin": EAN}
    more = [{"external_id": f"x{number}", "title": "Chair"} for number in range(5)]
    sync(feed, one, *more)
    assert feed.shared_codes == []
    sync(feed, one, two, *more)
    assert feed.shared_codes == [EAN]
    sync(feed, one, two, *more, {"external_id": "3", "title": "Lamp"})
    assert feed.shared_codes == [EAN], "of rows that nobody touched"
    sync(feed, one, two | {"title": "Bucket, blue"}, *more)
    assert feed.shared_codes == []
    sync(feed, one, two, *more)
    assert feed.shared_codes == [EAN], "a row that was renamed"
    sync(feed, one, *more)
    assert feed.shared_codes == [], "the other is gone"
