import pytest

from catalog.links import PLACEHOLDER
from catalog.models import Product


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
        pytest.param("https://shop.example/\u202egnp", id="text direction"),
    ],
)
def test_an_address_that_is_no_web_address_is_not_followed(client, make_product, make_offer, address):
    offer = make_offer(make_product(), tracking_url=address)
    response = client.get(f"/go/{offer.pk}/")
    assert response.status_code == 404
    assert "Location" not in response


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
def test_the_link_says_which_product_and_which_button(client, make_product, make_offer, path, place):
    product = make_product()
    offer = make_offer(
        product,
        tracking_url="https://track.example/t/t?a=1&url=https://shop.example/?x=1&y=2",
        tracking_template=f"https://track.example/t/t?a=1&epi={PLACEHOLDER}&url=https://shop.example/?x=1&y=2",
    )
    response = client.get(f"/go/{offer.pk}/{path}")
    assert response["Location"] == (
        f"https://track.example/t/t?a=1&epi=p{product.pk}-{place}&url=https://shop.example/?x=1&y=2"
    )


def test_an_offer_without_a_place_for_the_sub_id_keeps_its_address(client, make_product, make_offer):
    offer = make_offer(make_product())
    assert client.get(f"/go/{offer.pk}/top/")["Location"] == offer.tracking_url
