import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from catalog import services as catalog
from catalog.models import Brand, Category, Offer, PricePoint, Product, Shop
from catalog.services import bulk
from importer.imports import apply
from importer.imports.runs import cancel_run, retry_failed, start_import
from importer.log import read_log
from importer.models import FeedItem, ImportItem, ImportRun
from tests.importer.make import change_item, make_account, make_feed, make_item, make_items
from tests.importer.run import import_items
from tests.importer.threads import at_once


@pytest.mark.django_db
def test_an_import_writes_product_offer_price_pictures_and_categories():
    category = Category.objects.create(name="Shoes", slug="shoes")
    item = make_item(
        title="Trail shoe",
        gtin="4006381333931",
        old_price=Decimal("120"),
        in_stock=True,
        image_urls=("https://img.example/a.jpg", "https://img.example/b.jpg"),
    )
    (result,) = import_items(item, status="published", category_ids=[category.pk])
    product = result.product
    assert (result.verdict, product.title, product.slug, product.status) == (
        "created", "Trail shoe", "trail-shoe", "published",
    )  # fmt: skip
    assert product.published_at is not None
    assert (product.lowest_price, product.currency, product.offer_count) == (Decimal("99.90"), "EUR", 1)
    assert product.brand.name == "Nordfjell"
    assert [image.source_url[-5:] for image in product.images.all()] == ["a.jpg", "b.jpg"]
    assert list(product.categories.all()) == [category]
    offer = product.offers.get()
    assert (offer.price, offer.old_price, offer.shop.name) == (Decimal("99.90"), Decimal("120"), "OTTO")
    assert offer.source_key == item.source_key
    assert [point.price for point in offer.price_points.all()] == [Decimal("99.90")]


@pytest.mark.django_db
def test_importing_twice_writes_nothing_twice():
    items = make_items(count=3)
    import_items(*items)
    assert [result.verdict for result in import_items(*items)] == ["unchanged"] * 3
    assert (Product.objects.count(), Offer.objects.count(), PricePoint.objects.count()) == (3, 3, 3)


@pytest.mark.django_db
def test_a_new_price_is_appended_and_shown():
    item = make_item()
    product = import_items(item)[0].product
    (result,) = import_items(change_item(item, price=Decimal("79.90")))
    product.refresh_from_db()
    assert result.verdict == "updated"
    assert "from 99.90 EUR to 79.90 EUR" in result.message
    assert product.lowest_price == Decimal("79.90")
    assert [point.price for point in PricePoint.objects.all()] == [Decimal("99.90"), Decimal("79.90")]


@pytest.mark.django_db
def test_an_update_keeps_what_a_person_edited():
    item = make_item(title="SHOE")
    product = import_items(item)[0].product
    catalog.update_product(product, title="My words")
    import_items(change_item(item, title="SHOE NEW", price=Decimal("1")))
    product.refresh_from_db()
    assert product.title == "My words"
    assert product.imported["title"] == "SHOE NEW"
    assert product.lowest_price == 1


@pytest.mark.django_db
def test_an_update_neither_publishes_a_draft_nor_unpublishes():
    item = make_item()
    product = import_items(item, status="draft")[0].product
    import_items(change_item(item, price=Decimal("1")), status="published")
    product.refresh_from_db()
    assert product.status == "draft"


@pytest.mark.django_db
def test_a_second_shop_joins_by_ean_and_the_cheapest_leads():
    feed = make_feed()
    dear = make_item(feed, gtin="4006381333931", price=Decimal("50"), shop_name="OTTO", program_id="1")
    cheap = make_item(feed, gtin="4006381333931", price=Decimal("40"), shop_name="Hult", program_id="2")
    first, second = import_items(dear, cheap)
    assert (first.verdict, second.verdict) == ("created", "joined")
    assert first.product == second.product
    assert (first.product.lowest_price, first.product.offer_count) == (40, 2)


@pytest.mark.django_db
def test_a_shop_is_known_by_its_program_even_after_it_was_renamed():
    feed = make_feed()
    import_items(make_item(feed))
    Shop.objects.update(name="OTTO Germany")
    import_items(make_item(feed))
    assert Shop.objects.get().offers.count() == 2


@pytest.mark.django_db
def test_a_shop_in_two_networks_is_one_shop():
    import_items(make_item(make_feed(make_account("tradedoubler"))))
    import_items(make_item(make_feed(make_account("tradetracker"))))
    assert Shop.objects.get().sources.count() == 2


