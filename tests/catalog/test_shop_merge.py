"""One shop becomes part of another."""

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import DailyClicks, Place, Shop, ShopAlias, ShopSource
from catalog.services import CatalogError

pytestmark = pytest.mark.django_db


@pytest.fixture
def bol(db) -> Shop:
    return Shop.objects.create(name="Bol", slug="bol", url="https://bol.example")


@pytest.fixture
def sold(shop, bol, make_product, make_offer):
    """A product that both shops sell, and one that only OTTO has."""
    ShopSource.objects.create(shop=shop, key="adtraction:1")
    both, one = make_product("Red shoe", status="published"), make_product("Blue shoe", status="published")
    offers = make_offer(both, "10.00"), make_offer(both, "12.00", shop=bol), make_offer(one, "9.00")
    services.refresh_prices([both.pk, one.pk])
    DailyClicks.objects.create(offer=offers[0], day=timezone.localdate(), place=Place.TOP, count=3)
    return both, one


def test_offers_sources_and_clicks_go_to_the_other_shop(shop, bol, sold):
    assert services.merge_shops(shop, into=bol) == 2
    assert not Shop.objects.filter(pk=shop.pk).exists()
    assert bol.offers.count() == 3
    assert bol.sources.get().key == "adtraction:1"
    assert DailyClicks.objects.get(offer__shop=bol).count == 3
    for product in sold:
        product.refresh_from_db()
        assert product.shop_ids == [bol.pk]


def test_products_say_the_same_as_after_a_refresh(shop, bol, sold):
    services.merge_shops(shop, into=bol)
    before = [(product.refresh_from_db(), vars(product))[1] | {"_state": 0} for product in sold]
    services.refresh_prices([product.pk for product in sold])
    assert [(product.refresh_from_db(), vars(product))[1] | {"_state": 0} for product in sold] == before


def test_its_address_leads_on_also_after_a_second_merge(client, shop, bol, sold):
    services.merge_shops(shop, into=bol)
    third = Shop.objects.create(name="Third", slug="third")
    services.merge_shops(bol, into=third)
    for slug in ("otto", "bol"):
        response = client.get(reverse("public:shop", args=[slug]))
        assert (response.status_code, response.url) == (301, reverse("public:shop", args=["third"]))
    assert client.get(reverse("public:shop", args=["third"])).status_code == 200


def test_a_shop_that_is_really_there_goes_before_an_alias(client, shop, bol):
    services.merge_shops(shop, into=bol)
    Shop.objects.create(name="OTTO again", slug="otto")
    assert client.get(reverse("public:shop", args=["otto"])).status_code == 200
    # Merged again, the newer one is what the alias stands for.
    services.merge_shops(Shop.objects.get(slug="otto"), into=bol)
    assert ShopAlias.objects.get().name == "OTTO again"


def test_what_the_other_shop_lacks_is_taken_over(shop, bol):
    Shop.objects.filter(pk=shop.pk).update(url="https://otto.example", logo_url="https://otto.example/l.png")
    services.merge_shops(shop, into=bol)
    bol.refresh_from_db()
    assert (bol.url, bol.logo_url) == ("https://bol.example", "https://otto.example/l.png")


def test_twice_is_once(shop, bol, sold):
    services.merge_shops(shop, into=bol)
    assert services.merge_shops(Shop(pk=ShopAlias.objects.get().merged_id), into=bol) == 0


def test_a_shop_is_not_merged_with_itself_or_with_one_that_is_gone(shop):
    for into in (shop, Shop(pk=999_999)):
        with pytest.raises(CatalogError):
            services.merge_shops(shop, into=into)
    assert Shop.objects.get() == shop
