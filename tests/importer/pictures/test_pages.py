"""Pictures on public pages and in the dashboard, and who may try them again."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from affiliate_site.roles import EDITOR
from catalog.models import Product, ProductImage
from catalog.pictures.picture import Picture
from catalog.services import attach_picture
from importer.imports import apply
from importer.imports.runs import start_import
from tests.importer.make import make_account, make_feed, make_item
from tests.importer.pictures.make import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor_client(client):
    user = User.objects.create_user("editor", password="editor")
    user.groups.add(Group.objects.get(name=EDITOR))
    client.force_login(user)
    return client


@pytest.fixture
def copied(make_image):
    image = make_image("https://img.example/a.jpg")
    attach_picture(image.pk, Picture(jpeg((1500, 1000))))
    image.refresh_from_db()
    Product.objects.update(status="published")
    return image


def test_a_copied_picture_has_widths_room_and_the_title_as_text(client, copied):
    html = client.get(copied.product.get_absolute_url()).content.decode()
    first = re.search(r"<img[^>]*>", html)[0]
    assert re.findall(r"(\d+)w\b", first) == ["320", "640", "1280"]
    for part in (
        'width="1280" height="853"',
        'sizes="',
        f'alt="{copied.product.title}"',
        'fetchpriority="high"',
    ):
        assert part in first
    assert "lazy" not in first
    assert copied.stored.urls[-1] in html.split("application/ld+json")[1]


def test_a_written_text_goes_before_the_title(client, copied):
    ProductImage.objects.update(alt='Seen from "above" <b>')
    html = client.get(copied.product.get_absolute_url()).content.decode()
    assert 'alt="Seen from &quot;above&quot; &lt;b&gt;"' in html


def test_files_may_be_kept_for_good(client, copied):
    response = client.get(copied.stored.urls[0])
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert "immutable" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_failed_pictures_are_left_out_of_pages(client, copied):
    ProductImage.objects.update(state="failed", stored=None)
    html = client.get(copied.product.get_absolute_url()).content.decode()
    assert "<img" not in html
    assert "no-picture" in html
    assert "og:image" not in html


def test_the_editor_says_the_state_and_the_reason(editor_client, make_image):
    image = make_image("https://img.example/a.jpg", state="failed", reason="It is animated.")
    make_image("https://img.example/b.jpg", product=image.product, position=1)
    make_image("https://img.example/c.jpg", product=image.product, position=2, state="linked")
    html = editor_client.get(reverse("catalog:product-edit", args=[image.product_id])).content.decode()
    for words in (
        "Not copied",
        "It is animated.",
        "Try again",
        "Waiting to be copied",
        "Shown from the shop",
    ):
        assert words in html


def test_one_failed_picture_is_tried_again(editor_client, make_image):
    one = make_image("https://img.example/a.jpg", state="failed", reason="No.")
    make_image("https://img.example/b.jpg", product=one.product, state="failed", reason="No.")
    retry = reverse("importer:picture-retry", args=[one.product_id])
    response = editor_client.post(retry, {"picture": one.pk}, follow=True)
    assert "The picture is tried again." in response.content.decode()
    assert [image.state for image in one.product.images.order_by("pk")] == ["waiting", "failed"]
    editor_client.post(retry)
    assert {image.state for image in one.product.images.all()} == {"waiting"}
    assert "No picture had to" in editor_client.post(retry, follow=True).content.decode()


def test_who_may_not_change_products_may_not_try_pictures_again(client, make_image):
    image = make_image("https://img.example/a.jpg", state="failed")
    retry = reverse("importer:picture-retry", args=[image.product_id])
    assert "login" in client.post(retry)["Location"]
    client.force_login(User.objects.create_user("stranger"))
    assert client.post(retry).status_code == 403
    image.refresh_from_db()
    assert image.state == "failed"


@pytest.mark.parametrize(
    ("picture", "titles"),
    [
        ("none", {"bare", "failed"}),
        ("failed", {"failed", "half"}),
        ("waiting", {"waiting"}),
        ("", {"bare", "failed", "half", "waiting", "linked"}),
        ("nonsense", {"bare", "failed", "half", "waiting", "linked"}),
    ],
)
def test_products_are_filtered_by_their_pictures(editor_client, make_image, picture, titles):
    products = {
        name: Product.objects.create(title=name, slug=name)
        for name in ("bare", "failed", "half", "waiting", "linked")
    }
    for name, state in (
        *(("failed", "failed"), ("half", "failed"), ("half", "linked")),
        *(("waiting", "waiting"), ("linked", "linked")),
    ):
        make_image("https://img.example/a.jpg", product=products[name], state=state)
    response = editor_client.get(reverse("catalog:product-list"), {"picture": picture})
    assert {product.title for product in response.context["page_obj"]} == titles


@pytest.mark.parametrize(("links", "state"), [(False, "waiting"), (True, "linked")])
def test_an_import_leaves_rows_and_waits_for_no_picture(links, state):
    feed = make_feed(make_account(links_pictures=links))
    item = make_item(feed, image_urls=("https://IMG.example:8443/a.jpg", "nonsense"))
    run = start_import([item.pk], kind="bulk")
    apply.work(run)
    first, second = Product.objects.get().images.all()
    assert (first.state, first.host, first.alt, first.tries) == (state, "img.example", "", 0)
    assert (second.state, second.host) == (state, "")
