import pytest

from catalog.clicks.outbound_url import PLACEHOLDER
from catalog.clicks.subid import to_base36
from catalog.models import Product, ShopSource, SiteSettings


def test_a_click_leads_to_the_stored_address(client, make_product, make_offer):
    offer = make_offer(
        make_product(), tracking_url="https://clk.example/click?p=1&url=https%3A%2F%2Fshop.example"
    )
    response = client.get(f"/go/{offer.pk}/")
    assert response.status_code == 302
    assert response["Location"] == offer.tracking_url
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert not response.cookies


def test_nothing_in_the_request_changes_where_a_click_leads(client, make_product, make_offer):
    offer = make_offer(make_product())
    response = client.get(
        f"/go/{offer.pk}/?url=https://evil.example&next=//evil.example",
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert response["Location"] == offer.tracking_url


def test_head_is_answered_and_post_is_not(client, make_product, make_offer):
    offer = make_offer(make_product())
    assert client.head(f"/go/{offer.pk}/").status_code == 302
    assert client.post(f"/go/{offer.pk}/").status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("javascript:alert(1)", id="javascript"),
        pytest.param("JaVaScRiPt://x.example/%0aalert(1)", id="javascript with a host"),
        pytest.param("data:text/html,<script>alert(1)</script>", id="data"),
        pytest.param("ftp://shop.example/", id="ftp"),
        pytest.param("//evil.example/", id="no scheme"),
        pytest.param("/dashboard/", id="path"),
        pytest.param("", id="empty"),
        pytest.param("https:///nowhere", id="no host"),
        pytest.param("https://shop.example\r\nSet-Cookie: a=b", id="header"),
        pytest.param(" https://shop.example/", id="space before"),
        pytest.param("https://shop.example\\@evil.example/", id="backslash"),
        pytest.param("https://shop.example@evil.example/", id="user name"),
        pytest.param("https://[::1/", id="broken host"),
        pytest.param("https://clk.example/\u202egnp", id="text direction"),
        pytest.param("https://clk.example\\@evil.example/", id="backslash behind an allowed host"),
        pytest.param("https://clk.example@evil.example/", id="allowed host as a user name"),
        pytest.param("http://clk.example/click", id="not secure"),
        pytest.param("https://evil.example/", id="another host"),
        pytest.param("https://evilclk.example/", id="a name that ends like an allowed one"),
        pytest.param("https://clk.example.evil.example/", id="a name that begins like an allowed one"),
        pytest.param("https://evil.example/https://clk.example/", id="an allowed one in the path"),
        pytest.param("https://evil.example#.clk.example/", id="an allowed one in the fragment"),
        pytest.param("https://evil.example?.clk.example/", id="an allowed one in the query"),
        pytest.param("https://example/", id="above an allowed one"),
    ],
)
def test_nobody_is_sent_where_no_link_of_the_shop_may_lead(client, make_product, make_offer, caplog, address):
    product = make_product()
    offer = make_offer(product, tracking_url=address)
    response = client.get(f"/go/{offer.pk}/")
    assert response.status_code == 404
    assert "Location" not in response
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert product.get_absolute_url() in response.content.decode()
    assert f"Nobody was sent to offer {offer.pk}" in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "https://clk.example/click",
        "https://go.clk.example/",
        "https://CLK.example:443/",
        "http://127.0.0.1:8000/a",
    ],
)
def test_a_link_may_lead_to_the_domains_of_its_shop_and_to_hosts_of_ours(
    client, make_product, make_offer, address
):
    offer = make_offer(make_product(), tracking_url=address)
    assert client.get(f"/go/{offer.pk}/")["Location"] == address


def test_a_shop_of_two_networks_may_lead_to_the_domains_of_both(client, make_product, make_offer, make_shop):
    shop = make_shop()
    ShopSource.objects.create(shop=shop, key="adtraction:9", link_domains=["a.example", "b.example"])
    offer = make_offer(make_product(), shop=shop, tracking_url="https://b.example/")
    assert client.get(f"/go/{offer.pk}/").status_code == 302


def test_a_refused_link_is_told_in_the_language_of_the_site(client, make_product, make_offer):
    SiteSettings(language="de").save()
    offer = make_offer(make_product(), tracking_url="http://clk.example/")
    assert "Diesen Link haben wir nicht geöffnet" in client.get(f"/go/{offer.pk}/").content.decode()


@pytest.mark.parametrize("status", [Product.Status.DRAFT, Product.Status.TRASHED])
def test_only_who_may_see_drafts_follows_their_offers(client, admin_client, make_product, make_offer, status):
    offer = make_offer(make_product(status=status))
    assert client.get(f"/go/{offer.pk}/").status_code == 404
    assert admin_client.get(f"/go/{offer.pk}/").status_code == 302


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 30, "9" * 5000, "-1", "1.5", "x"])
def test_an_unknown_offer_is_not_found(client, db, number):
    assert client.get(f"/go/{number}/").status_code == 404


def test_a_click_costs_one_query(client, make_product, make_offer, django_assert_num_queries):
    offer = make_offer(make_product())
    with django_assert_num_queries(1):
        client.get(f"/go/{offer.pk}/")


@pytest.mark.parametrize(("path", "place"), [("", "offer"), ("top/", "top")])
def test_the_link_says_which_product_button_and_offer(client, make_product, make_offer, path, place):
    product = make_product()
    offer = make_offer(
        product,
        tracking_url="https://track.clk.example/t/t?a=1&url=https://shop.example/?x=1&y=2",
        tracking_template=f"https://track.clk.example/t/t?a=1&epi={PLACEHOLDER}&url=https://shop.example/?x=1&y=2",
    )
    response = client.get(f"/go/{offer.pk}/{path}")
    assert response["Location"] == (
        f"https://track.clk.example/t/t?a=1&epi=p{product.pk}-{place}-{to_base36(offer.pk)}&url=https://shop.example/?x=1&y=2"
    )


def test_an_offer_without_a_place_for_the_sub_id_keeps_its_address(client, make_product, make_offer):
    offer = make_offer(make_product())
    assert client.get(f"/go/{offer.pk}/top/")["Location"] == offer.tracking_url
