"""The main job in a real browser, with a real worker and each network's sandbox over HTTP."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.models import Offer, Product
from importer import tasks
from importer.imports.runs import start_import
from importer.log import read_log
from importer.models import ImportRun, NetworkAccount
from importer.networks import NETWORKS
from importer.sandbox.credentials import DEMO_CREDENTIALS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERY_NETWORK = pytest.mark.parametrize("network", sorted(NETWORKS))
PATIENCE = 15_000  # ms for what a worker has to do
TICKED = 3


@pytest.fixture
def page(admin_page):
    """A page on which any complaint of the browser (policy, script) fails the test."""
    complaints = []
    admin_page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    admin_page.on("pageerror", lambda error: complaints.append(str(error)))
    yield admin_page
    # Some of the sandbox's pictures are meant to be missing.
    assert [line for line in complaints if "Failed to load resource" not in line] == []


def connect(page: Page, network: str) -> None:
    page.goto(reverse("importer:network-settings", args=[network]))
    for name, value in DEMO_CREDENTIALS[network].items():
        field = page.locator(f"[name=credential_{name}]")
        field.select_option(value) if field.evaluate("field => field.tagName") == "SELECT" else field.fill(
            value
        )
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("#messages")).to_contain_text(f"Connected to {NETWORKS[network].label}.")


def search(page: Page, network: str, keywords: str) -> None:
    page.goto(reverse("importer:network-search", args=[network]))
    expect(page.locator("text=Fetching your programs")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("text=Indexing your feeds")).to_have_count(0, timeout=PATIENCE)
    page.get_by_label("Keyword").fill(keywords)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("tr[id^=item-]").first).to_be_visible()
    expect(page).to_have_url(re.compile(f"keywords={keywords}"))


def first_new_row(page: Page):
    row = page.locator("tr[data-state=new]").first
    return page.locator(f"#{row.get_attribute('id')}")


def import_quickly(page: Page) -> None:
    """One click, and the row turns green by itself."""
    row = first_new_row(page)
    row.get_by_role("button", name="Quick import").click()
    expect(row).to_have_attribute("data-state", "done", timeout=PATIENCE)
    expect(row.get_by_role("checkbox")).to_be_disabled()
    expect(row.get_by_role("link", name="Edit")).to_be_visible()


def import_with_edits(page: Page) -> None:
    row = first_new_row(page)
    row.get_by_role("link", name="Import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Title", exact=True).fill("My own title")
    dialog.get_by_label("New categories").fill("Jackets")
    dialog.get_by_label("Status").select_option("published")
    dialog.get_by_label("Import description").check()
    # The editor comes a moment after the dialog and takes the place of its field.
    dialog.locator(".prose-editor").get_by_role("textbox", name="Description").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Written by a person")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_role("link", name="Edit product")).to_be_visible(timeout=PATIENCE)
    dialog.locator(".dialog-footer").get_by_role("button", name="Close").click()
    expect(row).to_have_attribute("data-state", "done", timeout=PATIENCE)


def import_ticked(page: Page) -> None:
    fresh = page.locator("tr[data-state=new]")
    ids = [fresh.nth(place).get_attribute("id") for place in range(TICKED)]
    for row_id in ids:
        page.locator(f"#{row_id}").get_by_role("checkbox").check()
    expect(page.locator("[data-selected-count]")).to_have_text(f"{TICKED} selected")
    page.get_by_role("button", name="Import selected products").click()
    for row_id in ids:
        expect(page.locator(f"#{row_id}")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    expect(page.locator(".run-progress")).to_contain_text(f"{TICKED} of {TICKED}", timeout=PATIENCE)


@EVERY_NETWORK
def test_connect_search_import_publish_and_buy(page, sandbox, worker, network):
    connect(page, network)
    search(page, network, "jacke")
    import_quickly(page)
    assert Product.objects.get().status == "published"
    import_with_edits(page)
    own = Product.objects.get(title="My own title")
    assert own.description == "<p>Written by a person</p>"
    assert [category.name for category in own.categories.all()] == ["Jackets"]
    import_ticked(page)
    assert Offer.objects.count() == 2 + TICKED
    assert not ImportRun.objects.exclude(state="done").exists()

    page.goto(reverse("importer:network-buttons", args=[network]))
    page.get_by_label("Buy button").first.fill("Buy at %s now")
    page.get_by_role("button", name="Save texts").click()
    expect(page.locator("#messages")).to_contain_text("saved")
    page.goto(own.get_absolute_url())
    button = page.get_by_role("link", name=f"Buy at {own.offers.first().shop.name} now").first
    assert set(button.get_attribute("rel").split()) == {"sponsored", "nofollow", "noopener"}

    page.goto(reverse("importer:network-log", args=[network]))
    expect(page.locator("table")).to_contain_text("Import of 1: 1 created.")
    expect(page.get_by_role("link", name="My own title").first).to_be_visible()
    assert {"connect", "import"} <= {line.type for line in read_log(network)}


def test_all_matches_are_imported_though_the_page_shows_some(page, sandbox, worker):
    connect(page, "adtraction")
    search(page, "adtraction", "schwarz")
    total = int(
        re.search(r"([\d,]+) matches", page.locator(".results-head").inner_text())[1].replace(",", "")
    )
    assert total > 25
    page.get_by_label("matches, not just this page").check()
    page.get_by_role("button", name=re.compile("Import all")).click()
    expect(page.locator(".run-progress .badge").first).to_have_text("Done", timeout=30_000)
    run = ImportRun.objects.get()
    assert run.total_count == run.done_count == total
    expect(page.locator("tr[data-state=importing]")).to_have_count(0, timeout=PATIENCE)


def test_wrong_credentials_are_told_on_the_form(page, sandbox):
    page.goto(reverse("importer:network-settings", args=["tradedoubler"]))
    page.locator("[name=credential_token]").fill("f" * 40)
    page.get_by_label("Label").fill("Kept")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Tradedoubler refused the token")
    expect(page.get_by_label("Label")).to_have_value("Kept")
    assert not NetworkAccount.objects.exists()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(page, sandbox, worker, width):
    connect(page, "adtraction")
    search(page, "adtraction", "jacke")
    address = page.url
    page.set_viewport_size({"width": width, "height": 844})
    names = ["network-settings", "network-buttons", "network-log"]
    addresses = [reverse(f"importer:{name}", args=["adtraction"]) for name in names]
    addresses += [reverse(name) for name in ("dashboard:home", "importer:search-all", "importer:run-list")]
    for url in [address, *addresses]:
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url


def test_a_picture_that_is_missing_becomes_a_placeholder(page, sandbox, worker):
    connect(page, "adtraction")
    page.route("**/*.jpg", lambda route: route.abort())
    page.route(re.compile("/pictures?/|/images?/"), lambda route: route.abort())
    search(page, "adtraction", "jacke")
    expect(page.locator(".thumb[data-empty]").first).to_be_visible()


def test_the_run_page_fills_itself_and_stops_asking(page, sandbox, worker):
    connect(page, "adtraction")
    search(page, "adtraction", "jacke")
    item = first_new_row(page).get_attribute("id").removeprefix("item-")
    run = start_import([int(item)], kind="bulk")
    page.goto(run.get_absolute_url())
    expect(page.locator("#run_detail")).to_contain_text("Nothing done yet")
    tasks.run_import.delay(run.pk)
    expect(page.locator("#run_detail table")).to_contain_text("Created", timeout=PATIENCE)
    expect(page.locator(".run-progress[hx-get]")).to_have_count(0)


def test_categories_come_when_the_filters_are_opened(page, sandbox, worker):
    connect(page, "tradedoubler")
    page.goto(reverse("importer:network-search", args=["tradedoubler"]))
    page.get_by_text("More filters").click()
    expect(page.locator("#category_options option").first).to_be_attached(timeout=PATIENCE)
