"""The dialog: one item, with what a person changes."""

import pytest
from django.urls import reverse

from catalog.models import Category, Offer, Product
from importer.models import ImportRun
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.run import import_items
from tests.importer.views import test_imports
from tests.importer.views.test_imports import post_item, work

pytestmark = pytest.mark.django_db
feed = test_imports.feed


def test_the_dialog_is_pre_set_from_item_and_account(editor_client):
    account = make_account("adtraction", product_status="published", import_description=True)
    item = make_item(make_feed(account), title="Boot & co", brand="Nordfjell", gtin="4006381333931")
    url = reverse("importer:item-import", args=[item.pk])
    response = editor_client.get(url, headers=HTMX)
    page = text_of(response)
    assert is_part(response)
    for shown in ("Boot &amp; co", "Nordfjell", "4006381333931", "€99.90", item.image_urls[0]):
        assert shown in page
    assert "&lt;p&gt;Light.&lt;/p&gt;" in page
    assert '<option value="published" selected>' in page
    assert 'name="import_description"' in page
    assert not is_part(editor_client.get(url))


def test_the_description_box_is_there_even_when_the_account_does_not_import_descriptions(editor_client, feed):
    item = make_item(feed)
    page = text_of(editor_client.get(reverse("importer:item-import", args=[item.pk]), headers=HTMX))
    assert 'name="description"' in page
    box = page.split('name="import_description"')[1].split(">")[0]
    assert "checked" not in box


def test_edits_reach_the_product(editor_client, feed):
    item = make_item(feed, image_urls=("https://img.example/a.jpg", "https://img.example/b.jpg"))
    response = post_item(
        editor_client,
        item,
        title="My own title",
        import_description="on",
        description="<p>Mine</p><script>alert(1)</script>",
        brand="Other",
        status="published",
        new_categories="Boots",
        image_1="on",
        image_1_alt="From the side",
        main_image="1",
    )
    assert text_of(response).strip().startswith('<div id="item_imported"')
    work()
    product = Product.objects.get()
    assert (product.title, product.description) == ("My own title", "<p>Mine</p>")
    assert (product.brand.name, product.status) == ("Other", "published")
    assert [category.name for category in product.categories.all()] == ["Boots"]
    assert [(image.source_url, image.alt) for image in product.images.all()] == [
        ("https://img.example/b.jpg", "From the side"),
        ("https://img.example/a.jpg", ""),  # untouched: the product's title serves
    ]


def test_a_person_is_warned_of_an_unlike_product_and_may_join_it(editor_client, feed):
    first = make_item(feed, title="Red bucket", brand="Gries", price="19.95", gtin="4006381333931")
    import_items(first)
    product = Product.objects.get()
    item = make_item(feed, title="Bicycle", brand="Cube", price="499", gtin="4006381333931")
    page = text_of(editor_client.get(reverse("importer:item-import", args=[item.pk]), headers=HTMX))
    assert "has this EAN and looks unlike" in page
    assert "the brands are Cube and Gries" in page
    post_item(editor_client, item, product=product.pk)
    work()
    assert product.offers.count() == 2


def test_an_import_without_edits_stores_none(editor_client, feed):
    item = make_item(feed, description="<p>Line one</p>\n<p>Line two</p>")
    post_item(
        editor_client, item, description=item.description.replace("\n", "\r\n"), import_description="on"
    )
    assert not ImportRun.objects.get().items.get().edits
    work()
    product = Product.objects.get()
    assert product.description == product.imported["description"] == item.description


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("<p>Typed all the same</p>", "<p>Typed all the same</p>", id="typed"),
        pytest.param("<p>Light.</p>\n", "", id="the feed's"),
        pytest.param("", "", id="emptied"),
    ],
)
def test_without_the_tick_only_a_description_that_was_typed_is_imported(editor_client, feed, typed, kept):
    post_item(editor_client, make_item(feed), description=typed)
    work()
    assert Product.objects.get().description == kept


