"""The public pages in a real browser: narrow screens, no JavaScript, hostile text."""

import pytest
from django.utils import timezone

from catalog import services
from catalog.lib.attribute_names import split_name
from catalog.models import Brand, Offer, PricePoint, SiteSettings

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.fixture
def catalogue(live_server, settings, make_product, make_offer, make_shop):
    """One product with all that is long and hostile, whose offer leads back to this server."""
    SiteSettings.objects.create(
        pk=1,
        name="Compare",
        disclosure="Advertisement: we earn a commission.",
        attributes={split_name(name)[0]: {"shown": True} for name in (LONG, HOSTILE)},
    )
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
    settings.ALLOW_PRIVATE_HOSTS = ["localhost"]
    make_offer(product, "1234567.89", shop=make_shop("OTTO"), tracking_url=address, shipping="4.95")
    make_offer(product, "2234567.89", shop=make_shop(f"{LONG} {HOSTILE}"[:120]), tracking_url=address)
    make_offer(product, "5", shop=make_shop("Gone"), in_stock=False)
    plain = make_product("Plain", categories=[category])
    return {
        "home": "/",
        "product": "/product/thing/",
        "category": category.get_absolute_url(),
        "search": "/search/?q=donau",
        "filtered": "/search/?q=donau&available=1",
        "about": "/about/",
        "compare": f"/compare/?p={product.pk}&p={plain.pk}",
        "missing": "/nothing-here",
    }


def test_an_offer_has_room_for_its_words_at_every_width(page, catalogue):
    """The name of a shop and what it says of its stock are not set letter by letter."""
    page.goto(catalogue["product"])
    for width in (320, 390, 600, 767, 768, 800, 900, 959, 960, 1024, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        for part in ("shop", "state"):
            room = page.locator(f".offer-{part}").first.bounding_box()["width"]
            assert room >= 90, (width, part, room)


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_the_screen(page, catalogue, width):
    page.set_viewport_size({"width": width, "height": 800})
    for name, address in catalogue.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_price_and_button_begin_high_on_a_phone_and_stay(page, live_server, make_product, make_offer):
    make_offer(make_product("Trail shoe with a name of usual length, red", description="<p>x</p>" * 200))
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/product/trail-shoe-with-a-name-of-usual-length-red/")
    for part in (".buy-price", ".button"):
        box = page.locator(f".buy-lead {part}").bounding_box()
        assert box["y"] + box["height"] <= 600, part
    assert page.evaluate("scrollTo(0, 2500), scrollY") > 1000
    assert page.locator(".buy-lead .button").bounding_box()["y"] < 844


def test_suggestions_come_while_one_types(page, live_server, make_product, make_offer):
    make_offer(make_product("Trail shoe"))
    page.goto("/")
    page.get_by_role("searchbox").first.press_sequentially("tra", delay=50)
    page.locator(".suggestions a", has_text="Trail shoe").click()
    page.wait_for_url("**/product/trail-shoe/")


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
    page.get_by_role("heading", level=2).get_by_role("link", name=LONG).click()
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


def test_filters_work_without_javascript(browser, browser_context_args, catalogue):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto("/category/" + catalogue["category"].split("/")[2] + "/")
    assert page.get_by_role("listitem").get_by_role("heading").count() == 2
    page.get_by_role("link", name="Available now").click()
    assert page.get_by_role("listitem").get_by_role("heading").count() == 1
    page.get_by_label("Highest price").fill("100")
    page.get_by_role("button", name="Apply").click()
    assert page.get_by_text("No product fits these filters").is_visible()
    page.get_by_role("link", name="Remove all filters").click()
    assert page.get_by_role("listitem").get_by_role("heading").count() == 2
    context.close()


def test_filters_fold_away_on_a_phone_and_stand_open_where_there_is_room(page, catalogue):
    for width, is_open in ((390, False), (1280, True)):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(catalogue["category"])
        assert page.get_by_label("Highest price").is_visible() == is_open
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_text("Filter", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.get_by_label("Highest price").is_visible()


def test_the_price_history_is_a_picture_with_a_name_and_a_table(page, catalogue):
    offer = Offer.objects.get(shop__name="OTTO")
    for days, price in ((20, 90), (0, 80)):
        PricePoint.objects.create(
            offer=offer,
            price=price,
            currency="EUR",
            recorded_at=timezone.now() - timezone.timedelta(days=days),
        )
    page.goto("/product/thing/")
    drawing = page.get_by_role("img", name="Price history of")
    assert drawing.bounding_box()["height"] > 100
    page.get_by_text("Prices as a table").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("cell", name="€90.00").is_visible()


def test_a_chosen_colour_reaches_the_page_and_nothing_comes_from_elsewhere(page, catalogue, live_server):
    SiteSettings.objects.filter(pk=1).update(accent="#8a1538")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/")
    mark = page.locator(".logo-mark").evaluate("element => getComputedStyle(element).backgroundColor")
    assert mark == "rgb(138, 21, 56)"
    assert [address for address in asked if not address.startswith(live_server.url)] == []
