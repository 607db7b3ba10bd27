import json
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from catalog import services
from catalog.models import Brand, ButtonTexts, Product, SiteSettings
from catalog.pictures.links import logo_proxy_url
from catalog.public.offers import compare_offers
from catalog.public.views.product import render_product
from catalog.site.buttons import Buttons

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


def page(client, product) -> str:
    response = client.get(product.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def shown_prices(html: str) -> list[str]:
    """The prices of the comparison, from top to bottom."""
    comparison = html.partition('id="offers"')[2]
    return re.findall(r'class="offer-price">\s*<strong>([^<]+)<', comparison)


def json_ld(html: str) -> list[dict]:
    return [
        json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    ]


def test_visitors_see_title_price_shop_description_and_the_button(
    client, make_product, make_offer, make_shop
):
    ButtonTexts.objects.create(source="tradedoubler", long="Buy at %s now")
    product = make_product(
        description="<p>Grips on wet rock.</p>", brand=Brand.objects.create(name="Alta", slug="alta")
    )
    offer = make_offer(product, "1299.90", shop=make_shop("OTTO"))
    html = page(client, product)
    assert "<h1>Trail Shoe</h1>" in html
    assert "€1,299.90" in html
    assert "<p>Grips on wet rock.</p>" in html
    links = re.findall(r'<a class="button[^>]*>[^<]*</a>', html)
    assert len(links) == 2
    for link in links:
        assert f'href="/go/{offer.pk}/' in link
        assert 'rel="sponsored nofollow noopener"' in link
        assert ">Buy at OTTO now<" in link
    assert offer.tracking_url not in html


def test_the_disclosure_follows_the_first_button(client, make_product, make_offer):
    SiteSettings.objects.create(pk=1, disclosure="Werbung: wir erhalten eine Provision.")
    product = make_product()
    make_offer(product)
    first_button = page(client, product).partition('<a class="button')[2]
    after = re.sub(r"\s+", " ", first_button.partition("</a>")[2].replace("</div>", ""))
    assert after.startswith(' <p class="disclosure">Werbung: wir erhalten eine Provision.</p>')


def test_offers_stand_in_stock_first_then_cheapest_first(client, make_product, make_offer):
    product = make_product()
    for price, in_stock in [("30", True), ("20", True), ("5", False), ("10", None)]:
        make_offer(product, price, in_stock=in_stock)
    make_offer(product, "1", currency="SEK")
    html = page(client, product)
    assert [unescape(price) for price in shown_prices(html)] == [
        "€20.00",
        "€30.00",
        "€10.00",
        "SEK\N{NO-BREAK SPACE}1.00",
        "€5.00",
    ]


def test_a_shop_in_several_networks_stands_there_once_with_its_best_offer(
    client, make_product, make_offer, make_shop
):
    product, otto = make_product(), make_shop("OTTO")
    make_offer(product, "20.00", shop=otto)
    make_offer(product, "15.00", shop=make_shop("Hult"))
    make_offer(product, "10.00", shop=otto, source="tradetracker")
    make_offer(product, "5.00", shop=otto, in_stock=False)
    rows = compare_offers(product, "EUR", Buttons.load())
    assert [(row.offer.shop.name, row.offer.price) for row in rows.available] == [("OTTO", 10), ("Hult", 15)]
    assert rows.unavailable == []
    assert "2 offers" in client.get("/").text


def test_the_price_on_the_card_is_the_first_price_on_the_page(client, make_product, make_offer):
    product = make_product()
    for price, in_stock in [("30", True), ("5", False), ("10", None)]:
        make_offer(product, price, in_stock=in_stock)
    product.refresh_from_db()
    assert f"{product.lowest_price:.2f}" == "30.00"
    assert shown_prices(page(client, product))[0] == "€30.00"


def test_an_offer_out_of_stock_has_no_button(client, make_product, make_offer, make_shop):
    ButtonTexts.objects.create(source="", unavailable="Sold out at %s")
    product = make_product()
    offer = make_offer(product, in_stock=False, shop=make_shop("Nordlys"))
    html = page(client, product)
    assert "Sold out at Nordlys" in html
    assert f"/go/{offer.pk}/" not in html
    assert "Not available right now" in html


def test_the_difference_to_the_lowest_price_is_shown(client, make_product, make_offer):
    product = make_product()
    make_offer(product, "100")
    make_offer(product, "112.50")
    html = page(client, product)
    assert "+ €12.50" in html
    assert html.count("Lowest price") == 1


def test_shipping_and_total_are_shown_where_known(client, make_product, make_offer):
    product = make_product()
    make_offer(product, "10", shipping="4.95")
    make_offer(product, "20", shipping=0)
    make_offer(product, "30", shipping=None)
    html = page(client, product)
    for words in ("+ €4.95 shipping", "€14.95 in all", "free shipping", "plus shipping"):
        assert words in html


def test_the_total_sorts_where_shipping_is_known_of_all(client, make_product, make_offer):
    product = make_product()
    make_offer(product, "10", shipping="9")
    make_offer(product, "15", shipping="0")
    html = page(client, product)
    assert html.index("free shipping") < html.index("€19.00 in all")
    assert "then by price with shipping" in html
    assert "Lowest total" in html
    assert "+ €4.00" in html
    product.refresh_from_db()
    assert product.lowest_price == 15
    assert product.has_cheaper_offer  # without shipping: the card says no "from"


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"shipping": None}, id="one does not say"),
    ],
)
def test_the_price_sorts_where_shipping_is_not_known_of_all(client, make_product, make_offer, odd):
    product = make_product()
    make_offer(product, "10", shipping="9")
    make_offer(product, "15", shipping="0")
    make_offer(product, "30", **odd)
    html = page(client, product)
    assert html.index("€19.00 in all") < html.index("free shipping", html.index('id="offers"'))
    assert "then by price without shipping" in html


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"in_stock": False}, id="sold out"),
        pytest.param({"currency": "SEK"}, id="another currency"),
        pytest.param({"is_old": True}, id="price not shown"),
    ],
)
def test_what_is_not_compared_does_not_decide_by_what_is_sorted(client, make_product, make_offer, other):
    product = make_product()
    make_offer(product, "10", shipping="9")
    make_offer(product, "15", shipping="0")
    make_offer(product, "30", shipping=None, **other)
    assert "then by price with shipping" in page(client, product)


