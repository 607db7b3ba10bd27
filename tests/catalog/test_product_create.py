"""A product that somebody writes by hand."""

from django.urls import reverse

from catalog.models import Product
from tests.catalog.conftest import picture_file, texts
from tests.catalog.test_product_edit import address

CREATE = reverse("catalog:product-create")


def test_a_product_is_written_by_hand(editor_client, db):
    data = {
        "title": "Red shoe",
        "status": "published",
        "brand": "Acme",
        "new_categories": "Shoes",
        "token": "1",
    }
    response = editor_client.post(CREATE, data | {"uploads": picture_file()}, follow=True)
    assert texts(response) == ["Product saved."]
    product = Product.objects.get()
    assert (product.slug, product.brand.name, product.status) == ("red-shoe", "Acme", "published")
    assert product.images.count() == product.categories.count() == 1


def test_posting_a_new_product_twice_makes_one(editor_client, db):
    token = editor_client.get(CREATE).context["token"]
    data = {"title": "Red shoe", "status": "draft", "token": token}
    one, two = (editor_client.post(CREATE, data) for _ in range(2))
    assert one.url == two.url == address(Product.objects.get())


def test_two_products_of_one_title_are_two(editor_client, db):
    for _ in range(2):
        token = editor_client.get(CREATE).context["token"]
        editor_client.post(CREATE, {"title": "Red shoe", "status": "draft", "token": token})
    assert set(Product.objects.values_list("slug", flat=True)) == {"red-shoe", "red-shoe-2"}


def test_a_new_product_needs_a_title(editor_client, db):
    response = editor_client.post(CREATE, {"title": " ", "status": "draft", "token": "1"})
    assert response.context["form"].errors["title"]
    assert not Product.objects.exists()
