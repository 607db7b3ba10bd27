"""The import dialog in a browser: where it begins, what it asks, and where it leaves one."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Product
from importer.models import ImportRun
from tests.importer.make import make_account, make_feed, make_item

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 60_000  # ms


@pytest.fixture
def feed():
    account = make_account(import_description=False)
    return make_feed(account, is_mirrored=True, synced_at=timezone.now())


def open_dialog(page: Page, title: str):
    page.goto("/dashboard/search/?keywords=trail")
    page.get_by_role("link", name=f"Import {title}", exact=True).click()
    dialog = page.locator("#dialog")
    expect(dialog.get_by_role("textbox", name="Title")).to_be_focused()
    return dialog


def test_nothing_typed_in_the_dialog_goes_without_a_question(admin_page, feed):
    make_item(feed, title="Trail boot")
    page, question = admin_page, admin_page.locator("#confirm")
    dialog = open_dialog(page, "Trail boot")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()  # nothing was typed
    expect(page.get_by_role("link", name="Import Trail boot", exact=True)).to_be_focused()

    dialog = open_dialog(page, "Trail boot")
    page.keyboard.type(" of mine")
    ways = [
        lambda: page.keyboard.press("Escape"),
        lambda: page.mouse.click(3, 3),
        lambda: dialog.get_by_role("button", name="Close").first.click(),
        lambda: dialog.get_by_role("button", name="Close").last.click(),
        lambda: page.evaluate("document.getElementById('dialog').close()"),  # as a second Escape does
    ]
    for leave in ways:
        leave()
        expect(question).to_contain_text("not saved")
        page.keyboard.press("Escape")
        expect(question).to_be_hidden()
        expect(dialog.get_by_role("textbox", name="Title")).to_have_value(re.compile("of mine"))
    asked = []
    page.on("dialog", lambda one: (asked.append(one.type), one.dismiss()))
    page.close(run_before_unload=True)
    page.wait_for_timeout(0)
    expect(dialog).to_be_visible()
    assert asked == ["beforeunload"]
    page.keyboard.press("Escape")
    question.get_by_role("button", name="Continue").click()
    expect(dialog).to_be_hidden()
    assert not ImportRun.objects.exists()


def test_a_description_that_is_typed_is_imported_and_the_focus_stays_in_the_row(admin_page, worker, feed):
    item = make_item(feed, title="Trail boot", description="<p>Light.</p>")
    dialog = open_dialog(admin_page, "Trail boot")
    tick = dialog.get_by_label("Import description")
    expect(tick).not_to_be_checked()
    text = dialog.get_by_role("textbox", name="Description", exact=True)
    text.click()
    admin_page.keyboard.press("Control+End")
    admin_page.keyboard.type(" Mine")
    expect(tick).to_be_checked()
    dialog.get_by_text("Import description").click()
    admin_page.locator("#confirm").get_by_role("button", name="Cancel").click()
    expect(tick).to_be_checked()
    dialog.get_by_text("Import description").click()
    admin_page.locator("#confirm").get_by_role("button", name="Continue").click()
    expect(tick).not_to_be_checked()
    expect(text).to_have_text("Light.")
    text.click()
    admin_page.keyboard.press("Control+End")
    admin_page.keyboard.type(" Mine")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog).to_contain_text("Edit product", timeout=PATIENCE)
    assert Product.objects.get().description == "<p>Light. Mine</p>"
    admin_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    row = admin_page.locator(f"#item-{item.pk}")
    expect(row).to_contain_text("Imported", timeout=PATIENCE)
    assert row.locator(":focus").count() == 1


def test_the_focus_stays_in_the_row_of_a_quick_import(admin_page, worker, feed):
    item = make_item(feed, title="Trail boot")
    make_item(feed, title="Trail socks")
    admin_page.goto("/dashboard/search/?keywords=trail")
    button = admin_page.get_by_role("button", name="Quick import Trail boot")
    button.focus()
    admin_page.keyboard.press("Enter")
    row = admin_page.locator(f"#item-{item.pk}")
    expect(row).to_contain_text("Imported", timeout=PATIENCE)
    expect(row.get_by_role("link", name="Edit Trail boot")).to_be_visible()
    assert row.locator(":focus").count() == 1
