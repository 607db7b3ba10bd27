"""Quick edit: what the list shows of a product, changed without leaving the list."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import Category, Product, Revision, SlugRedirect
from tests.catalog.conftest import texts

HTMX = {"HX-Request": "true"}


def address(product: Product) -> str:
    return reverse("catalog:product-quick", args=[product.pk])


def typed(client, product: Product, **changes) -> dict:
    form = client.get(address(product)).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return (
        {name: value for name, value in values.items() if value}
        | {"version": product.updated_at.isoformat()}
        | changes
    )


@pytest.fixture
def shoe(make_product):
    return make_product(
        "Red shoe", status="published", gtin="4006381333931", description="<p>Long.</p>", meta_title="M"
    )


def test_all_that_the_list_shows_is_changed_and_the_rest_stays(editor_client, shoe):
    top = Category.objects.create(name="Top", slug="top")
    changes = {
        **{"title": "Blue shoe", "slug": "blue-shoe", "brand": "Acme", "status": "draft"},
        **{"categories": [top.pk], "new_categories": "Shoes"},
    }
    before = Revision.objects.filter(product=shoe.pk).count()
    answer = editor_client.post(address(shoe), typed(editor_client, shoe, **changes))
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("catalog:product-list")
    saved = Product.objects.get(pk=shoe.pk)
    assert (saved.title, saved.slug, saved.brand.name, saved.status) == (
        "Blue shoe",
        "blue-shoe",
        "Acme",
        "draft",
    )
    assert {category.name for category in saved.categories.all()} == {"Top", "Shoes"}
    assert (saved.gtin, saved.description, saved.meta_title) == (shoe.gtin, shoe.description, "M")
    assert SlugRedirect.objects.get(product=shoe).slug == shoe.slug
    assert Revision.objects.filter(product=shoe.pk).count() == before + 1  # one save, one revision


def test_the_dialog_is_a_part_and_saving_reads_the_list_anew(editor_client, shoe):
    part = editor_client.get(address(shoe), headers=HTMX).content.decode()
    assert "<html" not in part
    assert 'hx-target="#dialog"' in part
    answer = editor_client.post(address(shoe), typed(editor_client, shoe, title="New"), headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"


def test_it_goes_back_to_the_list_as_it_was_filtered_and_nowhere_else(editor_client, shoe):
    there = reverse("catalog:product-list") + "?status=draft&q=shoe"
    answer = editor_client.post(address(shoe), typed(editor_client, shoe, next=there))
    assert answer.headers["Location"] == there
    shoe.refresh_from_db()
    answer = editor_client.post(address(shoe), typed(editor_client, shoe, next="https://evil.example/"))
    assert answer.headers["Location"] == reverse("catalog:product-list")


def test_a_save_in_between_is_shown_and_nothing_typed_is_lost(editor_client, shoe):
    mine = typed(editor_client, shoe, title="Mine")
    services.update_product(shoe, title="Theirs", slug=shoe.slug)
    answer = editor_client.post(address(shoe), mine)
    assert ("Title", "Theirs") in answer.context["conflict"]
    assert 'value="Mine"' in answer.content.decode()
    assert Product.objects.get(pk=shoe.pk).title == "Theirs"
    again = mine | {"version": answer.context["version"]}
    editor_client.post(address(shoe), again)
    assert Product.objects.get(pk=shoe.pk).title == "Mine"


def test_what_cannot_be_saved_says_why(editor_client, shoe, make_product):
    make_product("Other", slug="taken")
    answer = editor_client.post(address(shoe), typed(editor_client, shoe, slug="taken"))
    assert answer.context["form"].errors
    answer = editor_client.post(address(shoe), typed(editor_client, shoe, title=" "))
    assert "This field is required." in texts(answer) or answer.context["form"].errors["title"]
    answer = editor_client.post(address(shoe), typed(editor_client, shoe, version="yesterday"))
    assert "which state" in answer.content.decode()
    assert Product.objects.get(pk=shoe.pk).title == "Red shoe"


def test_in_the_trash_the_status_stays(editor_client, make_product):
    gone = make_product("Gone", status="trashed")
    editor_client.post(address(gone), typed(editor_client, gone, status="published", title="Still gone"))
    saved = Product.objects.get(pk=gone.pk)
    assert (saved.title, saved.status) == ("Still gone", "trashed")


def test_a_draft_that_waits_for_its_time_still_waits(editor_client, make_product):
    at = timezone.now() + timedelta(days=1)
    draft = make_product("Soon", publish_at=at)
    editor_client.post(address(draft), typed(editor_client, draft, title="Sooner"))
    assert Product.objects.get(pk=draft.pk).publish_at == at


def test_a_stranger_may_not(stranger_client, shoe):
    assert stranger_client.get(address(shoe)).status_code == 403