@pytest.mark.django_db
def test_brands_differ_by_more_than_case_and_get_slugs_of_their_own():
    feed = make_feed()
    import_items(*[make_item(feed, brand=brand) for brand in ("A.B", "a.b", "A-B", "")])
    assert {brand.name for brand in Brand.objects.all()} == {"A.B", "A-B"}
    assert Brand.objects.values("slug").distinct().count() == 2


@pytest.mark.django_db
def test_equal_titles_get_different_slugs():
    feed = make_feed()
    items = [make_item(feed, title="Ü! 靴") for _ in range(3)] + [make_item(feed, title="靴")]
    import_items(*items)
    slugs = set(Product.objects.values_list("slug", flat=True))
    assert len(slugs) == 4
    assert {"u-xue", "xue"} <= slugs


@pytest.mark.django_db
def test_a_category_that_was_deleted_meanwhile_does_not_matter():
    category = Category.objects.create(name="Shoes", slug="shoes")
    run = start_import([make_item().pk], kind="bulk", category_ids=[category.pk, 10**9])
    category.delete()
    apply.work(run)
    assert run.items.get().verdict == "created"


@pytest.mark.django_db
def test_the_log_names_the_product():
    (result,) = import_items(make_item(title="Trail shoe"), status="draft")
    (line,) = read_log()
    assert (line.product_id, line.product) == (result.product.pk, "Trail shoe")
    assert line.message == "Import of 1: 1 created."


@pytest.mark.django_db
def test_counts_add_up_over_chunks():
    items = make_items(count=25)
    run = start_import([item.pk for item in items], kind="bulk")
    ImportRun.objects.update(state="running")
    while apply.work_chunk(run.pk, size=10):
        pass
    apply.work(run)
    run.refresh_from_db()
    assert (run.total_count, run.done_count, run.created_count, run.state) == (25, 25, 25, "done")


@pytest.mark.django_db
def test_a_run_with_nothing_in_it_is_done():
    run = start_import([10**9], kind="bulk")
    apply.work(run)
    run.refresh_from_db()
    assert (run.state, run.total_count) == ("done", 0)


@pytest.mark.django_db
def test_a_cancelled_run_does_no_more_and_can_be_taken_up_again():
    run = start_import([item.pk for item in make_items(count=3)], kind="bulk")
    assert cancel_run(run)
    assert not cancel_run(run)
    apply.work(run)
    assert Product.objects.count() == 0
    assert retry_failed(run) == 3
    apply.work(run)
    run.refresh_from_db()
    assert (run.state, run.created_count) == ("done", 3)


@pytest.mark.django_db(transaction=True)
def test_one_item_that_the_database_refuses_costs_only_itself():
    good = make_items(count=2)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_offer ADD CONSTRAINT no_thirteen CHECK (price <> 13) NOT VALID")
    try:
        bad = make_item(price=Decimal("13"))
        run = start_import([good[0].pk, bad.pk, good[1].pk], kind="bulk")
        apply.work(run)
        assert [item.verdict for item in run.items.all()] == ["created", "failed", "created"]
        assert Product.objects.count() == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE catalog_offer DROP CONSTRAINT no_thirteen")
    assert retry_failed(run) == 1
    apply.work(run)
    run.refresh_from_db()
    assert (run.failed_count, run.created_count, run.state) == (0, 3, "done")


class Killed(BaseException):
    """What a SIGKILL looks like from inside: nothing after it runs."""


