import os
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import Category, Product, ProductImage
from tests.catalog.conftest import picture_file, texts


@pytest.fixture
def product(make_product) -> Product:
    product = make_product(
        "Red shoe",
        description="<p>Soft &amp; light</p>",
        brand=services.get_or_create_brand("Acme"),
        gtin="4006381333931",
    )
    feed = {
        "source_key": "a:1:1",
        "title": "RED SHOE 42",
        "description": "<p>Soft &amp; light</p>",
        "brand": "acme",
    }
    Product.objects.filter(pk=product.pk).update(imported=feed)
    return Product.objects.get()


def address(product: Product) -> str:
    return reverse("catalog:product-edit", args=[product.pk])


def form_data(client, product: Product, **changes) -> dict:
    """What a browser posts for the page as it is, with changes."""
    context = client.get(address(product)).context
    form, gallery = context["form"], context["gallery"]
    names = ("title", "slug", "description", "brand", "categories", "gtin", "status")
    data = {name: form[name].value() for name in names} | {"new_categories": ""}
    for row in gallery.rows:
        data |= {row[name].html_name: row[name].value() for name in ("alt", "position")}
    return data | {"version": context["version"]} | changes


def save(client, product: Product, **changes):
    return client.post(address(product), form_data(client, product, **changes), follow=True)


def test_saving_without_a_change_changes_nothing(editor_client, product):
    before = Product.objects.values().get()
    assert texts(save(editor_client, product)) == ["Product saved."]
    after = Product.objects.values().get()
    assert {name for name in after if after[name] != before[name]} == {"updated_at"}


def test_every_field_is_saved(editor_client, product):
    old = services.get_or_create_category("Old")
    response = save(
        editor_client,
        product,
        title="  Blue   shoe ",
        slug="blue",
        description="<p>New</p>",
        brand="New Brand",
        gtin="036000291452",
        categories=[old.pk],
        new_categories="Fresh, old one , fresh",
        status="published",
    )
    assert texts(response) == ["Product saved."]
    product = Product.objects.get()
    assert (product.title, product.slug, product.description) == ("Blue shoe", "blue", "<p>New</p>")
    assert (product.brand.name, product.gtin) == ("New Brand", "0036000291452")
    assert {category.name for category in product.categories.all()} == {"Old", "Fresh", "old one"}
    assert product.status == "published"
    assert product.published_at


def test_a_published_product_can_become_a_draft(editor_client, product):
    services.publish([product.pk])
    save(editor_client, product, status="draft")
    assert Product.objects.get().status == "draft"


def test_saving_leaves_a_trashed_product_in_the_trash(editor_client, product):
    services.trash([product.pk])
    save(editor_client, product, title="New", status="published")
    assert Product.objects.values_list("title", "status").get() == ("New", "trashed")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "This field is required."),
        ("title", "x" * 301, "at most 300 characters"),
        ("title", "a\0b", "Null characters are not allowed."),
        ("slug", "not a slug", "valid “slug”"),
        ("slug", "taken", "already exists"),
        ("gtin", "4006381333932", "check digit"),
        ("gtin", "12345", "8 to 14 digits"),
        ("gtin", "2012345678903", "made up"),
        ("gtin", "0012000161155", "Another product has this EAN."),
        ("status", "trashed", "valid choice"),
        ("new_categories", "x" * 121, "no more than 120"),
        ("new_categories", ",".join("abcdefghijklmnopqrstuvwxyz"), "No more than 20"),
        ("categories", ["99999"], "valid choice"),
        ("version", "", ""),
    ],
)
def test_wrong_input_is_named_and_nothing_is_saved(
    editor_client, product, make_product, field, value, message
):
    make_product("Taken", slug="taken", gtin="0012000161155")
    before = Product.objects.values().get(pk=product.pk)
    response = save(editor_client, product, **{field: value})
    assert response.status_code == 200
    assert message in response.content.decode()
    assert Product.objects.values().get(pk=product.pk) == before


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("<p>Hi</p><script>alert(1)</script>", "<p>Hi</p>"),
        ('<p onclick="x()" style="color:red" class="a">Hi</p>', "<p>Hi</p>"),
        ('<a href="javascript:x()">Hi</a>', '<a rel="nofollow noopener">Hi</a>'),
        (
            '<a href="https://a.example/">Hi</a>',
            '<a href="https://a.example/" rel="nofollow noopener">Hi</a>',
        ),
        ('<img src=x onerror="x()">Hi<iframe src="/"></iframe>', "Hi"),
        ("<p></p>", ""),
        ("Rock & roll", "Rock &amp; roll"),
    ],
)
def test_a_description_is_cleaned(editor_client, product, written, stored):
    save(editor_client, product, description=written)
    assert Product.objects.get().description == stored


def test_a_description_nobody_touched_stays_to_the_letter(editor_client, product):
    Product.objects.update(description="<b>5 > 3</b>\nline")
    save(editor_client, product, description="<b>5 > 3</b>\r\nline", title="New")
    assert Product.objects.get().description == "<b>5 > 3</b>\nline"


