"""What had one cause is taken back: what nobody touched since, and nothing else."""

import pytest
from django.utils import timezone

from catalog import services
from catalog.models import Category, Offer, PricePoint, Product, Revision
from catalog.services import undo
from events.actor import acting_as, cause
from events.models import Event
from importer.models import ImportRun
from tests.catalog.undo.run import plan_undo, take_back, verdicts
from tests.importer.make import change_item, make_feed, make_item, make_items
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)

# What follows from time and from the undo itself.
TIMES = {"updated_at", "search", "preview_key", "changed_at", "published_at"}


def state() -> dict:
    """Return the whole catalogue, but for times."""
    return {
        "products": [without_times(row) for row in Product.objects.order_by("pk").values()],
        "offers": [without_times(row) for row in Offer.objects.order_by("pk").values()],
    }


def without_times(row: dict) -> dict:
    return {name: value for name, value in row.items() if name not in TIMES}


def imported(*items, **choices) -> str:
    import_items(*items, **choices)
    return f"run:{ImportRun.objects.first().pk}"


def updated(item, **values) -> str:
    from importer.imports import apply
    from importer.imports.follow import start_update

    change_item(item, **values)
    run = start_update(item.feed)
    apply.work(run)
    return f"run:{run.pk}"


def test_products_that_an_import_made_go_to_the_trash_and_their_addresses_say_gone(client):
    key = imported(*make_items(count=3), status="published")
    edited, *others = Product.objects.order_by("pk")
    services.update_product(edited, title="Mine")
    run = take_back(key)
    assert verdicts(run) == {
        edited.pk: "kept",
        **{product.pk: "taken_back" for product in others},
    }
    assert "Edited since: title" in run.items.get(product_id=edited.pk).message
    assert client.get(edited.get_absolute_url()).status_code == 200
    for product in others:
        assert client.get(product.get_absolute_url()).status_code == 410
    assert PricePoint.objects.count() == 3


def test_the_plan_writes_nothing_and_says_what_would_happen():
    key = imported(*make_items(count=2))
    services.update_product(Product.objects.first(), title="Mine")
    before = state()
    run = plan_undo(key)
    assert undo.count_verdicts(run) == {"taken_back": 1, "kept": 1}
    assert state() == before
    assert Revision.objects.filter(cause=run.own_cause).count() == 0


def test_an_undo_is_taken_back_like_any_run():
    key = imported(*make_items(count=2), status="published")
    before = state()
    run = take_back(key)
    assert set(Product.objects.values_list("status", flat=True)) == {"trashed"}
    take_back(run.own_cause)
    assert state() == before


def test_an_update_goes_back_and_the_log_of_prices_keeps_what_was_said():
    feed = make_feed()
    item = make_item(feed, price="99.90")
    imported(item)
    before = state()
    key = updated(item, price="79.90", title="Another name", in_stock=False)
    assert Product.objects.get().title == "Another name"
    run = take_back(key)
    assert verdicts(run) == {Product.objects.get().pk: "taken_back"}
    now = state()
    offer, product = now["offers"][0], now["products"][0]
    assert (str(offer["price"]), offer["in_stock"], product["title"]) == (
        "99.90",
        before["offers"][0]["in_stock"],
        before["products"][0]["title"],
    )
    assert str(product["lowest_price"]) == "99.90"
    assert [str(price) for price in PricePoint.objects.values_list("price", flat=True)] == [
        "99.90",
        "79.90",
        "99.90",
    ]


def test_what_was_taken_back_stays_until_the_feed_says_something_new():
    from importer.imports.follow import start_update

    item = make_item(make_feed(), price="99.90")
    imported(item)
    take_back(updated(item, price="79.90"))
    assert start_update(item.feed) is None
    updated(item, price="69.90")
    assert str(Offer.objects.get().price) == "69.90"


def test_a_price_that_moved_again_is_kept_and_never_travels_without_its_currency():
    item = make_item(make_feed(), price="99.90")
    imported(item)
    key = updated(item, price="900.00", currency="SEK", in_stock=False)
    updated(item, price="79.90", currency="SEK")
    run = take_back(key)
    (verdict,) = verdicts(run).values()
    offer = Offer.objects.get()
    assert (verdict, str(offer.price), offer.currency) == ("partly", "79.90", "SEK")
    assert offer.in_stock is None
    assert "The price of its offer was changed since" in run.items.get().message


