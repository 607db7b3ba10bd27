"""The queue of decisions: made here, taken back until they are sent, read again before they are written.

One worker at a time sends for a login. What it holds when it dies stays "sending"; the next reads the
network's state first, which says whether the write arrived. So nothing is written twice, and nothing that
somebody else decided meanwhile is overwritten.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from desk.models import Decidable, DeskAccount, State
from events.actor import acting_as
from events.kinds import Kind
from events.record import record
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.http.leases import Lease
from importer.sentences import say

logger = logging.getLogger(__name__)

UNDO = timedelta(seconds=15)  # in which a decision can be taken back before anybody may send it
# Refusals that would meet every row alike.
OF_THE_LOGIN = {
    "credentials_refused",
    "access_refused",
    "role_too_low",
    "sign_in_again",
    "passphrase_refused",
}
HELD = 300  # seconds after which the place of a killed sender is free

Current = Mapping[str, Any]


class Sender:
    """How the decisions of one kind reach their network. `batch`: rows that are read and written together."""

    model: ClassVar[type[Decidable]]
    kind: ClassVar[Kind]
    batch: ClassVar[int]
    a_minute: ClassVar[float]  # decisions that go out in a minute

    def __init__(self, account: DeskAccount) -> None:
        self.account = account

    def read(self, rows: Sequence[Any]) -> dict[int, Current]:
        """Return what the network says now: pk -> values as `seen` and `wanted` have them."""
        raise NotImplementedError

    def send(self, rows: Sequence[Any]) -> Iterator[tuple[Any, str]]:
        """Write the decisions; yield each with the network's refusal, "" for none."""
        raise NotImplementedError

    def describe(self, current: Current) -> str:
        """Say what the network says now, in a few words."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Sent:
    """What one look at the queue did. `wait`: seconds after which another is worth it, None for none."""

    sent: int = 0
    refused: int = 0
    overtaken: int = 0
    wait: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a decision would do to a row, or why it cannot: `wanted` over what is `seen`."""

    row: Any
    wanted: Mapping[str, Any]
    seen: Mapping[str, Any]
    refusal: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)  # what the codes of reasons mean

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """(what, before, after) of what is decided."""
        return [
            (
                name.replace("_id", ""),
                self.seen.get(name, ""),
                self.reasons.get(value, value) if name == "reason" else value,
            )
            for name, value in self.wanted.items()
        ]


def plan(
    rows: Collection[Any],
    wish: Callable[[Any], tuple[dict[str, Any], dict[str, Any]]],
    reasons_of: Callable[[Any], Mapping[str, str]],
) -> list[Planned]:
    """Return what `wish` says of each row: (wanted, seen). Writes nothing.

    `wish` raises ValueError with the sentence for a row that it does not decide on.
    """
    planned = []
    for row in rows:
        try:
            if not row.is_open:
                raise ValueError("A decision is on its way already.")
            wanted, seen = wish(row)
        except ValueError as error:
            planned.append(Planned(row, {}, {}, str(error)))
        else:
            planned.append(Planned(row, wanted, seen, reasons=reasons_of(row)))
    return planned


def queue(
    planned: Collection[Planned], user: User | None, *, now: datetime | None = None
) -> tuple[int, list[tuple[Any, str]]]:
    """Queue what was planned. Return how many, and who was refused with why."""
    now = now or timezone.now()
    queued = []
    for one in planned:
        row = one.row
        if not one.refusal:
            row.wanted, row.seen, row.state, row.problem = dict(one.wanted), dict(one.seen), State.QUEUED, ""
            row.decided_by, row.decided_at, row.due_at, row.sent_at = user, now, now + UNDO, None
            queued.append(row)
    if queued:
        fields = ["wanted", "seen", "state", "problem", "decided_by", "decided_at", "due_at", "sent_at"]
        type(queued[0]).objects.bulk_update(queued, fields)
    return len(queued), [(one.row, one.refusal) for one in planned if one.refusal]


def undo(model: type[Decidable], ids: Collection[int]) -> int:
    """Take decisions back that nobody sends yet. Return how many there were."""
    waiting = model._default_manager.filter(pk__in=ids, state=State.QUEUED)
    return waiting.update(state=State.NONE, wanted={}, seen={}, decided_by=None, decided_at=None, due_at=None)


def time_left(model: type[Decidable], senders: Mapping[tuple[str, str], type[Sender]]) -> tuple[int, int]:
    """Return how many decisions wait, and in about how many minutes the last of them is sent."""
    waiting = model._default_manager.filter(state__in=(State.QUEUED, State.SENDING))
    counts: dict[tuple[str, str], int] = {}
    for network, kind in waiting.values_list("account__network", "account__kind"):
        counts[network, kind] = counts.get((network, kind), 0) + 1
    minutes = [count / senders[key].a_minute for key, count in counts.items() if key in senders]
    return sum(counts.values()), max(1, round(max(minutes, default=0.0) + 0.49)) if counts else 0


