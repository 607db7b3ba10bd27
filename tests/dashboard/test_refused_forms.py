"""A form that is refused shows everything typed and chosen again, without a script, too."""

import html
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import Brand, ButtonTexts, Category, Product, ProductImage, Shop, SiteSettings
from importer.models import NetworkAccount
from tests.importer.make import make_account, make_feed, make_item, make_items

pytestmark = pytest.mark.django_db


def text_of(page) -> str:
    return html.unescape(page.text)


def fields_of(page) -> dict:
    """Return what a browser would post of a page's forms: inputs, areas and choices with their values."""
    found: dict = {}
    for tag in re.findall(r"<input [^>]*>", page.text):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in attributes or attributes.get("type") in ("file", "search"):
            continue
        is_box = attributes.get("type") in ("checkbox", "radio")
        if is_box and not re.search(r"\schecked", tag):
            continue
        value = attributes.get("value", "on" if is_box else "")
        found.setdefault(attributes["name"], []).append(html.unescape(value))
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', page.text, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(text))
    for name, options in re.findall(
        r'<select [^>]*?name="([^"]+)"[^>]*>(.*?)</select>', page.text, re.DOTALL
    ):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        found.setdefault(name, []).extend(chosen or re.findall(r'<option value="([^"]*)"', options)[:1])
    return found


# --- Lists -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        pytest.param({"action": "category", "category": ""}, "Choose the category first.", id="no category"),
        pytest.param({"action": ""}, "Choose what to do with the products.", id="nothing chosen"),
        pytest.param({"action": "explode"}, "Select a valid choice", id="unknown"),
    ],
)
def test_a_refused_bulk_action_keeps_the_ticks_once(admin_client, posted, message):
    products = [services.create_product(title=f"Shoe {letter}") for letter in "abc"]
    ticked = [products[0].pk, products[2].pk]
    page = admin_client.post(reverse("catalog:product-bulk"), posted | {"ids": ticked}, follow=True)
    assert message in page.text
    fields = fields_of(page)
    assert sorted(fields["ids"]) == sorted(str(pk) for pk in ticked)
    if posted["action"] == "category":
        assert fields["action"] == ["category"]
    assert "ids" not in fields_of(admin_client.get(reverse("catalog:product-list")))


def test_a_refused_action_on_feeds_keeps_the_ticks(admin_client):
    account = make_account("adtraction")
    feeds = [make_feed(account) for _ in range(3)]
    address = reverse("importer:feeds-apply", args=["adtraction"])
    page = admin_client.post(address, {"ids": [feeds[1].pk], "action": ""}, follow=True)
    assert "Choose what to do" in page.text
    assert fields_of(page)["ids"] == [str(feeds[1].pk)]
    page = admin_client.post(address, {"action": "weekly"}, follow=True)
    assert "Tick at least one feed" in page.text


@pytest.mark.parametrize("route", ["index-import", "import-selected"])
def test_a_refused_import_keeps_categories_and_ticks(admin_client, route):
    feed = make_feed(
        make_account("adtraction"), is_mirrored=True, synced_at=timezone.now(), is_searchable=True
    )
    items = make_items(feed, count=3, title="Trail boot")
    shoes = Category.objects.create(name="Shoes", slug="shoes")
    posted = {
        "items": [items[0].pk],
        "categories": [shoes.pk],
        "new_categories": "Boots, " + "x" * 121,
        "status": "published",
        "search": "keywords=trail",
    }
    address = reverse(f"importer:{route}", args=["adtraction"] if route == "import-selected" else [])
    page = admin_client.post(address, posted, follow=True)
    assert "no more than 120 characters" in page.text
    fields = fields_of(page)
    assert fields["items"] == [str(items[0].pk)]
    assert fields["new_categories"] == [posted["new_categories"]]
    assert (fields["categories"], fields["status"]) == ([str(shoes.pk)], ["published"])


def test_a_pasted_list_that_is_too_long_comes_back(admin_client):
    make_feed(is_mirrored=True, synced_at=timezone.now())
    pasted = "\n".join(str(number) for number in range(20_001))
    page = admin_client.post(reverse("importer:search-list"), {"ids": pasted, "search": "keywords=trail"})
    assert page.status_code == 200
    assert "no more than" in page.text
    assert "20000" in page.text
    assert 'value="trail"' in page.text


# --- The editor ------------------------------------------------------------------------------------


@pytest.fixture
def product() -> Product:
    product = services.create_product(title="Red shoe", description="<p>Soft</p>")
    for position, alt in enumerate(["One", "Two", "Three"]):
        url = f"https://img.example/{alt}.jpg"
        ProductImage.objects.create(product=product, source_url=url, alt=alt, position=position)
    return product


def edited(client, product, **changes) -> tuple[str, dict]:
    address = reverse("catalog:product-edit", args=[product.pk])
    return address, fields_of(client.get(address)) | changes


