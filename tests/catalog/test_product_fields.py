"""Beside each field the editor says whose word it is, and what can be done about it; JavaScript or not."""

import html

import pytest
from django.urls import reverse

from catalog import services
from catalog.models import Product
from tests.catalog.conftest import texts
from tests.catalog.test_product_edit import address, save


@pytest.fixture
def product(make_product) -> Product:
    """A product whose title a person edited, and whose feed says another one since."""
    product = make_product("Trail shoe", gtin="4006381333931", brand=services.get_or_create_brand("Acme"))
    said = {"source_key": "a:1:1", "title": "Trail shoe", "brand": "ACME", "gtin": "4006381333931"}
    Product.objects.filter(pk=product.pk).update(imported=said)
    return Product.objects.get()


def hear(product, **said) -> None:
    """Let the feed say something else under what stands there, as an update notes it."""
    row = Product.objects.get(pk=product.pk)
    provenance = row.provenance
    for field in said:
        entry = provenance.get(field, {})
        provenance[field] = {"base": row.imported[field], "moved": True} | entry
    Product.objects.filter(pk=product.pk).update(
        imported=row.imported | said, provenance=provenance, moved_fields=sorted(said)
    )


def state(client, product, field):
    return client.get(address(product)).context["states"][field]


def act(client, product, action, **changes):
    page = save(client, product, field_action=action, **changes)
    assert page.redirect_chain
    return page


def test_a_field_that_nobody_touched_follows_and_can_be_locked(editor_client, product):
    assert state(editor_client, product, "title").words == "Follows the feed"
    page = act(editor_client, product, "lock:title", slug="also-saved")
    assert "Locked: no feed writes there." in texts(page)
    assert page.context["states"]["title"].words == "Locked"
    assert Product.objects.get().slug == "also-saved"
    page = act(editor_client, product, "unlock:title")
    assert page.context["states"]["title"].words == "Follows the feed"


def test_who_wrote_a_field_is_said(editor_client, editor, product):
    save(editor_client, product, title="Mine")
    found = state(editor_client, product, "title")
    assert (found.words, found.by) == ("Edited", editor.username)
    assert found.at
    assert editor.username in editor_client.get(address(product)).content.decode()


def test_the_three_values_stand_side_by_side_with_what_changed(editor_client, product):
    save(editor_client, product, title="My trail shoe")
    hear(product, title="Trail boot")
    found = state(editor_client, product, "title")
    assert (found.words, found.base, found.theirs, found.ours) == (
        "Edited, and the feed moved",
        "Trail shoe",
        "Trail boot",
        "My trail shoe",
    )
    page = html.unescape(editor_client.get(address(product)).content.decode())
    assert "<del> shoe</del><ins> boot</ins>" in page


def test_the_feeds_word_is_taken_and_mine_is_kept(editor_client, product):
    save(editor_client, product, title="Mine")
    hear(product, title="Trail boot")
    page = act(editor_client, product, "keep:title")
    assert page.context["states"]["title"].words == "Edited"
    assert (Product.objects.get().title, Product.objects.get().moved_fields) == ("Mine", [])
    page = act(editor_client, product, "take:title")
    assert page.context["states"]["title"].words == "Follows the feed"
    assert (Product.objects.get().title, Product.objects.get().provenance) == ("Trail boot", {})


def test_an_ean_that_another_product_has_is_not_taken_and_nothing_is_lost(
    editor_client, product, make_product
):
    make_product("Another", gtin="0036000291452")
    save(editor_client, product, gtin="")
    hear(product, gtin="0036000291452")
    response = save(editor_client, product, field_action="take:gtin", title="Typed")
    assert "Another product has this EAN." in response.content.decode()
    assert response.context["form"]["title"].value() == "Typed"
    assert Product.objects.get(pk=product.pk).gtin == ""


def test_nobody_but_who_may_edit_acts_on_a_field(stranger_client, product):
    response = stranger_client.post(address(product), {"field_action": "lock:title"})
    assert response.status_code == 403
    assert Product.objects.get().provenance == {}


def test_a_product_made_by_hand_has_no_badges(editor_client, make_product):
    product = make_product("By hand")
    assert editor_client.get(address(product)).context["states"] == {}
    save(editor_client, product, field_action="lock:title")
    assert "field-state" not in editor_client.get(address(product)).content.decode()


def test_what_a_feed_says_is_shown_as_text(editor_client, product):
    save(editor_client, product, title="Mine")
    hear(product, title="<script>alert(1)</script>")
    page = editor_client.get(address(product)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_list_shows_where_the_feed_moved_under_an_edit(editor_client, product, make_product):
    other = make_product("Another")
    save(editor_client, product, title="Mine")
    hear(product, title="Trail boot")
    url = reverse("catalog:product-list")
    page = editor_client.get(url, {"feed": "moved"})
    assert [row.pk for row in page.context["page_obj"]] == [product.pk]
    assert len(editor_client.get(url).context["page_obj"]) == 2
    assert other.pk not in [row.pk for row in page.context["page_obj"]]


def test_the_feeds_word_is_taken_for_many_products_at_once(editor_client, product):
    save(editor_client, product, title="Mine")
    hear(product, title="Trail boot")
    data = {"action": "take", "field": "title", "ids": [product.pk]}
    response = editor_client.post(reverse("catalog:product-bulk"), data)
    page = editor_client.get(response.url)
    assert texts(page) == ["1 product was given the feed's words."]
    assert Product.objects.get().title == "Trail boot"
    editor_client.post(reverse("catalog:product-bulk"), data | {"field": "status"})
    assert Product.objects.get().status == "draft"
