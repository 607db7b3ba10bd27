"""Two people at once: real threads on real connections."""

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from affiliate_site.people import LastAdministrator, administrators, save_user
from affiliate_site.roles import ADMINISTRATOR, EDITOR
from catalog import services
from catalog.models import Brand, Category, Product
from tests.catalog.conftest import make_user

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
