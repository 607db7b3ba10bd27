"""What a network says besides sales: its own sums of days, what programs pay, what it paid out."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from importer.accounts.reports import reports_of
from importer.http.errors import NetworkError
from importer.models import NetworkAccount
from importer.networks.reports import CommissionData, Reports, Window
from sales.models import CommissionRate, NetworkDay, Payment, ReportAccount
from sales.rates import note_changes
from sales.read import windows
from sales.read.schedule import today_of

logger = logging.getLogger(__name__)

EVERY = timedelta(days=1)
AGAIN = timedelta(hours=2)  # after a failure
TOTALS_DAYS = 14  # before today; a day more of the past is read with each
PATIENCE = 75.0
_RATE = ("percent", "fixed", "currency", "cookie_days", "approval_rate")


def find_due_accounts() -> list[int]:
    """Return the accounts whose sums, commissions and payments are due."""
    now = timezone.now()
    reports = ReportAccount.objects.filter(account__removed_at=None).exclude(login_key="")
    due = reports.filter(extras_at=None) | reports.filter(extras_at__lte=now)
    return list(due.exclude(rests_until__gt=now).values_list("account", flat=True))


def read_extras(account_id: int, *, totals_days: int = TOTALS_DAYS) -> None:
    """Read all three, each for itself: what one refuses is no reason to do without the others.

    May run twice, also at once; who comes second does nothing.
    """
    now = timezone.now()
    mine = ReportAccount.objects.filter(account=account_id)
    if not (mine.filter(extras_at=None) | mine.filter(extras_at__lte=now)).update(extras_at=now + AGAIN):
        return
    account = NetworkAccount.objects.filter(pk=account_id).first()
    report = mine.first()
    if account is None or report is None:
        return
    with _noted(account, "credentials"):
        reports = reports_of(account, currency=report.currency)
        reports.http.leaves_to_people = True
        reports.patience = PATIENCE
        today = today_of(type(reports), now)
        failures = 0
        for name, read in (
            (
                "sums",
                lambda: read_totals(account, reports, Window(today - timedelta(days=totals_days), today)),
            ),
            ("commissions", lambda: read_commissions(account, reports)),
            ("payments", lambda: read_payments(account, reports, Window(today - timedelta(days=400), today))),
        ):
            with _noted(account, name) as failed:
                read()
            failures += len(failed)
        if not failures:
            mine.update(extras_at=now + EVERY)


@contextmanager
def _noted(account: NetworkAccount, name: str) -> Iterator[list[str]]:
    failed: list[str] = []
    try:
        yield failed
    except NetworkError as error:
        failed.append(name)
        logger.info("%s of account %s: %s", name, account.pk, error)
        if error.code == "role_too_low":  # it stays so: the others are enough
            failed.clear()


def read_totals(account: NetworkAccount, reports: Reports, window: Window) -> None:
    """Keep the network's own sums of these days; of a day that it tells nothing of any more none are left."""
    now, programs = timezone.now(), dict(account.programs.values_list("external_id", "pk"))
    for part in windows.cut(window.first, window.last, reports.window_days):
        rows = {(one.program_id, one.day, one.currency): one for one in reports.fetch_totals(part)}
        with transaction.atomic():
            kept = [
                NetworkDay(
                    account=account,
                    program_key=one.program_id,
                    program_id=programs.get(one.program_id),
                    day=one.day,
                    currency=one.currency,
                    clicks=one.clicks,
                    sales=one.sales,
                    commission=one.commission,
                    read_at=now,
                )
                for one in rows.values()
            ]
            NetworkDay.objects.bulk_create(
                kept,
                update_conflicts=True,
                unique_fields=["account", "program_key", "day", "currency"],
                update_fields=["program", "clicks", "sales", "commission", "read_at"],
                batch_size=1000,
            )
            old = NetworkDay.objects.filter(account=account, day__range=(part.first, part.last))
            old.exclude(read_at=now).delete()


def read_commissions(account: NetworkAccount, reports: Reports) -> None:
    """Keep what programs pay, each rate from when it was seen first; of known programs alone."""
    now, programs = timezone.now(), dict(account.programs.values_list("external_id", "pk"))
    told: dict[tuple[int, str, str], CommissionData] = {}
    for one in reports.fetch_commissions():
        if (program := programs.get(one.program_id)) is not None:
            told.setdefault((program, one.group, one.kind), one)
    with transaction.atomic():
        current = CommissionRate.objects.select_for_update().filter(program__account=account, seen_until=None)
        known = {(rate.program_id, rate.group, rate.kind): rate for rate in current.order_by("pk")}
        asked = {program for program, _, _ in told}
        ended = [
            rate.pk
            for key, rate in known.items()
            if rate.program_id in asked and (key not in told or _differs(rate, told[key]))
        ]
        CommissionRate.objects.filter(pk__in=ended).update(seen_until=now)
        CommissionRate.objects.bulk_create(
            CommissionRate(
                program_id=program,
                group=group,
                kind=kind,
                seen_from=now,
                **{name: getattr(one, name) for name in _RATE},
            )
            for (program, group, kind), one in sorted(told.items(), key=lambda item: item[0])
            if (program, group, kind) not in known or known[program, group, kind].pk in ended
        )
        note_changes(account.pk, now)


def _differs(rate: CommissionRate, told: CommissionData) -> bool:
    return any(getattr(rate, name) != getattr(told, name) for name in ("percent", "fixed", "currency"))


def read_payments(account: NetworkAccount, reports: Reports, window: Window) -> None:
    """Keep what was paid out."""
    paid = {one.external_id: one for one in reports.fetch_payments(window)}
    Payment.objects.bulk_create(
        [
            Payment(
                account=account,
                external_id=one.external_id,
                paid_on=one.paid_on,
                amount=one.amount,
                currency=one.currency,
            )
            for one in paid.values()
        ],
        update_conflicts=True,
        unique_fields=["account", "external_id"],
        update_fields=["paid_on", "amount", "currency"],
    )
