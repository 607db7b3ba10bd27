"""One shop or brand becomes part of another."""

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import services
from catalog.models import Brand, DailyClicks, Place, Shop, ShopAlias, ShopSource
from catalog.services import CatalogError
from catalog.services.bulk import get_brand_ids
from tests.catalog.conftest import texts

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


# --- The pages ----------------------------------------------------------------------------------


def merge(client, shop: Shop, into, method: str = "post"):
    return getattr(client, method)(reverse("catalog:shop-merge", args=[shop.pk]), {"into": into}, follow=True)


def test_the_page_says_what_will_happen_and_changes_nothing(admin_client, shop, bol, sold):
    page = merge(admin_client, shop, " bol ", "get").content.decode()
    for text in ("“OTTO” becomes part of “Bol”", "2 offers on 2 products move to", "Adtraction, program 1"):
        assert text in page
    assert Shop.objects.count() == 2


@pytest.mark.parametrize("into", ["", "OTTO", "Nobody", "\0", "x" * 200])
def test_a_name_that_is_no_other_shop_is_said(admin_client, shop, bol, into):
    response = merge(admin_client, shop, into, "get")
    assert response.status_code == 200
    assert response.context["merge_form"].errors["into"]
    assert Shop.objects.count() == 2


def test_posted_twice_it_is_done_once_and_said_twice(admin_client, shop, bol, sold):
    for _ in range(2):
        response = merge(admin_client, shop, bol.pk)
        assert texts(response) == ["“OTTO” is now part of “Bol”."]
        assert response.redirect_chain == [(reverse("catalog:shop-edit", args=[bol.pk]), 302)]
    assert bol.offers.count() == 3


@pytest.mark.parametrize("into", ["999999", "x", "", "9" * 40])
def test_a_shop_that_is_gone_is_no_target(admin_client, shop, into):
    assert texts(merge(admin_client, shop, into)) == ["The other shop does not exist any more."]
    assert Shop.objects.get() == shop


def test_a_shop_is_not_merged_with_itself(admin_client, shop):
    assert texts(merge(admin_client, shop, shop.pk)) == ["Choose another shop than this one."]


def test_an_editor_may_not_merge_and_sees_no_way_to(editor_client, shop, bol):
    assert merge(editor_client, shop, bol.pk).status_code == 403
    page = editor_client.get(reverse("catalog:shop-edit", args=[shop.pk])).content.decode()
    assert reverse("catalog:shop-merge", args=[shop.pk]) not in page
    assert Shop.objects.count() == 2


@pytest.mark.parametrize("who", ["stranger_client", "client"])
def test_a_stranger_merges_nothing(request, shop, bol, who):
    response = request.getfixturevalue(who).post(
        reverse("catalog:shop-merge", args=[shop.pk]), {"into": bol.pk}
    )
    assert response.status_code == (403 if who == "stranger_client" else 401)  # with what was sent
    assert Shop.objects.count() == 2


# --- Brands -------------------------------------------------------------------------------------


def test_a_merged_brand_leads_on_and_is_not_imported_again(client):
    acme, beta, last = (services.get_or_create_brand(name) for name in ("Acme Inc", "Beta", "Last"))
    services.merge_brands(acme, into=beta)
    services.merge_brands(beta, into=last)
    for slug in ("acme-inc", "beta"):
        response = client.get(reverse("public:brand", args=[slug]))
        assert (response.status_code, response.url) == (301, reverse("public:brand", args=["last"]))
    assert set(get_brand_ids(["ACME Inc", "Beta", "last"]).values()) == {last.pk}
    new = get_brand_ids(["Acme Inc", "Another"])
    assert (new["acme inc"], Brand.objects.count()) == (last.pk, 2)


def test_a_brand_made_by_hand_goes_before_a_merged_one():
    acme, beta = (services.get_or_create_brand(name) for name in ("Acme", "Beta"))
    services.merge_brands(acme, into=beta)
    again = services.get_or_create_brand("Acme")
    assert get_brand_ids(["Acme"]) == {"acme": again.pk}


def test_brands_that_are_gone_are_not_merged():
    acme, beta = (services.get_or_create_brand(name) for name in ("Acme", "Beta"))
    services.merge_brands(Brand(pk=acme.pk, slug=acme.slug, name=acme.name), into=beta)
    for brand, into in ((acme, beta), (beta, beta), (beta, acme)):
        with pytest.raises(CatalogError):
            services.merge_brands(brand, into=into)
    assert Brand.objects.get() == beta