def test_a_row_says_what_the_shop_calls_it_and_how_long_it_takes(client, make_product, make_offer):
    product = make_product("Trail Shoe", attributes={"deliverytime": "2 days", "colour": "red"})
    make_offer(product, "10", title="Trail-shoe!", delivery="1-3 working days")
    make_offer(product, "11", title="Trail Shoe <b>wide</b>")
    html = page(client, product)
    assert "Delivery: 1-3 working days" in html
    assert "2 days" not in html
    assert "Trail Shoe &lt;b&gt;wide&lt;/b&gt;" in html
    assert "Trail-shoe!" not in html


def test_a_merchants_old_price_is_never_shown_as_a_fact(client, make_product, make_offer):
    product = make_product()
    make_offer(product, "70", old_price="123.45")
    assert "123.45" not in page(client, product)
    assert "123.45" not in client.get("/").content.decode()


def test_a_shops_own_logo_comes_before_the_networks(
    client, make_product, make_offer, make_shop, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    product = make_product()
    other = make_shop("A", logo_url="https://img.example/a.png")
    make_offer(product, shop=other)
    uploaded = SimpleUploadedFile("b.png", b"png")
    make_offer(product, shop=make_shop("B", logo=uploaded, logo_url="https://img.example/b.png"))
    html = page(client, product)
    assert f'src="{logo_proxy_url(other)}"' in html
    assert "img.example" not in html, "no visitor is shown to the network"
    assert 'src="/media/shops/b' in html


@pytest.mark.parametrize(("status", "code"), [("draft", 404), ("trashed", 410), ("published", 200)])
def test_only_published_products_have_a_page(client, admin_client, make_product, status, code):
    product = make_product("Secret thing", status=status)
    for visitor in (client, admin_client):
        response = visitor.get(product.get_absolute_url())
        assert response.status_code == code
        assert (b"Secret thing" in response.content) == (code == 200)


def test_a_preview_shows_a_draft_with_a_bar_and_keeps_it_out_of_search_engines_and_caches(
    rf: RequestFactory, make_product, make_offer
):
    product = make_product("Soon here", status="draft", pictures=1)
    make_offer(product)
    response = render_product(rf.get("/dashboard/preview"), product, preview=True)
    html = response.content.decode()
    assert "Soon here" in html
    assert "visitors do not see this page yet" in html
    assert '<meta name="robots" content="noindex, nofollow">' in html
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


def test_hostile_names_are_text(client, make_product, make_offer, make_shop):
    brand = Brand.objects.create(name=HOSTILE, slug="b")
    category = services.get_or_create_category(HOSTILE)
    product = make_product(
        HOSTILE, brand=brand, categories=[category], attributes={"colour": HOSTILE}, gtin="4006381333931"
    )
    make_offer(product, shop=make_shop(HOSTILE))
    SiteSettings.objects.create(pk=1, name=HOSTILE[:80], disclosure=HOSTILE, footer=HOSTILE)
    for address in (
        product.get_absolute_url(),
        "/",
        category.get_absolute_url(),
        "/brand/b/",
        "/nothing-here",
    ):
        html = client.get(address).content.decode()
        assert "<script>" not in html
        assert "<img src=x" not in html
    for document in json_ld(page(client, product)):
        assert document["@context"] == "https://schema.org"


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<script>alert(1)</script>", id="script"),
        pytest.param("<img src=x onerror=alert(1)>", id="handler"),
        pytest.param("<a href='javascript:alert(1)'>x</a>", id="javascript address"),
        pytest.param("<iframe src='https://evil.example'></iframe>", id="frame"),
        pytest.param("<p style='position:fixed'>x</p>", id="style"),
        pytest.param("<form action='https://evil.example'><input></form>", id="form"),
        pytest.param("<svg/onload=alert(1)>", id="svg"),
    ],
)
def test_a_hostile_description_never_runs(client, make_product, html):
    shown = page(client, make_product(description=f"<p>Before</p>{html}<p>After</p>"))
    prose = shown.partition('<div class="prose">')[2].partition("</div>")[0]
    assert "<p>Before</p>" in prose
    for danger in ("<script", "onerror", "javascript:", "<iframe", "style=", "<form", "<svg"):
        assert danger not in prose


