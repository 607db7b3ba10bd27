"""Read reports: one window after the other, one worker at an account, killed at any line without harm.

Rows are written as they come, in transactions that nobody writes in who lost the window. What a network
refuses, or cannot answer, changes nothing: the window waits, and the account rests.
"""

import logging
import math
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from django.db import connection, transaction
from django.utils import timezone

from importer.accounts.accounts import record_failure
from importer.accounts.reports import reports_of
from importer.beat import Beat
from importer.freshness.rereads import OF_ACCOUNT
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.models import NetworkAccount
from importer.networks.reports import Basis, Reports, SaleData, Window
from importer.outages import find_outage
from importer.reasons import Reason
from sales.models import ReportAccount, ReportWindow
from sales.read import windows
from sales.read.upsert import Tally, mark_missed, write_sales

logger = logging.getLogger(__name__)
State = ReportWindow.State

BATCH = 1_000  # rows written in one transaction
MOST_SECONDS = 5.0  # that rows wait to be written while a network is slow
PATIENCE = 75.0  # seconds that a worker waits for the next minute of a network's budget
MOST_TRIES = 8  # of a window; then a person must know
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=2)
REFUSED_REST = timedelta(hours=1)  # trying again does not help before a person did something
MAX_SAMPLES = 20


class Stopped(Exception):
    """Another worker has taken the window over, or the account is gone."""


def work(account_id: int, *, seconds: float = math.inf) -> bool:
    """Read what waits of an account, for so many seconds; return whether some is left.

    May be called twice, also at once. Call it outside of a transaction.
    """
    ends_at = time.monotonic() + seconds
    reports: Reports | None = None
    while True:
        window = _claim(account_id)
        if window is None:
            return False
        try:
            if reports is None:
                reports = _open(window)
            _read(window, reports)
        except Stopped:
            return False
        except NetworkError as error:
            _put_off(window, error)
            return False
        except Exception as error:
            if connection.needs_rollback or not connection.is_usable():
                connection.close()
            if not find_outage(error):  # else the window is taken up again, as where a worker is killed
                _put_off(window, None, Reason("stopped_by_error", {"error": error.__class__.__name__}))
            raise
        if time.monotonic() > ends_at:
            return bool(windows.find_due_accounts()) and account_id in windows.find_due_accounts()


def _claim(account_id: int) -> ReportWindow | None:
    with transaction.atomic():
        report = ReportAccount.objects.select_for_update(no_key=True).filter(account=account_id).first()
        if report is None or (report.rests_until and report.rests_until > timezone.now()):
            return None
        if not NetworkAccount.objects.filter(pk=account_id).exists():
            return None
        return windows.claim(account_id)


def _open(window: ReportWindow) -> Reports:
    """Return the reports of the window's account; whose login it is, is found out once."""
    account = NetworkAccount.objects.get(pk=window.account_id)
    report = ReportAccount.objects.get(account=account)
    reports = reports_of(account, currency=report.currency)
    reports.http.leaves_to_people = True
    reports.patience = PATIENCE
    if not report.login_key:
        with _beat(window):
            identify(report, reports)
    return reports


def identify(report: ReportAccount, reports: Reports) -> None:
    """Find out whose login it is. Raises NetworkError, also where another account reads with it already."""
    login = reports.check()
    same = ReportAccount.objects.filter(
        login_key=login.key, account__network=report.account.network, account__removed_at=None
    )
    if other := same.exclude(pk=report.pk).select_related("account").first():
        raise NetworkError("login_read_already", account=other.account.label)
    report.login, report.login_key = login.name[:200], login.key[:32]
    report.channels, report.checked_at, report.check_error = dict(login.channels), timezone.now(), ""
    report.currency = report.currency or login.currency or report.account.currency
    reports.currency = report.currency
    report.save(update_fields=["login", "login_key", "channels", "checked_at", "check_error", "currency"])


def _beat(window: ReportWindow) -> Beat:
    row = ReportWindow.objects.filter(pk=window.pk, state=State.RUNNING, claim=window.claim)
    return Beat(lambda: row.update(heartbeat_at=timezone.now()))