def test_what_differs_from_the_feed_is_shown(editor_client, product):
    page = editor_client.get(address(product))
    states = page.context["states"]
    assert {name: (state.words, state.differs) for name, state in states.items()} == {
        "title": ("Edited", True),
        "description": ("Follows the feed", False),
        "brand": ("Follows the feed", False),
    }
    assert "RED SHOE 42" in page.content.decode()


@pytest.mark.parametrize("field", ["title", "description", "brand"])
def test_take_the_feeds_text(editor_client, product, field):
    Product.objects.update(description="<p>Mine</p>", brand=services.get_or_create_brand("Mine"))
    save(editor_client, product, field_action=f"take:{field}", slug="also-saved")
    product.refresh_from_db()
    now = {"title": product.title, "description": product.description, "brand": product.brand.name}
    assert now[field].casefold() == product.imported[field].casefold()
    assert product.slug == "also-saved"
    assert len({name for name in now if now[name].casefold() != product.imported[name].casefold()}) == 2


def test_a_field_without_a_feed_text_cannot_be_replaced(editor_client, product):
    for action in ("take:gtin", "take:source_key", "take:", "drop:title", "keep"):
        save(editor_client, product, field_action=action)
    assert Product.objects.get().gtin == "4006381333931"


def test_two_editors_no_update_is_lost(editor_client, admin_client, product):
    mine = form_data(editor_client, product, title="Mine")
    save(admin_client, product, title="Theirs", gtin="0036000291452")

    response = editor_client.post(address(product), mine)
    assert Product.objects.get().title == "Theirs"
    assert dict(response.context["conflict"]) == {"Title": "Theirs", "EAN": "0036000291452"}
    assert response.context["form"]["title"].value() == "Mine"
    assert "Somebody else saved this product" in response.content.decode()

    again = editor_client.post(address(product), mine | {"version": response.context["version"]}, follow=True)
    assert texts(again) == ["Product saved."]
    assert Product.objects.get().title == "Mine"


def test_a_status_changed_in_the_list_meanwhile_is_a_conflict_too(editor_client, product):
    mine = form_data(editor_client, product)
    services.publish([product.pk])
    response = editor_client.post(address(product), mine)
    assert dict(response.context["conflict"]) == {"Status": "published"}
    assert Product.objects.get().status == "published"


def test_prices_that_change_meanwhile_are_no_conflict(editor_client, product, make_offer):
    mine = form_data(editor_client, product, title="Mine")
    make_offer(product)
    services.refresh_prices([product.pk])
    editor_client.post(address(product), mine)
    assert Product.objects.get().title == "Mine"


def test_the_same_form_posted_twice_is_saved_once_without_a_question(editor_client, product):
    data = form_data(editor_client, product, title="New", new_categories="Fresh")
    for _ in range(2):
        assert texts(editor_client.post(address(product), data, follow=True)) == ["Product saved."]
    assert Product.objects.get().title == "New"
    assert Category.objects.count() == 1


def test_an_unknown_version_is_a_conflict(editor_client, product):
    old = (product.updated_at - timedelta(days=1)).isoformat()
    response = save(editor_client, product, title="New", version=old)
    assert response.context["conflict"]
    assert Product.objects.get().title == "Red shoe"


def test_pictures_are_added_ordered_described_and_removed(
    editor_client, product, django_capture_on_commit_callbacks
):
    save(editor_client, product, uploads=[picture_file("a.jpg", size=(40, 30)), picture_file("b.png", "PNG")])
    first, second = product.images.all()
    assert (first.position, second.position) == (0, 1)
    assert (first.state, first.stored.width, first.stored.height) == ("stored", 40, 30)
    assert first.alt == "", "the title serves as text until somebody writes another"

    save(editor_client, product, **{f"position_{first.pk}": 5, f"alt_{second.pk}": "From behind"})
    assert [image.alt for image in product.images.all()] == ["From behind", ""]

    path = default_storage.path(first.stored.names[0])
    assert os.path.exists(path)
    with django_capture_on_commit_callbacks(execute=True):
        save(editor_client, product, **{f"remove_{first.pk}": "on"})
    assert list(product.images.all()) == [second]
    assert not os.path.exists(path)


def test_removing_pictures_of_another_product_does_nothing(editor_client, product, make_product):
    image = ProductImage.objects.create(product=make_product("Other"), source_url="https://a.example/1.jpg")
    save(editor_client, product, **{f"remove_{image.pk}": "on", f"alt_{image.pk}": "x"})
    assert ProductImage.objects.get().alt == ""


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (SimpleUploadedFile("a.svg", SVG), "It is an SVG file"),
        (SimpleUploadedFile("a.jpg", SVG), "It is an SVG file"),
        (SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0 cut"), "cut off or damaged"),
        (SimpleUploadedFile("a.jpg", b"x" * (10 * 1024 * 1024 + 1)), "larger than 10 MB"),
        (picture_file("a.bmp", "BMP"), "It is not a JPEG"),
        (picture_file("a.png", "PNG", (8000, 7000)), "At most 50 megapixels"),
        (SimpleUploadedFile("empty.jpg", b""), "empty"),
    ],
    ids=["svg", "svg named jpg", "cut", "too big", "bmp", "too many pixels", "empty"],
)
def test_only_pictures_are_taken(editor_client, product, file, message):
    file.seek(0)
    response = save(editor_client, product, uploads=file, title="New")
    assert message in response.content.decode()
    assert not ProductImage.objects.exists()
    assert Product.objects.get().title == "Red shoe"


