"""Two editors and an update on one product at once: no word is lost, and nobody overwrites unseen."""

import pytest

from catalog.models import Product
from importer.imports import apply
from importer.imports.follow import start_update
from tests.catalog.conftest import client_of, make_user
from tests.catalog.test_product_edit import form_data, save
from tests.importer.imports.test_following import fresh, make
from tests.importer.make import change_item
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editors():
    return [client_of(make_user(name, "Editor")) for name in ("eddi", "edda")]


def test_who_saves_after_an_update_or_another_editor_is_asked_and_loses_nothing(editors):
    item, product = make()
    first, second = (
        form_data(client, product, title=title) for client, title in zip(editors, "MT", strict=True)
    )
    change_item(item, title="Trail shoe 2")
    apply.work(start_update(item.feed))
    url = f"/dashboard/products/{product.pk}/"
    asked = editors[0].post(url, first)
    assert asked.status_code == 200
    assert "Trail shoe 2" in asked.content.decode()
    assert asked.context["form"]["title"].value() == "M"
    save(editors[0], product, title="M")
    assert (fresh(product).title, fresh(product).provenance["title"]["by"][:5]) == ("M", "user:")
    assert editors[1].post(url, second).status_code == 200
    assert fresh(product).title == "M"
    change_item(item, title="Trail shoe 3")
    apply.work(start_update(item.feed))
    assert (fresh(product).title, fresh(product).moved_fields) == ("M", ["title"])
    save(editors[1], product, title="T")  # what the feed said under the edit asks nobody
    assert fresh(product).title == "T"


@pytest.mark.parametrize("_", range(3))
def test_saves_and_an_update_at_the_same_moment_leave_one_consistent_product(editors, _):
    item, product = make()
    forms = [form_data(client, product, title=f"Mine {n}") for n, client in enumerate(editors)]
    change_item(item, title="Trail shoe 2", price="1.00")
    run = start_update(item.feed)
    url = f"/dashboard/products/{product.pk}/"
    at_once(
        lambda: editors[0].post(url, forms[0]),
        lambda: editors[1].post(url, forms[1]),
        lambda: apply.work(run),
    )
    run.refresh_from_db()
    assert (run.state, run.failed_count) == ("done", 0)
    product = Product.objects.get()
    assert product.imported["title"] == "Trail shoe 2"
    assert str(product.lowest_price) == "1.00"
    if product.title == "Trail shoe 2":
        assert product.provenance == {}
    else:
        assert product.title in ("Mine 0", "Mine 1")
        assert product.moved_fields == ["title"]
        assert product.provenance["title"]["base"] == "Trail shoe"
