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


def test_properties_are_written_by_line_and_have_their_provenance(editor_client, editor, product):
    theirs = {"colour": "red", "size:eu": "42", "note": "two\nlines"}
    said = Product.objects.get().imported | {"attributes": theirs}
    Product.objects.filter(pk=product.pk).update(imported=said, attributes=theirs)
    page = editor_client.get(address(product))
    shown = page.context["form"]["attributes"].value()
    assert page.context["states"]["attributes"].words == "Follows the feed"
    lines = "colour: red\nnote: two lines\nsize:eu: 42"
    assert shown == lines
    save(editor_client, product, attributes=lines)  # as it was shown: nothing is edited
    assert Product.objects.get().attributes == theirs
    assert state(editor_client, product, "attributes").words == "Follows the feed"
    save(editor_client, product, attributes=lines.replace("red", "crimson"))
    found = state(editor_client, product, "attributes")
    assert (found.words, found.by) == ("Edited", editor.username)
    hear(product, attributes=theirs | {"colour": "blue"})
    page = editor_client.get(address(product))
    assert page.context["states"]["attributes"].words == "Edited, and the feed moved"
    content = page.content.decode()
    for action in ("take", "keep", "lock"):
        assert f'value="{action}:attributes"' in content
    typed = lines.replace("red", "crimson")
    act(editor_client, product, "keep:attributes", attributes=typed)
    assert Product.objects.get().attributes["colour"] == "crimson"
    act(editor_client, product, "lock:attributes", attributes=typed)
    assert state(editor_client, product, "attributes").words == "Locked"
    act(editor_client, product, "unlock:attributes", attributes=typed)
    act(editor_client, product, "take:attributes", attributes=typed)
    assert Product.objects.get().attributes == theirs | {"colour": "blue"}
    assert state(editor_client, product, "attributes").words == "Follows the feed"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("colour: red", {"colour": "red"}),
        ("  Colour :  dark   red \n\n\n size:42", {"Colour": "dark red", "size": "42"}),
        ("time: 12:30", {"time": "12:30"}),
        ("<b>x</b>: <script>", {"<b>x</b>": "<script>"}),
        ("", {}),
        ("colour", None),
        (": red", None),
        ("colour:", None),
        ("a: 1\na: 2", None),
        ("\n".join(f"p{n}: 1" for n in range(101)), None),
    ],
)
def test_what_may_be_written_as_properties(editor_client, product, typed, kept):
    page = save(editor_client, product, attributes=typed)
    assert Product.objects.get().attributes == (kept if kept is not None else product.attributes)
    assert bool(page.redirect_chain) == (kept is not None)
    assert b"<script>" not in page.content.split(b'id="id_attributes"')[1].split(b"</textarea>")[0]


def test_a_form_that_does_not_say_properties_leaves_them(editor_client, product):
    Product.objects.update(attributes={"colour": "red"})
    save(editor_client, product, title="Another")
    assert Product.objects.get().attributes == {"colour": "red"}


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
