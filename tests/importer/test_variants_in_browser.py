"""The rows of the search in a real browser, with a real worker: they unfold, and hear of an import."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Product
from tests.importer.make import make_feed, make_item

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EAN = "4006381333931"
PATIENCE = 60_000  # ms


@pytest.fixture
def feed():
    return make_feed(is_mirrored=True, synced_at=timezone.now())


def rows(page: Page):
    return page.locator("tr[id^=item-]:visible")


@pytest.mark.parametrize("url", ["/dashboard/search/", "/dashboard/networks/tradedoubler/"])
def test_variants_unfold_under_their_row_and_fold_again(admin_page, feed, url):
    for size in range(36, 40):
        attributes = {"size": str(size)}
        make_item(feed, title=f"Trail runner {size}", attributes=attributes, price=Decimal(size))
    make_item(feed, title="Trail socks", price=Decimal(99))
    admin_page.goto(f"{url}?keywords=trail&sort=price")
    expect(rows(admin_page)).to_have_count(2)
    link = admin_page.get_by_role("link", name=re.compile("4 variants from"))
    link.focus()
    admin_page.keyboard.press("Enter")
    expect(rows(admin_page)).to_have_count(5)
    expect(link).to_have_attribute("aria-expanded", "true")
    expect(link).to_be_focused()
    link.click()
    expect(rows(admin_page)).to_have_count(2)
    expect(link).to_have_attribute("aria-expanded", "false")
    link.click()
    expect(rows(admin_page)).to_have_count(5)
    assert admin_page.url.endswith(f"{url}?keywords=trail&sort=price")


def test_a_quick_import_tells_the_other_rows_of_its_ean(admin_page, worker, feed):
    make_item(feed, title="Trail boot", gtin=EAN)
    other = make_item(feed, title="Trail boots", gtin=EAN)
    admin_page.goto("/dashboard/search/?keywords=boot")
    row = admin_page.locator(f"#item-{other.pk}")
    expect(row).not_to_contain_text("joins")
    admin_page.get_by_role("button", name="Quick import Trail boot", exact=True).click()
    expect(row).to_contain_text("joins Trail boot", timeout=PATIENCE)


def test_one_click_makes_one_product_of_a_model(admin_page, worker, feed):
    for size in range(36, 40):
        make_item(feed, title=f"Trail runner {size}", attributes={"size": str(size)})
    admin_page.goto("/dashboard/search/?keywords=runner")
    admin_page.get_by_role("button", name=re.compile("Quick import .* and its variants")).click()
    expect(admin_page.get_by_text(re.compile("Imported · "))).to_have_count(1, timeout=PATIENCE)
    product = Product.objects.get()
    assert (product.title, product.offer_count) == ("Trail runner", 4)