def test_a_row_that_joins_shows_nothing_that_would_not_count(editor_client, feed):
    import_items(make_item(feed, title="Trail boot", gtin="4006381333931"))
    item = make_item(feed, title="Trail boots", gtin="4006381333931")
    page = text_of(editor_client.get(reverse("importer:item-import", args=[item.pk]), headers=HTMX))
    assert "the offer joins" in page
    for name in ("title", "description", "status", "brand", "new_categories", "main_image"):
        assert f'name="{name}"' not in page
    assert 'import-button" data-kind="primary" autofocus' in page
    response = editor_client.post(reverse("importer:item-import", args=[item.pk]), {}, headers=HTMX)
    assert 'id="item_imported"' in text_of(response)
    assert work().joined_count == 1


def test_a_row_that_becomes_a_draft_offers_no_status(editor_client, feed):
    import_items(make_item(feed, title="Red bucket", brand="Gries", price="19.95", gtin="4006381333931"))
    item = make_item(feed, title="Bicycle", brand="Cube", price="499", gtin="4006381333931")
    page = text_of(editor_client.get(reverse("importer:item-import", args=[item.pk]), headers=HTMX))
    assert 'name="title"' in page
    assert 'name="status"' not in page


TYPED = [
    pytest.param({"title": "Mine"}, "title", id="title"),
    pytest.param({"description": "<p>Mine</p>"}, "description", id="description without the tick"),
    pytest.param({"brand": ""}, "brand", id="brand taken away"),
    pytest.param({"status": "published"}, "status", id="status"),
    pytest.param({"new_categories": "Boots"}, "categories", id="category"),
    pytest.param({"image_0": ""}, "pictures", id="picture left out"),
    pytest.param({"image_0_alt": "A boot"}, "pictures", id="text of a picture"),
]


@pytest.mark.parametrize(("fields", "word"), TYPED)
@pytest.mark.parametrize("joined_by", ["chosen", "imported meanwhile"])
def test_nothing_typed_is_left_out_without_a_word(editor_client, feed, fields, word, joined_by):
    """Somebody typed, and chose a product last; or the product came while the dialog was open."""
    import_items(make_item(feed, title="Trail boot", gtin="4006381333931"))
    product = Product.objects.get()
    if joined_by == "chosen":
        item, fields = make_item(feed, title="Another"), fields | {"product": product.pk}
    else:
        item = make_item(feed, title="Trail boots", gtin="4006381333931")
    page = text_of(post_item(editor_client, item, **fields))
    assert f"({word}) would not be used" in page
    assert ImportRun.objects.count() == 1
    assert not Category.objects.exists()
    agreed = page.split('name="leave_out" value="')[1].split('"')[0]
    changed = post_item(editor_client, item, **fields | {"leave_out": agreed, "title": "Something more"})
    assert "would not be used" in text_of(changed)
    assert 'id="item_imported"' in text_of(post_item(editor_client, item, **fields | {"leave_out": agreed}))
    run = work()
    assert (run.joined_count, run.items.get().message) == (1, "Joined “Trail boot”.")
    assert not Category.objects.exists()


def test_what_was_typed_while_the_product_came_into_being_is_said_and_kept(editor_client, feed):
    """The worker finds the product that was not there when the form was sent."""
    item = make_item(feed, title="Trail boots", gtin="4006381333931")
    text = "<p>Mine</p>"
    post_item(
        editor_client, item, title="My title", description=text, import_description="on", image_0_alt="Alt"
    )
    mine = ImportRun.objects.get()
    import_items(make_item(feed, title="Trail boot", gtin="4006381333931"))
    work(mine)
    end = text_of(editor_client.get(reverse("importer:item-imported", args=[item.pk, mine.pk])))
    assert "yours were not used" in end
    again = f"{reverse('importer:item-import', args=[item.pk])}?again={mine.pk}"
    assert again in end
    Product.objects.all().delete()
    page = text_of(editor_client.get(again, headers=HTMX))
    for typed in ('value="My title"', "&lt;p&gt;Mine&lt;/p&gt;", 'value="Alt"'):
        assert typed in page


