"""The pages of earnings: who sees them, what they say, how little they ask."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.clicks.subid import make_sub_id
from catalog.models import DailyClicks
from sales.models import Basis, Dimension
from tests.sales.rows import make_offer, make_product, make_sale, make_shop, make_sums, match


@pytest.fixture
def earned(db):
    """Two sales of a shoe: one of now, one of the month before."""
    shop, product = make_shop(), make_product("=cmd|shoe")
    offer = make_offer(product, shop)
    sub_id = make_sub_id(product.pk, "top", offer.pk)
    sales = [
        make_sale("12.34", sub_id=sub_id),
        make_sale("5.00", sub_id=sub_id, days_ago=35, state="approved"),
        make_sale("100", sub_id=sub_id, currency="SEK"),
    ]
    match(*sales)
    DailyClicks.objects.create(offer=offer, day=timezone.localdate(), place="top", count=100)
    make_sums()
    return product


def overview(client, **query) -> str:
    response = client.get(reverse("sales:overview"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_what_was_earned_and_what_a_click_is_worth(editor_client, earned):
    page = overview(editor_client)
    assert "€12.34" in page
    assert "before: €5.00" in page
    assert "SEK\N{NO-BREAK SPACE}100.00" in page
    assert "€0.123" in page
    assert "two are never added" in page


@pytest.mark.parametrize("by", [each for each in Dimension if each != Dimension.ALL])
@pytest.mark.parametrize("basis", Basis)
def test_every_view_is_quick_to_ask(admin_client, earned, django_assert_max_num_queries, by, basis):
    overview(admin_client)
    with django_assert_max_num_queries(12):
        overview(admin_client, by=by, basis=basis)


@pytest.mark.parametrize("period", ["1", "7", "30", "90", f"{timezone.localdate():%Y-%m}"])
def test_every_period_has_the_sale_of_today(admin_client, earned, period):
    assert "€12.34" in overview(admin_client, period=period, by="product")


@pytest.mark.parametrize(
    "query",
    [
        {"period": "x"},
        {"period": "99999"},
        {"period": "1900-01"},
        {"basis": "x", "by": "x", "sort": "x", "page": "x", "currency": "<b>"},
        {"page": "99999999999999999999"},
        {"by": "all"},
        {"currency": "SEK"},
    ],
)
def test_nonsense_in_the_address_does_no_harm(admin_client, earned, query):
    overview(admin_client, **query)


def test_without_sales_it_says_what_to_do(admin_client, db):
    page = overview(admin_client)
    assert "Nothing was earned in this time" in page
    assert "No network reports its sales" in page


def test_only_roles_see_what_is_earned(client, editor):
    routes = [reverse("sales:overview"), reverse("sales:export", args=["csv"])]
    stranger = type(editor).objects.create_user("stranger")
    for user, status in ((None, 302), (stranger, 403), (editor, 200)):
        if user:
            client.force_login(user)
        assert [client.get(route).status_code for route in routes] == [status] * 2
    assert [client.post(route).status_code for route in routes] == [405] * 2


def test_the_export_has_exact_numbers_and_no_formula(editor_client, earned):
    response = editor_client.get(reverse("sales:export", args=["csv"]), {"by": "product"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["name"], row["currency"], row["commission"]) == ("'=cmd|shoe", "EUR", "12.34")
    assert (row["clicks"], Decimal(row["epc"])) == ("100", Decimal("0.1234"))

    response = editor_client.get(reverse("sales:export", args=["json"]), {"by": "product", "currency": "SEK"})
    (row,) = json.loads(response.content)["rows"]
    assert (row["key"], row["commission"]) == (str(earned.pk), "100.00")


def test_a_page_can_be_sorted_by_what_it_shows(admin_client, earned):
    for sort in ("sales", "epc", "clicks", "paid"):
        assert 'aria-sort="descending"' in overview(admin_client, by="shop", sort=sort)


def test_months_before_are_compared_with_months(admin_client, earned):
    month = timezone.localdate().replace(day=1) - timedelta(days=1)
    overview(admin_client, period=f"{month:%Y-%m}", by="shop")
