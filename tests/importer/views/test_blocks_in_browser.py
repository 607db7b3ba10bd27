"""Blocking in a browser: a click, a dialog, and the way back change the rows where they stand."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from importer.models import Block
from tests.importer.make import make_account, make_feed, make_item

pytestmark = pytest.mark.browser


def test_rows_are_blocked_and_unblocked_where_they_stand(admin_page, transactional_db):
    feed = make_feed(make_account("tradedoubler"), is_mirrored=True, synced_at=timezone.now())
    for title, shop in (("Red boot", "OTTO"), ("Blue boot", "OTTO"), ("Green boot", "Ellos")):
        make_item(feed, title=title, shop_name=shop, gtin="")
    admin_page.goto("/dashboard/search/?keywords=boot")
    row = {name: admin_page.locator(f"tr:has-text('{name} boot')") for name in ("Red", "Blue", "Green")}
    blocked = admin_page.locator("tr .badge[data-status=blocked]")

    row["Red"].locator("[data-block-menu]").click()
    row["Red"].locator("[data-block-shop]").click()
    expect(blocked).to_have_count(2)
    expect(admin_page.locator("#toasts")).to_contain_text("the shop “OTTO”")
    row["Blue"].locator("[data-unblock]").click()
    expect(blocked).to_have_count(0)
    assert not Block.objects.exists()

    row["Green"].locator("[data-block-menu]").click()
    row["Green"].locator("[data-block-words]").click()
    dialog = admin_page.locator("#dialog")
    dialog.get_by_label("Words", exact=True).first.check()
    dialog.locator("[name=value]").fill("blue")
    dialog.locator("[name=reason]").fill("Out of season")
    dialog.locator("button[data-kind=primary]").click()
    expect(row["Blue"]).to_contain_text("Out of season")
    expect(dialog).to_be_hidden()
    expect(blocked).to_have_count(1)
    # The hook of the keyboard: a click on a button that the closed menu hides.
    admin_page.evaluate("document.querySelector('tr:has([data-block]) [data-block]').click()")
    expect(blocked).to_have_count(2)
