"""Offers that a person writes: partners of their own, shops that no network here lists."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import Offer, PricePoint, Product, Shop

WRITTEN = {
    **{"shop": "Amazon", "url": "https://www.amazon.de/dp/B0?tag=me-21&ascsubtag={subid}"},
    **{"price": "12,50", "currency": "EUR", "in_stock": "yes", "shipping": "0", "token": "t1"},
}


def add(client, product: Product, **changes):
    address = reverse("catalog:own-offer-add", args=[product.pk])
    return client.post(address, WRITTEN | changes, follow=True)


def edit(client, offer: Offer, **changes):
    address = reverse("catalog:own-offer-edit", args=[offer.product_id, offer.pk])
    return client.post(address, WRITTEN | changes, follow=True)


@pytest.fixture
def published(make_product):
    return make_product("Red shoe", status="published")


def test_a_written_offer_has_its_shop_its_price_log_and_leads_where_it_says(editor_client, client, published):
    add(editor_client, published)
    offer = Offer.objects.select_related("shop").get(product=published)
    assert (offer.shop.name, offer.price, offer.currency) == ("Amazon", Decimal("12.50"), "EUR")
    assert (offer.shipping, offer.in_stock) == (0, True)
    assert PricePoint.objects.filter(offer=offer, price="12.50").exists()
    published.refresh_from_db()
    assert (published.lowest_price, published.currency) == (Decimal("12.50"), "EUR")
    answer = client.get(offer.get_absolute_url())
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("https://www.amazon.de/dp/B0?tag=me-21&ascsubtag=p")


def test_visitors_see_it_beside_those_of_the_networks(published, make_offer, editor_client, client):
    make_offer(published, "20.00")
    add(editor_client, published)
    page = client.get(published.get_absolute_url()).content.decode()
    assert "Amazon" in page
    assert page.index("Amazon") < page.index("OTTO")  # cheaper


def test_a_shop_of_that_name_is_used_whatever_its_case(editor_client, published, shop):
    add(editor_client, published, shop=f" {shop.name.upper()} ")
    assert Offer.objects.get(product=published).shop == shop
    assert Shop.objects.count() == 1


def test_the_same_form_sent_twice_makes_one_offer(editor_client, published):
    add(editor_client, published)
    add(editor_client, published)
    add(editor_client, published, token="t2", shop="Other")
    assert Offer.objects.filter(product=published).count() == 2


@pytest.mark.parametrize(
    ("field", "text"),
    [
        *[("price", text) for text in ("", "-1", "1.299", "1.299,00", "12,5,0", "NaN", "Infinity", "1e3x")],
        ("old_price", "12.50"),
        ("old_price", "11"),
        ("shipping", "-0.01"),
        ("currency", "XXX"),
        ("currency", ""),
        *[
            ("url", text)
            for text in (
                *("http://shop.com/a", "javascript:alert(1)", "https://", "//shop.com", "shop.com"),
                *("https://{subid}.shop.com/", "https://shop.com/" + "x" * 2000, "https://a b.com/"),
            )
        ],
        ("shop", "  "),
        ("shop", "x" * 121),
        ("in_stock", "maybe"),
    ],
)
def test_what_is_in_doubt_is_refused_and_stays_typed(editor_client, published, field, text):
    answer = add(editor_client, published, **{"title": "Typed", field: text})
    assert answer.context["form"].errors[field]
    assert answer.context["form"]["title"].value() == "Typed"
    assert not Offer.objects.filter(product=published).exists()


def test_saving_again_checks_the_price_and_logs_what_changed(editor_client, published):
    add(editor_client, published)
    offer = Offer.objects.get(product=published)
    long_ago = timezone.now() - timedelta(days=30)
    Offer.objects.filter(pk=offer.pk).update(checked_at=long_ago)
    services.hide_old_prices()
    published.refresh_from_db()
    assert published.lowest_price is None  # nobody said for 30 days that it holds
    edit(editor_client, offer, price="11.00")
    offer.refresh_from_db()
    published.refresh_from_db()
    assert (offer.price, offer.is_old, published.lowest_price) == (11, False, 11)
    assert offer.checked_at > long_ago
    assert list(PricePoint.objects.filter(offer=offer).values_list("price", flat=True)) == [
        Decimal("12.50"),
        Decimal("11.00"),
    ]
    edit(editor_client, offer, price="11.00", title="Nice shoe")
    assert PricePoint.objects.filter(offer=offer).count() == 2


def test_a_written_offer_can_move_to_another_shop_and_host(editor_client, client, published):
    add(editor_client, published)
    offer = Offer.objects.get(product=published)
    edit(editor_client, offer, shop="Partner", url="https://partner.example/x")
    offer.refresh_from_db()
    assert offer.shop.name == "Partner"
    assert client.get(offer.get_absolute_url()).headers["Location"] == "https://partner.example/x"


def test_who_saves_over_another_save_is_told_first(editor_client, published):
    add(editor_client, published)
    offer = Offer.objects.get(product=published)
    address = reverse("catalog:own-offer-edit", args=[published.pk, offer.pk])
    seen = editor_client.get(address).context["seen"]
    edit(editor_client, offer, price="9.00", seen=seen)
    answer = edit(editor_client, offer, price="8.00", seen=seen)
    [error] = answer.context["form"].non_field_errors()
    assert error.startswith("Somebody else saved this offer meanwhile: Amazon, €9.00.")
    offer.refresh_from_db()
    assert offer.price == 9
    edit(editor_client, offer, price="8.00", seen=answer.context["seen"])
    offer.refresh_from_db()
    assert offer.price == 8


def test_an_offer_of_a_network_is_not_written_by_hand(editor_client, published, make_offer):
    offer = make_offer(published, source="adtraction")
    assert edit(editor_client, offer).status_code == 404


def test_it_survives_joining_and_splitting(published, make_product, editor_client, client):
    add(editor_client, published)
    offer = Offer.objects.get(product=published)
    other = make_product("Other", status="published")
    services.join_products(published, into=other)
    offer.refresh_from_db()
    assert offer.product_id == other.pk
    assert edit(editor_client, offer, price="7.00").status_code == 200
    offer.refresh_from_db()
    assert offer.price == 7
