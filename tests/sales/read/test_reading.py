"""Reading against the sandbox: each sale once, its latest state, its history; windows survive anything."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from importer.feeds.cleaning import delete_removed_accounts, remove_account
from importer.models import StoredTokens
from sales.models import ACTIVE, CommissionRate, NetworkDay, ReportAccount, ReportWindow, Sale, SaleChange
from sales.read import extras, reader, schedule, windows
from tests.sales.read.conftest import read_all

PROGRAMS = {"tradedoubler": "290001", "adtraction": "1062000001", "tradetracker": "20101"}


def row(network, number, *, days_ago=5, **fields):
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return {
        "network": network,
        "program": PROGRAMS[network],
        "id": str(number),
        "happened_at": at.isoformat(),
        "value": 10_000,
        "commission": 500,
        "currency": "EUR",
        **fields,
    }


def told(control, network, prefix=""):
    """Return what the network reports, by id."""
    prefix = "A-" if network == "adtraction" else ""
    return {
        prefix + one["id"]: one
        for one in control("sales", method="GET")
        if one["network"] == network and is_seen(one)
    }


def is_seen(one):
    """Only the campaigns of its own country are in the demo's key at TradeTracker."""
    return one["network"] != "tradetracker" or one["program_name"].endswith(" DE")


def check_equal(control, account):
    """The rows are those that the network reports, to the cent."""
    expected = told(control, account.network)
    stored = {sale.external_id: sale for sale in Sale.objects.filter(account=account, gone_at=None)}
    assert set(stored) == set(expected)
    for external_id, one in expected.items():
        sale = stored[external_id]
        assert sale.state == one["state"], external_id
        if account.network != "tradedoubler":  # which tells every amount in the account's currency
            assert sale.commission == Decimal(one["commission"]) / 100, external_id
            assert sale.currency == one["currency"]
        assert sale.sub_id.lower() == one["sub_id"].lower()


def test_a_first_read_has_every_sale_once(account, control):
    control("sales", history=150, days=90)
    read_all(account)
    check_equal(control, account)
    assert not ReportWindow.objects.exclude(state="done").exists()


def test_a_sale_goes_from_pending_to_approved_to_paid_and_keeps_its_history(account, control):
    at = datetime.now(UTC)
    events = [
        {"at": (at + timedelta(days=20)).isoformat(), "state": "approved", "commission": 400},
        {"at": (at + timedelta(days=50)).isoformat(), "state": "paid"},
    ]
    control("sales", add=[row(account.network, 7, days_ago=1, events=events)])
    read_all(account)
    assert Sale.objects.get().state == "pending"
    for days, state in ((25, "approved"), (30, "paid")):
        control("time", days=days)
        read_all(account, now=timezone.now() + timedelta(days=2))
        ReportAccount.objects.update(daily_at=None)
        assert Sale.objects.get().state == state
    sale = Sale.objects.get()
    assert sale.commission == Decimal("4.00")
    assert sale.decided_on == timezone.localdate()
    states = [(change.before.get("state"), change.after.get("state")) for change in sale.changes.all()]
    assert states == [("pending", "approved"), ("approved", "paid")]
    assert sale.changes.first().before["commission"] == "5"
    assert sale.changes.first().after["commission"] == "4"


def test_reading_again_changes_nothing(adtraction, control):
    control("sales", history=60, days=30)
    read_all(adtraction)
    before = list(Sale.objects.order_by("pk").values())
    schedule.ask_for(adtraction, date.today() - timedelta(days=40), date.today())
    reader.work(adtraction.pk)
    assert list(Sale.objects.order_by("pk").values()) == before
    assert not SaleChange.objects.exists()


def test_an_order_number_is_kept_as_a_mark_and_its_end(make_account, control):
    account = make_account("adtraction")
    numbers = [row("adtraction", place, order="SO-551234") for place in (1, 2)]
    control("sales", add=[*numbers, row("adtraction", 3, order="77")])
    read_all(account)
    first, second, third = Sale.objects.order_by("external_id")
    assert first.order_mark == second.order_mark != third.order_mark
    assert (first.order_tail, third.order_tail) == ("1234", "")
    assert "551234" not in str(list(Sale.objects.values()))


def test_of_a_visitor_nothing_is_kept(account, control):
    control("sales", add=[row(account.network, 1)])
    read_all(account)
    kept = str(list(Sale.objects.values())) + str(list(ReportWindow.objects.values()))
    assert not [word for word in ("192.0.2.9", "Safari", "Phone", "iOS") if word in kept]