def test_pictures_can_all_be_left_out(editor_client, feed):
    item = make_item(feed)
    post_item(editor_client, item, image_0="")
    work()
    assert not Product.objects.get().images.exists()


def test_an_offer_is_added_to_the_chosen_product(editor_client, feed):
    import_items(make_item(feed, title="The first"))
    product = Product.objects.get()
    item = make_item(feed, title="The second")
    post_item(editor_client, item, product=product.pk)
    run = work()
    assert run.joined_count == 1
    assert product.offers.count() == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"title": " "}, "required", id="no title"),
        pytest.param({"title": "x" * 301}, "300", id="long title"),
        pytest.param({"status": "trashed"}, "Select a valid choice", id="unknown status"),
        pytest.param({"product": "999999"}, "no longer there", id="product that is gone"),
        pytest.param({"product": "x"}, "no longer there", id="product that is no number"),
        pytest.param({"main_image": "x"}, "whole number", id="main picture that is no number"),
        pytest.param({"description": "a\0b"}, "Null characters", id="NUL"),
    ],
)
def test_errors_come_back_in_the_dialog_with_everything_typed(editor_client, feed, fields, message):
    item = make_item(feed)
    response = post_item(editor_client, item, **({"brand": "Typed <brand>"} | fields))
    assert response.status_code == 200
    assert message in text_of(response)
    assert "Typed &lt;brand&gt;" in text_of(response)
    assert not ImportRun.objects.exists()


def test_the_browser_cannot_bring_a_picture_or_a_price_of_its_own(editor_client, feed):
    item = make_item(feed)
    post_item(
        editor_client, item, image_7="on", image_7_alt="x", price="0.01", tracking_url="https://evil.example"
    )
    work()
    offer = Offer.objects.get()
    assert (offer.price, offer.tracking_url) == (item.price, item.tracking_url)
    assert offer.product.images.count() == 1


def test_finding_a_product_without_scripts_imports_nothing_and_keeps_what_was_typed(editor_client, feed):
    import_items(make_item(feed, title="Nordfjell Aster"))
    item = make_item(feed)
    response = post_item(editor_client, item, headers=None, title="Typed", find="1", product_query="aster")
    assert "Nordfjell Aster" in text_of(response)
    assert 'value="Typed"' in text_of(response)
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param("nord", True, id="beginning of a word"),
        pytest.param("ASTER nordf", True, id="any order and case"),
        pytest.param("boot", False, id="another word"),
        pytest.param("", False, id="nothing"),
        pytest.param("'\\:*&|!()<>", False, id="only signs"),
        pytest.param("aster' | boot", False, id="operators are words"),
    ],
)
def test_product_search(editor_client, feed, words, found):
    import_items(make_item(feed, title="Nordfjell Aster"))
    response = editor_client.get(reverse("catalog:product-options"), {"product_query": words})
    assert is_part(response)
    assert ("Nordfjell Aster" in text_of(response)) is found


def test_the_end_of_the_dialog_waits_and_then_leads_to_the_editor(editor_client, feed):
    item = make_item(feed)
    page = text_of(post_item(editor_client, item))
    run = ImportRun.objects.get()
    url = reverse("importer:item-imported", args=[item.pk, run.pk])
    assert url in page
    assert f'<tr id="item-{item.pk}" data-state="importing" hx-swap-oob="true"' in page
    work()
    end = text_of(editor_client.get(url))
    assert reverse("catalog:product-edit", args=[Product.objects.get().pk]) in end
    assert url not in end


def test_a_trashed_product_is_not_brought_back(editor_client, feed):
    item = make_item(feed)
    import_items(item)
    Product.objects.update(status="trashed")
    post_item(editor_client, item)
    run = work()
    end = text_of(editor_client.get(reverse("importer:item-imported", args=[item.pk, run.pk])))
    assert "is in the trash" in end
    assert Product.objects.get().status == "trashed"
