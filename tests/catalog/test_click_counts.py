import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import DailyClicks, Offer, Shop
from catalog.queries import click_counts
from catalog.services import (
    delete_permanently,
    delete_shop,
    join_products,
    merge_shops,
    move_offers,
    remove_offers,
    trash,
)

DAYS_AND_COUNTS = [(0, 1), (6, 10), (7, 100), (29, 1_000), (30, 10_000)]
EXPECTED = (1, 11, 1_111)


@pytest.fixture
def clicked(make_product, make_offer) -> Offer:
    """An offer with clicks inside and right outside of each span, and another with fewer."""
    offer = make_offer(make_product("Red shoe"))
    other = make_offer(make_product("Blue shoe"))
    today = timezone.localdate()
    for age, count in DAYS_AND_COUNTS:
        DailyClicks.objects.create(offer=offer, day=today - timedelta(days=age), place="top", count=count)
    DailyClicks.objects.create(offer=offer, day=today - timedelta(days=40), place="offer", count=5)
    DailyClicks.objects.create(offer=other, day=today, place="offer", count=2)
    return offer


def test_clicks_are_counted_for_today_a_week_and_a_month(clicked):
    first, second = click_counts.by_product(limit=5)
    assert (first.key, first.name) == (clicked.product_id, "Red shoe")
    assert (first.today, first.week, first.month) == EXPECTED
    assert (second.name, second.today, second.week, second.month) == ("Blue shoe", 2, 2, 2)
    assert [row.name for row in click_counts.by_product(limit=1)] == ["Red shoe"]


def test_clicks_are_counted_per_network_and_shop(clicked):
    (network,), shops = click_counts.by_network_and_shop(limit=5)
    assert (network.key, network.today, network.week, network.month) == (clicked.source, 3, 13, 1_113)
    assert sum(row.month for row in shops) == 1_113


def test_offers_and_products_know_their_clicks(clicked):
    for row in (
        click_counts.with_clicks(Offer.objects.all()).get(pk=clicked.pk),
        click_counts.with_clicks(type(clicked.product).objects.all()).get(pk=clicked.product_id),
    ):
        assert (row.clicks_today, row.clicks_week, row.clicks_month) == EXPECTED


def test_an_offer_nobody_clicked_has_none(make_product, make_offer):
    offer = make_offer(make_product())
    assert click_counts.with_clicks(Offer.objects.all()).get(pk=offer.pk).clicks_month == 0


def test_the_dashboard_shows_the_clicks(editor_client, clicked):
    clicks = editor_client.get(reverse("dashboard:home")).context["clicks"]
    tables = {heading: rows for heading, _, rows in clicks}
    assert tables["Networks"][0].month == 1_113
    assert [row.name for row in tables["Products"]] == ["Red shoe", "Blue shoe"]
    home = editor_client.get(reverse("dashboard:home")).content.decode()
    assert "1,111" in home
    assert "1,111" in editor_client.get(reverse("catalog:product-list")).content.decode()
    edit = reverse("catalog:product-edit", args=[clicked.product_id])
    cells = re.findall(
        r'<td class="cell-number"[^>]*>([\d,]+)</td>', editor_client.get(edit).content.decode()
    )
    assert cells[-3:] == ["1", "11", "1,111"]


def test_without_clicks_the_dashboard_says_how_to_get_some(editor_client):
    assert "No clicks in the last 30 days" in editor_client.get(reverse("dashboard:home")).content.decode()


def test_clicks_outlive_their_offer(clicked):
    product, source = clicked.product, clicked.source
    before = click_counts.by_product(limit=5), click_counts.by_network_and_shop(limit=5)
    remove_offers(product, offer_ids=[clicked.pk])
    assert not Offer.objects.filter(pk=clicked.pk).exists()
    assert (click_counts.by_product(limit=5), click_counts.by_network_and_shop(limit=5)) == before
    row = click_counts.with_clicks(type(product).objects.all()).get(pk=product.pk)
    assert (row.clicks_today, row.clicks_week, row.clicks_month) == EXPECTED
    lost = DailyClicks.objects.filter(offer=None)
    assert set(lost.values_list("product", "shop", "source")) == {(product.pk, clicked.shop_id, source)}


def test_clicks_outlive_their_product_and_shop(clicked):
    shop = clicked.shop
    trash([clicked.product_id])
    delete_permanently([clicked.product_id])
    assert [row.name for row in click_counts.by_product(limit=5)] == ["Blue shoe"]
    (network,), shops = click_counts.by_network_and_shop(limit=5)
    assert network.month == sum(row.month for row in shops) == 1_113
    Offer.objects.all().delete()
    delete_shop(shop)
    (network,), shops = click_counts.by_network_and_shop(limit=5)
    assert (network.month, shops) == (1_113, [])


def test_clicks_of_deleted_offers_follow_what_becomes_part_of_another(clicked, make_product):
    product, other = clicked.product, make_product("Green shoe")
    into = Shop.objects.create(name="Merged", slug="merged")
    remove_offers(product, offer_ids=[clicked.pk])
    join_products(product, into=other)
    merge_shops(clicked.shop, into=into)
    lost = DailyClicks.objects.filter(offer=None)
    assert set(lost.values_list("product", "shop")) == {(other.pk, into.pk)}


def test_clicks_count_for_the_product_their_offer_is_on(clicked, make_product):
    other = make_product("Green shoe")
    move_offers(clicked.product, offer_ids=[clicked.pk], into=other)
    assert [row.name for row in click_counts.by_product(limit=5)] == ["Green shoe", "Blue shoe"]
