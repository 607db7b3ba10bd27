"""Who may promote us: applications and connections of both networks in one table, and what is decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from desk.models import Application, DeskAccount, State
from desk.services import decisions
from desk.services.decisions import Current, Planned, Sender, queue, refusal_of
from desk.services.logins import channels_of, management_of
from events.kinds import Kind
from importer.networks.adtraction import advertiser as adtraction
from importer.networks.adtraction.advertiser import Channel
from importer.networks.tradedoubler import advertiser as tradedoubler
from importer.normalise import clean_text, clean_url, parse_time

APPLIED, ACCEPTED, REJECTED, ON_HOLD, ENDED = "applied", "accepted", "rejected", "on_hold", "ended"
STATUSES = {
    APPLIED: "Applied",
    ACCEPTED: "Accepted",
    REJECTED: "Rejected",
    ON_HOLD: "On hold",
    ENDED: "Ended",
}
CHANNEL_STATUS = {adtraction.PENDING: APPLIED, adtraction.APPROVED: ACCEPTED, adtraction.REJECTED: REJECTED}
SOURCE_STATUS = {
    1: APPLIED,
    2: APPLIED,
    3: ACCEPTED,
    4: ENDED,
    5: REJECTED,
    6: ON_HOLD,
    7: REJECTED,
    8: ENDED,
}
# What a status becomes at Tradedoubler; the documents do not say more, so no more is offered.
SOURCE_WRITES = {ACCEPTED: 3, REJECTED: 5, ON_HOLD: 6, ENDED: 4}
FOLLOWERS = {
    "adtraction": {APPLIED: (ACCEPTED, REJECTED), ACCEPTED: (REJECTED,), REJECTED: (ACCEPTED,)},
    "tradedoubler": {APPLIED: (ACCEPTED, REJECTED), ACCEPTED: (ON_HOLD, ENDED), ON_HOLD: (ACCEPTED,)},
}
REASONS = {str(code): words for code, words in adtraction.REASONS.items()}
KINDS = {("adtraction", "channels"), ("tradedoubler", "management")}
CHANGES = ("segment_id", "category_id", "rank")


# --- Reading ------------------------------------------------------------------------------------


def accounts() -> list[DeskAccount]:
    """Return the logins that have publishers."""
    return [account for account in DeskAccount.objects.all() if (account.network, account.kind) in KINDS]


def read_applications(account: DeskAccount) -> int:
    """Read all publishers of a login from its network. Return how many there are. Raises NetworkError."""
    rows = list(_channels(account) if account.network == "adtraction" else _sources(account))
    now = timezone.now()
    for row in rows:
        row.account, row.read_at = account, now
    fields = [
        field.name
        for field in Application._meta.concrete_fields
        if field.name in _FROM_NETWORK or field.name == "read_at"
    ]
    with transaction.atomic():
        Application.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["account", "program_id", "external_id"],
            update_fields=fields,
        )
        # Who is not listed any more, and is about to be decided on, is found out by its sender.
        Application.objects.filter(account=account, read_at__lt=now).exclude(
            state__in=(State.QUEUED, State.SENDING)
        ).delete()
    return len(rows)


_FROM_NETWORK = (
    "program",
    "status",
    "status_text",
    "name",
    "url",
    "kind",
    "partner",
    "description",
    "applied_on",
    "segment_id",
    "segment",
    "category_id",
    "category",
    "rank",
)


def _channels(account: DeskAccount) -> Iterator[Application]:
    for channel in channels_of(account).fetch_channels():
        yield _channel_row(channel)


def _channel_row(channel: Channel) -> Application:
    why = "" if channel.reject_reason is None else adtraction.REASONS[channel.reject_reason]
    return Application(
        external_id=channel.external_id,
        status=CHANNEL_STATUS[channel.status],
        status_text=(channel.reason_text or why)[:200],
        name=channel.name or channel.external_id,
        url=channel.url[:2000],
        kind=channel.kind,
        partner=channel.partner,
        description=channel.description,
        applied_on=channel.applied_on,
    )


def _sources(account: DeskAccount) -> Iterator[Application]:
    login = management_of(account)
    for program_id, name in account.programs.items():
        for source in login.fetch_sources(program_id):
            if source.get("sourceId"):
                yield _source_row(source, program_id, name)


def _source_row(source: Mapping[str, Any], program_id: str, program: str) -> Application:
    number = _number(source.get("statusId"))
    created, rank = parse_time(source.get("created")), source.get("rank")
    return Application(
        external_id=str(source["sourceId"]),
        program_id=program_id,
        program=program[:200],
        status=SOURCE_STATUS.get(number, ENDED),
        status_text=tradedoubler.CONNECTIONS.get(number, ""),
        # Of a blind network neither address nor kind is told.
        name=clean_text(source.get("sourceName"), 200) or str(source["sourceId"]),
        url=clean_url(source.get("sourceUrl")),
        kind=clean_text(source.get("promotionTypeName"), 60),
        applied_on=created.date() if created else None,
        segment_id=_id(source.get("segmentId")),
        segment=clean_text(source.get("segmentName"), 100),
        category_id=_id(source.get("categoryId")),
        category=clean_text(source.get("categoryName"), 100),
        rank=rank if isinstance(rank, int) else None,
    )


def _number(value: Any) -> int:
    return int(value) if str(value).isdecimal() else -1


def _id(value: Any) -> str:
    return "" if value in (None, 0) else str(value)[:20]


# --- Asking -------------------------------------------------------------------------------------


def list_applications(
    *,
    status: str = APPLIED,
    account_id: int | None = None,
    kind: str = "",
    words: str = "",
    state: str = "",
) -> QuerySet[Application]:
    """Return publishers, who waits longest first."""
    rows = Application.objects.select_related("account", "decided_by")
    if state:
        rows = rows.filter(state=state)
    elif status:
        rows = rows.filter(status=status)
    if account_id:
        rows = rows.filter(account_id=account_id)
    if kind:
        rows = rows.filter(kind=kind)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(url__icontains=words) | Q(partner__icontains=words))
    return rows.order_by("applied_on", "id")


def count_statuses() -> dict[str, int]:
    """Return how many publishers there are of each status."""
    counts = Application.objects.values_list("status").annotate(Count("id")).order_by()
    return dict(counts)


def list_kinds() -> list[str]:
    """Return the kinds of publishers that there are."""
    return list(
        Application.objects.exclude(kind="").values_list("kind", flat=True).distinct().order_by("kind")
    )


# --- Deciding -----------------------------------------------------------------------------------


def plan(
    ids: Collection[int],
    *,
    status: str = "",
    reason: str = "",
    changes: Mapping[str, str] | None = None,
) -> list[Planned]:
    """Return what the same decision does to many: another status, or another segment, category or rank."""
    rows = list(Application.objects.filter(pk__in=ids).select_related("account").order_by("applied_on", "id"))
    given = {name: value for name, value in (changes or {}).items() if value not in ("", None)}
    return decisions.plan(rows, lambda row: _wish(row, status, reason, given), lambda row: REASONS)


def _wish(
    row: Application, status: str, reason: str, changes: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    wanted: dict[str, Any] = {}
    if status:
        if status == row.status:
            raise ValueError(f"It is {STATUSES[status].lower()} already.")
        if status not in FOLLOWERS[row.account.network].get(row.status, ()):
            raise ValueError(f"{STATUSES[row.status]} cannot become {STATUSES[status].lower()}.")
        wanted["status"] = status
        if row.account.network == "adtraction" and status == REJECTED:
            if reason not in REASONS:
                raise ValueError("Adtraction asks for a reason to reject.")
            wanted["reason"] = reason
    if changes:
        if row.account.network != "tradedoubler":
            raise ValueError("Segments, categories and ranks are Tradedoubler's.")
        wanted |= changes
    if not wanted:
        raise ValueError("Nothing was chosen.")
    seen = {name: getattr(row, name) for name in wanted if name != "reason"}
    return wanted, {"status": row.status, **{k: "" if v is None else v for k, v in seen.items()}}


def decide_on(
    ids: Collection[int], *, user: User | None, now: datetime | None = None, **decision: Any
) -> tuple[int, list[tuple[Application, str]]]:
    """Queue the same decision for many. Return how many, and who was refused with why."""
    return queue(plan(ids, **decision), user, now=now)


class ChannelSender(Sender):
    """Adtraction: ten calls a minute, of which each batch takes one to read."""

    model = Application
    kind = Kind.DESK_PUBLISHER_DECIDED
    batch = adtraction.CALLS_A_MINUTE - 1
    a_minute = adtraction.CALLS_A_MINUTE - 1

    def __init__(self, account: DeskAccount) -> None:
        super().__init__(account)
        self._login = channels_of(account)

    def read(self, rows: Sequence[Application]) -> dict[int, Current]:
        wanted = rows[0].external_id if len(rows) == 1 else ""
        listed = self._login.fetch_channels(channel_id=wanted)
        known = {one.external_id: one for one in listed}
        return {
            row.pk: {"status": CHANNEL_STATUS[one.status], "words": one.reason_text}
            for row in rows
            if (one := known.get(row.external_id))
        }

    def send(self, rows: Sequence[Application]) -> Iterator[tuple[Application, str]]:
        for row in rows:
            approve = row.wanted["status"] == ACCEPTED
            reason = None if approve else int(row.wanted["reason"])
            yield row, refusal_of(self._login.decide, row.external_id, approve=approve, reason=reason)

    def describe(self, current: Current) -> str:
        words = STATUSES[current["status"]].lower()
        return f"{words} ({current['words']})" if current.get("words") else words


class SourceSender(Sender):
    """Tradedoubler: a hundred in one call, of one program."""

    model = Application
    kind = Kind.DESK_PUBLISHER_DECIDED
    batch = tradedoubler.BATCH
    a_minute = 1000.0

    def __init__(self, account: DeskAccount) -> None:
        super().__init__(account)
        self._login = management_of(account, leaves_to_people=True)

    def read(self, rows: Sequence[Application]) -> dict[int, Current]:
        current: dict[str, Current] = {}
        for program_id, ours in by_program(rows).items():
            if len(ours) <= 3:
                found: Iterable[Mapping[str, Any]] = (
                    one
                    for row in ours
                    for one in self._login.fetch_sources(program_id, source_id=row.external_id)
                )
            else:
                found = self._login.fetch_sources(program_id)
            for source in found:
                row = _source_row(source, program_id, "")
                current[_key(row)] = {name: getattr(row, name) for name in ("status", *CHANGES)}
        return {row.pk: current[_key(row)] for row in rows if _key(row) in current}

    def send(self, rows: Sequence[Application]) -> Iterator[tuple[Application, str]]:
        for program_id, ours in by_program(rows).items():
            items = [_item(row) for row in ours]
            refused = self._login.update_sources(program_id, items)
            for row in ours:
                yield row, refused.get(row.external_id, "")

    def describe(self, current: Current) -> str:
        return STATUSES[current["status"]].lower()


def _key(row: Application) -> str:
    return f"{row.program_id}:{row.external_id}"


def _item(row: Application) -> dict[str, Any]:
    """Return the item of a PUT: what changes, and the rest as it is, so that nothing is lost."""
    status = row.wanted.get("status")
    values = {
        "sourceId": int(row.external_id),
        "statusId": SOURCE_WRITES[status] if status else SOURCE_WRITES.get(row.status, 1),
        "segmentId": row.wanted.get("segment_id") or row.segment_id,
        "categoryId": row.wanted.get("category_id") or row.category_id,
        "rank": row.wanted.get("rank", row.rank),
    }
    return {name: int(value) for name, value in values.items() if str(value or "").lstrip("-").isdecimal()}


def by_program(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the rows by their program."""
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(row.program_id, []).append(row)
    return groups


SENDERS: dict[tuple[str, str], type[Sender]] = {
    ("adtraction", "channels"): ChannelSender,
    ("tradedoubler", "management"): SourceSender,
}