def test_what_expired_is_there_again():
    item = make_item(make_feed())
    imported(item)
    key = updated(item, missing_at=timezone.now())
    assert not Product.objects.get().is_available
    take_back(key)
    assert Product.objects.get().is_available
    assert [point.in_stock for point in PricePoint.objects.order_by("pk")] == [None, False, None]


def test_an_offer_that_joined_goes_to_the_trash_with_its_log():
    feed = make_feed()
    imported(make_item(feed, gtin="4006381333931", title="Boot"))
    before = state()
    key = imported(make_item(feed, gtin="4006381333931", title="Boot"))
    product = Product.objects.get()
    assert product.offer_count == 2
    run = take_back(key)
    assert verdicts(run) == {product.pk: "taken_back"}
    assert without_times(Product.objects.values().get(pk=product.pk)) == before["products"][0]
    apart = Product.objects.exclude(pk=product.pk).get()
    assert (apart.status, apart.offer_count, apart.offers.get().price_points.count()) == ("trashed", 1, 1)
    take_back(run.own_cause)
    product.refresh_from_db()
    assert product.offer_count == 2


def test_a_bulk_action_is_taken_back_and_what_somebody_decided_since_stays():
    one, two = (services.create_product(title=title) for title in ("One", "Two"))
    with cause("bulk:1"):
        services.publish([one.pk, two.pk])
    services.trash([two.pk])
    run = take_back("bulk:1")
    assert verdicts(run) == {one.pk: "taken_back", two.pk: "kept"}
    assert dict(Product.objects.values_list("pk", "status")) == {one.pk: "draft", two.pk: "trashed"}


def test_of_categories_only_what_was_added_goes():
    product = services.create_product(title="One")
    first, second, third = (Category.objects.create(name=name, slug=name) for name in "abc")
    services.set_categories([product.pk], categories=[first])
    with cause("mapping:1"):
        services.set_categories([product.pk], categories=[second], replace=False)
    services.set_categories([product.pk], categories=[third], replace=False)
    take_back("mapping:1")
    assert sorted(product.categories.values_list("name", flat=True)) == ["a", "c"]
    product.refresh_from_db()
    assert product.category_ids == sorted([first.pk, third.pk])


def test_joined_products_come_apart_again(client):
    items = make_items(count=2, shop_name="OTTO")
    imported(*items, status="published")
    one, two = Product.objects.order_by("pk")
    before = state()
    with cause("merge:1"):
        services.join_products(one, into=two)
    assert client.get(one.get_absolute_url()).status_code == 301
    run = take_back("merge:1")
    assert set(verdicts(run).values()) <= {"taken_back", "nothing"}
    assert state() == before
    assert client.get(one.get_absolute_url()).status_code == 200
    take_back(run.own_cause)
    one.refresh_from_db()
    assert (one.status, one.joined_into_id) == ("trashed", two.pk)
    assert client.get(one.get_absolute_url()).status_code == 301


def test_the_ean_that_went_with_a_join_comes_back():
    one = services.create_product(title="One", gtin="4006381333931")
    two = services.create_product(title="Two")
    with cause("merge:1"):
        services.join_products(one, into=two)
    two.refresh_from_db()
    assert two.gtin
    take_back("merge:1")
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.gtin, two.gtin, one.status) == ("4006381333931", "", "draft")


def test_split_offers_go_back_and_what_was_made_of_them_to_the_trash():
    feed = make_feed()
    imported(*[make_item(feed, gtin="4006381333931", title="Boot") for _ in range(2)])
    product = Product.objects.get()
    with cause("split:1"):
        made = services.split_offers(product, offer_ids=[product.offers.last().pk])
    run = take_back("split:1")
    assert verdicts(run) == {product.pk: "taken_back", made.pk: "taken_back"}
    product.refresh_from_db()
    made.refresh_from_db()
    assert (product.offer_count, made.offer_count, made.status) == (2, 0, "trashed")


def test_a_run_whose_products_were_joined_split_or_deleted_since():
    feed = make_feed()
    items = [make_item(feed, gtin="4006381333931", title="Boot") for _ in range(2)]
    key = imported(*items, *make_items(feed, count=3))
    boot, joined, deleted, free = Product.objects.order_by("pk")
    target = services.create_product(title="Target")
    services.join_products(joined, into=target)
    services.split_offers(boot, offer_ids=[boot.offers.last().pk])
    services.trash([deleted.pk])
    services.delete_permanently([deleted.pk])
    run = take_back(key)
    assert verdicts(run) == {
        boot.pk: "kept",
        joined.pk: "kept",
        deleted.pk: "impossible",
        free.pk: "taken_back",
    }
    messages = dict(run.items.values_list("product_id", "message"))
    assert "part of another product" in messages[joined.pk]
    assert "an offer was taken away" in messages[boot.pk]
    assert "deleted for good since" in messages[deleted.pk]
    target.refresh_from_db()
    assert target.offer_count == 1


