"""Join, split, main offer and live preview as a person does them, on a phone and on a desktop."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog import services
from catalog.models import Product, Shop

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("width", [390, 1280])]


@pytest.fixture
def product(transactional_db, make_offer) -> Product:
    product = services.create_product(title="Red shoe", description="<p>Soft</p>")
    make_offer(product, "10.00")
    make_offer(product, "12.00", shop=Shop.objects.create(name="Bol", slug="bol"), title="Red shoe XL")
    services.refresh_prices([product.pk])
    return product


@pytest.fixture
def editor(admin_page, product, width):
    """The editor of the product, on which any complaint of the browser fails the test."""
    complaints = []
    admin_page.on("console", lambda message: complaints.append(message.text))
    admin_page.on("pageerror", lambda error: complaints.append(str(error)))
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto(reverse("catalog:product-edit", args=[product.pk]))
    yield admin_page
    assert admin_page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_the_preview_follows_what_is_typed(editor, product):
    frame = editor.frame_locator("iframe[name=live-preview]")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Red shoe")
    editor.get_by_role("textbox", name="Title").first.fill("Blue <b>shoe</b>")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Blue <b>shoe</b>")
    editor.get_by_role("textbox", name="Description", exact=True).click()
    editor.keyboard.press("Control+End")
    editor.keyboard.type(" and light")
    expect(frame.locator(".prose")).to_have_text("Soft and light")
    editor.get_by_label("Main offer").select_option(label="Bol, €12.00")
    expect(frame.locator(".buy-box")).to_contain_text("Buy at Bol")
    assert Product.objects.get().title == "Red shoe"
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator("#messages")).to_contain_text("Product saved.")
    assert Product.objects.get().title == "Blue <b>shoe</b>"
    assert product.offers.get(is_main=True).shop.name == "Bol"


def test_nothing_runs_in_the_preview_and_its_links_lead_nowhere(admin_page, product, width):
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto(reverse("catalog:product-edit", args=[product.pk]))
    frame = admin_page.frame_locator("iframe[name=live-preview]")
    frame.get_by_role("link", name="Bol", exact=True).click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Red shoe")
    assert len(admin_page.context.pages) == 1
    assert admin_page.locator("iframe").get_attribute("sandbox") == "allow-same-origin"


def test_the_preview_button_shows_it_in_a_tab_and_saving_works_right_after(editor):
    editor.get_by_role("textbox", name="Title").first.fill("Blue shoe")
    with editor.context.expect_page() as opened:
        editor.get_by_role("button", name="Preview", exact=True).click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Blue shoe")
    opened.value.close()
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator("#messages")).to_contain_text("Product saved.")


def test_an_offer_is_split_off(editor):
    editor.get_by_role("link", name="Join or split").click()
    expect(editor.get_by_role("button", name="Split off")).to_be_disabled()
    editor.get_by_label("Select the offer of Bol").check()
    editor.get_by_role("button", name="Split off").click()
    expect(editor.locator("#messages")).to_contain_text("on “Red shoe XL” now")
    expect(editor.get_by_role("textbox", name="Title").first).to_have_value("Red shoe XL")
    assert Product.objects.get(title="Red shoe XL").offer_count == 1


def test_two_products_are_joined(editor, product):
    other = services.create_product(title="Crimson shoe")
    editor.get_by_role("link", name="Join or split").click()
    editor.get_by_role("searchbox", name="Title of the product").fill("crims")
    editor.get_by_role("radio", name="Crimson shoe").check()
    editor.get_by_role("button", name="Join").click()
    editor.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(editor.locator("#messages")).to_contain_text("“Red shoe” is part of “Crimson shoe” now.")
    assert other.offers.count() == 2
    assert Product.objects.get(pk=product.pk).joined_into == other


def test_enter_in_the_search_box_only_searches(editor, product):
    services.create_product(title="Crimson shoe")
    editor.get_by_role("link", name="Join or split").click()
    editor.get_by_role("searchbox", name="Title of the product").fill("crims")
    editor.keyboard.press("Enter")
    expect(editor.get_by_role("radio", name="Crimson shoe")).to_be_visible()
    assert Product.objects.filter(title="Crimson shoe", status="draft").exists()


def test_all_of_it_works_without_javascript(browser, admin_page, live_server, product, width):
    other = services.create_product(title="Crimson shoe")
    context = browser.new_context(
        java_script_enabled=False,
        base_url=live_server.url,
        viewport={"width": width, "height": 900},
        storage_state=admin_page.context.storage_state(),
    )
    page = context.new_page()
    page.goto(reverse("catalog:product-edit", args=[product.pk]))
    page.get_by_role("textbox", name="Title").first.fill("Blue shoe")
    page.get_by_role("button", name="Refresh").click()
    frame = page.frame_locator("iframe[name=live-preview]")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Blue shoe")
    expect(page.get_by_role("textbox", name="Title").first).to_have_value("Blue shoe")
    page.get_by_role("link", name="Join or split").click()
    page.get_by_label("Select the offer of Bol").check()
    page.get_by_role("searchbox", name="Title of the product").fill("crims")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("radio", name="Crimson shoe").check()
    page.get_by_role("button", name="Move").click()
    expect(page.locator("#messages")).to_contain_text("The ticked offers are on “Crimson shoe” now.")
    assert other.offers.get().shop.name == "Bol"
    context.close()


def test_shops_are_merged_after_a_page_that_says_what_will_happen(admin_page, product, shop, width):
    admin_page.set_viewport_size({"width": width, "height": 900})
    admin_page.goto(reverse("catalog:shop-edit", args=[shop.pk]))
    admin_page.get_by_label("Merge into").fill("bol")
    admin_page.get_by_role("button", name="Merge").click()
    expect(admin_page.get_by_role("heading", name="“OTTO” becomes part of “Bol”")).to_be_visible()
    assert admin_page.evaluate("document.documentElement.scrollWidth") <= width
    admin_page.get_by_role("button", name="Merge shops").click()
    expect(admin_page.locator("#messages")).to_contain_text("“OTTO” is now part of “Bol”.")
    assert {offer.shop.name for offer in product.offers.all()} == {"Bol"}
