"""Which offer, product or shop a sale is given to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import services
from catalog.clicks.subid import make_sub_id, to_base36
from catalog.models import Product
from importer.models import Feed, Program
from sales.match.regroup import follow_catalogue, look
from sales.models import MatchRule, Sale
from tests.sales.rows import make_account, make_offer, make_product, make_sale, make_shop, match

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop()


@pytest.fixture
def product():
    return make_product()


@pytest.fixture
def offer(product, shop):
    return make_offer(product, shop)


def said(sale: Sale) -> tuple:
    return sale.match, sale.product_id, sale.offer_id, sale.shop_id, sale.place


def test_a_sub_id_that_names_the_offer_is_exact(product, shop, offer):
    make_offer(product, shop)
    sale = make_sale(sub_id=make_sub_id(product.pk, "top", offer.pk).upper())
    match(sale)
    assert said(sale) == ("exact", product.pk, offer.pk, shop.pk, "top")


def test_a_sub_id_of_before_is_exact_where_the_shop_has_one_offer(product, shop, offer):
    make_offer(product, make_shop("Other", "78"))
    sale = make_sale(sub_id=f"p{product.pk}-offer")
    match(sale)
    assert said(sale) == ("exact", product.pk, offer.pk, shop.pk, "offer")


def test_of_two_offers_of_the_shop_nobody_says_which(product, shop, offer):
    make_offer(product, shop)
    sale = make_sale(sub_id=f"p{product.pk}-top")
    match(sale)
    assert said(sale) == ("product", product.pk, None, shop.pk, "top")


def test_a_sale_of_another_shop_keeps_the_product_that_led_there(product, shop, offer):
    other = make_shop("Other", "78")
    sale = make_sale(sub_id=make_sub_id(product.pk, "top", offer.pk), program_key="78")
    match(sale)
    assert said(sale) == ("product", product.pk, None, other.pk, "top")


def test_a_cut_sub_id_names_no_other_offer(product, shop, offer):
    """`p1-top-3f` cut to `p1-top-3` would be offer 3, and that is one of another product."""
    cut = make_offer(make_product("Other"), shop)
    sale = make_sale(sub_id=f"p{product.pk}-top-{to_base36(cut.pk)}")
    match(sale)
    assert said(sale) == ("product", product.pk, None, shop.pk, "top")


def test_our_sub_id_may_come_in_the_second_slot(product, shop, offer):
    sale = make_sale(sub_id="blog-7", sub_id2=make_sub_id(product.pk, "top", offer.pk))
    match(sale)
    assert said(sale) == ("exact", product.pk, offer.pk, shop.pk, "top")


@pytest.mark.parametrize("sub_id", ["", "blog-42", "p12", "p12-summer", f"p{10**18}-top"])
def test_without_a_product_the_program_names_the_shop(shop, sub_id):
    sale = make_sale(sub_id=sub_id)
    match(sale)
    assert said(sale)[:4] == ("shop", None, None, shop.pk)


def test_nothing_known_is_not_matched(db):
    sale = make_sale(sub_id="blog-42", program_key="")
    match(sale)
    assert said(sale) == ("none", None, None, None, "")


def test_an_offer_of_another_network_is_not_the_one(product, shop):
    offer = make_offer(product, shop, source="tradedoubler")
    sale = make_sale(sub_id=make_sub_id(product.pk, "top", offer.pk))
    match(sale)
    assert said(sale) == ("product", product.pk, None, shop.pk, "top")


@pytest.mark.parametrize(("age", "level"), [(10, "hint"), (120, "shop")])
def test_the_networks_product_number_is_a_hint_while_it_is_fresh(product, shop, age, level):
    account = make_account("adtraction")
    feed = Feed.objects.create(
        account=account, program=Program.objects.get(external_id="77"), external_id="9", name="Feed"
    )
    now = timezone.now()
    offer = make_offer(product, shop, source_key="adtraction:9:ART-1", checked_at=now - timedelta(days=age))
    type(offer).objects.filter(pk=offer.pk).update(created_at=now - timedelta(days=200))
    sale = make_sale(product_hint="ART-1")
    match(sale)
    assert sale.match == level
    assert sale.offer_id == (offer.pk if level == "hint" else None)
    assert feed


def test_a_sale_whose_program_is_known_later_gets_it():
    sale = make_sale()
    match(sale)
    assert (sale.match, sale.program_id) == ("none", None)

    shop = make_shop()
    look()
    sale.refresh_from_db()
    assert (sale.match, sale.shop_id, sale.program.external_id) == ("shop", shop.pk, "77")


# --- Rules -----------------------------------------------------------------------------------------


def test_a_rule_gives_foreign_sub_ids_to_a_product(product, shop):
    MatchRule.objects.create(pattern="blog-*", product=product)
    sale = make_sale(sub_id="Blog-42")
    match(sale)
    assert said(sale) == ("product", product.pk, None, shop.pk, "")
    assert sale.matched_by.target == "Red shoe"


def test_our_own_sub_id_goes_before_a_rule(product, shop, offer):
    MatchRule.objects.create(pattern="p*", product=make_product("Other"))
    sale = make_sale(sub_id=make_sub_id(product.pk, "top", offer.pk))
    match(sale)
    assert (sale.product_id, sale.matched_by) == (product.pk, None)


def test_the_first_rule_that_fits_counts_and_only_of_its_program(product, shop):
    MatchRule.objects.create(pattern="blog-*", program_key="1", page="other program", position=0)
    rule = MatchRule.objects.create(pattern="blog-4*", page="/guides/shoes", position=1)
    MatchRule.objects.create(pattern="blog-*", product=product, position=2)
    sale = make_sale(sub_id="blog-42")
    match(sale)
    assert (sale.match, sale.matched_by, sale.product) == ("shop", rule, None)


# --- What the catalogue does later -------------------------------------------------------------------


@pytest.fixture
def follow(transactional_db):
    def follow(*sales: Sale) -> None:
        while follow_catalogue():
            pass
        for sale in sales:
            sale.refresh_from_db()

    return follow


def sold(product, shop) -> tuple:
    offer = make_offer(product, shop)
    new = make_sale(sub_id=make_sub_id(product.pk, "top", offer.pk))
    old = make_sale(sub_id=f"p{product.pk}-top")
    match(new, old)
    assert new.match == old.match == "exact"
    return offer, new, old


def test_a_joined_product_hands_its_sales_on(follow):
    shop, product, other = make_shop(), make_product(), make_product("Other")
    offer, new, old = sold(product, shop)
    services.join_products(product, into=other)
    follow(new, old)
    assert {said(new)[:3], said(old)[:3]} == {("exact", other.pk, offer.pk)}

    late = make_sale(sub_id=f"p{product.pk}-top")
    match(late)
    assert said(late)[:3] == ("exact", other.pk, offer.pk)


def test_a_split_takes_the_sales_of_its_offers_along(follow):
    shop, product = make_shop(), make_product()
    offer, new, old = sold(product, shop)
    make_offer(product, make_shop("Other", "78"))
    made = services.split_offers(product, offer_ids=[offer.pk])
    follow(new, old)
    assert {said(new)[:3], said(old)[:3]} == {("exact", made.pk, offer.pk)}


def test_a_moved_offer_takes_its_sales_along_and_back(follow):
    shop, product, other = make_shop(), make_product(), make_product("Other")
    offer, new, old = sold(product, shop)
    services.move_offers(product, offer_ids=[offer.pk], into=other)
    follow(new, old)
    assert new.product_id == old.product_id == other.pk

    services.move_offers(other, offer_ids=[offer.pk], into=product)
    follow(new, old)
    assert new.product_id == old.product_id == product.pk
    assert new.offer_id == old.offer_id == offer.pk


def test_a_removed_offer_leaves_its_sales_to_the_product(follow):
    shop, product = make_shop(), make_product()
    offer, new, old = sold(product, shop)
    services.remove_offers(product, offer_ids=[offer.pk])
    follow(new, old)
    assert {said(new), said(old)} == {("product", product.pk, None, shop.pk, "top")}


def test_a_deleted_product_leaves_its_sales_to_the_shop(follow):
    shop, product = make_shop(), make_product()
    _, new, old = sold(product, shop)
    services.trash([product.pk])
    services.delete_permanently([product.pk])
    assert not Product.objects.filter(pk=product.pk).exists()
    follow(new, old)
    assert {said(new), said(old)} == {("shop", None, None, shop.pk, "top")}


def test_merged_shops_have_their_sales_together(follow):
    shop, other, product = make_shop(), make_shop("Other", "78"), make_product()
    _, new, old = sold(product, shop)
    services.merge_shops(shop, into=other)
    follow(new, old)
    assert new.shop_id == old.shop_id == other.pk
    assert new.match == old.match == "exact"


def test_a_look_finds_what_no_event_said():
    shop, product, other = make_shop(), make_product(), make_product("Other")
    offer, new, old = sold(product, shop)
    type(offer).objects.filter(pk=offer.pk).update(product=other)  # by hand, in psql
    assert look() == 2
    assert look() == 0
    new.refresh_from_db()
    assert said(new)[:3] == ("product", product.pk, None)
