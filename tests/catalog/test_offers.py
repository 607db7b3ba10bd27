"""Joining and splitting products, and the offer that leads: the services."""

import pytest
from django.utils import timezone

from catalog import services
from catalog.models import DailyClicks, Offer, Place, PricePoint, Product, Shop, SlugRedirect
from catalog.services import CatalogError

pytestmark = pytest.mark.django_db


@pytest.fixture
def bol(db) -> Shop:
    return Shop.objects.create(name="Bol", slug="bol")


@pytest.fixture
def two(make_product, make_offer):
    """Two products with an offer each; the first has an EAN."""
    red = make_product("Red shoe", status="published", gtin="4006381333931")
    crimson = make_product("Crimson shoe", status="published")
    make_offer(red, "10.00")
    make_offer(crimson, "12.00")
    services.refresh_prices([red.pk, crimson.pk])
    return red, crimson


def reloaded(product: Product) -> Product:
    return Product.objects.get(pk=product.pk)


def test_join_moves_the_offers_with_their_prices_and_clicks(two):
    red, crimson = two
    offer = red.offers.get()
    PricePoint.objects.create(
        offer=offer, price=offer.price, currency="EUR", in_stock=True, recorded_at=timezone.now()
    )
    DailyClicks.objects.create(offer=offer, day=timezone.localdate(), place=Place.TOP, count=3)
    assert services.join_products(red, into=crimson) == 1
    red, crimson = reloaded(red), reloaded(crimson)
    assert (red.status, red.offer_count, red.lowest_price) == ("trashed", 0, None)
    assert (crimson.status, crimson.offer_count, str(crimson.lowest_price)) == ("published", 2, "10.00")
    assert DailyClicks.objects.get(offer__product=crimson).count == 3
    assert PricePoint.objects.filter(offer__product=crimson).count() == 1


def test_join_leads_the_address_on(client, two):
    red, crimson = two
    services.update_product(red, slug="scarlet")
    services.join_products(red, into=crimson)
    for slug in ("scarlet", "red-shoe"):
        response = client.get(_address(slug))
        assert (response.status_code, response.url) == (301, crimson.get_absolute_url())


def _address(slug: str) -> str:
    return Product(slug=slug).get_absolute_url()


def test_join_after_join_leads_to_the_last(client, two, make_product):
    red, crimson = two
    last = make_product("Ruby shoe", status="published")
    services.join_products(red, into=crimson)
    services.join_products(crimson, into=last)
    for product in two:
        assert client.get(product.get_absolute_url()).url == last.get_absolute_url()
        assert reloaded(product).joined_into == last
    assert reloaded(last).offer_count == 2


def test_join_gives_the_ean_to_a_product_without_one(two):
    red, crimson = two
    services.join_products(red, into=crimson)
    assert (reloaded(red).gtin, reloaded(crimson).gtin) == ("", "4006381333931")


def test_join_leaves_each_its_ean_where_both_have_one(two):
    red, crimson = two
    Product.objects.filter(pk=crimson.pk).update(gtin="0036000291452")
    services.join_products(red, into=crimson)
    assert (reloaded(red).gtin, reloaded(crimson).gtin) == ("4006381333931", "0036000291452")


def test_join_twice_is_once(two):
    red, crimson = two
    services.join_products(red, into=crimson)
    before = Product.objects.order_by("pk").values()
    assert services.join_products(red, into=crimson) == 0
    assert list(Product.objects.order_by("pk").values()) == list(before)


def test_a_restored_product_is_itself_again(client, two):
    red, crimson = two
    services.join_products(red, into=crimson)
    services.restore([red.pk])
    assert reloaded(red).joined_into is None
    assert client.get(red.get_absolute_url()).status_code == 301  # still better than nothing
    services.publish([red.pk])
    assert client.get(red.get_absolute_url()).status_code == 200


def test_joined_back_the_other_way_round(client, two):
    red, crimson = two
    services.join_products(red, into=crimson)
    services.restore([red.pk])
    services.join_products(crimson, into=red)
    services.publish([red.pk])
    assert client.get(crimson.get_absolute_url()).url == red.get_absolute_url()
    assert client.get(red.get_absolute_url()).status_code == 200
    assert not SlugRedirect.objects.filter(slug=red.slug).exists()


