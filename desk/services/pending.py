"""Sales that wait for a yes or no: Tradedoubler's pending sales and TradeTracker's, in one table.

Time decides what nobody does, so that the most urgent stand first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from desk.models import DeskAccount, PendingSale, State
from desk.services import decisions
from desk.services.decisions import Current, Planned, Sender, queue, refusal_of
from desk.services.logins import management_of, merchant_of
from events.kinds import Kind
from importer.networks.tradedoubler import advertiser as tradedoubler
from importer.networks.tradetracker import advertiser as tradetracker
from importer.networks.tradetracker.advertiser import Registered
from importer.normalise import clean_text

PENDING, APPROVED, DENIED = "pending", "approved", "denied"
STATUSES = {PENDING: "Pending", APPROVED: "Approved", DENIED: "Denied"}
KINDS = {("tradedoubler", "management"), ("tradetracker", "merchant")}
# How far back TradeTracker's conversions are read: the longest that one was seen to stay pending.
READ_DAYS = 90
LOOKED_UP = 5  # sales whose end is looked up one by one, of one batch
_TT_STATUS = {"pending": PENDING, "accepted": APPROVED, "rejected": DENIED}
_TD_STATUS = {"P": PENDING, "A": APPROVED, "D": DENIED}
_FROM_NETWORK = (
    "program_id",
    "program",
    "status",
    "status_text",
    "source_id",
    "source",
    "event_id",
    "event",
    "order_number",
    "happened_at",
    "ends_at",
    "ends_as",
    "order_value",
    "commission",
    "currency",
    "read_at",
)


# --- Reading ------------------------------------------------------------------------------------


def accounts() -> list[DeskAccount]:
    """Return the logins that have sales to validate."""
    return [account for account in DeskAccount.objects.all() if (account.network, account.kind) in KINDS]


def read_pending(account: DeskAccount) -> int:
    """Read what waits at a login's network. Return how many there are. Raises NetworkError."""
    rows = list(_of_tradetracker(account) if account.network == "tradetracker" else _of_tradedoubler(account))
    now = timezone.now()
    for row in rows:
        row.account, row.read_at = account, now
    with transaction.atomic():
        PendingSale.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["account", "external_id"],
            update_fields=list(_FROM_NETWORK),
        )
        # What is not listed any more was decided: kept while somebody here had a part in it, else dropped.
        gone = PendingSale.objects.filter(account=account, read_at__lt=now)
        gone.filter(state=State.NONE).delete()
        gone.filter(decided_at__lt=now - timedelta(days=READ_DAYS)).delete()
    return len(rows)


def _of_tradedoubler(account: DeskAccount) -> Iterator[PendingSale]:
    for sale in management_of(account).fetch_pending():
        if sale.get("transactionId"):
            yield _td_row(sale)


def _td_row(sale: Mapping[str, Any]) -> PendingSale:
    days = sale.get("pendingTime")
    return PendingSale(
        external_id=str(sale["transactionId"]),
        program_id=str(sale.get("programId") or ""),
        program=clean_text(sale.get("programName"), 200),
        status=PENDING,
        source_id=str(sale.get("sourceId") or ""),
        source=clean_text(sale.get("sourceName"), 200),
        event_id=str(sale.get("eventId") or ""),
        event=clean_text(sale.get("eventName"), 100),
        order_number=clean_text(sale.get("rxNumber"), 100),
        happened_at=tradedoubler.at_epoch_ms(sale.get("timestamp")),
        ends_at=timezone.now() + timedelta(days=days) if isinstance(days, int) else None,
        ends_as="deny" if "DENY" in str(sale.get("pendingRule", "")).upper() else "approve",
        order_value=_money(sale.get("orderValue")),
        commission=_money(sale.get("publisherCommission")),
        currency=clean_text(sale.get("currencyCode"), 3).upper(),
    )


def _of_tradetracker(account: DeskAccount) -> Iterator[PendingSale]:
    login, first = merchant_of(account), timezone.localdate() - timedelta(days=READ_DAYS)
    for campaign, name in account.programs.items():
        for row in login.fetch_conversions(campaign, first=first):
            if row.status == tradetracker.PENDING and row.kind in ("sale", "lead"):
                yield _tt_row(row, campaign, name)


