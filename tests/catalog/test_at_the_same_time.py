"""Two people at once: real threads on real connections."""

import time
from threading import Barrier, Event, Thread

import pytest
from django.db import OperationalError, connection, transaction

from affiliate_site.roles import ADMINISTRATOR, EDITOR
from catalog import services
from catalog.models import Brand, Category, DailyClicks, Offer, Product, Shop
from dashboard.users import LastAdministrator, administrators, save_user
from tests.catalog.conftest import make_user
from tests.own_servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs) -> list:
    """Run the jobs in threads that start together; return what each returned or raised."""
    barrier = Barrier(len(jobs))
    results = [None] * len(jobs)

    def run(index, job):
        try:
            barrier.wait()
            results[index] = job()
        except Exception as error:  # noqa: BLE001 it is the result
            results[index] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_administrators_cannot_demote_each_other():
    ada, bob = make_user("ada", ADMINISTRATOR), make_user("bob", ADMINISTRATOR)
    results = at_once(lambda: save_user(ada, role=EDITOR), lambda: save_user(bob, role=EDITOR))
    assert [isinstance(result, LastAdministrator) for result in results].count(True) == 1
    assert administrators().count() == 1


def test_two_saves_from_one_version_are_one_save_and_one_conflict():
    product = services.create_product(title="Shoe")

    def save(title):
        with transaction.atomic():
            locked = services.lock_product(product.pk, version=product.updated_at)
            services.update_product(locked, title=title)

    results = at_once(lambda: save("One"), lambda: save("Two"))
    assert sorted(type(result).__name__ for result in results) == ["EditConflict", "NoneType"]
    assert Product.objects.get().title in ("One", "Two")


def test_two_moves_make_no_circle():
    one, two = (Category.objects.create(name=name, slug=name) for name in ("one", "two"))
    results = at_once(
        lambda: services.update_category(one, name="one", parent=two),
        lambda: services.update_category(two, name="two", parent=one),
    )
    assert [isinstance(result, services.CatalogError) for result in results].count(True) == 1
    assert Category.objects.filter(parent=None).count() == 1


def test_a_new_name_used_twice_at_once_is_one_brand():
    brands = at_once(*[lambda: services.get_or_create_brand("Acme")] * 4)
    assert set(brands) == {Brand.objects.get()}


def test_products_of_one_title_made_at_once_get_a_slug_each():
    products = at_once(*[lambda: services.create_product(title="Red shoe")] * 4)
    assert {product.slug for product in products} == {"red-shoe", "red-shoe-2", "red-shoe-3", "red-shoe-4"}


def test_two_products_are_not_joined_into_each_other():
    red, blue = (services.create_product(title=title) for title in ("Red shoe", "Blue shoe"))
    results = at_once(
        lambda: services.join_products(red, into=blue), lambda: services.join_products(blue, into=red)
    )
    assert [isinstance(result, services.CatalogError) for result in results].count(True) == 1
    assert Product.objects.filter(status="trashed").count() == 1


def test_an_offer_split_off_twice_at_once_makes_one_product(make_offer):
    product = services.create_product(title="Red shoe")
    offer, _ = make_offer(product), make_offer(product)
    made = at_once(*[lambda: services.split_offers(product, offer_ids=[offer.pk])] * 3)
    assert set(made) == {Product.objects.exclude(pk=product.pk).get()}


def test_two_main_offers_chosen_at_once_are_one(make_offer):
    product = services.create_product(title="Red shoe")
    offers = [make_offer(product) for _ in range(3)]
    at_once(*[lambda pk=offer.pk: services.choose_main_offer(product, offer_id=pk) for offer in offers])
    assert product.offers.filter(is_main=True).count() == 1


def test_two_shops_are_not_merged_into_each_other(shop):
    other = Shop.objects.create(name="Bol", slug="bol")
    results = at_once(
        lambda: services.merge_shops(shop, into=other), lambda: services.merge_shops(other, into=shop)
    )
    assert [isinstance(result, services.CatalogError) for result in results].count(True) == 1
    assert Shop.objects.count() == 1


def test_a_service_that_met_an_import_in_the_wrong_order_is_repeated(make_offer):
    """An import locks an offer, then its product; a move the product, then its offers: one gives way."""
    product, other = (services.create_product(title=title) for title in ("Red shoe", "Blue shoe"))
    offer = make_offer(product)
    has_offer = Event()

    def update_as_an_import_does():
        for _ in range(3):  # it plans again, too
            try:
                with transaction.atomic():
                    Offer.objects.select_for_update().get(pk=offer.pk)
                    has_offer.set()
                    time.sleep(0.3)
                    services.refresh_prices([product.pk])
                return
            except OperationalError:
                continue

    def move():
        has_offer.wait(10)
        return services.move_offers(product, offer_ids=[offer.pk], into=other)

    assert at_once(update_as_an_import_does, move) == [None, 1]
    assert other.offers.get() == offer


@pytest.mark.parametrize("way", ["removed from their product", "deleted with it"])
def test_offers_go_while_their_clicks_are_added_and_nobody_waits_in_a_circle(make_product, make_offer, way):
    product = make_product(status="trashed")
    offer = make_offer(product)
    DailyClicks.objects.create(offer=offer, product=product, day="2026-11-01", place="top", count=1)

    def remove():
        if way == "deleted with it":
            return services.delete_permanently([product.pk])
        return services.remove_offers(product, offer_ids=[offer.pk])

    results = []
    remover = Thread(target=lambda: results.append(at_once(remove)[0]))
    with transaction.atomic(), connection.cursor() as cursor:  # as `counting.flush` does it
        cursor.execute("SELECT id FROM catalog_offer WHERE id = %s FOR KEY SHARE", [offer.pk])
        remover.start()
        wait_until(lambda: is_somebody_waiting(cursor))
        cursor.execute("UPDATE catalog_dailyclicks SET count = count + 1 WHERE offer_id = %s", [offer.pk])
    remover.join()
    assert results == [1]
    row = DailyClicks.objects.get()
    assert (row.offer_id, row.count) == (None, 2)


def is_somebody_waiting(cursor) -> bool:
    cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw at first
    cursor.execute(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return cursor.fetchone() is not None
