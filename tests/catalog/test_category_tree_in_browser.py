"""The category tree by mouse, by keyboard, and without scripts."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog import services
from tests.catalog.test_category_tree import find, outline
from tests.catalog.test_in_browser import page  # noqa: F401 fails on any complaint of the browser

pytestmark = pytest.mark.browser


@pytest.fixture
def tree(transactional_db) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        services.get_or_create_category(name)


def row(page, name):  # noqa: F811
    return page.locator(f"#category-{find(name).pk}")


def drag(page, name, onto, share):  # noqa: F811
    """Drag a category by its handle onto a row, at this share of the row's height."""
    box = row(page, onto).bounding_box()
    row(page, name).locator("[data-drag]").hover()
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] * 0.5)
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] * share, steps=3)
    page.mouse.up()


@pytest.mark.parametrize(
    ("onto", "share", "expected"),
    [
        ("Alpha", 0.1, ["Gamma", "Alpha", "Beta"]),
        ("Alpha", 0.5, ["Alpha", "-Gamma", "Beta"]),
        ("Alpha", 0.9, ["Alpha", "Gamma", "Beta"]),
    ],
    ids=["before", "inside", "after"],
)
def test_a_category_is_dragged(page, tree, onto, share, expected):  # noqa: F811
    page.goto(reverse("catalog:category-list"))
    drag(page, "Gamma", onto, share)
    expect(page.locator("#toasts")).to_contain_text("“Gamma” is now")
    assert outline() == expected
    assert page.locator("tr[data-drop]").count() == 0


def test_dragging_into_itself_is_refused_in_words(page, tree):  # noqa: F811
    services.update_category(find("Beta"), name="Beta", parent=find("Alpha"))
    page.goto(reverse("catalog:category-list"))
    drag(page, "Alpha", "Beta", 0.5)
    expect(page.locator("#toasts")).to_contain_text("A category cannot be inside itself.")
    assert outline() == ["Alpha", "-Beta", "Gamma"]


def test_the_keyboard_moves_a_category_step_by_step(page, tree):  # noqa: F811
    page.goto(reverse("catalog:category-list"))
    up = page.get_by_role("button", name="Move Gamma up")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("“Gamma” is now before “Beta”.")
    expect(page.locator("tbody tr").nth(1)).to_contain_text("Gamma")
    # Until htmx has settled what it put in, a button there is a plain one, and loads the page anew.
    page.wait_for_function("!document.querySelector('.htmx-swapping, .htmx-settling, .htmx-added')")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("“Gamma” is now before “Alpha”.")
    expect(up).to_be_focused()
    expect(up).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    assert outline() == ["Gamma", "Alpha", "Beta"]


def test_the_buttons_work_without_scripts(browser, browser_context_args, tree, page):  # noqa: F811
    context = browser.new_context(
        **browser_context_args, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(reverse("catalog:category-list"))
    expect(plain.locator("[data-drag]").first).to_be_hidden()
    plain.get_by_role("button", name="Move Beta into the category above").click()
    expect(plain.locator("#messages")).to_contain_text("“Beta” is now inside “Alpha”.")
    plain.get_by_role("button", name="Move Beta out of the category it is in").click()
    expect(plain.locator("#messages")).to_contain_text("“Beta” is now after “Alpha”.")
    assert outline() == ["Alpha", "Beta", "Gamma"]
    context.close()


def test_the_tree_fits_every_screen(page, tree):  # noqa: F811
    services.update_category(find("Beta"), name="Beta", parent=find("Alpha"))
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(reverse("catalog:category-list"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