def test_an_update_whose_offers_are_elsewhere_since_is_kept():
    item = make_item(make_feed())
    imported(item)
    key = updated(item, price="79.90")
    product, target = Product.objects.get(), services.create_product(title="Target")
    services.join_products(product, into=target)
    run = take_back(key)
    assert verdicts(run) == {product.pk: "kept"}
    services.remove_offers(target, offer_ids=[target.offers.get().pk])
    run = take_back(key)
    assert verdicts(run) == {product.pk: "impossible"}


def test_removed_offers_are_made_again_unless_they_were_imported_again():
    item = make_item(make_feed())
    imported(item)
    product, offer = Product.objects.get(), Offer.objects.values().get()
    with cause("bulk:1"):
        services.remove_offers(product, offer_ids=[offer["id"]])
    take_back("bulk:1")
    again = Offer.objects.values().get()
    times = {"checked_at", "changed_at"}
    assert {name: value for name, value in again.items() if name not in times} == {
        name: value for name, value in offer.items() if name not in times
    }
    with cause("bulk:2"):
        services.remove_offers(product, offer_ids=[offer["id"]])
    imported(item)
    run = take_back("bulk:2")
    assert verdicts(run) == {product.pk: "impossible"}
    assert Offer.objects.count() == 1


def test_taken_back_twice_the_second_finds_nothing_to_do():
    key = imported(*make_items(count=2))
    take_back(key)
    assert set(verdicts(take_back(key)).values()) == {"nothing"}
    run = undo.start_undo(key)
    assert undo.start_undo(key) == run


def test_two_who_carry_out_the_same_plan_do_it_once():
    key = imported(*make_items(count=2))
    first = plan_undo(key)
    second = plan_undo(key)
    assert first != second
    assert undo.carry_out(first)
    assert not undo.carry_out(first)
    assert not undo.carry_out(second)
    undo.work(first.pk)
    assert undo.carry_out(second)
    undo.work(second.pk)
    assert set(verdicts(second).values()) == {"nothing"}


def test_what_is_still_at_work_is_not_taken_back():
    key = imported(*make_items(count=2))
    ImportRun.objects.update(state="running")
    with pytest.raises(undo.StillAtWork):
        undo.start_undo(key)
    ImportRun.objects.update(state="done")
    run = plan_undo(key)
    ImportRun.objects.update(state="queued")
    with pytest.raises(undo.StillAtWork):
        undo.carry_out(run)


def test_what_nothing_is_kept_of_cannot_be_taken_back():
    with pytest.raises(services.CatalogError, match="Nothing is kept"):
        undo.start_undo("run:999")
    with pytest.raises(services.CatalogError, match="Nothing is kept"):
        undo.start_undo("")


def test_an_ean_that_another_product_has_now_stays_there():
    product = services.create_product(title="One", gtin="4006381333931")
    with cause("mapping:1"):
        services.update_product(product, gtin="", title="Two")
    services.create_product(title="Other", gtin="4006381333931")
    run = take_back("mapping:1")
    assert verdicts(run) == {product.pk: "partly"}
    product.refresh_from_db()
    assert (product.title, product.gtin) == ("One", "")


def test_an_undo_is_told_of_as_what_it_is():
    key = imported(*make_items(count=2))
    with acting_as("user:5"):
        run = take_back(key)
    started, *changed, ended = Event.objects.filter(pk__gt=Event.objects.get(kind="undo.started").pk - 1)
    assert [event.kind for event in (started, *changed, ended)] == [
        "undo.started",
        "product.status_changed",
        "undo.ended",
    ]
    assert ended.after["counts"] == {"taken_back": 2}
    revisions = Revision.objects.filter(cause=run.own_cause)
    assert {revision.actor for revision in revisions} == {"user:5"}


def test_a_text_that_was_taken_back_stays_against_the_feed_until_both_say_the_same():
    item = make_item(make_feed(), title="Boot")
    imported(item)
    take_back(updated(item, title="Garbage"))
    updated(item, price="79.90")
    assert Product.objects.get().title == "Boot"
    updated(item, title="More garbage")
    assert Product.objects.get().title == "Boot"
    assert Product.objects.get().moved_fields == ["title"]
    updated(item, title="Boot")
    updated(item, title="Red boot")
    assert Product.objects.get().title == "Red boot"
