"""The script that a shop puts on its pages: it keeps the click reference, and only after consent."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SCRIPT = (Path(__file__).resolve().parents[2] / "static" / "js" / "click-reference.js").read_text()
PAGE = (
    "<!doctype html><title>Shop</title>"
    '<script src="/click-reference.js" data-campaign="20101" data-parameter="ttref"></script><h1>Shop</h1>'
)
SHOP = "http://shop.localhost/"
REFERENCE = "12::51000::p7-offer::ab::1764000000"


@pytest.fixture
def shop(page):
    def answer(route):
        is_script = route.request.url.endswith(".js")
        kind = "text/javascript" if is_script else "text/html"
        route.fulfill(body=SCRIPT if is_script else PAGE, content_type=kind)

    page.route("http://shop.localhost/**", answer)
    return page


def cookies(page) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in page.context.cookies(SHOP)}


def test_nothing_is_kept_before_consent_and_the_reference_afterwards(shop):
    shop.goto(f"{SHOP}?ttref={REFERENCE}")
    assert cookies(shop) == {}
    assert shop.evaluate("clickReference.read()") == ""
    assert shop.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    shop.evaluate("clickReference.allow()")
    assert list(cookies(shop)) == ["TT2_20101"]
    shop.goto(f"{SHOP}checkout")  # without the parameter, and allowed again as consent tools do
    shop.evaluate("clickReference.allow()")
    assert shop.evaluate("clickReference.read()") == REFERENCE
    shop.goto(f"{SHOP}?ttref=13::51001::x::::2")  # the last click wins
    shop.evaluate("clickReference.allow()")
    assert shop.evaluate("clickReference.read()") == "13::51001::x::::2"
    shop.evaluate("clickReference.forget()")
    assert cookies(shop) == {}


@pytest.mark.parametrize("text", ["", "%3Cscript%3E", "a;Path=/x", "a%0d%0ab", "x" * 301, "%E4%BD%A0"])
def test_what_is_no_reference_is_not_kept(shop, text):
    shop.goto(f"{SHOP}?ttref={text}")
    shop.evaluate("clickReference.allow()")
    assert cookies(shop) == {}