# Every function that an import calls to write, in order.
STEPS = [
    (bulk, "get_shop_ids"),
    (bulk, "get_brand_ids"),
    (bulk, "add_offers"),
    (bulk, "log_prices"),
    (apply, "refresh_prices"),
    (apply, "_mark_done"),
    (apply, "record_written"),
    (apply, "record_refused"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("module", "name"), [pytest.param(*step, id=step[1]) for step in STEPS])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_at_any_step_costs_a_repeat_never_a_loss_or_a_double(monkeypatch, module, name, when):
    feed = make_feed()
    items = [make_item(feed, gtin=gtin) for gtin in ("4006381333931", "4006381333931", "")]
    run = start_import([item.pk for item in items], kind="bulk")
    step = getattr(module, name)

    def killed(*args, **kwargs):
        if when == "after":
            step(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, name, killed)
        with pytest.raises(Killed):
            apply.work(run)
    assert Product.objects.count() == 0
    apply.work(run)
    run.refresh_from_db()
    assert (run.state, run.created_count, run.joined_count) == ("done", 2, 1)
    assert (Product.objects.count(), Offer.objects.count(), PricePoint.objects.count()) == (2, 3, 3)


@pytest.mark.django_db(transaction=True)
def test_two_runs_over_the_same_items_at_once_make_each_product_once():
    feed = make_feed()
    items = [make_item(feed, gtin=gtin) for gtin in ("4006381333931", "", "5012345678900")] + make_items(
        feed, 40
    )
    runs = [start_import([item.pk for item in order], kind="bulk") for order in (items, items[::-1], items)]
    at_once(*(lambda run=run: apply.work(run) for run in runs))
    assert (Product.objects.count(), Offer.objects.count()) == (43, 43)
    assert PricePoint.objects.count() == 43
    verdicts = ImportItem.objects.values_list("verdict", flat=True)
    assert sorted(set(verdicts)) == ["created", "unchanged"]
    assert list(verdicts).count("created") == 43


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_one_run():
    run = start_import([item.pk for item in make_items(count=300)], kind="bulk")
    ImportRun.objects.update(state="running")

    def work():
        while apply.work_chunk(run.pk, size=20):
            pass
        apply.work(run)

    at_once(work, work, work)
    run.refresh_from_db()
    assert (run.state, run.created_count, run.done_count) == ("done", 300, 300)
    assert Product.objects.count() == 300


@pytest.mark.django_db(transaction=True)
def test_a_save_in_the_editor_during_an_update_is_not_lost():
    item = make_item(title="SHOE")
    product = import_items(item)[0].product
    change_item(item, title="SHOE NEW")
    planned, saved = threading.Event(), threading.Event()
    lock = apply._lock

    def lock_after_the_editor(decisions):
        planned.set()
        assert saved.wait(10)
        return lock(decisions)

    def edit():
        assert planned.wait(10)
        catalog.update_product(Product.objects.get(pk=product.pk), title="My words")
        saved.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apply, "_lock", lock_after_the_editor)
        at_once(edit, lambda: import_items(item))
    product.refresh_from_db()
    assert product.title == "My words"


@pytest.mark.django_db
def test_hostile_texts_are_stored_as_text():
    item = make_item(title="<script>alert(1)</script> 🥾 שלום", brand="<b>x</b>")
    product = import_items(item)[0].product
    assert product.title == "<script>alert(1)</script> 🥾 שלום"


@pytest.mark.django_db
def test_an_item_deleted_before_its_run_leaves_nothing_to_do():
    items = make_items(count=2)
    run = start_import([item.pk for item in items], kind="bulk")
    FeedItem.objects.filter(pk=items[0].pk).delete()
    apply.work(run)
    run.refresh_from_db()
    assert (run.state, run.created_count) == ("done", 1)


@pytest.mark.django_db(transaction=True)
def test_a_row_under_another_claim_is_left_alone():
    run = start_import([item.pk for item in make_items(count=2)], kind="bulk")
    ImportRun.objects.update(state="running")
    first = run.items.first()
    results = []
    with transaction.atomic():
        ImportItem.objects.select_for_update().get(pk=first.pk)
        at_once(lambda: results.append(apply.work_chunk(run.pk)))
    assert results == [1]
    first.refresh_from_db()
    assert first.verdict == ""


@pytest.mark.django_db
@pytest.mark.parametrize("in_stock", [True, None, False])
def test_what_an_import_writes_is_what_the_offers_say(in_stock):
    import_items(make_item(in_stock=in_stock))
    columns = ("lowest_price", "currency", "offer_count", "is_available", "shop_ids", "reduced_percent")
    written = Product.objects.values(*columns).get()
    Product.objects.update(lowest_price=0, currency="", offer_count=9, is_available=not in_stock, shop_ids=[])
    catalog.refresh_prices([Product.objects.get().pk])
    assert Product.objects.values(*columns).get() == written


@pytest.mark.django_db
def test_stock_changes_and_returning_offers_are_in_the_price_log():
    item = make_item(in_stock=True)
    import_items(item)
    for in_stock in (False, True):
        import_items(change_item(item, in_stock=in_stock))
    catalog.expire_offers([Offer.objects.get().pk])
    (result,) = import_items(item)
    assert (result.verdict, result.message) == ("updated", "Updated listed again.")
    offer = Offer.objects.get()
    assert offer.expired_at is None
    assert offer.product.is_available
    assert [point.in_stock for point in offer.price_points.all()] == [True, False, True, False, True]