def test_a_picture_keeps_no_name_or_ending_from_outside(editor_client, product):
    save(editor_client, product, uploads=picture_file("../../evil.html"))
    [name] = ProductImage.objects.get().stored.names
    assert name.startswith("pictures/")
    assert name.endswith(".webp")
    assert "evil" not in name


def test_ticked_offers_go_and_the_price_follows(editor_client, product, make_offer):
    cheap, dear = make_offer(product, "5.00"), make_offer(product, "9.00")
    services.refresh_prices([product.pk])
    response = save(editor_client, product, remove_offers=[cheap.pk])
    assert texts(response) == ["Product saved."]
    product.refresh_from_db()
    assert list(product.offers.all()) == [dear]
    assert (product.lowest_price, product.offer_count) == (dear.price, 1)


def test_offers_of_another_product_stay(editor_client, product, make_product, make_offer):
    other = make_offer(make_product("Other"))
    save(editor_client, product, remove_offers=[other.pk, "x"])
    other.refresh_from_db()


def test_the_editor_costs_at_most_twelve_queries(
    editor_client, product, make_offer, django_assert_max_num_queries
):
    for number in range(20):
        make_offer(product)
        services.get_or_create_category(f"Category {number}")
        ProductImage.objects.create(product=product, source_url=f"https://a.example/{number}.jpg")
    with django_assert_max_num_queries(12):
        editor_client.get(address(product))


def test_a_draft_has_a_preview_and_no_public_page(editor_client, client, product):
    assert (
        "Red shoe"
        in editor_client.get(reverse("catalog:product-preview", args=[product.pk])).content.decode()
    )
    assert client.get(product.get_absolute_url()).status_code == 404


def test_a_draft_is_given_its_time_and_its_words_for_search_engines(editor_client, product):
    services.unpublish([product])
    product.refresh_from_db()
    later = timezone.localtime() + timedelta(days=2)
    response = save(
        editor_client,
        product,
        publish_at=later.strftime("%Y-%m-%dT%H:%M"),
        meta_title=" Red  shoes ",
        meta_description="All\nabout them",
    )
    assert texts(response) == ["Product saved."]
    saved = Product.objects.get()
    assert saved.publish_at == later.replace(second=0, microsecond=0)
    assert (saved.meta_title, saved.meta_description) == ("Red shoes", "All about them")
    assert (
        "on " + later.strftime("%-d %b, %H:%M")
        in editor_client.get(reverse("catalog:product-list")).content.decode()
    )


def test_a_time_that_has_passed_is_refused(editor_client, product):
    services.unpublish([product])
    product.refresh_from_db()
    response = save(editor_client, product, publish_at="2020-01-01T10:00")
    assert "This time has passed" in response.content.decode()
    assert Product.objects.get().publish_at is None


def test_publishing_now_forgets_the_time(editor_client, product):
    services.unpublish([product])
    product.refresh_from_db()
    later = timezone.localtime() + timedelta(days=2)
    at = later.strftime("%Y-%m-%dT%H:%M")
    save(editor_client, product, publish_at=at, status="draft")
    product.refresh_from_db()
    save(editor_client, product, publish_at=at, status="published")
    saved = Product.objects.get()
    assert saved.is_published
    assert saved.publish_at is None


def test_a_time_that_is_typed_for_a_published_product_is_not_dropped_without_a_word(editor_client, product):
    services.unpublish([product])
    product.refresh_from_db()
    later = timezone.localtime() + timedelta(days=2)
    response = save(editor_client, product, publish_at=later.strftime("%Y-%m-%dT%H:%M"), status="published")
    assert "Only a draft waits" in response.content.decode()
    assert not Product.objects.get().is_published


def test_a_published_product_turned_into_a_draft_may_wait_for_its_time(editor_client, product):
    services.publish([product])
    product.refresh_from_db()
    later = timezone.localtime() + timedelta(days=2)
    save(editor_client, product, publish_at=later.strftime("%Y-%m-%dT%H:%M"), status="draft")
    saved = Product.objects.get()
    assert saved.status == Product.Status.DRAFT
    assert saved.publish_at == later.replace(second=0, microsecond=0)


def test_a_new_slug_leaves_the_old_address_behind(editor_client, client, product):
    services.publish([product])
    product.refresh_from_db()
    old = product.get_absolute_url()
    save(editor_client, product, slug="new-address")
    assert client.get(old)["Location"] == "/product/new-address/"