def test_a_sale_that_two_windows_tell_with_other_amounts_is_the_last_that_was_told(adtraction, control):
    control("sales", add=[row(adtraction.network, 1, days_ago=1)])
    read_all(adtraction)
    control("sales", add=[row(adtraction.network, 1, days_ago=1, commission=450, value=9_000)])
    schedule.ask_for(adtraction, date.today() - timedelta(days=1), date.today())
    reader.work(adtraction.pk)
    sale = Sale.objects.get()
    assert (sale.commission, sale.order_value) == (Decimal("4.5"), Decimal(90))
    assert sale.changes.count() == 1


def test_negative_and_zero_commissions_count_as_they_are(adtraction, control):
    rows = [
        row(adtraction.network, 1, commission=-250, value=-5_000),
        row(adtraction.network, 2, commission=0, value=0),
    ]
    control("sales", add=rows)
    read_all(adtraction)
    assert sorted(Sale.objects.values_list("commission", flat=True)) == [Decimal("-2.5"), Decimal(0)]
    assert all(Sale.objects.values_list("is_counted", flat=True))


@pytest.mark.parametrize("network", ["adtraction", "tradetracker"])
def test_a_currency_that_nobody_knows_is_kept_and_not_counted(make_account, control, network):
    account = make_account(network)
    control("sales", add=[row(network, 1, currency="QQQ")])
    read_all(account)
    sale = Sale.objects.get()
    assert (sale.commission, sale.currency, sale.is_counted) == (None, "", False)
    assert "QQQ" in sale.problem
    window = ReportWindow.objects.exclude(bad_samples=[]).first()
    assert window.bad_samples == [{"id": sale.external_id, "problem": sale.problem}]


def test_a_sale_that_two_whole_reports_lack_counts_no_more_until_it_is_back(adtraction, control):
    control("sales", add=[row(adtraction.network, place) for place in range(1, 4)])
    days = date.today() - timedelta(days=20), date.today()
    read_all(adtraction)
    control("sales", hide=["2"])
    counted = []
    for _ in range(2):
        schedule.ask_for(adtraction, *days)
        reader.work(adtraction.pk)
        counted.append(Sale.objects.filter(is_counted=True).count())
    assert counted == [3, 2]
    control("sales", hide=[])
    schedule.ask_for(adtraction, *days)
    reader.work(adtraction.pk)
    assert Sale.objects.filter(is_counted=True).count() == 3
    gone = Sale.objects.get(changes__after__has_key="gone_at", changes__before__gone_at=None)
    assert gone.changes.count() == 2


def test_a_report_that_suddenly_lacks_everything_takes_nothing_away(adtraction, control):
    control("sales", history=150, days=25, plain=True)
    read_all(adtraction)
    before = Sale.objects.count()
    control("sales", history=0)
    for _ in range(3):
        schedule.ask_for(adtraction, date.today() - timedelta(days=25), date.today())
        reader.work(adtraction.pk)
    assert Sale.objects.filter(is_counted=True).count() == before
    assert "lacks" in str(ReportWindow.objects.first().message)


def test_a_year_that_is_cut_off_in_the_middle_is_gone_on_with(account, control, settings):
    settings.SALES_FIRST_DAYS = 390
    control("sales", history=120, days=380)
    control("faults", path="/", status=500, skip=8)
    read_all(account)
    left = ReportWindow.objects.filter(state="queued")
    done = ReportWindow.objects.filter(state="done").count()
    assert left.exists()
    assert "problem" in str(ReportAccount.objects.get().rests_for)
    control("faults", method="DELETE")
    ReportWindow.objects.update(waits_until=None)
    ReportAccount.objects.update(rests_until=None)
    reader.work(account.pk)
    assert not ReportWindow.objects.exclude(state="done").exists()
    assert ReportWindow.objects.count() > done
    check_equal(control, account)


def test_the_newest_days_are_read_oftener_than_what_may_still_change(make_account, control):
    account = make_account("adtraction")
    read_all(account)
    now = timezone.now()
    schedule.plan(now + timedelta(minutes=31))
    recent = ReportWindow.objects.filter(state="queued").get()
    assert (recent.last_day - recent.first_day).days == 2
    schedule.plan(now + timedelta(days=1, minutes=1))
    daily = ReportWindow.objects.filter(state="queued", cause=ReportWindow.Cause.DAILY)
    assert daily.count() == len(list(windows.cut(date(2026, 1, 1), date(2026, 4, 10), 31)))


def test_windows_overlap_by_a_day_and_leave_none_out():
    first, last = date(2025, 1, 1), date(2025, 12, 31)
    found = list(windows.cut(first, last, 31))
    days = {one.first + timedelta(days=n) for one in found for n in range((one.last - one.first).days + 1)}
    assert days == {first + timedelta(days=n) for n in range(365)}
    assert all(older.last == newer.first for newer, older in zip(found, found[1:], strict=False))
    assert max((one.last - one.first).days for one in found) == 30


