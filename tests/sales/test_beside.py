"""What products and shops earned, where people look after them."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.clicks.subid import make_sub_id
from catalog.models import DailyClicks, ListChoice
from sales.queries.beside import earned_by_products, keep_in_all
from tests.sales.rows import make_offer, make_product, make_sale, make_shop, make_sums, match


@pytest.fixture
def sold(db):
    cache.delete("sales:home:all")
    shop, product = make_shop(), make_product()
    offer = make_offer(product, shop)
    sub_id = make_sub_id(product.pk, "top", offer.pk)
    match(make_sale("12.34", sub_id=sub_id), make_sale("5.00", sub_id=sub_id, currency="SEK"))
    DailyClicks.objects.create(offer=offer, day=timezone.localdate(), place="top", count=100)
    make_sums()
    keep_in_all()
    return product


def page_of(client, route: str, *args) -> str:
    return client.get(reverse(route, args=args)).content.decode()


def test_editor_shops_and_home_say_what_was_earned(admin_client, sold):
    assert "€12.34" in page_of(admin_client, "catalog:product-edit", sold.pk)
    assert "€12.34" in page_of(admin_client, "catalog:shop-list")
    assert "€0.123" in page_of(admin_client, "catalog:shop-list")
    assert "€12.34" in page_of(admin_client, "dashboard:home")


def test_the_product_list_says_it_where_a_person_wants_it_and_asks_once(admin_client, admin_user, sold):
    address = reverse("catalog:product-list")
    admin_client.get(address)
    with CaptureQueriesContext(connection) as without:
        assert "€12.34" not in admin_client.get(address).content.decode()
    ListChoice.objects.create(
        user=admin_user, name="products", columns=["earned", "clicks", "status"], rows=50
    )
    with CaptureQueriesContext(connection) as asked:
        page = admin_client.get(address).content.decode()
    assert "€12.34" in page
    assert "2 sales" in page
    assert "€0.123" in page
    assert len(asked) <= len(without) + 1


def test_each_currency_stands_for_itself(sold):
    beside = earned_by_products({sold.pk: 100})[sold.pk]
    assert [(code, sums.commission) for code, sums in beside.sums] == [
        ("EUR", Decimal("12.34")),
        ("SEK", Decimal("5.00")),
    ]
    assert beside.epc.value == Decimal("0.1234")


def test_who_may_not_see_earnings_sees_none(client, editor, sold):
    group = editor.groups.first()
    group.permissions.remove(*group.permissions.filter(content_type__app_label="sales"))
    client.force_login(editor)
    for route, args in (
        ("catalog:product-edit", [sold.pk]),
        ("catalog:shop-list", []),
        ("dashboard:home", []),
    ):
        assert "€12.34" not in page_of(client, route, *args)
