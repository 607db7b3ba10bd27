"""When which days are read: all once, then every day what may still change, and the newest days often."""

import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from importer.accounts.reports import has_report_login
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.networks.reports import Basis, Reports, Window
from sales.models import ReportAccount, ReportWindow
from sales.read import windows

Cause = ReportWindow.Cause
RECENT_DAYS = 2  # before today
CHANGED_DAYS = 3  # looked back for changes, where a network tells them
HINT_PAUSE = timedelta(minutes=1)  # between two hints that count


def plan(now: datetime | None = None) -> list[int]:
    """Make the windows that are due of every account; return the accounts that have work."""
    now = now or timezone.now()
    for account in NetworkAccount.objects.all():
        if has_report_login(account):
            _plan_account(account, now)
    return windows.find_due_accounts(now)


def get_report(account: NetworkAccount) -> ReportAccount:
    """Return the reading of an account, made where there is none yet."""
    report, _ = ReportAccount.objects.get_or_create(
        account=account, defaults={"hook_secret": secrets.token_urlsafe(32)}
    )
    return report


def _plan_account(account: NetworkAccount, now: datetime) -> None:
    reports = NETWORKS[account.network].reports
    assert reports is not None
    get_report(account)
    with transaction.atomic():
        report = ReportAccount.objects.select_for_update(no_key=True).get(account=account)
        today = today_of(reports, now)
        if report.reads_from is None:
            report.reads_from = today - timedelta(days=settings.SALES_FIRST_DAYS)
            found = windows.cut(report.reads_from, today, reports.window_days)
            windows.make_windows(account.pk, found, Cause.FIRST)
            report.daily_at = now + timedelta(days=1)
            report.recent_at = now + _recent_every()
        if report.recent_at is None or report.recent_at <= now:
            _make_recent(account, reports, today, Cause.RECENT)
            report.recent_at = now + _recent_every()
        if report.daily_at is None or report.daily_at <= now:
            first = max(report.reads_from, today - timedelta(days=settings.SALES_SETTLE_DAYS))
            windows.make_windows(account.pk, windows.cut(first, today, reports.window_days), Cause.DAILY)
            report.daily_at = now + timedelta(days=1)
        report.save(update_fields=["reads_from", "daily_at", "recent_at"])


def _make_recent(account: NetworkAccount, reports: type[Reports], today: date, cause: int) -> None:
    recent = Window(today - timedelta(days=RECENT_DAYS), today)
    windows.make_windows(account.pk, iter([recent]), cause)
    if reports.can_ask_changes:
        changed = Window(today - timedelta(days=CHANGED_DAYS), today)
        windows.make_windows(account.pk, iter([changed]), cause, Basis.CHANGED)


def ask_for(account: NetworkAccount, first: date, last: date) -> int:
    """Make the windows of these days because a person wants them; return how many."""
    reports = NETWORKS[account.network].reports
    if reports is None:
        return 0
    get_report(account)
    ReportAccount.objects.filter(account=account).update(rests_until=None)
    first = min(first, last - timedelta(days=1))
    return windows.make_windows(account.pk, windows.cut(first, last, reports.window_days), Cause.PERSON)


def start_again(account: NetworkAccount) -> None:
    """Read the newest days as soon as a worker is there, whatever stood against it: the login is good now."""
    get_report(account)
    ReportAccount.objects.filter(account=account).update(
        rests_until=None, rests_for="", rest_count=0, check_error="", login_key="", recent_at=None
    )
    ReportWindow.objects.filter(account=account, state=ReportWindow.State.QUEUED).update(waits_until=None)


def take_hint(network: str, secret: str) -> bool:
    """Read the newest days soon, as the network called; False where the secret is nobody's.

    At most once a minute for an account; of what it sent nothing is looked at.
    """
    now = timezone.now()
    report = ReportAccount.objects.filter(
        hook_secret=secret, account__network=network, account__removed_at=None
    ).first()
    if not secret or report is None:
        return False
    mine = ReportAccount.objects.filter(pk=report.pk)
    free = mine.filter(hinted_at=None) | mine.filter(hinted_at__lte=now - HINT_PAUSE)
    reports = NETWORKS[network].reports
    if free.update(hinted_at=now) and reports is not None:
        _make_recent(report.account, reports, today_of(reports, now), Cause.HINT)
    return True


def today_of(reports: type[Reports], now: datetime) -> date:
    """Return the day in the network's own zone."""
    return now.astimezone(reports.zone).date()


def _recent_every() -> timedelta:
    return timedelta(seconds=settings.SALES_READ_SECONDS)