def test_two_workers_are_never_at_one_account(adtraction, control):
    control("sales", history=20, days=20)
    schedule.plan()
    window = reader._claim(adtraction.pk)
    assert window is not None
    assert reader._claim(adtraction.pk) is None
    reader.work(adtraction.pk)
    assert Sale.objects.count() == 0
    assert ReportWindow.objects.filter(state__in=ACTIVE, claim=window.claim).exists()


def test_a_worker_that_was_taken_over_writes_nothing_any_more(make_account, control):
    account = make_account("adtraction")
    control("sales", history=20, days=20)
    schedule.plan()
    lost = reader._claim(account.pk)
    ReportWindow.objects.filter(pk=lost.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    reader.work(account.pk)
    before = Sale.objects.count()
    Sale.objects.all().delete()
    with pytest.raises(reader.Stopped):
        reader._read(lost, reader._open(lost))
    assert before
    assert Sale.objects.count() == 0


def test_what_is_read_of_a_removed_account_ends(make_account, control):
    account = make_account("tradedoubler")
    control("sales", history=20, days=20)
    schedule.plan()
    type(account).objects.filter(pk=account.pk).update(removed_at=timezone.now())
    reader.work(account.pk)
    assert not Sale.objects.exists()
    assert windows.find_due_accounts() == []


def test_the_sales_of_a_removed_account_go_with_it(adtraction, control):
    control("sales", history=20, days=20)
    read_all(adtraction)
    assert Sale.objects.exists()
    remove_account(adtraction)
    assert delete_removed_accounts(seconds=10)
    assert not Sale.objects.exists()
    assert not ReportWindow.objects.exists()


def test_one_login_is_not_read_twice(make_account, control):
    first, second = make_account("adtraction"), make_account("adtraction", "Other")
    control("sales", add=[row("adtraction", 1)])
    read_all(first)
    read_all(second)
    assert Sale.objects.count() == 1
    assert "Main" in str(ReportAccount.objects.get(account=second).check_error)


def test_a_sign_in_is_kept_and_used_again(make_account, control):
    account = make_account("tradedoubler")
    read_all(account)
    kept = StoredTokens.objects.get(account=account, capability="reports")
    schedule.ask_for(account, date.today() - timedelta(days=2), date.today())
    reader.work(account.pk)
    assert StoredTokens.objects.get().encrypted_tokens == kept.encrypted_tokens


def test_an_error_of_ours_lets_the_window_wait_and_is_tried_again(adtraction, control, monkeypatch):
    control("sales", history=20, days=20)
    schedule.plan()
    with monkeypatch.context() as patch:
        patch.setattr(reader, "write_sales", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reader.work(adtraction.pk)
    assert "ZeroDivisionError" in str(ReportAccount.objects.get().check_error)
    assert not ReportWindow.objects.exclude(state="queued").exists()
    ReportWindow.objects.update(waits_until=None)
    ReportAccount.objects.update(rests_until=None)
    reader.work(adtraction.pk)
    check_equal(control, adtraction)


def test_the_command_reads_days_and_tells_in_json(adtraction, control, capsys):
    control("sales", add=[row("adtraction", 1), row("adtraction", 2, days_ago=60)])
    last = date.today() - timedelta(days=4)
    call_command(
        "read_sales",
        "--account",
        "Main",
        "--from",
        f"{last - timedelta(days=3)}",
        "--to",
        f"{last}",
        "--json",
    )
    [result] = json.loads(capsys.readouterr().out)
    assert (result["account"], result["new"], result["waiting"]) == ("Main", 1, 0)
    call_command("read_sales", "--json")
    assert json.loads(capsys.readouterr().out)[0]["new"] == 1
    with pytest.raises(CommandError):
        call_command("read_sales", "--account", "Nobody")


def test_sums_commissions_and_payments_are_read_once_a_day(make_account, control):
    account = make_account("tradedoubler")
    program = account.programs.create(external_id="290001", name="OTTO")
    at = datetime.now(UTC) - timedelta(days=2)
    events = [{"at": at.isoformat(), "state": "paid"}]
    control("sales", add=[row("tradedoubler", 1, days_ago=2, events=events)])
    read_all(account)
    assert extras.find_due_accounts() == [account.pk]
    extras.read_extras(account.pk)
    assert extras.find_due_accounts() == []
    day = NetworkDay.objects.get()
    assert (day.program, day.sales, day.commission) == (program, 1, Decimal(5))
    before = list(CommissionRate.objects.filter(group="").values_list("percent", "seen_until"))
    assert len(before) == 1
    control("rates", **{"tradedoubler:31101": 2.5})
    ReportAccount.objects.update(extras_at=None)
    extras.read_extras(account.pk)
    rates = CommissionRate.objects.filter(group="").order_by("pk")
    assert [rate.seen_until is None for rate in rates] == [False, True]
    assert rates[1].percent == Decimal("2.5")