def send_decisions(sender: Sender, *, seconds: float = 30.0, now: datetime | None = None) -> Sent:
    """Send what is due, for so many seconds. Does nothing where another worker does it already."""
    lease = Lease(f"desk-decisions:{sender.account.pk}:{sender.model._meta.model_name}", 1, HELD)
    if not lease.take():
        return Sent(wait=seconds)
    ends_at = timezone.now() + timedelta(seconds=seconds)
    counts: dict[str, int] = {State.SENT: 0, State.FAILED: 0, State.OVERTAKEN: 0}
    try:
        while rows := _claim(sender, now or timezone.now()):
            for state in _work_on(sender, rows):
                counts[state] += 1
            lease.renew()
            if timezone.now() > ends_at:
                return _sent(counts, wait=0.0)
    except NetworkUnavailable as error:
        return _sent(counts, wait=error.retry_after or 60.0, problem=say(error))
    except NetworkError as error:
        _give_up(sender, say(error))
        return _sent(counts, problem=say(error))
    finally:
        lease.free()
    return _sent(counts, wait=_next_due(sender))


def _sent(counts: Mapping[str, int], wait: float | None = None, problem: str = "") -> Sent:
    return Sent(counts[State.SENT], counts[State.FAILED], counts[State.OVERTAKEN], wait, problem)


def _claim(sender: Sender, now: datetime) -> list[Any]:
    """Take what a dead worker left, and what is due: no more than goes out together."""
    rows = sender.model._default_manager.filter(account=sender.account)
    left = Q(state=State.SENDING) | Q(state=State.QUEUED, due_at__lte=now)
    with transaction.atomic():
        claimed = list(
            rows.filter(left)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("decided_by")
            .order_by("due_at", "id")[: sender.batch]
        )
        rows.filter(pk__in=[row.pk for row in claimed]).update(state=State.SENDING)
    return claimed


def _next_due(sender: Sender) -> float | None:
    rows = sender.model._default_manager.filter(account=sender.account, state=State.QUEUED)
    due_at = rows.order_by("due_at").values_list("due_at", flat=True).first()
    return max(0.0, (due_at - timezone.now()).total_seconds()) if due_at else None


def _work_on(sender: Sender, rows: Sequence[Any]) -> Iterator[str]:
    """Read, then write what still stands; yield what became of each row."""
    left = {row.pk: row for row in rows}
    try:
        current = sender.read(rows)
        todo = []
        for row in rows:
            known = current.get(row.pk)
            if known is not None and _is(known, row.wanted):
                yield _settle(sender, left.pop(row.pk), State.SENT, "")
            elif known is None:
                yield _settle(sender, left.pop(row.pk), State.OVERTAKEN, "It is not listed any more.")
            elif not _is(known, row.seen):
                words = f"Somebody else decided meanwhile: {sender.describe(known)}."
                yield _settle(sender, left.pop(row.pk), State.OVERTAKEN, words, known)
            else:
                todo.append(row)
        for row, refusal in sender.send(todo):
            yield _settle(sender, left.pop(row.pk), State.FAILED if refusal else State.SENT, refusal)
    finally:
        # Who was not written yet can be taken back again. The first of them may have been: it stays, to be
        # looked at first.
        untouched = list(left)[1 if sender.batch < 100 else len(left) :]
        sender.model._default_manager.filter(pk__in=untouched, state=State.SENDING).update(state=State.QUEUED)


def _is(known: Current, values: Mapping[str, Any]) -> bool:
    """Is all of it so now? What the network does not tell is no difference."""
    return all(
        str(known[name]) == str(value) for name, value in values.items() if known.get(name) is not None
    )


def _settle(sender: Sender, row: Any, state: str, problem: str, known: Current | None = None) -> str:
    """Store what became of a decision, with its line in the log."""
    row.state, row.problem, row.sent_at = state, problem[:400], timezone.now()
    told = row.wanted if state == State.SENT else (known or {})
    if told.get("status"):
        row.status = told["status"]
    with transaction.atomic():
        row.save(update_fields=["state", "problem", "sent_at", "status"])
        after = {"name": str(row), **row.wanted} | ({"problem": problem} if problem else {})
        with acting_as(f"user:{row.decided_by_id}" if row.decided_by_id else "task:send_decisions"):
            key = f"{row._meta.model_name}:{row.pk}"
            record(sender.kind, key, before=row.seen, after=after, sources=[sender.account.network])
    return state


def _give_up(sender: Sender, words: str) -> None:
    """The login does not reach: nothing is sent by itself until somebody decides again."""
    rows = sender.model._default_manager.filter(
        account=sender.account, state__in=(State.QUEUED, State.SENDING)
    )
    rows.update(state=State.FAILED, problem=words[:400], sent_at=timezone.now())


def refusal_of(write: Callable[..., None], *args: Any, **kwargs: Any) -> str:
    """Write; return why the network refused, "" where it took it. Raises what may pass: it says nothing of
    the row, and what concerns the login as a whole."""
    try:
        write(*args, **kwargs)
    except NetworkUnavailable:
        raise
    except NetworkError as error:
        if error.code in OF_THE_LOGIN:
            raise
        return say(error)
    return ""
