"""What networks say beside sales: rates that fall, payments, sums that differ; and the commands."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from dashboard.digest import collecting
from dashboard.digest.facts import get_sections
from dashboard.models import Notice
from events.models import Event
from importer.models import Program
from importer.networks.reports import CommissionData
from sales.models import CommissionRate, NetworkDay, Payment
from sales.queries.reconcile import explain
from sales.queries.sums import Sums
from sales.rates import is_lower
from sales.read.extras import read_commissions
from tests.sales.rows import make_account, make_offer, make_product, make_sale, make_shop, make_sums, match


def rate(percent=None, fixed=None, currency="EUR") -> CommissionRate:
    amounts = [None if text is None else Decimal(text) for text in (percent, fixed)]
    return CommissionRate(percent=amounts[0], fixed=amounts[1], currency=currency)


@pytest.mark.parametrize(
    ("old", "new", "lower"),
    [
        (rate("8"), rate("7"), True),
        (rate("8"), rate("9"), False),
        (rate("8"), rate(None, "2"), True),
        (rate("8", "1"), rate("8", "2"), False),
        (rate("8", "2"), rate("8", "1"), True),
        (rate("8", "2"), rate("8"), True),
        (rate(None, "2", "EUR"), rate(None, "1", "SEK"), False),
    ],
)
def test_a_lower_rate_is_seen_and_currencies_are_not_compared(old, new, lower):
    assert is_lower(old, new) is lower


class Told:
    """A network's reports, of which only what programs pay is asked."""

    def __init__(self, *rates: CommissionData) -> None:
        self.rates = rates

    def fetch_commissions(self):
        return iter(self.rates)


def test_a_program_that_pays_less_is_an_event_and_stands_in_the_daily_mail(transactional_db):
    make_shop("OTTO", "77")
    account = make_account()

    def read(*percents: str) -> None:
        rows = [
            CommissionData(program_id="77", group=str(n), percent=Decimal(p)) for n, p in enumerate(percents)
        ]
        read_commissions(account, Told(*rows))

    read("8", "5")
    read("8", "6")
    assert not Event.objects.filter(kind__startswith="commission").exists()
    read("4", "6")
    event = Event.objects.get(kind="commission.dropped")
    assert (event.before["rates"], event.after) == (["8 %"], {"name": "OTTO", "rates": ["4 %"]})
    collecting.collect(seconds=5)
    (section,) = get_sections(list(Notice.objects.all()))
    assert section.new[0].text == "“OTTO” pays less: 4 % now."


def test_a_program_without_any_rate_is_closed(db):
    make_shop("OTTO", "77")
    program, now = Program.objects.get(), timezone.now()
    CommissionRate.objects.create(
        program=program, percent=8, seen_from=now - timedelta(days=9), seen_until=now
    )
    from sales.rates import note_changes

    assert note_changes(program.account_id, now) == 1
    assert Event.objects.get().kind == "program.closed"


def sums(count=0, commission="0", rejected="0", **more) -> Sums:
    return Sums(approved_count=count, commission=Decimal(commission), rejected=Decimal(rejected), **more)


@pytest.mark.parametrize(
    ("theirs", "ours", "says"),
    [
        ((3, "30.00"), sums(3, "30.00"), ""),
        ((3, "30.02"), sums(3, "30.00"), ""),
        ((None, None), sums(3, "30.00"), ""),
        ((3, "30.00"), sums(3, "20.00", "10.00"), ""),
        ((4, "30.00"), sums(3, "30.00"), "1 sale missing here"),
        ((1, "30.00"), sums(3, "30.00"), "2 sales more here"),
        ((3, "35.00"), sums(3, "30.00"), "5.00 less commission here"),
        ((3, "25.00"), sums(3, "30.00"), "5.00 more commission here"),
        ((0, None), sums(0), ""),
    ],
)
def test_a_difference_has_a_name(theirs, ours, says):
    count, commission = theirs
    assert explain(count, None if commission is None else Decimal(commission), ours) == says


def test_sales_of_the_day_beside_are_named():
    assert "the network's days begin" in explain(3, None, sums(2), [sums(1)])


@pytest.fixture
def told(db):
    shop, product = make_shop("OTTO", "77"), make_product()
    make_offer(product, shop)
    sales = make_sale("3.00", sub_id=f"p{product.pk}-top"), make_sale("4.00")
    match(*sales)
    make_sums()
    for key, count, commission in (("77", 2, "7.00"), ("78", 1, "9.00"), ("", 2, "7.00")):
        NetworkDay.objects.create(
            account=make_account(),
            program_key=key,
            day=timezone.localdate(),
            currency="EUR",
            sales=count,
            commission=Decimal(commission),
            read_at=timezone.now(),
        )
    Payment.objects.create(
        account=make_account(),
        external_id="P1",
        paid_on=timezone.localdate(),
        amount=Decimal("50"),
        currency="EUR",
    )
    return product


def test_the_page_shows_the_days_that_differ(editor_client, told):
    page = editor_client.get(reverse("sales:reconcile"))
    assert [(line.name, line.difference, line.is_large) for line in page.context["lines"]] == [
        ("Program 78", "1 sale missing here, 9.00 less commission here", True)
    ]
    page = editor_client.get(reverse("sales:reconcile"), {"all": "1"})
    assert len(page.context["lines"]) == 3


def test_payments_and_programs_are_listed(editor_client, told):
    assert "€50.00" in editor_client.get(reverse("sales:payment-list")).content.decode()
    program, now = Program.objects.get(external_id="77"), timezone.now()
    CommissionRate.objects.create(program=program, percent=8, seen_from=now, seen_until=now)
    CommissionRate.objects.create(program=program, percent=5, seen_from=now)
    page = editor_client.get(reverse("sales:program-list")).content.decode()
    assert "Less than before" in page
    assert "5 %" in page


# --- Commands ----------------------------------------------------------------------------------------


def command(capsys, *args: str):
    call_command(*args, "--json")
    return json.loads(capsys.readouterr().out)


def test_sales_are_listed_by_a_command(told, capsys):
    rows = command(capsys, "sales", "--match", "exact")
    assert [(row["commission"], row["product_id"]) for row in rows] == [("3.000000", told.pk)]
    assert command(capsys, "sales", "--state", "paid") == []
    call_command("sales", "--csv")
    assert capsys.readouterr().out.startswith("network,account,id")


def test_earnings_are_told_by_a_command(told, capsys):
    found = command(capsys, "earnings", "--by", "product")
    assert found["totals"][0]["commission"] == "7.00"
    assert [(row["name"], row["commission"]) for row in found["rows"]] == [("Red shoe", "3.00")]
    call_command("earnings")
    assert "7.00 EUR" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("earnings", "--period", "12")


def test_sales_are_matched_by_a_command(told, capsys):
    from sales.models import Sale

    Sale.objects.update(match="none", product=None, offer=None, shop=None)
    assert command(capsys, "match_sales") == {"matched_otherwise": 2, "sales": 2}
    assert command(capsys, "match_sales", "--all") == {"matched_otherwise": 0, "sales": 2}