def test_structured_data_says_what_the_page_says(client, make_product, make_offer, make_shop):
    product = make_product(
        "Shoe </script> & Söhne",
        brand=Brand.objects.create(name="Alta", slug="alta"),
        gtin="4006381333931",
        description="<p>Light &amp; tough.</p><p>Red.</p>",
        pictures=2,
        categories=[services.get_or_create_category("Shoes")],
    )
    make_offer(product, "100", shop=make_shop("OTTO"))
    make_offer(product, "120.5", shop=make_shop("Nordlys"), in_stock=None)
    make_offer(product, "90", shop=make_shop("Gone"), in_stock=False)
    data, way = json_ld(page(client, product))
    assert data["@type"] == "Product"
    assert data["name"] == product.title
    assert data["brand"] == {"@type": "Brand", "name": "Alta"}
    assert data["gtin13"] == "4006381333931"
    assert data["description"] == "Light & tough. Red."
    assert len(data["image"]) == 2
    assert "aggregateRating" not in data
    assert "review" not in data
    offers = data["offers"]
    assert (offers["lowPrice"], offers["highPrice"], offers["offerCount"]) == ("100.00", "120.50", 2)
    assert [offer.get("availability") for offer in offers["offers"]] == ["https://schema.org/InStock", None]
    assert [step["name"] for step in way["itemListElement"]] == ["Shoes", product.title]


def test_structured_data_says_out_of_stock_where_every_shop_is(client, make_product, make_offer):
    product = make_product()
    make_offer(product, in_stock=False)
    data = json_ld(page(client, product))[0]
    assert data["offers"]["availability"] == "https://schema.org/OutOfStock"


def test_a_product_without_anything_still_has_a_page(client, make_product):
    html = page(client, make_product())
    assert "Not available right now" in html
    assert "offers" not in json_ld(html)[0]


def test_the_page_needs_six_queries_however_much_it_shows(
    client, make_product, make_offer, django_assert_num_queries
):
    shoes = services.get_or_create_category("Shoes")
    trail = services.get_or_create_category("Trail", parent=shoes)
    brand = Brand.objects.create(name="Alta", slug="alta")
    product = make_product(categories=[shoes, trail], brand=brand, pictures=3)
    for number in range(5):
        make_offer(product, str(10 + number))
        make_product(f"Other {number}", categories=[trail], brand=brand, pictures=2)
    with django_assert_num_queries(7):  # six, and one of the menus, which pages share where they are kept
        html = page(client, product)
    assert html.count('class="card"') == 4
    assert html.count('class="gallery-strip"') == 1
    assert 'id="picture-3"' in html


def test_related_products_are_published_ones_of_the_same_category(client, make_product):
    shoes = services.get_or_create_category("Shoes")
    product = make_product(categories=[shoes])
    make_product("Near", categories=[shoes])
    make_product("Hidden", categories=[shoes], status=Product.Status.DRAFT)
    make_product("Elsewhere", categories=[services.get_or_create_category("Tents")])
    related = page(client, product).partition('id="related-title"')[2]
    assert "Near" in related
    assert "Hidden" not in related
    assert "Elsewhere" not in related


# --- The editors' verdict --------------------------------------------------------------------------


def test_the_verdict_is_marked_as_the_editors_and_rates_nothing(client, make_product, make_offer):
    SiteSettings.objects.create(pk=1, name="Fair & Co")
    product = make_product(verdict="Warm <b>and</b> light.", pros="Light\nDry", cons="Dear")
    make_offer(product)
    html = page(client, product)
    assert "Written by the editors of Fair &amp; Co, not by customers." in html
    assert "Warm &lt;b&gt;and&lt;/b&gt; light." in html
    review = json_ld(html)[0]["review"]
    assert review["author"] == {"@type": "Organization", "name": "Fair & Co"}
    assert [note["name"] for note in review["positiveNotes"]["itemListElement"]] == ["Light", "Dry"]
    assert [note["name"] for note in review["negativeNotes"]["itemListElement"]] == ["Dear"]
    assert "ating" not in json.dumps(json_ld(html)[0])


@pytest.mark.parametrize("fields", [{"verdict": "Good."}, {"pros": "Light"}])
def test_a_verdict_without_two_statements_is_no_review(client, make_product, fields):
    html = page(client, make_product(description="x", **fields))
    assert "Our verdict" in html
    assert "review" not in json_ld(html)[0]


def test_a_product_without_verdict_says_nothing_of_one(client, make_product):
    assert "verdict" not in page(client, make_product(description="x"))


def test_a_picture_leads_to_itself_without_scripts(client, make_product):
    product = make_product(pictures=1)
    html = page(client, product)
    assert re.search(r'<a href="(/[^"]+)" aria-label="Picture 1, large"><img [^>]*src="\1"', html)
