"""What a program pays, beside what may be imported; and nowhere that visitors see."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from catalog.clicks.subid import make_sub_id
from catalog.models import DailyClicks, Product
from importer.models import Program
from sales.models import CommissionRate
from sales.queries.terms import Rate, Terms, get_terms
from tests.importer.make import make_feed, make_item
from tests.sales.rows import make_account, make_offer, make_product, make_sale, make_shop, make_sums, match

EUR, SEK = "EUR", "SEK"


def rate(percent=None, fixed=None, currency="", group="", kind="sale") -> Rate:
    number = [None if text is None else Decimal(text) for text in (percent, fixed)]
    return Rate(group, kind, *number, currency)


GROUPS = [rate("3", group="Shoes"), rate("8", group="Coats")]


@pytest.mark.parametrize(
    ("rates", "category", "shares", "amounts"),
    [
        ([rate("8")], "", ("8", "8"), ("4.00", "4.00")),
        (
            [rate("3", group="Shoes"), rate("8", group="Coats")],
            "Shoes > Running",
            ("3", "3"),
            ("1.50", "1.50"),
        ),
        ([rate("3", group="Shoes"), rate("8", group="Coats")], "Toys", ("3", "8"), ("1.50", "4.00")),
        ([rate(fixed="2", currency=EUR)], "", None, ("2", "2")),
        ([rate("8", "2", EUR)], "", ("8", "8"), ("6.00", "6.00")),
        ([rate("8", "2", SEK)], "", ("8", "8"), None),
        ([rate("8"), rate(fixed="2", currency=SEK)], "", ("8", "8"), ("4.00", "4.00")),
        ([rate("8"), rate(fixed="90", currency=EUR, kind="lead")], "", ("8", "8"), ("4.00", "4.00")),
        ([rate(fixed="9", currency=EUR, kind="lead")], "", None, ("9", "9")),
    ],
)
def test_the_rate_of_the_category_is_applied_to_the_price(rates, category, shares, amounts):
    pay = Terms(tuple(rates)).offer(category, Decimal("50"), EUR)
    assert pay.shares == (shares and tuple(map(Decimal, shares)))
    assert pay.amounts == (amounts and tuple(map(Decimal, amounts)))


def test_without_a_rate_or_a_price_nothing_is_promised():
    assert Terms().offer("", Decimal(50), EUR) is None
    assert Terms((rate("8"),)).offer("", None, EUR).amounts is None
    assert Terms((rate("8"),)).offer("", Decimal(50), "").amounts is None


@pytest.fixture
def paying(db):
    """A program that pays, with its shop, clicks and sales, and two items of it."""
    shop, product = make_shop("OTTO", "77"), make_product()
    offer = make_offer(product, shop)
    program = Program.objects.get(external_id="77")
    CommissionRate.objects.create(
        program=program,
        percent=Decimal("8"),
        cookie_days=30,
        approval_rate=Decimal("50"),
        seen_from=timezone.now(),
    )
    CommissionRate.objects.create(
        program=program, percent=Decimal("99"), seen_from=timezone.now(), seen_until=timezone.now()
    )
    sub_id = make_sub_id(product.pk, "top", offer.pk)
    sales = [make_sale("5.00", sub_id=sub_id, state=state) for state in ["approved"] * 9 + ["rejected"]]
    match(*sales)
    DailyClicks.objects.create(offer=offer, day=timezone.localdate(), place="top", count=100)
    make_sums()
    cache.clear()
    feed = make_feed(make_account(), program=program)
    dear, cheap = (
        make_item(feed, title=f"Shoe {price}", price=Decimal(price), currency=EUR, program_id="77")
        for price in ("100.00", "10.00")
    )
    return {"feed": feed, "dear": dear, "cheap": cheap, "product": product}


def test_what_is_known_of_a_program_comes_with_one_query(paying, django_assert_num_queries):
    with django_assert_num_queries(1):
        terms = get_terms(["adtraction:77", "adtraction:404", ""])
    (known,) = terms.values()
    assert [each.percent for each in known.rates] == [Decimal("8")]
    assert (known.cookie_days, known.approval_percent, known.is_own_approval) == (30, 90, True)
    assert (known.epc.value, known.currency) == (Decimal("0.45"), EUR)


def titles(page: str) -> list[str]:
    return sorted(("Shoe 100.00", "Shoe 10.00"), key=lambda title: page.index(f">{title}<"))


def test_a_result_says_what_it_pays(admin_client, paying):
    page = admin_client.get(reverse("importer:search-all"), {"keywords": "shoe"}).content.decode()
    assert "€8.00" in page
    assert "€0.80" in page
    assert "90 % approved" in page
    assert "30 days" in page
    assert "€0.450 a click" in page
    best = admin_client.get(reverse("importer:search-all"), {"keywords": "shoe", "earns": "best"})
    assert titles(best.content.decode()) == ["Shoe 100.00", "Shoe 10.00"]


def test_who_may_not_see_earnings_sees_no_commission(client, editor, paying):
    editor.groups.first().permissions.remove(
        *editor.groups.first().permissions.filter(content_type__app_label="sales")
    )
    client.force_login(editor)
    page = client.get(reverse("importer:search-all"), {"keywords": "shoe", "earns": "best"})
    assert page.status_code == 200
    assert "€0.80" not in page.content.decode()


PUBLIC = ["/", "/search/?q=shoe", "/?sort=price", "/sitemap.xml"]


def test_no_sale_and_no_rate_changes_what_visitors_see(client, settings, transactional_db):
    """The same pages, to the byte and in the same order, whatever anything earns."""
    settings.PAGE_CACHE_SECONDS = 0
    shop, other = make_shop("OTTO", "77"), make_shop("Zara", "88")
    products = [make_product(f"Shoe {number}") for number in range(6)]
    offers = [make_offer(product, each) for product in products for each in (shop, other)]
    Product.objects.update(published_at=timezone.now())
    addresses = [*PUBLIC, shop.get_absolute_url(), *(product.get_absolute_url() for product in products)]

    def seen() -> list[tuple[int, bytes]]:
        answers = [client.get(address) for address in addresses]
        return [(answer.status_code, answer.content) for answer in answers]

    before = seen()
    assert {status for status, _ in before} <= {200, 404}
    assert sum(status == 200 for status, _ in before) >= 8
    for number, offer in enumerate(offers):
        sub_id = make_sub_id(offer.product_id, "top", offer.pk)
        key = "77" if offer.shop_id == shop.pk else "88"
        match(make_sale(f"{number * 100}.00", sub_id=sub_id, program_key=key))
    for program in Program.objects.all():
        CommissionRate.objects.create(program=program, percent=program.pk % 50, seen_from=timezone.now())
    make_sums()
    assert seen() == before
