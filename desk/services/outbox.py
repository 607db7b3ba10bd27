"""Send what the outbox holds, decide on what is held, and find what the network confirmed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Round
from django.utils import timezone

from desk.models import Conversion, DeskAccount
from desk.services.accounts import key_of
from desk.services.conversions import (
    KEPT_DAYS,
    KIND,
    MOST_TRIES,
    NETWORK,
    NO_REFERENCE,
    PAUSES,
    REFUSALS,
    State,
)
from desk.services.logins import conversions_of, merchant_of
from events.kinds import Kind
from events.record import record
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.http.leases import Lease
from importer.networks.tradetracker import advertiser as tradetracker
from importer.networks.tradetracker.advertiser import TradeTrackerConversions
from importer.sentences import say

CHUNK = 100
SENDERS = 4  # connections at once: most of a request is waiting
HELD = 120  # seconds after which the place of a killed sender is free
CONFIRM_DAYS = 30
OWN_LATENESS = timedelta(days=2)  # a conversion may be listed under another day than it was sent


@dataclass(frozen=True, slots=True)
class Sent:
    """What one look at the outbox did."""

    sent: int = 0
    refused: int = 0
    failed: int = 0
    is_left: bool = False


def send_waiting(account: DeskAccount, *, seconds: float = 20.0) -> Sent:
    """Tell the network what is due, for so many seconds. Nothing where another worker does it already.

    A worker that dies in the middle tells some of them again: with the same `tid`, which the network counts
    once.
    """
    lease = Lease(f"desk-conversions:{account.pk}", 1, HELD)
    if not lease.take():
        return Sent()
    ends_at = timezone.now() + timedelta(seconds=seconds)
    sent = refused = failed = 0
    try:
        campaign = account.get_credentials()
        with ThreadPoolExecutor(SENDERS) as pool:
            logins = [conversions_of(account) for _ in range(SENDERS)]
            while rows := _due(account):
                parts = [rows[number::SENDERS] for number in range(SENDERS)]
                answers = pool.map(_tell, logins, parts, [campaign] * SENDERS)
                for row, status, words in (one for part in answers for one in part):
                    _note(row, status, words)
                    sent, refused = sent + (row.state == State.SENT), refused + (row.state == State.REFUSED)
                    failed += status is None
                fields = ["state", "problem", "answer_status", "tries", "next_try_at", "sent_at"]
                Conversion.objects.bulk_update(rows, fields)
                lease.renew()
                if failed or timezone.now() > ends_at:
                    return Sent(sent, refused, failed, is_left=bool(_due(account)))
    finally:
        lease.free()
    return Sent(sent, refused, failed)


def _due(account: DeskAccount) -> list[Conversion]:
    rows = Conversion.objects.filter(account=account, state=State.WAITING, next_try_at__lte=timezone.now())
    return list(rows.order_by("next_try_at", "id")[:CHUNK])


def _tell(
    login: TradeTrackerConversions, rows: Collection[Conversion], campaign: dict[str, str]
) -> list[tuple[Conversion, int | None, str]]:
    """Tell some; return each with the status of its answer, or None and why there is none. No database."""
    told: list[tuple[Conversion, int | None, str]] = []
    for row in rows:
        try:
            told.append((row, login.send(_as_told(row, campaign)), ""))
        except NetworkUnavailable as error:
            told.append((row, None, say(error)))
        except NetworkError as error:
            told.append((row, 0, say(error)))
    return told


def _as_told(row: Conversion, campaign: dict[str, str]) -> tradetracker.Conversion:
    return tradetracker.Conversion(
        kind=row.kind,
        campaign_id=campaign["campaign_id"],
        tracking_group=campaign.get("tracking_group", ""),
        product_id=row.product_id,
        tid=row.tid,
        amount=row.amount,
        currency=row.currency,
        quantity=row.quantity,
        reference=row.reference,
        email_hash=row.email_hash,
        voucher=row.voucher,
        note=row.note,
        publisher_note=row.publisher_note,
    )


def _note(row: Conversion, status: int | None, words: str) -> None:
    now = timezone.now()
    row.tries += 1
    row.answer_status = status or None
    if status is not None and 200 <= status < 300:
        row.state, row.sent_at = State.SENT, now
        row.problem = "" if row.reference else NO_REFERENCE
    elif status is not None:
        row.state = State.REFUSED
        row.problem = words or REFUSALS.get(status, f"TradeTracker refused it (status {status}).")
    elif row.tries >= MOST_TRIES:
        row.state, row.problem = State.REFUSED, f"Given up after {row.tries} tries. {words}"[:400]
    else:
        row.problem = words[:400]
        row.next_try_at = now + timedelta(seconds=PAUSES[min(row.tries, len(PAUSES)) - 1])


# --- What is held -------------------------------------------------------------------------------


def release(ids: Collection[int], *, as_minor: bool) -> int:
    """Send held conversions, with the amount as told, or a hundredth of it. Return how many."""
    return _decide(ids, State.HELD, "minor units" if as_minor else "as told", as_minor=as_minor)


def send_again(ids: Collection[int]) -> int:
    """Send refused conversions again, with the same transaction id."""
    return _decide(ids, State.REFUSED, "send again")


def drop(ids: Collection[int]) -> int:
    """Forget held conversions: they are not sent, and may be told again."""
    return _decide(ids, State.HELD, "dropped", deletes=True)


def _decide(
    ids: Collection[int], state: str, decision: str, *, as_minor: bool = False, deletes: bool = False
) -> int:
    with transaction.atomic():
        rows = Conversion.objects.filter(pk__in=ids, state=state)
        accounts = list(DeskAccount.objects.filter(conversion__in=rows).annotate(rows=Count("conversion")))
        if deletes:
            count, _ = rows.delete()
        else:
            values = {"state": State.WAITING, "problem": "", "tries": 0, "next_try_at": timezone.now()}
            if as_minor:
                values["amount"] = Round(F("amount") / Decimal(100), 2)
            count = rows.update(**values)
        for account in accounts:
            after = {"count": account.rows, "decision": decision}
            record(Kind.DESK_CONVERSION_RELEASED, key_of(account), after=after, sources=[account.network])
    return count


# --- What arrived -------------------------------------------------------------------------------


def confirm(account: DeskAccount) -> int:
    """Look in the merchant's service for what was sent, and note what it lists. Raises NetworkError.

    200 is no proof: the hosts answer with a picture whatever came.
    """
    campaign = account.get_credentials()["campaign_id"]
    merchant = next(
        (
            one
            for one in DeskAccount.objects.filter(network=NETWORK, kind="merchant")
            if campaign in one.programs
        ),
        None,
    )
    since = timezone.now() - timedelta(days=CONFIRM_DAYS)
    sent = Conversion.objects.filter(account=account, state=State.SENT, sent_at__gte=since)
    oldest = sent.aggregate(at=Min("sent_at"))["at"]
    if merchant is None or oldest is None:
        return 0
    first = timezone.localdate(oldest - OWN_LATENESS)
    listed = {
        (row.kind, row.order_number): row
        for row in merchant_of(merchant).fetch_conversions(campaign, first=first)
    }
    found = [row for row in sent.iterator() if (row.kind, row.tid) in listed]
    now = timezone.now()
    for row in found:
        row.state, row.confirmed_at = State.CONFIRMED, now
        row.problem = (
            "" if listed[row.kind, row.tid].site_id else "Nobody's: the click reference told no publisher."
        )
    Conversion.objects.bulk_update(found, ["state", "confirmed_at", "problem"], batch_size=500)
    return len(found)


def has_merchant(account: DeskAccount) -> bool:
    """Is there a login whose list tells whether conversions arrived?"""
    merchants = DeskAccount.objects.filter(network=NETWORK, kind="merchant")
    return any(set(account.programs) & set(one.programs) for one in merchants)


# --- Asking -------------------------------------------------------------------------------------


def list_conversions(*, state: str = "", words: str = "") -> QuerySet[Conversion]:
    """Return conversions, the newest first."""
    rows = Conversion.objects.select_related("account")
    if state:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(tid=words)
    return rows.order_by("-id")


def count_states() -> dict[str, int]:
    """Return how many conversions are in each state."""
    return dict(Conversion.objects.values_list("state").annotate(Count("id")).order_by())


def count_unconfirmed() -> int:
    """Return how many were sent more than a day ago, and are listed by nobody yet."""
    day = timezone.now() - timedelta(days=1)
    late = Q(state=State.SENT, sent_at__range=(day - timedelta(days=CONFIRM_DAYS), day))
    return Conversion.objects.filter(late).count()


def due_accounts() -> Iterator[DeskAccount]:
    """Yield the accounts with something to send now."""
    due = Conversion.objects.filter(state=State.WAITING, next_try_at__lte=timezone.now())
    yield from DeskAccount.objects.filter(pk__in=due.values("account"), kind=KIND)


def trim(now: datetime | None = None) -> int:
    """Forget conversions that nobody settles any more. Return how many."""
    before = (now or timezone.now()) - timedelta(days=KEPT_DAYS)
    return Conversion.objects.filter(created_at__lt=before).delete()[0]