@pytest.mark.parametrize("which", ["itself", "trashed", "from the trash"])
def test_join_refuses(two, which):
    red, crimson = two
    into = red if which == "itself" else crimson
    if which != "itself":
        services.trash([crimson.pk if which == "trashed" else red.pk])
    with pytest.raises(CatalogError):
        services.join_products(red, into=into)
    assert reloaded(red).offer_count == reloaded(crimson).offer_count == 1


def test_move_takes_one_offer_and_is_safe_to_repeat(two, make_offer, bol):
    red, crimson = two
    offer = make_offer(red, "9.00", shop=bol, is_main=True)
    for count in (1, 0):
        assert services.move_offers(red, offer_ids=[offer.pk], into=crimson) == count
    red, crimson = reloaded(red), reloaded(crimson)
    assert (red.offer_count, str(red.lowest_price)) == (1, "10.00")
    assert (crimson.offer_count, str(crimson.lowest_price)) == (2, "9.00")
    assert not Offer.objects.filter(is_main=True).exists()


def test_move_refuses_what_is_elsewhere_by_now(two, make_product):
    red, crimson = two
    offer = red.offers.get()
    services.move_offers(red, offer_ids=[offer.pk], into=make_product("Third"))
    with pytest.raises(CatalogError, match="Somebody else"):
        services.move_offers(red, offer_ids=[offer.pk], into=crimson)


def test_split_makes_a_draft_and_leaves_the_rest(two, make_offer, bol):
    red, _ = two
    offer = make_offer(red, "9.00", shop=bol, title="Red shoe for children")
    made = services.split_offers(red, offer_ids=[offer.pk])
    made, red = reloaded(made), reloaded(red)
    assert (made.title, made.status, made.gtin) == ("Red shoe for children", "draft", "")
    assert (made.offer_count, str(made.lowest_price)) == (1, "9.00")
    assert (red.offer_count, str(red.lowest_price), red.gtin) == (1, "10.00", "4006381333931")


def test_split_twice_makes_one_product(two, make_offer, bol):
    red, _ = two
    offer = make_offer(red, "9.00", shop=bol)
    made = services.split_offers(red, offer_ids=[offer.pk])
    assert services.split_offers(red, offer_ids=[offer.pk]) == made
    assert Product.objects.count() == 3


def test_split_refuses_to_leave_nothing(two):
    red, _ = two
    for ids in ([], [red.offers.get().pk], [999_999]):
        with pytest.raises(CatalogError):
            services.split_offers(red, offer_ids=ids)
    assert Product.objects.count() == 2


def test_the_chosen_offer_leads_while_it_can_be_had(two, make_offer, bol):
    red, _ = two
    dear = make_offer(red, "15.00", shop=bol)
    services.choose_main_offer(red, offer_id=dear.pk)
    assert (str(reloaded(red).lowest_price), reloaded(red).has_cheaper_offer) == ("15.00", True)
    services.expire_offers([dear.pk])
    assert (str(reloaded(red).lowest_price), reloaded(red).has_cheaper_offer) == ("10.00", False)
    Offer.objects.filter(pk=dear.pk).update(expired_at=None)
    services.refresh_prices([red.pk])
    assert str(reloaded(red).lowest_price) == "15.00"
    Offer.objects.filter(pk=dear.pk).update(in_stock=False)
    services.refresh_prices([red.pk])
    assert str(reloaded(red).lowest_price) == "10.00"


def test_only_one_offer_leads(two, make_offer, bol):
    red, _ = two
    dear, dearer = (make_offer(red, price, shop=bol) for price in ("15.00", "16.00"))
    for offer in (dear, dearer, dearer):
        services.choose_main_offer(red, offer_id=offer.pk)
        assert red.offers.get(is_main=True) == offer
    services.choose_main_offer(red, offer_id=None)
    assert not red.offers.filter(is_main=True).exists()
    assert str(reloaded(red).lowest_price) == "10.00"


def test_an_offer_of_another_product_cannot_lead(two):
    red, crimson = two
    with pytest.raises(CatalogError):
        services.choose_main_offer(red, offer_id=crimson.offers.get().pk)
