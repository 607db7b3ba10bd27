"""Sums are the sums of their rows, whatever happened to these, in whatever order."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from catalog.models import Category, DailyClicks
from sales.match import match_sales
from sales.models import (
    DailyClickTotals,
    DailyEarnings,
    MatchRule,
    Sale,
    SpanEarnings,
    Touched,
)
from sales.rollups import make_touched, rebuild, turn_day
from tests.importer.threads import at_once
from tests.sales.rows import make_account, make_offer, make_product, make_sale, make_shop, make_sums

COLUMNS = (
    *("pending_count", "approved_count", "rejected_count", "paid_count"),
    *("lead_count", "zero_count", "named_count"),
    *("pending", "approved", "rejected", "paid", "commission", "squares", "order_value"),
)
STATES = list(Sale.State)


def measures_of(sale: Sale) -> list:
    """Return what a sale adds to each of the COLUMNS."""
    amount, value = sale.commission or Decimal(0), sale.order_value or Decimal(0)
    kept = sale.state != Sale.State.REJECTED
    return [
        *(int(sale.state == state) for state in STATES),
        int(sale.kind == "lead"),
        int(not amount and not value),
        int(sale.named_product_id is not None),
        *(amount if sale.state == state else Decimal(0) for state in STATES),
        amount if kept else Decimal(0),
        amount * amount if kept else Decimal(0),
        value if kept else Decimal(0),
    ]


def keys_of(sale: Sale) -> list[tuple[str, str]]:
    categories = sale.product.category_ids if sale.product else []
    return [
        ("all", ""),
        ("network", sale.account.network),
        ("program", f"{sale.account.network}:{sale.program_key}"),
        ("shop", str(sale.shop_id or "")),
        ("place", sale.place),
        ("text", ""),
        ("rule", str(sale.matched_by_id or "")),
        ("run", ""),
        ("saved_search", ""),
        *(("category", str(pk)) for pk in categories or [0]),
    ]


def spans_of(day: date) -> list[str]:
    today = timezone.localdate()
    ago = (today - day).days
    return [f"{day:%Y-%m}", *(str(span) for span in (1, 7, 30, 90) if 0 <= ago < span)]


def expected() -> tuple[dict, dict]:
    """Count by hand what the rows say."""
    daily = defaultdict(lambda: [0] * 7 + [Decimal(0)] * 7)
    spans = defaultdict(lambda: [0] * 7 + [Decimal(0)] * 7)
    for sale in Sale.objects.select_related("account", "product").filter(is_counted=True):
        measures = measures_of(sale)

        def add(sums: dict, key: tuple, measures=measures) -> None:
            sums[key] = [a + b for a, b in zip(sums[key], measures, strict=True)]

        days = {"click": sale.clicked_on, "sale": sale.happened_on, "decision": sale.decided_on}
        for basis, day in days.items():
            if day is None:
                continue
            for dimension, key in keys_of(sale):
                add(daily, (basis, dimension, day, key, sale.currency))
            for dimension, pk in (("product", sale.product_id), ("offer", sale.offer_id)):
                for span in spans_of(day) if pk else ():
                    add(spans, (basis, dimension, span, pk, sale.currency))
    return dict(daily), dict(spans)


def stored(model, *key: str) -> dict:
    rows = model.objects.values_list(*key, *COLUMNS)
    return {row[: len(key)]: list(row[len(key) :]) for row in rows}


def prove() -> None:
    make_sums()
    daily, spans = expected()
    assert stored(DailyEarnings, "basis", "dimension", "day", "key", "currency") == daily
    assert stored(SpanEarnings, "basis", "dimension", "span", "key", "currency") == spans


@pytest.fixture
def things(db):
    """Two networks, three shops, some products with offers and categories, and a rule."""
    shops = [make_shop("A", "1"), make_shop("B", "2"), make_shop("C", "3", "tradedoubler")]
    category, other = (Category.objects.create(name=name, slug=name) for name in ("shoes", "red"))
    products = [make_product(str(number)) for number in range(5)]
    for number, product in enumerate(products):
        product.categories.set([category, other][: number % 3])
        make_offer(product, shops[number % 2])
        make_offer(product, shops[2], source="tradedoubler")
    MatchRule.objects.create(pattern="blog-*", product=products[0])
    MatchRule.objects.create(pattern="mail-*", campaign="Mail")
    return products


class History:
    """What may happen to sales, by chance."""

    def __init__(self, products: list, seed: int) -> None:
        self.chance = random.Random(seed)
        self.products = products
        self.accounts = [make_account(), make_account("tradedoubler")]

    def step(self) -> None:
        changes = (self.decide, self.correct, self.lose, self.delete, self.place)
        self.chance.choice((self.add, self.add, self.add, *changes))()

    def some(self) -> Sale | None:
        ids = list(Sale.objects.values_list("pk", flat=True))
        return Sale.objects.get(pk=self.chance.choice(ids)) if ids else None

    def amount(self) -> Decimal | None:
        amount = Decimal(self.chance.randint(1, 99999)) / 100
        return self.chance.choice([None, Decimal(0), Decimal("-3.10"), amount])

    def day(self) -> date:
        return timezone.localdate() - timedelta(days=self.chance.choice([0, 1, 6, 7, 29, 30, 89, 90, 200]))

    def add(self) -> None:
        product = self.chance.choice(self.products)
        amount, day = self.amount(), self.day()
        state = self.chance.choice(STATES)
        sale = make_sale(
            account=self.chance.choice(self.accounts),
            program_key=self.chance.choice(["1", "2", "3", "404", ""]),
            sub_id=self.chance.choice(
                [f"p{product.pk}-top", f"P{product.pk}-offer-x", "blog-1", "mail-2", "", "x"]
            ),
            kind=self.chance.choice(["sale", "sale", "lead"]),
            state=state,
            commission=amount,
            order_value=self.amount(),
            currency="" if amount is None else self.chance.choice(["EUR", "EUR", "SEK"]),
            clicked_on=day - timedelta(days=self.chance.randint(0, 3)),
            happened_on=day,
            decided_on=None if state == "pending" else day + timedelta(days=self.chance.randint(0, 40)),
        )
        match_sales([sale.pk])

    def decide(self) -> None:
        if sale := self.some():
            sale.state, sale.decided_on = self.chance.choice(["approved", "rejected", "paid"]), self.day()
            sale.save()

    def correct(self) -> None:
        if sale := self.some():
            sale.commission = self.amount()
            sale.currency = "" if sale.commission is None else "EUR"
            sale.save()

    def lose(self) -> None:
        if sale := self.some():
            sale.gone_at = None if sale.gone_at else timezone.now()
            sale.save()

    def delete(self) -> None:
        if (sale := self.some()) and self.chance.random() < 0.3:
            sale.delete()

    def place(self) -> None:
        if sale := self.some():
            Sale.objects.filter(product=sale.product_id).update(place="top")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sums_are_the_sums_of_the_rows_whatever_happened(things, seed):
    history = History(things, seed)
    for number in range(60):
        history.step()
        if history.chance.random() < 0.2:
            rebuild([timezone.localdate()])
        if number % 30 == 29:
            prove()
    assert Sale.objects.count() > 10


def test_making_sums_twice_changes_nothing_and_leaves_nothing(things):
    history = History(things, 4)
    for _ in range(10):
        history.add()
    prove()
    assert not Touched.objects.exists()
    assert not make_touched()
    prove()


def test_a_change_that_no_sum_shows_touches_nothing(db):
    sale = make_sale()
    make_sums()
    Sale.objects.filter(pk=sale.pk).update(missed_at=timezone.now(), network_state="P", reason="late")
    assert not Touched.objects.exists()


def test_a_new_day_moves_the_spans_that_end_today(things):
    with time_machine.travel(timezone.now() - timedelta(days=8), tick=True):
        History(things, 5).add()
        sale = make_sale("5.00", sub_id=f"p{things[0].pk}-top", program_key="1")
        match_sales([sale.pk])
        turn_day()
        prove()
        assert SpanEarnings.objects.filter(span="7", key=things[0].pk, dimension="product").exists()
    turn_day()
    prove()
    assert not SpanEarnings.objects.filter(span="7", key=things[0].pk, dimension="product").exists()
    turn_day()
    assert not Touched.objects.exists()


def test_a_deleted_account_takes_its_sums_along(things):
    sale = make_sale(sub_id=f"p{things[0].pk}-top", program_key="1")
    match_sales([sale.pk])
    prove()
    Sale.objects.filter(account=sale.account).delete()
    make_sums()
    assert not DailyEarnings.objects.exists()
    assert not SpanEarnings.objects.exists()


def test_many_days_wait_for_a_worker_and_few_do_not(db):
    make_sale()
    rebuild([timezone.localdate()] * 100)
    assert not DailyEarnings.objects.exists()
    rebuild([timezone.localdate()])
    assert DailyEarnings.objects.exists()


def test_two_writers_at_once_lose_and_double_nothing(transactional_db):
    make_shop()
    make_account()

    def write(number: int) -> None:
        for _ in range(5):
            sale = make_sale(f"{number}.10")
            match_sales([sale.pk])
            rebuild([sale.happened_on])

    at_once(*[lambda number=number: write(number) for number in (1, 2, 3)])
    prove()
    (row,) = DailyEarnings.objects.filter(dimension="all", basis="sale")
    assert (row.pending_count, row.commission) == (15, Decimal("31.50"))


def test_clicks_are_summed_by_what_they_were_on(things):
    product = things[1]
    product.refresh_from_db()
    today = timezone.localdate()
    for offer in product.offers.all():
        for place, count in (("top", 3), ("offer", 4)):
            DailyClicks.objects.create(offer=offer, day=today, place=place, count=count)
    make_sums()
    sums = {(row.dimension, row.key): row.count for row in DailyClickTotals.objects.filter(day=today)}
    assert sums[("all", "")] == 14
    assert sums[("place", "top")] == 6
    assert sums[("network", "adtraction")] == 7
    assert sums[("program", "adtraction:2")] == 7
    assert sums[("category", str(product.category_ids[0]))] == 14
    assert {key for dimension, key in sums if dimension == "shop"} == {
        str(pk) for pk in product.offers.values_list("shop_id", flat=True)
    }
    DailyClicks.objects.filter(place="top").update(count=10)
    make_sums()
    assert DailyClickTotals.objects.get(dimension="all", day=today).count == 28


def test_the_triggers_are_there(db):
    with connection.cursor() as cursor:
        names = "^(sales|clicks)_(added|changed|removed)$"
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname ~ %s", [names])
        assert cursor.fetchone() == (6,)
