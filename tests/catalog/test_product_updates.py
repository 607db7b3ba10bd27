"""A page per product: what goes before the policies of its account, and which offer feeds each field."""

import pytest
from django.urls import reverse

from catalog import services
from catalog.models import Product
from tests.importer.imports.test_following import FIRST, fresh, make, update
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import text_of
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)


def address(product):
    return reverse("catalog:product-updates", args=[product.pk])


def save(client, product, **choices):
    response = client.post(address(product), choices)
    assert response.status_code == 302, response.context["form"].errors
    return client.get(response.url)


def two_offers():
    """A product of two feeds; return the item it was made of, the other one, and the product."""
    item, product = make()
    second = make_item(
        make_feed(make_account("adtraction", import_description=True)),
        **FIRST
        | {"title": "Trail shoe, light", "brand": "Nike Inc", "image_urls": ["https://img.example/z.jpg"]},
    )
    import_items(second)
    product = Product.objects.get()
    assert product.offers.count() == 2
    return item, second, product


def test_a_product_has_nothing_of_its_own_until_somebody_says_so(editor_client):
    _, product = make()
    page = editor_client.get(address(product))
    assert {page.context["form"][name].value() for name in page.context["form"].fields} == {""}
    save(editor_client, product, title="never", gone="draft", gone_mail="no")
    assert fresh(product).policies == {"title": "never", "gone": "draft", "gone_mail": False}
    save(editor_client, product)
    assert fresh(product).policies == {}


def test_a_policy_of_the_product_goes_before_that_of_the_account(editor_client):
    item, product = make(make_account("adtraction", policies={"title": "never"}))
    save(editor_client, product, title="always")
    services.update_product(fresh(product), title="Mine")
    update(item, title="Trail shoe 2")
    assert fresh(product).title == "Trail shoe 2"


def test_a_field_can_be_fed_by_another_offer_and_follows_it_from_then_on(editor_client):
    item, second, product = two_offers()
    other = product.offers.get(source_key=second.source_key)
    save(editor_client, product, **{"feeder-title": other.pk, "feeder-images": other.pk})
    assert fresh(product).title == "Trail shoe, light"
    assert [image.source_url for image in product.images.all()] == ["https://img.example/z.jpg"]
    update(item, title="Not heard", brand="Adidas")
    assert (fresh(product).title, fresh(product).brand.name) == ("Trail shoe, light", "Adidas")
    update(second, title="Trail shoe, lighter", brand="Not heard")
    assert (fresh(product).title, fresh(product).brand.name) == ("Trail shoe, lighter", "Adidas")
    save(editor_client, product, **{"feeder-images": other.pk})  # the title goes back
    assert fresh(product).title == "Not heard"
    assert "title" not in fresh(product).provenance


def test_an_edited_field_is_flagged_when_another_offer_feeds_it(editor_client):
    _, second, product = two_offers()
    services.update_product(product, title="Mine")
    other = product.offers.get(source_key=second.source_key)
    save(editor_client, product, **{"feeder-title": other.pk})
    assert (fresh(product).title, fresh(product).moved_fields) == ("Mine", ["title"])


def test_an_offer_of_another_product_feeds_nothing(editor_client):
    _, second, product = two_offers()
    response = editor_client.post(address(product), {"feeder-title": 10**9})
    assert response.status_code == 200
    assert "Select a valid choice" in text_of(response)
    with pytest.raises(services.CatalogError):
        services.choose_feeder(product, field="title", offer_id=10**9)
    assert fresh(product).provenance == {}
