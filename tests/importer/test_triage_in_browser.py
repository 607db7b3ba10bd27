"""Results by keyboard: move, tick, import, search, help; never while typing, nor for who turned it off."""

import time

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Product
from importer.models import Block, JoinDoubt
from tests.importer.make import make_feed, make_item
from tests.importer.views.test_doubts import make_pair

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 60_000  # ms
URLS = pytest.mark.parametrize(
    "url", ["/dashboard/search/", "/dashboard/networks/tradedoubler/", "/dashboard/products/"]
)


@pytest.fixture
def items():
    feed = make_feed(is_mirrored=True, synced_at=timezone.now())
    return [make_item(feed, title=f"Boot {number}", price=number) for number in range(1, 13)]


@pytest.fixture
def page(admin_page):
    """The page fails for any complaint of the browser: of the policy against inline scripts, too."""
    complaints = []
    admin_page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    admin_page.on("pageerror", lambda error: complaints.append(str(error)))
    yield admin_page
    assert [line for line in complaints if "Failed to load resource" not in line] == []


def wait_until_current(page: Page, words: str) -> None:
    """A row that was drawn anew gets the focus back a moment later."""
    deadline = time.monotonic() + 10
    while (found := current(page)) != words:
        assert time.monotonic() < deadline, found
        page.wait_for_timeout(50)


def current(page: Page) -> str:
    """Return which row has the focus, by the words in it that sort it; "" for none."""
    return page.evaluate(
        "(document.activeElement.closest('.table tbody tr')?.querySelector('.cell-main')?.innerText ?? '')"
        ".split('\\n')[0]"
    )


def announced(page: Page) -> str:
    """Return what the focus is called: what a screen reader says."""
    return page.evaluate(
        "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
    )


def open_results(page: Page, url: str = "/dashboard/search/") -> None:
    page.goto(f"{url}?keywords=boot&sort=price")
    expect(page.locator("tr[id^=item-]")).to_have_count(12)
    page.evaluate("document.activeElement.blur()")


def test_j_and_k_move_x_ticks_and_the_row_is_seen_and_said(page, items):
    page.set_viewport_size({"width": 1000, "height": 500})
    open_results(page)
    for _ in range(3):
        page.keyboard.press("j")
    assert current(page) == "Boot 3"
    assert announced(page) == "Select Boot 3"
    page.keyboard.press("k")
    assert current(page) == "Boot 2"
    row = page.locator("tr", has=page.locator(":focus"))
    assert row.evaluate("row => getComputedStyle(row).outlineStyle") == "solid"
    page.keyboard.press("x")
    expect(row.get_by_role("checkbox")).to_be_checked()
    expect(page.locator("[data-selected-count]").first).to_have_text("1 selected")
    page.keyboard.press("x")
    expect(row.get_by_role("checkbox")).not_to_be_checked()
    for _ in range(20):
        page.keyboard.press("j")
    assert current(page) == "Boot 12", "the end is no way round"
    expect(page.locator("tr", has=page.locator(":focus"))).to_be_in_viewport()
    for _ in range(20):
        page.keyboard.press("k")
    wait_until_current(page, "Boot 1")


def test_i_imports_the_row_and_the_focus_stays_where_it_is(page, worker, items):
    open_results(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("i")
    expect(page.locator(f"#item-{items[1].pk}")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    assert [product.title for product in Product.objects.all()] == ["Boot 2"]
    assert current(page) == "Boot 2"
    page.keyboard.press("i")
    expect(page.locator("#toasts")).to_contain_text("nothing to import")
    page.keyboard.press("j")
    assert current(page) == "Boot 3"


def test_u_takes_back_what_was_just_imported(page, worker, items):
    open_results(page)
    page.keyboard.press("j")
    page.keyboard.press("i")
    row = page.locator(f"#item-{items[0].pk}")
    expect(row.get_by_role("button", name="Undo the import of Boot 1")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("u")
    expect(row).to_contain_text("In the trash", timeout=PATIENCE)
    assert page.url.endswith("?keywords=boot&sort=price")
    expect(page.locator("#messages")).not_to_be_empty()
    assert Product.objects.get().status == "trashed"
    expect(row.get_by_role("button", name="Undo")).to_have_count(0)


def test_b_blocks_the_row_and_u_takes_it_back(page, items):
    open_results(page)
    page.keyboard.press("j")
    page.keyboard.press("b")
    row = page.locator(f"#item-{items[0].pk}")
    expect(row.get_by_role("button", name="Unblock")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#toasts")).not_to_be_empty()
    assert Block.objects.count() == 1
    wait_until_current(page, "Boot 1")
    page.keyboard.press("u")
    expect(row.get_by_role("button", name="Unblock")).to_have_count(0, timeout=PATIENCE)
    assert not Block.objects.exists()
    wait_until_current(page, "Boot 1")


def test_keys_that_are_typed_or_held_with_others_do_nothing(page, items):
    open_results(page)
    page.keyboard.press("j")
    for chord in ("Control+j", "Alt+j", "Meta+x", "Control+i"):
        page.keyboard.press(chord)
    wait_until_current(page, "Boot 1")
    page.keyboard.press("/")
    field = page.get_by_label("Keyword")
    expect(field).to_be_focused()
    page.keyboard.type("jkxibu/?")
    assert field.input_value().endswith("jkxibu/?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("tbody :checked")).to_have_count(0)
    assert not Product.objects.exists()
    page.locator("select").first.focus()
    page.keyboard.press("j")
    assert current(page) == ""


def test_the_keys_are_shown_and_can_be_turned_off_and_on(page, items):
    open_results(page)
    page.keyboard.press("j")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Import the row as it is")
    page.keyboard.press("j")  # a dialog is open: nothing moves under it
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    wait_until_current(page, "Boot 1")
    page.keyboard.press("?")
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    wait_until_current(page, "Boot 1")
    page.reload()
    page.evaluate("document.activeElement.blur()")
    for key in ("j", "/", "?"):
        page.keyboard.press(key)
    assert current(page) == ""
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_role("checkbox").check()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    wait_until_current(page, "Boot 1")


@URLS
def test_every_list_is_walked_the_same_way(page, items, url):
    for number in range(3):
        Product.objects.create(title=f"Boot {number}", slug=f"boot-{number}")
    page.goto(f"{url}?keywords=boot")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    first = current(page)
    page.keyboard.press("j")
    assert "" != first != current(page) != ""
    page.keyboard.press("x")
    expect(page.locator("main tbody :checked")).to_have_count(1)
    page.keyboard.press("/")
    assert page.evaluate("!!document.activeElement.closest('main [role=search]')")


def test_decisions_obey_the_same_switch_and_arrows_always_move(page):
    for number, ean in enumerate(("4006381333931", "4006381333948")):
        make_pair(number, ean)
    page.goto("/dashboard/doubts/")
    chosen = "document.activeElement.closest('[data-decide]')?.id ?? ''"
    page.keyboard.press("j")
    first = page.evaluate(chosen)
    assert first
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("n")
    assert page.evaluate(chosen) == first
    page.keyboard.press("ArrowDown")
    assert page.evaluate(chosen) not in ("", first)
    assert not JoinDoubt.objects.exclude(decided_at=None).exists()
