"""A ledger kept by hand: 200 awkward sales, and what they come to, to the cent."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from catalog.clicks.subid import make_sub_id
from catalog.models import DailyClicks
from sales.match import match_sales
from sales.models import Basis, Dimension, Sale
from sales.queries.earnings import get_overview, list_earned
from sales.queries.periods import get_period
from sales.rollups import rebuild
from tests.sales.rows import make_account, make_offer, make_product, make_sale, make_shop, make_sums

TODAY = datetime(2026, 11, 28, 12, 0, tzinfo=ZoneInfo("UTC"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def ledger(db, settings):
    """The first hundred are plain, the second are what makes ledgers wrong. Times are UTC."""
    settings.TIME_ZONE = "Europe/Stockholm"
    with timezone.override("Europe/Stockholm"), time_machine.travel(TODAY, tick=True):
        yield make_ledger()


def make_ledger() -> dict:
    otto, zara = make_shop("OTTO", "77"), make_shop("Zara", "88", "tradedoubler")
    shoe, coat = make_product("Shoe"), make_product("Coat")
    offers = {"shoe": make_offer(shoe, otto), "coat": make_offer(coat, zara, source="tradedoubler")}
    shoe_id = make_sub_id(shoe.pk, "top", offers["shoe"].pk)
    coat_id = make_sub_id(coat.pk, "offer", offers["coat"].pk)
    other = make_account("tradedoubler")
    made: list[Sale] = []

    def add(count: int, commission: str | None, **fields) -> None:
        made.extend(make_sale(commission, **fields) for _ in range(count))

    click = {"at": at("2026-11-20T10:00")}
    # 100 plain ones: 40 x 1.10 + 30 x 2.25 + 20 x 0.05 + 10 x 33.33 = 44.00 + 67.50 + 1.00 + 333.30 = 445.80
    add(40, "1.10", sub_id=shoe_id, **click)
    add(30, "2.25", sub_id=shoe_id.upper(), state="approved", **click)
    add(20, "0.05", sub_id=shoe_id, state="rejected", **click)
    add(10, "33.33", sub_id=shoe_id, state="paid", **click)
    # 15 of another currency, which are never added: 15 x 100.10 SEK
    add(15, "100.10", sub_id=coat_id, program_key="88", account=other, currency="SEK", **click)
    # 10 corrections and 10 returns in part: 10 x -1.10 + 10 x 0.33
    add(10, "-1.10", sub_id=shoe_id, state="approved", **click)
    add(10, "0.33", sub_id=f"p{shoe.pk}-top", state="approved", **click)
    # 10 without value, 10 leads of 0.50, 5 whose amount is not said yet
    add(10, "0.00", sub_id="", **click)
    add(10, "0.50", sub_id=shoe_id, kind="lead", **click)
    add(5, None, sub_id=shoe_id, currency="", order_value=Decimal("20"), **click)
    # 5 of six decimals: a third of a cent each, 5 x 0.333333
    add(5, "0.333333", sub_id=shoe_id, **click)
    # 10 that do not count: unreadable, or not reported any more
    add(5, "999.99", sub_id=shoe_id, problem="Its currency is none.", **click)
    add(5, "999.99", sub_id=shoe_id, gone_at=timezone.now(), **click)
    # 10 at the edges: 23:30 UTC is the next day in Stockholm, in summer and in winter
    add(5, "7.00", sub_id=shoe_id, at=at("2026-11-19T23:30"))
    add(5, "7.00", sub_id=shoe_id, at=at("2026-10-24T22:30"))  # the night that is an hour longer
    # 5 that were clicked in October and decided in November; 5 of a deleted product; 5 of another site
    add(
        *(5, "4.00"),
        sub_id=shoe_id,
        state="approved",
        at=at("2026-10-10T10:00"),
        decided_on=date(2026, 11, 21),
    )
    add(5, "3.00", sub_id="p99999999-top-1", **click)
    add(5, "2.00", sub_id="blog-42", **click)
    assert len(made) == 200
    match_sales([sale.pk for sale in made])
    rebuild([])
    make_sums()
    for offer, count in ((offers["shoe"], 400), (offers["coat"], 20)):
        DailyClicks.objects.create(offer=offer, day=date(2026, 11, 20), place="top", count=count)
    make_sums()
    return {"otto": otto, "zara": zara, "shoe": shoe, "coat": coat}


def test_the_month_comes_to_what_the_ledger_says(ledger):
    found = get_overview(get_period("2026-11"))
    euro, krona, unsaid = found.totals
    assert (euro.currency, krona.currency, unsaid.currency) == ("EUR", "SEK", "")
    # pending: 44.00 + leads 5.00 + 5 x 0.333333 + edge 35.00 + deleted 15.00 + foreign 10.00
    assert euro.now.pending == Decimal("110.666665")
    # approved: 67.50 - 11.00 + 3.30
    assert euro.now.approved == Decimal("59.80")
    assert euro.now.paid == Decimal("333.30")
    assert euro.now.rejected == Decimal("1.00")
    assert euro.now.commission == Decimal("503.766665")
    assert (euro.now.pending_count, euro.now.approved_count) == (40 + 10 + 10 + 5 + 5 + 5 + 5, 30 + 10 + 10)
    assert (euro.now.rejected_count, euro.now.paid_count) == (20, 10)
    assert (euro.now.lead_count, euro.now.zero_count) == (10, 10)
    assert krona.now.commission == Decimal("1501.50")
    assert (unsaid.now.count, unsaid.now.commission) == (5, Decimal(0))
    assert found.all.count == 200 - 10 - 5 - 5
    assert (found.currency, found.highest) == ("EUR", Decimal("503.766665"))


def test_the_days_are_those_of_the_site(ledger):
    bars = {bar.first: bar.commission for bar in get_overview(get_period("2026-11")).bars}
    # 23:30 UTC of the 19th is half past midnight of the 20th.
    assert bars[date(2026, 11, 20)] == Decimal("503.766665")
    assert bars[date(2026, 11, 19)] == 0
    bars = {bar.first: bar.commission for bar in get_overview(get_period("2026-10")).bars}
    assert bars[date(2026, 10, 25)] == Decimal("35.00")
    assert bars[date(2026, 10, 10)] == Decimal("20.00")


def test_the_day_of_the_decision_moves_sales_to_another_month(ledger):
    euro = get_overview(get_period("2026-11"), Basis.DECISION).totals[0].now
    # What is pending has no such day: 67.50 - 11.00 + 3.30 + 20.00 of October, 333.30, 1.00
    assert (euro.pending_count, euro.approved, euro.paid) == (0, Decimal("79.80"), Decimal("333.30"))
    october = get_overview(get_period("2026-10"), Basis.DECISION)
    assert october.totals == [] or october.totals[0].now.count == 0


def rows_of(dimension: str, currency: str = "EUR") -> dict[str, Decimal]:
    page = list_earned(dimension, get_period("2026-11"), currency=currency)
    return {row.name: row.sums.commission for row in page}


def test_each_view_of_it_comes_to_the_same(ledger):
    whole = Decimal("503.766665")
    assert rows_of(Dimension.SHOP) == {"OTTO": whole}
    assert rows_of(Dimension.NETWORK) == {"Adtraction": whole}
    assert rows_of(Dimension.PROGRAM) == {"OTTO": whole}
    assert rows_of(Dimension.PROGRAM, "SEK") == {"Zara": Decimal("1501.50")}
    assert rows_of(Dimension.CATEGORY) == {"Without a category": whole}
    # Without: 10 of another site and of none, 15 of the deleted product.
    assert rows_of(Dimension.PRODUCT) == {"Shoe": whole - 10 - 15}
    assert rows_of(Dimension.PLACE) == {"Top of the page": whole - 10, "Not known": Decimal(10)}
    assert rows_of(Dimension.OFFER) == {"OTTO: Shoe": whole - 10 - 15}


def test_what_a_click_earns_is_stated_with_its_doubt(ledger):
    (shop,) = list_earned(Dimension.SHOP, get_period("2026-11"), currency="EUR")
    assert (shop.clicks, shop.epc.value) == (400, Decimal("503.766665") / 400)
    assert shop.epc.approved == Decimal("393.10") / 400
    assert shop.epc.low < shop.epc.value < shop.epc.high
    assert shop.sums.pending_percent == 21
    # Of 85 decided, those of October's click too, 20 were rejected.
    assert shop.approval_percent == (85 - 20) * 100 // 85
    (zara,) = list_earned(Dimension.SHOP, get_period("2026-11"), currency="SEK")
    assert (zara.clicks, zara.epc.is_known) == (20, False)


def test_coverage_is_the_share_that_carried_our_sub_id(ledger):
    found = get_overview(get_period("2026-11"))
    # 10 without value had none, 5 were of another site; a deleted product's was ours.
    assert found.all.coverage_percent == (180 - 15) * 100 // 180
