"""Sales one by one, what is not matched, and the rules that match it."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.clicks.subid import make_sub_id
from events.models import Event
from sales import urls
from sales.match.rules import apply_rule, plan_rule
from sales.models import DailyEarnings, MatchRule, Sale, SaleChange
from sales.tasks import apply_rule as apply_rule_task
from tests.sales.rows import make_account, make_offer, make_product, make_sale, make_shop, make_sums, match

PAGES = ("overview", "sale-list", "unmatched", "program-list", "payment-list", "reconcile")


@pytest.fixture
def sold(db):
    shop, product = make_shop(), make_product()
    offer = make_offer(product, shop)
    sales = [
        make_sale("1.00", sub_id=make_sub_id(product.pk, "top", offer.pk), external_id="AAA"),
        make_sale("2.00", sub_id="blog-1", state="approved", external_id="BBB"),
        make_sale("3.00", sub_id="blog-2", state="rejected", external_id="CCC", order_tail="9876"),
        make_sale("4.00", sub_id="", program_key="404", external_id="DDD"),
        make_sale("5.00", sub_id="blog-3", problem="Unreadable", external_id="EEE"),
    ]
    match(*sales)
    return sales


def found(client, **query) -> set[str]:
    response = client.get(reverse("sales:sale-list"), query)
    assert response.status_code == 200
    return {sale.external_id for sale in response.context["page_obj"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "AAA BBB CCC DDD"),
        ({"state": "approved"}, "BBB"),
        ({"q": "blog"}, "BBB CCC"),
        ({"q": "9876"}, "CCC"),
        ({"q": "DDD"}, "DDD"),
        ({"match": "exact"}, "AAA"),
        ({"match": "none"}, "DDD"),
        ({"network": "tradedoubler"}, ""),
        ({"program": "adtraction:404"}, "DDD"),
        ({"uncounted": "1"}, "EEE"),
        ({"basis": "decision"}, "BBB CCC"),
        ({"place": "top"}, "AAA"),
        ({"from": "2001-01-01", "to": "2001-02-01"}, ""),
        ({"from": "2001-02-31", "state": "x", "shop": "x", "page": "-7", "q": "\0"}, "AAA BBB CCC DDD"),
    ],
)
def test_the_list_has_what_is_asked_for(admin_client, sold, query, expected):
    assert found(admin_client, **query) == set(expected.split())


def test_the_pages_are_quick_to_ask(admin_client, sold, django_assert_max_num_queries):
    for name in PAGES:
        admin_client.get(reverse(f"sales:{name}"))
        with django_assert_max_num_queries(12):
            admin_client.get(reverse(f"sales:{name}"))


def test_the_list_is_exported(admin_client, sold):
    response = admin_client.get(reverse("sales:sale-export", args=["csv"]), {"q": "blog"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert {row["id"]: row["state"] for row in rows} == {"BBB": "approved", "CCC": "rejected"}
    response = admin_client.get(reverse("sales:sale-export", args=["json"]), {"q": "nothing"})
    assert json.loads(b"".join(response.streaming_content)) == []
    response = admin_client.get(reverse("sales:sale-export", args=["json"]), {"state": "pending"})
    rows = json.loads(b"".join(response.streaming_content))
    assert {(row["id"], Decimal(row["commission"])) for row in rows} == {("AAA", 1), ("DDD", 4)}


def test_a_sale_tells_its_history(editor_client, sold):
    sale = sold[1]
    SaleChange.objects.create(
        sale=sale,
        seen_at=timezone.now(),
        before={"state": "pending", "commission": "9.99"},
        after={"state": "approved", "commission": "2.00"},
    )
    page = editor_client.get(reverse("sales:sale-detail", args=[sale.pk])).content.decode()
    assert "<s>9.99</s>" in page
    assert "blog-1" in page
    assert "This shop" in page


def test_what_is_not_matched_is_listed_by_sub_id(editor_client, sold):
    page = editor_client.get(reverse("sales:unmatched"))
    assert [(group.sub_id, group.count, group.program) for group in page.context["groups"]] == [
        ("blog-1", 1, "OTTO"),
        ("blog-2", 1, "OTTO"),
    ]
    assert [group.program for group in page.context["without"]] == ["Program 404"]


# --- Rules -----------------------------------------------------------------------------------------


def test_a_rule_is_a_plan_first_and_counts_for_the_past(
    editor_client, sold, django_capture_on_commit_callbacks
):
    product = make_product("Blue shoe")
    data = {"pattern": "blog-*", "product": f"/dashboard/products/{product.pk}/"}
    page = editor_client.post(reverse("sales:rule-add"), data | {"plan": "1"}).content.decode()
    assert "gives 3 sales of the past" in page
    assert "€10.00" in page
    assert not MatchRule.objects.exists()
    assert Sale.objects.filter(match="shop").count() == 3

    response = editor_client.post(reverse("sales:rule-add"), data | {"save": "1"})
    assert response.status_code == 302
    rule = MatchRule.objects.get()
    assert rule.created_by.username == "editor"
    apply_rule_task(rule.pk)
    make_sums()
    assert set(Sale.objects.filter(matched_by=rule).values_list("product", flat=True)) == {product.pk}
    row = DailyEarnings.objects.get(dimension="rule", key=str(rule.pk), basis="sale")
    assert (row.approved, row.rejected) == (2, 3)
    assert Event.objects.filter(kind="match_rule.added").exists()

    editor_client.post(reverse("sales:rule-delete", args=[rule.pk]))
    assert Sale.objects.filter(match="shop", product=None).count() == 3
    assert Event.objects.filter(kind="match_rule.removed").exists()


def test_a_plan_says_what_saving_does(sold):
    """What it counts is what is matched, and not what the pattern alone fits: our own sub-ids stay."""
    rule = MatchRule(pattern="*o*", campaign="all")
    plan = plan_rule(rule)
    assert (plan.count, sorted(plan.samples)) == (3, ["blog-1", "blog-2", "blog-3"])
    rule.save()
    assert apply_rule(rule) == 3
    assert apply_rule(rule) == 0
    assert {sale.match for sale in Sale.objects.filter(matched_by=rule)} == {"shop"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"pattern": "", "page": "x"}, "required"),
        ({"pattern": "***", "page": "x"}, "stars alone"),
        ({"pattern": "a*b*c*d*e*f*g", "page": "x"}, "At most 5 stars"),
        ({"pattern": "blog-*"}, "a product, a page or a campaign"),
        ({"pattern": "blog-*", "product": "999999"}, "There is no such product"),
        ({"pattern": "blog-*", "product": "9" * 40}, "There is no such product"),
        ({"pattern": "blog-*", "page": "x", "network": "nowhere"}, "Select a valid choice"),
    ],
)
def test_a_rule_that_says_nothing_is_refused_with_a_reason(admin_client, db, data, says):
    page = admin_client.post(reverse("sales:rule-add"), data | {"save": "1"}).content.decode()
    assert says in page
    assert not MatchRule.objects.exists()


@pytest.mark.parametrize("pattern", ["(a+)+$", "a{1,5}", "100%", "a_b", "[x]*", r"back\slash*", "ünï*"])
def test_what_means_something_elsewhere_means_itself_here(db, pattern):
    sale = make_sale(sub_id=pattern.replace("*", "-rest"))
    others = make_sale(sub_id="aab"), make_sale(sub_id="100"), make_sale(sub_id="x")
    rule = MatchRule.objects.create(pattern=pattern, page="page")
    apply_rule(rule)
    assert list(Sale.objects.filter(matched_by=rule)) == [sale]
    assert others


# --- Who may -----------------------------------------------------------------------------------------


def test_every_page_asks_who_is_there(client, editor, sold):
    stranger = type(editor).objects.create_user("stranger")
    rule = MatchRule.objects.create(pattern="x-*", page="x")
    ids = {"sale-detail": [sold[0].pk], "rule-delete": [rule.pk], "export": ["csv"], "sale-export": ["csv"]}
    ids |= dict.fromkeys(("reading-edit", "reading-check"), [sold[0].account_id])
    names = [route.name for route in urls.urlpatterns if not route.name.startswith("reading")]
    routes = [reverse(f"sales:{name}", args=ids.get(name, [])) for name in names]
    assert {client.get(route).status_code for route in routes} == {302}
    client.force_login(stranger)
    assert {client.get(route).status_code for route in routes} <= {403, 405}
    assert {client.post(route).status_code for route in routes} <= {403, 405}
    client.force_login(editor)
    configured = reverse("sales:reading-edit", args=ids["reading-edit"])
    assert {client.get(route).status_code for route in routes if route != configured} <= {200, 405}
    assert client.get(configured).status_code == 403


def test_accounts_of_one_network_are_one_network(admin_client, db):
    make_sale(account=make_account("adtraction", "A"))
    make_sale(account=make_account("adtraction", "B"))
    make_sums()
    page = admin_client.get(reverse("sales:overview"), {"by": "network"})
    assert [(row.name, row.sums.count) for row in page.context["page_obj"]] == [("Adtraction", 2)]
