"""The public pages in a real browser: narrow screens, no JavaScript, hostile text."""

import pytest

from catalog import services
from catalog.models import Brand, SiteSettings

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.fixture
def catalogue(live_server, make_product, make_offer, make_shop):
    """One product with all that is long and hostile, whose offer leads back to this server."""
    SiteSettings.objects.create(pk=1, name="Compare", disclosure="Advertisement: we earn a commission.")
    brand = Brand.objects.create(name=LONG, slug="brand")
    category = services.get_or_create_category(f"{LONG} {HOSTILE}"[:120])
    product = make_product(
        f"{LONG} {HOSTILE}",
        slug="thing",
        brand=brand,
        categories=[category],
        description=f"<p>{LONG}{LONG}</p>{HOSTILE}<table><tr><td>{LONG}</td><td>{LONG}</td></tr></table>",
        attributes={LONG: LONG, HOSTILE: HOSTILE},
        gtin="4006381333931",
    )
    address = f"{live_server.url}/robots.txt"
    make_offer(product, "1234567.89", shop=make_shop("OTTO"), tracking_url=address, shipping="4.95")
    make_offer(product, "2234567.89", shop=make_shop(f"{LONG} {HOSTILE}"[:120]), tracking_url=address)
    make_offer(product, "5", shop=make_shop("Gone"), in_stock=False)
    make_product("Plain", categories=[category])
    return {
        "home": "/",
        "product": "/product/thing/",
        "category": category.get_absolute_url(),
        "search": "/search/?q=donau",
        "missing": "/nothing-here",
    }


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_the_screen(page, catalogue, width):
    page.set_viewport_size({"width": width, "height": 800})
    for name, address in catalogue.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_hostile_text_runs_nowhere(page, catalogue):
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on(
        "console", lambda message: said.append(message.text) if "Security Policy" in message.text else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in catalogue.values():
        page.goto(address)
    assert said == []


def test_a_visitor_without_javascript_gets_to_the_shop(browser, browser_context_args, catalogue):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill("donau")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name=LONG).first.click()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Buy at OTTO").first.click()
    assert opened.value.url.endswith("/robots.txt")
    assert "Disallow: /go/" in opened.value.content()
    context.close()


def test_the_keyboard_reaches_the_content_first(page, catalogue):
    page.goto("/product/thing/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