@pytest.mark.parametrize("fault", [{"title": ""}, {"gtin": "123"}, {"slug": "a b"}, {"version": ""}])
def test_pictures_come_back_in_the_order_and_with_the_texts_that_were_typed(admin_client, product, fault):
    one, two, three = product.images.order_by("position")
    typed = {f"position_{one.pk}": "2", f"position_{two.pk}": "1", f"position_{three.pk}": "0"}
    typed |= {f"alt_{two.pk}": "Typed <two>", f"remove_{one.pk}": "on", "meta_title": "Typed title"}
    address, posted = edited(admin_client, product, **typed, **fault)
    page = admin_client.post(address, posted)
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert re.findall(r'name="alt_(\d+)"', page.text) == [str(three.pk), str(two.pk), str(one.pk)]
    fields = fields_of(page)
    for name, value in typed.items():
        assert fields[name] == [value]
    again = fields | {name: edited(admin_client, product)[1][name] for name in fault}
    assert admin_client.post(address, again).status_code == 302
    assert [image.alt for image in product.images.order_by("position")] == ["Three", "Typed <two>"]


def test_a_text_of_a_picture_that_is_too_long_is_said_at_the_top(admin_client, product):
    image = product.images.first()
    address, posted = edited(admin_client, product, **{f"alt_{image.pk}": "x" * 301})
    page = admin_client.post(address, posted)
    assert "Not saved yet" in page.text
    assert "x" * 301 in page.text


def test_files_that_a_browser_forgets_are_asked_for_again(admin_client, product):
    file = SimpleUploadedFile("a.png", b"no picture")
    address, posted = edited(admin_client, product, uploads=file)
    assert "Choose the files again" in admin_client.post(address, posted).text


@pytest.mark.parametrize("stored", ["draft", "published"])
def test_a_time_that_would_not_count_is_not_taken_away_silently(admin_client, product, stored):
    services.change_status(product, status=stored)
    later = (timezone.localtime() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    address, posted = edited(admin_client, product, status="published", publish_at=later)
    page = admin_client.post(address, posted)
    assert "Only a draft waits" in page.text
    assert later in page.text


def test_a_form_of_a_product_sent_once_more_with_other_words_keeps_them(admin_client):
    """With the browser's Back: the form has made a product already."""
    address = reverse("catalog:product-create")
    posted = fields_of(admin_client.get(address)) | {"title": "Red shoe"}
    first = admin_client.post(address, posted)
    assert first.status_code == 302
    assert admin_client.post(address, posted).url == first.url
    page = admin_client.post(address, posted | {"title": "Blue shoe"})
    assert "made a product before" in page.text
    assert 'value="Blue shoe"' in page.text
    assert admin_client.post(address, fields_of(page)).status_code == 302
    assert set(Product.objects.values_list("title", flat=True)) == {"Red shoe", "Blue shoe"}


# --- Two people in one form ------------------------------------------------------------------------


def of_shop() -> tuple:
    shop = Shop.objects.create(name="OTTO", slug="otto", url="https://otto.example/")
    return reverse("catalog:shop-edit", args=[shop.pk]), "name", lambda: Shop.objects.get().name


def of_brand() -> tuple:
    brand = Brand.objects.create(name="OTTO", slug="otto")
    return reverse("catalog:brand-edit", args=[brand.pk]), "name", lambda: Brand.objects.get().name


def of_category() -> tuple:
    category = Category.objects.create(name="OTTO", slug="otto")
    return reverse("catalog:category-edit", args=[category.pk]), "name", lambda: Category.objects.get().name


def of_site() -> tuple:
    return reverse("catalog:site-settings"), "footer", lambda: SiteSettings.objects.get().footer


def of_buttons() -> tuple:
    ButtonTexts.objects.create(source="adtraction", long="Buy")
    address = reverse("importer:network-buttons", args=["adtraction"])
    return address, "long", lambda: ButtonTexts.objects.get(source="adtraction").long


def of_account() -> tuple:
    account = make_account()
    address = reverse("importer:account-edit", args=["tradedoubler", account.pk])
    return address, "label", lambda: NetworkAccount.objects.get().label


@pytest.mark.parametrize("thing", [of_shop, of_brand, of_category, of_site, of_buttons, of_account])
def test_who_saves_last_is_asked_first_and_keeps_what_was_typed(admin_client, thing):
    address, name, stored = thing()
    mine = fields_of(admin_client.get(address))
    theirs = dict(mine)
    assert admin_client.post(address, theirs | {name: "Theirs"}).status_code == 302
    page = admin_client.post(address, mine | {name: "Mine"})
    assert page.status_code == 200
    assert "Somebody else saved this meanwhile" in page.text
    assert "“Theirs”" in page.text
    assert stored() == "Theirs"
    again = fields_of(page)
    assert "Mine" in again[name]
    assert admin_client.post(address, again).status_code == 302
    assert stored() == "Mine"
    assert admin_client.post(address, again).status_code == 302  # the same once more is no conflict


def test_what_somebody_else_changed_elsewhere_is_no_question_where_nothing_differs(admin_client):
    address, name, stored = of_shop()
    mine = fields_of(admin_client.get(address))
    Shop.objects.update(name="Mine")
    assert admin_client.post(address, mine | {name: "Mine"}).status_code == 302
    assert stored() == "Mine"


def test_a_merge_that_fails_keeps_the_name(admin_client):
    brand = Brand.objects.create(name="Nordfjell", slug="nordfjell")
    page = admin_client.post(reverse("catalog:brand-merge", args=[brand.pk]), {"into": "Nowhere"})
    assert 'value="Nowhere"' in page.text


def test_an_item_of_a_row_is_there(admin_client):
    item = make_item()
    page = admin_client.post(reverse("importer:item-import", args=[item.pk]), {"title": "", "brand": "Typed"})
    assert 'value="Typed"' in page.text