def _tt_row(row: Registered, campaign: str, name: str) -> PendingSale:
    return PendingSale(
        external_id=row.external_id,
        program_id=campaign,
        program=name[:200],
        status=_TT_STATUS.get(row.status, PENDING),
        status_text=row.reason,
        source_id=row.site_id,
        source=row.site or ("" if row.site_id else "nobody's"),
        event=row.kind,
        order_number=row.order_number,
        happened_at=row.registered_at,
        order_value=_money(row.order_amount),
        commission=_money(row.commission),
        currency=row.currency,
    )


def _money(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None


# --- Asking -------------------------------------------------------------------------------------


def list_pending(
    *, account_id: int | None = None, state: str = "", words: str = "", within_days: int | None = None
) -> QuerySet[PendingSale]:
    """Return sales, the most urgent first; by itself those that nobody decided on."""
    rows = PendingSale.objects.select_related("account", "decided_by")
    rows = rows.filter(state=state) if state else rows.filter(status=PENDING)
    if account_id:
        rows = rows.filter(account_id=account_id)
    if within_days is not None:
        rows = rows.filter(ends_at__lte=timezone.now() + timedelta(days=within_days))
    if words:
        rows = rows.filter(Q(order_number__iexact=words) | Q(source__icontains=words) | Q(external_id=words))
    return rows.order_by("ends_at", "id")


def count_pending() -> dict[str, int]:
    """Return how many wait, and of how many time decides within a week."""
    soon = Q(ends_at__lte=timezone.now() + timedelta(days=7))
    rows = PendingSale.objects.filter(status=PENDING, state__in=(State.NONE, State.FAILED))
    return rows.aggregate(all=Count("id"), soon=Count("id", filter=soon))


def reasons_of(network: str, *, untracked: bool = False) -> dict[str, str]:
    """Return the reasons with which a network lets a sale be denied."""
    if network == "tradetracker":
        return tradetracker.REASONS
    known = tradedoubler.DENIALS | (tradedoubler.UNTRACKED_DENIALS if untracked else {})
    return {str(code): words for code, words in known.items()}


# --- Deciding -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a sale: a status, or a new amount; a denial has a reason."""

    status: str = ""
    reason: str = ""
    amount: Decimal | None = None


def decide_on(
    verdicts: Mapping[int, Verdict], *, user: User | None, now: datetime | None = None
) -> tuple[int, list[tuple[PendingSale, str]]]:
    """Queue a verdict for each sale by its pk. Return how many, and who was refused with why."""
    return queue(plan(verdicts), user, now=now)


def plan(verdicts: Mapping[int, Verdict]) -> list[Planned]:
    """Return what a verdict does to each sale by its pk. Writes nothing."""
    rows = list(
        PendingSale.objects.filter(pk__in=verdicts).select_related("account").order_by("ends_at", "id")
    )
    return decisions.plan(
        rows,
        lambda row: wish(row, verdicts[row.pk]),
        lambda row: reasons_of(row.account.network, untracked=True),
    )


def wish(row: PendingSale, verdict: Verdict) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return (wanted, seen) of a verdict. Raises ValueError with the sentence why not."""
    if row.status != PENDING:
        raise ValueError(f"It is {STATUSES.get(row.status, row.status).lower()} already.")
    seen = {"status": PENDING, "amount": _plain(row.order_value)}
    if verdict.status == APPROVED:
        return {"status": APPROVED}, seen
    if verdict.status == DENIED:
        untracked = row.event_id == tradedoubler.UNTRACKED_EVENT
        if verdict.reason not in reasons_of(row.account.network, untracked=untracked):
            raise ValueError(f"{row.account.network_label} asks for one of its reasons to deny.")
        return {"status": DENIED, "reason": verdict.reason}, seen
    if verdict.amount is None:
        raise ValueError("Nothing was chosen.")
    if row.order_value is None or not row.currency:
        raise ValueError("It has no amount that could change.")
    if verdict.amount <= 0:
        raise ValueError("Deny a sale of which nothing is left.")
    if verdict.amount > row.order_value:
        raise ValueError(f"The new amount is above {row.order_value} {row.currency}.")
    if verdict.amount == row.order_value:
        raise ValueError("The amount is the same.")
    wanted = {"amount": _plain(verdict.amount)}
    # TradeTracker takes another amount only with the acceptance.
    return (wanted | {"status": APPROVED} if row.account.network == "tradetracker" else wanted), seen


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


class TradedoublerSales(Sender):
    """A hundred sales in one call."""

    model = PendingSale
    kind = Kind.DESK_SALE_DECIDED
    batch = tradedoubler.BATCH
    a_minute = 1000.0

    def __init__(self, account: DeskAccount) -> None:
        super().__init__(account)
        self._login = management_of(account, leaves_to_people=True)

    def read(self, rows: Sequence[PendingSale]) -> dict[int, Current]:
        days = sorted(row.happened_at for row in rows if row.happened_at)
        first = (days[0] - timedelta(days=1)).strftime("%Y%m%d") if days and len(days) == len(rows) else ""
        last = (days[-1] + timedelta(days=1)).strftime("%Y%m%d") if first else ""
        listed = {
            str(one.get("transactionId")): _td_row(one) for one in self._login.fetch_pending(first, last)
        }
        current: dict[int, Current] = {}
        missing = []
        for row in rows:
            if found := listed.get(row.external_id):
                current[row.pk] = {"status": PENDING, "amount": _plain(found.order_value)}
            else:
                missing.append(row)
        for place, row in enumerate(missing):
            current[row.pk] = {"status": self._look_up(row) if place < LOOKED_UP else "decided"}
        return current

    def _look_up(self, row: PendingSale) -> str:
        """Return how a sale ended that is not pending any more."""
        if row.happened_at is None or not row.order_number:
            return "decided"
        days = {
            "fromDate": (row.happened_at - timedelta(days=1)).strftime("%Y%m%d"),
            "toDate": (row.happened_at + timedelta(days=1)).strftime("%Y%m%d"),
            "orderOrLeadNumber": row.order_number,
            "reportCurrencyCode": row.currency or "EUR",
        }
        page = self._login.get_page("advertiser/report/transactions", days)
        for one in page.items:
            if str(one.get("transactionId")) == row.external_id:
                return _TD_STATUS.get(str(one.get("status")), "decided")
        return "decided"

    def send(self, rows: Sequence[PendingSale]) -> Iterator[tuple[PendingSale, str]]:
        if not rows:
            return
        refused = self._login.validate([_td_item(row) for row in rows])
        for row in rows:
            why = refused.get(row.external_id, "")
            if why.startswith(tradedoubler.NO_LONGER_PENDING):
                why = "It is not pending any more: somebody else decided, or time did."
            yield row, why

    def describe(self, current: Current) -> str:
        return describe(current)


def _td_item(row: PendingSale) -> dict[str, Any]:
    item: dict[str, Any] = {"transactionId": row.external_id}
    if row.wanted.get("status") == DENIED:
        return {**item, "action": "deny", "reason": row.wanted["reason"]}
    if row.wanted.get("status") == APPROVED:
        return {**item, "action": "approve"}
    return {**item, "action": "update", "amount": Decimal(row.wanted["amount"]), "currencyCode": row.currency}


class TradeTrackerSales(Sender):
    """One call to read and one to write for each sale."""

    model = PendingSale
    kind = Kind.DESK_SALE_DECIDED
    batch = 10
    a_minute = 60.0

    def __init__(self, account: DeskAccount) -> None:
        super().__init__(account)
        self._login = merchant_of(account)

    def read(self, rows: Sequence[PendingSale]) -> dict[int, Current]:
        current: dict[int, Current] = {}
        for row in rows:
            for one in self._login.fetch_conversions(row.program_id, external_id=row.external_id):
                if one.external_id == row.external_id:
                    status = _TT_STATUS.get(one.status, one.status)
                    current[row.pk] = {"status": status, "amount": _plain(_money(one.order_amount))}
        return current

    def send(self, rows: Sequence[PendingSale]) -> Iterator[tuple[PendingSale, str]]:
        for row in rows:
            amount = row.wanted.get("amount")
            yield (
                row,
                refusal_of(
                    self._login.assess,
                    row.external_id,
                    accept=row.wanted["status"] == APPROVED,
                    reason=row.wanted.get("reason", ""),
                    amount=Decimal(amount) if amount else None,
                ),
            )

    def describe(self, current: Current) -> str:
        return describe(current)


def describe(current: Current) -> str:
    """Say how a sale is now."""
    words = STATUSES.get(current["status"], "decided elsewhere").lower()
    return f"{words}, {current['amount']}" if current.get("amount") else words


SENDERS: dict[tuple[str, str], type[Sender]] = {
    ("tradedoubler", "management"): TradedoublerSales,
    ("tradetracker", "merchant"): TradeTrackerSales,
}
