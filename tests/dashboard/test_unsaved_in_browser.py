"""Leaving a form with what is not saved: asked in every form, never without reason; and Ctrl+S."""

from contextlib import contextmanager

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog import services
from catalog.models import Brand, Category, Product, ProductImage, Shop
from tests.importer.make import make_account, make_feed, make_items

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def leaving(page: Page, *, asks: bool):
    """Try to leave in the block: the browser asks (and one stays), or it does not."""
    asked = []

    def answer(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", answer)
    yield
    page.wait_for_function("() => document.readyState === 'complete'")
    page.remove_listener("dialog", answer)
    assert asked == (["beforeunload"] if asks else [])


@pytest.fixture
def forms(admin_client) -> dict[str, tuple[str, str]]:
    """Every page with a form that is written in: the label of one of its fields, by address."""
    product = services.create_product(title="Red shoe", description="<b>Old</b> style<br>text")
    for position in (3, 7):  # places with gaps are no change
        dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
        ProductImage.objects.create(product=product, source_url=dot, position=position)
    brand = Brand.objects.create(name="Nordfjell", slug="nordfjell")
    category = Category.objects.create(name="Shoes", slug="shoes")
    shop = Shop.objects.create(name="OTTO", slug="otto")
    account = make_account("adtraction")
    feed = make_feed(account)
    pages = {
        ("catalog:product-edit", product.pk): "Title",
        ("catalog:product-create",): "Title",
        ("catalog:brand-edit", brand.pk): "Name",
        ("catalog:brand-list",): "Name",
        ("catalog:category-edit", category.pk): "Name",
        ("catalog:category-list",): "Name",
        ("catalog:shop-edit", shop.pk): "Name",
        ("catalog:site-settings",): "Name",
        ("dashboard:user-create",): "Username",
        ("password_change",): "Old password",
        ("importer:account-edit", "adtraction", account.pk): "Label",
        ("importer:account-add", "tradedoubler"): "Label",
        ("importer:network-buttons", "adtraction"): "Buy button",
        ("importer:feed-detail", feed.pk): "Hold a price",
    }
    return {reverse(name, args=args): label for (name, *args), label in pages.items()}


def test_every_form_asks_before_what_was_typed_goes_and_never_else(admin_page, forms):
    home = reverse("catalog:shop-list")
    for address, label in forms.items():
        admin_page.goto(address)
        admin_page.locator("main").click(position={"x": 2, "y": 2})  # a browser asks who has done something
        with leaving(admin_page, asks=False):
            admin_page.goto(home)
        admin_page.goto(address)
        field = admin_page.locator("main form[method=post]").get_by_label(label).first
        before = field.input_value()
        field.press("End")
        admin_page.keyboard.type("7")
        with leaving(admin_page, asks=True):
            admin_page.locator(".menu-brand").click(no_wait_after=True)
            expect(field).to_have_value(f"{before}7")
        field.fill(before)
        with leaving(admin_page, asks=False):
            admin_page.locator(".menu-brand").click()
            expect(admin_page.get_by_role("heading", level=1, name="Dashboard")).to_be_visible()


def test_ctrl_s_saves_and_then_nothing_is_asked(admin_page, transactional_db):
    product = services.create_product(title="Red shoe")
    admin_page.goto(reverse("catalog:product-edit", args=[product.pk]))
    title = admin_page.get_by_role("textbox", name="Title").first
    title.fill("Red boot")
    with leaving(admin_page, asks=False):
        title.press("Control+s")
        expect(admin_page.locator("#messages")).to_contain_text("Product saved.")
        assert Product.objects.get().title == "Red boot"
        editor = admin_page.get_by_role("textbox", name="Description", exact=True)
        editor.click()
        admin_page.keyboard.type("Soft")
        admin_page.keyboard.press("Meta+s")
        expect(admin_page.locator("#messages")).to_contain_text("Product saved.")
        expect(editor).to_have_text("Soft")
        admin_page.goto(reverse("dashboard:home"))
    assert Product.objects.get().description == "<p>Soft</p>"


def test_another_form_of_the_page_does_not_take_what_was_typed_with_it(admin_page, transactional_db):
    product = services.create_product(title="Red shoe")
    admin_page.goto(reverse("catalog:product-edit", args=[product.pk]))
    admin_page.get_by_role("textbox", name="Title").first.fill("Red boot")
    with leaving(admin_page, asks=True):
        admin_page.get_by_role("button", name="Move to trash").click(no_wait_after=True)
        expect(admin_page.get_by_role("textbox", name="Title").first).to_have_value("Red boot")


def test_what_came_back_refused_is_still_asked_about(admin_page, transactional_db):
    admin_page.goto(reverse("catalog:product-create"))
    admin_page.get_by_role("textbox", name="Title").first.fill("Red shoe")
    admin_page.get_by_role("textbox", name="EAN").fill("123")
    admin_page.get_by_role("button", name="Save", exact=True).click()
    expect(admin_page.get_by_text("Not saved yet")).to_be_visible()
    admin_page.locator("h1").click()
    with leaving(admin_page, asks=True):
        admin_page.locator(".menu-brand").click(no_wait_after=True)
        expect(admin_page.get_by_role("textbox", name="EAN")).to_have_value("123")


def test_another_page_of_hits_asks_for_categories_that_were_typed_not_for_ticks(admin_page, transactional_db):
    feed = make_feed(is_mirrored=True, synced_at=timezone.now())
    make_items(feed, count=30, title="Trail boot")
    page, question = admin_page, admin_page.locator("#confirm")
    page.goto("/dashboard/search/?keywords=trail")
    page.get_by_label("Select Trail boot").first.check()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("26–30 of 30")).to_be_visible()
    page.get_by_label("New categories").fill("Boots")
    page.get_by_role("link", name="Previous").click()
    expect(question).to_contain_text("not saved")
    question.get_by_role("button", name="Cancel").click()
    expect(page.get_by_label("New categories")).to_have_value("Boots")
    page.get_by_role("link", name="Previous").click()
    question.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("1–25 of 30")).to_be_visible()
