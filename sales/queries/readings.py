"""How far the reports of accounts are read, and what is in the way."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from importer.accounts.reports import has_report_login
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from sales.models import ACTIVE, ReportAccount, ReportWindow


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of an account. `report` is None where there is no login, or nothing was planned yet."""

    account: NetworkAccount
    has_login: bool
    report: ReportAccount | None
    done: int = 0  # windows of the first read
    all: int = 0
    waiting: int = 0  # windows of any kind
    last: ReportWindow | None = None  # that ended last

    @property
    def network_label(self) -> str:
        return NETWORKS[self.account.network].label

    @property
    def state(self) -> str:
        """Return "none", "error", "resting", "first", "reading" or "done"."""
        if not self.has_login:
            return "none"
        if self.report is None or self.report.reads_from is None:
            return "first"
        if self.report.check_error:
            return "error"
        if self.report.rests_until and self.report.rests_until > timezone.now():
            return "resting"
        if self.done < self.all:
            return "first"
        return "reading" if self.waiting else "done"

    @property
    def percent(self) -> int:
        return 100 * self.done // self.all if self.all else 0


def list_readings() -> list[Reading]:
    """Return the readings of all accounts whose networks have reports. Four queries, however many."""
    accounts = [one for one in NetworkAccount.objects.all() if NETWORKS[one.network].reports]
    return _readings(accounts)


def get_reading(account: NetworkAccount) -> Reading:
    return _readings([account])[0]


def _readings(accounts: list[NetworkAccount]) -> list[Reading]:
    reports = {one.account_id: one for one in ReportAccount.objects.filter(account__in=accounts)}
    first = Q(cause=ReportWindow.Cause.FIRST)
    counted = (
        ReportWindow.objects.filter(account__in=accounts)
        .order_by()
        .values("account")
        .annotate(
            all=Count("pk", filter=first),
            done=Count("pk", filter=first & Q(state=ReportWindow.State.DONE)),
            waiting=Count("pk", filter=Q(state__in=ACTIVE)),
        )
    )
    counts = {row["account"]: (row["done"], row["all"], row["waiting"]) for row in counted}
    ended = ReportWindow.objects.filter(account__in=accounts, finished_at__isnull=False)
    last = {
        one.account_id: one for one in ended.order_by("account_id", "-finished_at").distinct("account_id")
    }
    return [
        Reading(
            account,
            has_report_login(account),
            reports.get(account.pk),
            *counts.get(account.pk, (0, 0, 0)),
            last.get(account.pk),
        )
        for account in accounts
    ]
