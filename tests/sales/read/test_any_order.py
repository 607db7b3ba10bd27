"""Whatever happens in whatever order: in the end the rows are those that the network reports."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from sales.models import ReportAccount, ReportWindow, Sale
from sales.read import reader, schedule, upsert, windows
from tests.killing import lines_of

MODULES = (reader, upsert, windows)
DAYS = 60


@pytest.fixture
def ledger(sandbox):
    return sandbox.state.sales


def make_row(number, rng):
    at = datetime.now(UTC) - timedelta(days=rng.uniform(2, DAYS - 3))
    decided = at + timedelta(days=rng.randint(1, 50))
    events = [
        {
            "at": decided.isoformat(),
            "state": rng.choice(["approved", "rejected"]),
            "commission": rng.randint(0, 900),
        },
    ]
    return {
        "network": "adtraction",
        "program": "1062000001",
        "id": str(number),
        "sub_id": f"p{number}-top",
        "happened_at": at.isoformat(),
        "value": rng.randint(0, 50_000),
        "commission": rng.randint(-100, 2_000),
        "events": events,
    }


def take_up():
    """Let whatever was left behind be taken up at once."""
    ReportWindow.objects.filter(state="running").update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    ReportWindow.objects.update(waits_until=None)
    ReportAccount.objects.update(rests_until=None)


def check(ledger, account):
    """Compare every row with what the network reports now, once it was read whole, twice."""
    for _ in range(2):
        take_up()
        today = datetime.now(UTC).date()
        schedule.ask_for(account, today - timedelta(days=DAYS), today)
        reader.work(account.pk)
    expected = {
        f"A-{row.sale.id}": (row.state, Decimal(row.commission) / 100, Decimal(row.value) / 100)
        for row in ledger.rows("adtraction", None, None)
    }
    fields = ("state", "commission", "order_value")
    stored = {
        sale.external_id: tuple(getattr(sale, name) for name in fields)
        for sale in Sale.objects.filter(gone_at=None)
    }
    assert stored == expected
    assert Sale.objects.count() == len(set(Sale.objects.values_list("external_id", flat=True)))
    check_history()


def check_history():
    """Undoing the changes of a sale, the newest first, ends at one value for each field, without a gap."""
    for sale in Sale.objects.prefetch_related("changes"):
        now = {"state": sale.state}
        for change in reversed(sale.changes.all()):
            if "state" in change.after:
                assert change.after["state"] == now["state"]
                now["state"] = change.before["state"]


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_windows_repeats_kills_and_changes_ends_in_the_same_rows(
    make_account, ledger, control, seed, settings
):
    rng = random.Random(seed)
    account = make_account("adtraction")
    settings.SALES_FIRST_DAYS = DAYS
    control("sales", add=[make_row(number, rng) for number in range(25)])
    schedule.plan()
    hidden: set[str] = set()
    for _ in range(12):
        step = rng.choice(["read", "window", "kill", "kill", "time", "change", "hide", "new"])
        if step == "read":
            take_up()
            reader.work(account.pk)
        elif step == "window":
            last = datetime.now(UTC).date() - timedelta(days=rng.randint(0, DAYS - 10))
            schedule.ask_for(account, last - timedelta(days=rng.randint(1, 9)), last)
        elif step == "kill":
            take_up()
            lines_of(lambda: reader.work(account.pk), MODULES, stop_at=rng.randint(1, 400))
        elif step == "time":
            control("time", days=rng.randint(1, 20))
        elif step == "change":
            control("sales", add=[make_row(rng.randint(0, 24), rng)])
        elif step == "new":
            control("sales", add=[make_row(rng.randint(25, 40), rng)])
        else:
            hidden = hidden ^ {str(rng.randint(0, 24))}
            control("sales", hide=sorted(hidden))
    check(ledger, account)


def test_a_worker_killed_at_any_line_loses_and_doubles_nothing(make_account, ledger, control, settings):
    rng = random.Random(7)
    account = make_account("adtraction")
    settings.SALES_FIRST_DAYS = 20
    control("sales", add=[make_row(number, rng) for number in range(10)])
    schedule.plan()
    total = lines_of(lambda: reader.work(account.pk), MODULES)
    assert Sale.objects.exists()
    for line in range(1, total, max(1, total // 12)):
        Sale.objects.all().delete()
        ReportWindow.objects.update(state="queued", claim=None)
        lines_of(lambda: reader.work(account.pk), MODULES, stop_at=line)
        take_up()
        reader.work(account.pk)
        assert not ReportWindow.objects.exclude(state="done").exists()
        start = datetime.now(UTC) - timedelta(days=19)
        expected = {f"A-{row.sale.id}" for row in ledger.rows("adtraction", start, None)}
        assert expected <= set(Sale.objects.values_list("external_id", flat=True))
