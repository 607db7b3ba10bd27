"""The job with whole feeds in a real browser: mirror one, search it here, import all of its matches."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.models import Product
from importer.models import Feed, FeedItem, ImportRun
from tests.importer.test_whole_job import PATIENCE, connect, page  # noqa: F401 a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST_SYNC = 60_000  # ms: the network makes the file first


def mirror_a_feed(page: Page) -> Feed:  # noqa: F811
    """Open the tab, wait for the list, flip the first switch and watch the row until the feed is here."""
    row = page.locator("tr[id^=feed-]", has_text="OTTO DE").first
    page.goto(reverse("importer:network-feeds", args=["tradedoubler"]))
    for _ in range(30):  # the list is read by the worker, after connecting
        if row.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_label("Feed, shop or account").fill("OTTO DE")
    expect(page).to_have_url(re.compile("text=OTTO"))
    row.get_by_role("switch").click()
    expect(row.get_by_role("switch")).to_be_checked(timeout=PATIENCE)
    expect(row).to_contain_text("Up to date", timeout=FIRST_SYNC)
    expect(row).to_contain_text(" new")
    row.get_by_role("link", name=re.compile("Search")).click()
    return Feed.objects.get(is_mirrored=True)


def test_a_newcomer_mirrors_a_feed_and_imports_all_it_finds_there(page, worker, sandbox):  # noqa: F811
    connect(page, "tradedoubler")
    feed = mirror_a_feed(page)
    expect(page.locator(".chips")).to_contain_text(f"Feed: {feed.name}")
    for label, name in (("In stock", "in_stock"), ("Reduced", "on_sale")):
        page.get_by_role("navigation", name="Narrow it down").get_by_role("link", name=label).click()
        expect(page.locator(".chips")).to_contain_text(label)
        expect(page).to_have_url(re.compile(f"{name}=on"))
    found = int(
        re.search(r"([\d,]+) matches", page.locator(".results-head").inner_text())[1].replace(",", "")
    )
    assert found > 25  # more than a page
    page.get_by_label("Status").select_option("published")
    page.get_by_label(re.compile(r"Select all [\d,]+ matches")).check()
    page.get_by_role("button", name=f"Import all {found:,} matches").click()
    progress = page.locator("[id^=run_progress-]")
    expect(progress).to_contain_text("Done", timeout=FIRST_SYNC)
    expect(progress).to_contain_text(f"{found:,} of {found:,}")
    run = ImportRun.objects.get()
    refused = run.invalid_count + run.blocked_count
    assert run.total_count == found
    assert run.failed_count == 0
    assert Product.objects.filter(status="published").count() >= found - refused - run.joined_count
    assert FeedItem.objects.filter(feed=feed).count() >= found
