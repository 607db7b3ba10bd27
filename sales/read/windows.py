"""Windows of days: cut, made, claimed by one worker, and ended. The row is the truth."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone

from importer.beat import SILENCE
from importer.networks.reports import Basis, Window
from sales.models import ACTIVE, ReportAccount, ReportWindow

State = ReportWindow.State
OVERLAP = timedelta(days=1)  # a sale of the last minutes of a day may be told in the next
KEPT_DAYS = 90  # windows that ended


def cut(first: date, last: date, days: int) -> Iterator[Window]:
    """Yield windows of so many days at most, newest first; each ends on the first day of the one before."""
    assert days > 1
    while True:
        start = max(first, last - timedelta(days=days - 1))
        yield Window(start, last)
        if start <= first:
            return
        last = start - timedelta(days=1) + OVERLAP


def make_windows(
    account_id: int, windows: Iterator[Window], cause: int, basis: Basis = Basis.HAPPENED
) -> int:
    """Make windows that wait for a worker; one that waits already stays. Returns how many."""
    rows = [
        ReportWindow(account_id=account_id, basis=basis, cause=cause, first_day=one.first, last_day=one.last)
        for one in windows
    ]
    return len(ReportWindow.objects.bulk_create(rows, ignore_conflicts=True))


def claim(account_id: int, *, at_most: int | None = None) -> ReportWindow | None:
    """Take up an account's next window, or one whose worker is lost; None where another is at the account.

    `at_most`: no cause above it. Call it in a transaction that holds the account's reports.
    """
    now = timezone.now()
    windows = ReportWindow.objects.filter(account=account_id)
    lost = Q(state=State.RUNNING, heartbeat_at__lt=now - SILENCE)
    if windows.filter(state=State.RUNNING).exclude(lost).exists():
        return None
    due = Q(state=State.QUEUED) & (Q(waits_until=None) | Q(waits_until__lte=now))
    found = windows.filter(lost | due)
    if at_most is not None:
        found = found.filter(cause__lte=at_most)
    window = found.order_by("cause", "tries", "-last_day", "pk").first()
    if window is None:
        return None
    window.state, window.claim, window.tries = State.RUNNING, uuid4(), window.tries + 1
    window.started_at = window.heartbeat_at = now
    window.row_count = window.new_count = window.changed_count = window.missed_count = window.bad_count = 0
    window.bad_samples, window.message, window.waits_until = [], "", None
    window.save()
    return window


def is_ours(window: ReportWindow) -> bool:
    """Tell whether nobody took the window over. In a transaction it stays so to its end."""
    return (
        ReportWindow.objects.select_for_update(no_key=True)
        .filter(pk=window.pk, state=State.RUNNING, claim=window.claim)
        .exists()
    )


def find_due_accounts(now: datetime | None = None) -> list[int]:
    """Return the accounts that do not rest, and whose windows wait for a worker, or lost theirs."""
    now = now or timezone.now()
    due = Q(state=State.QUEUED) & (Q(waits_until=None) | Q(waits_until__lte=now))
    lost = Q(state=State.RUNNING, heartbeat_at__lt=now - SILENCE)
    busy = ReportWindow.objects.filter(state=State.RUNNING, heartbeat_at__gte=now - SILENCE).values("account")
    resting = ReportAccount.objects.filter(rests_until__gt=now).values("account")
    found = ReportWindow.objects.filter(due | lost, account__removed_at=None)
    found = found.exclude(account__in=busy).exclude(account__in=resting)
    return sorted(set(found.values_list("account", flat=True)))


def forget_old(now: datetime) -> None:
    """Delete windows that ended long ago."""
    old = ReportWindow.objects.filter(finished_at__lt=now - timedelta(days=KEPT_DAYS))
    old.exclude(state__in=ACTIVE).delete()
