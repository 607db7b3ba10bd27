"""What only a browser shows: scripts under the content security policy, dialogs, the menu on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog import services
from catalog.models import ButtonTexts, Product, ProductImage

pytestmark = pytest.mark.browser


@pytest.fixture
def page(admin_page):
    """A page on which any complaint of the browser (policy, script, missing file) fails the test."""
    complaints = []
    admin_page.on(
        "console", lambda message: complaints.append(message.text) if message.type == "error" else None
    )
    admin_page.on("pageerror", lambda error: complaints.append(str(error)))
    yield admin_page
    assert complaints == []


@pytest.fixture
def product(transactional_db) -> Product:
    return services.create_product(title="Red shoe", description="<p>Soft</p>")


def open_list(page):
    page.goto(reverse("catalog:product-list"))


def test_rich_text_is_written_and_saved(page, product):
    page.goto(reverse("catalog:product-edit", args=[product.pk]))
    editor = page.get_by_role("textbox", name="Description", exact=True)
    expect(editor).to_have_text("Soft")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" and ")
    page.keyboard.press("Control+b")
    page.keyboard.type("light")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Product saved.")
    assert Product.objects.get().description == "<p>Soft and <strong>light</strong></p>"


def test_opening_and_saving_does_not_touch_the_description(page, product):
    Product.objects.update(description="<b>Old</b> style<br>text")
    page.goto(reverse("catalog:product-edit", args=[product.pk]))
    expect(page.get_by_role("textbox", name="Description", exact=True)).to_contain_text("Old style")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Product saved.")
    assert Product.objects.get().description == "<b>Old</b> style<br>text"


def test_pictures_are_moved_with_the_arrows(page, product):
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
    for position, alt in enumerate(["One", "Two"]):
        ProductImage.objects.create(product=product, source_url=dot, alt=alt, position=position)
    page.goto(reverse("catalog:product-edit", args=[product.pk]))
    page.get_by_role("button", name="Move back").first.click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Product saved.")
    assert [image.alt for image in product.images.all()] == ["Two", "One"]


def test_ticking_counts_and_enables_the_action(page, product):
    services.create_product(title="Blue shoe")
    open_list(page)
    apply = page.get_by_role("button", name="Apply")
    expect(apply).to_be_disabled()
    page.get_by_label("Select all on this page").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_label("Select Red shoe").uncheck()
    expect(page.get_by_text("1 selected")).to_be_visible()
    expect(page.get_by_label("Action")).to_have_value("")  # nothing is done by mistake
    page.get_by_label("Action").select_option("publish")
    apply.click()
    expect(page.locator("#messages")).to_contain_text("1 product was published.")
    assert dict(Product.objects.values_list("title", "status")) == {
        "Red shoe": "draft",
        "Blue shoe": "published",
    }


def test_the_category_is_asked_for_only_where_it_counts(page, product):
    services.get_or_create_category("Shoes")
    open_list(page)
    category = page.get_by_label("Which category")
    expect(category).to_be_hidden()
    page.get_by_label("Action").select_option("category")
    category.select_option(label="Shoes")
    page.get_by_label("Select Red shoe").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#messages")).to_contain_text("1 product was added to the category.")


def test_deleting_for_good_is_asked_first(page, product):
    services.trash([product.pk])
    page.goto(f"{reverse('catalog:product-list')}?status=trashed")
    page.get_by_label("Select Red shoe").check()
    page.get_by_label("Action").select_option("delete")
    page.get_by_role("button", name="Apply").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("for good")
    dialog.get_by_role("button", name="Cancel").click()
    assert Product.objects.exists()
    page.get_by_role("button", name="Apply").click()
    dialog.get_by_role("button", name="Continue").click()
    expect(page.locator("#messages")).to_contain_text("1 product was deleted permanently.")


def test_escape_is_no_to_a_question(page, transactional_db):
    services.get_or_create_category("Shoes")
    page.goto(reverse("catalog:category-list"))
    page.get_by_label("Delete Shoes").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_label("Delete Shoes").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#messages")).to_contain_text("deleted")


def test_a_button_text_is_previewed_while_typed(page):
    page.goto(reverse("catalog:site-settings"))
    preview = page.locator("#preview-buttons-long")
    expect(preview).to_have_text("Buy at OTTO")
    page.get_by_label("Buy button optional", exact=True).fill("Get it at %s today")
    expect(preview).to_have_text("Get it at OTTO today")
    page.get_by_role("button", name="Save settings").click()
    expect(page.locator("#messages")).to_contain_text("Site settings saved.")
    assert ButtonTexts.objects.get().long == "Get it at %s today"


def test_on_a_phone_the_menu_opens_by_touch_and_by_keyboard(page, product):
    page.set_viewport_size({"width": 390, "height": 800})
    open_list(page)
    link = page.get_by_role("link", name="Categories", exact=True)
    expect(link).to_be_hidden()
    page.locator(".menu-toggle-label").click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    page.get_by_label("Show the menu").focus()
    page.keyboard.press("Space")
    link.click()
    expect(page.get_by_role("heading", name="Categories", exact=True)).to_be_visible()


def test_a_slash_jumps_to_the_search(page, product):
    open_list(page)
    page.keyboard.press("/")
    page.keyboard.type("red")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Red shoe", exact=True)).to_be_visible()
    assert "q=red" in page.url