def _read(window: ReportWindow, reports: Reports) -> None:
    asked, basis, tally = Window(window.first_day, window.last_day), Basis(window.basis), Tally()
    began_at, seen = timezone.now(), set[str]()
    programs: dict[str, int] = dict(
        NetworkAccount.objects.get(pk=window.account_id).programs.values_list("external_id", "pk")
    )
    with _beat(window):
        for batch in _batches(reports.fetch_sales(asked, basis)):
            _note(batch, seen, tally)
            with transaction.atomic():
                _hold(window)
                write_sales(window.account_id, batch, programs, tally, converts=reports.converts)
        with transaction.atomic():
            _hold(window)
            message: Reason | str = ""
            # The first day belongs to the window before: its sales may be told there.
            start, end = (
                _midnight(asked.first + windows.OVERLAP, reports),
                _midnight(asked.last + windows.OVERLAP, reports),
            )
            if basis == Basis.HAPPENED and not mark_missed(
                window.account_id, seen, start, end, tally, since=began_at
            ):
                message = Reason("report_lacks", {"count": tally.missed})
            _end(window, State.DONE, message=message, tally=tally)
            ReportAccount.objects.filter(account=window.account_id).update(
                read_at=timezone.now(), rests_until=None, rests_for="", rest_count=0, check_error=""
            )


def _batches(rows: Iterator[SaleData]) -> Iterator[list[SaleData]]:
    """Yield the rows in batches: full, or as old as rows may become unwritten."""
    batch: list[SaleData] = []
    began_at = time.monotonic()
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH or time.monotonic() - began_at > MOST_SECONDS:
            yield batch
            batch, began_at = [], time.monotonic()
    yield batch


def _note(batch: list[SaleData], seen: set[str], tally: Tally) -> None:
    tally.rows += len(batch)
    for row in batch:
        if row.external_id:
            seen.add(row.external_id)
        else:
            tally.bad += 1
        if row.problem and len(tally.bad_samples) < MAX_SAMPLES:
            tally.bad_samples.append({"id": row.external_id, "problem": row.problem})


def _hold(window: ReportWindow) -> None:
    """Hold the account's reports in this transaction. Raises Stopped where the window is another's."""
    report = ReportAccount.objects.select_for_update(no_key=True, of=("self",)).filter(
        account=window.account_id, account__removed_at=None
    )
    if not report.exists() or not windows.is_ours(window):
        raise Stopped


def _midnight(day: date, reports: Reports) -> datetime:
    return datetime.combine(day, clock(), reports.zone).astimezone(UTC)


def _end(window: ReportWindow, state: str, *, message: Reason | str = "", tally: Tally | None = None) -> None:
    values: dict[str, object] = {"state": state, "finished_at": timezone.now(), "message": message}
    if tally:
        values |= {
            "row_count": tally.rows,
            "new_count": tally.new,
            "changed_count": tally.changed,
            "missed_count": tally.missed,
            "bad_count": tally.bad,
            "bad_samples": tally.bad_samples,
        }
    ReportWindow.objects.filter(pk=window.pk, state=State.RUNNING, claim=window.claim).update(**values)


def _put_off(window: ReportWindow, error: NetworkError | None, crash: Reason | None = None) -> None:
    """Let the window wait, and the account rest: longer each time, and long where no try helps.

    What is refused for this window alone keeps the account from the others for a minute only. A window that
    is refused again and again fails; one of the first read goes on waiting while the network is away.
    """
    now = timezone.now()
    reason = error.reason if error else crash
    assert reason is not None
    logger.info("Reports of account %s: %s", window.account_id, error or reason)
    is_refused = not isinstance(error, NetworkUnavailable)
    is_of_account = error is not None and error.code in OF_ACCOUNT | {"login_read_already"}
    with transaction.atomic():
        report = (
            ReportAccount.objects.select_for_update(no_key=True).filter(account=window.account_id).first()
        )
        if report is None:
            return
        rest = min(FIRST_REST * 2 ** min(report.rest_count, 10), LONGEST_REST)
        if is_refused:
            rest = REFUSED_REST
        elif error is not None and error.retry_after:
            rest = min(timedelta(seconds=error.retry_after), LONGEST_REST)
        is_new = report.rest_count == 0
        count = min(report.rest_count + 1, 100)
        refusal: Reason | str = reason if is_refused else ""
        rests_until = now + (FIRST_REST if is_refused and not is_of_account else rest)
        ReportAccount.objects.filter(pk=report.pk).update(
            rests_until=rests_until, rests_for=reason, rest_count=count, check_error=refusal
        )
        never_ends = is_of_account or (window.cause == ReportWindow.Cause.FIRST and not is_refused)
        if window.tries >= MOST_TRIES and not never_ends:
            _end(window, State.FAILED, message=reason)
        else:
            ReportWindow.objects.filter(pk=window.pk, state=State.RUNNING, claim=window.claim).update(
                state=State.QUEUED, claim=None, waits_until=now + rest, message=reason
            )
        if is_new and error is not None:
            account = NetworkAccount.objects.get(pk=window.account_id)
            record_failure(account.network, "Reading the sales", error, account=account)
