"""A push run's course: started, taken by one worker, given back, ended. Work: `plan`, `push`, `confirm`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from desk.models import OwnFeed, PushRun
from desk.models.own_feeds import ACTIVE
from events.kinds import Kind
from events.record import record
from importer.beat import SILENCE, Beat
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.reasons import Reason

State = PushRun.State
MAX_WAITS = 10  # for a network that is away, before the run is given up
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(minutes=10)
KEPT_RUNS = 20


class Overtaken(Exception):
    """The run was cancelled, or another worker has taken it over: what was done last is taken back."""


class FeedBusy(Exception):
    """The feed is being read or pushed already."""


def start_run(
    feed: OwnFeed, *, kind: str = "", user: Any = None, goes_on: bool = False, state: str = State.READING
) -> PushRun:
    """Make a run that reads the feed's source and plans; the caller enqueues it. Raises FeedBusy.

    `kind`: how it is to be pushed, else as the feed says. `goes_on`: it is pushed where nothing is in doubt.
    """
    try:
        with transaction.atomic():
            PushRun.objects.filter(feed=feed, state=State.PLANNED).update(
                state=State.CANCELLED, finished_at=timezone.now()
            )
            return PushRun.objects.create(
                feed=feed, kind=kind or feed.mode, user=user, goes_on=goes_on, state=state
            )
    except IntegrityError:
        raise FeedBusy from None


def claim(run_id: int, states: tuple[str, ...]) -> PushRun | None:
    """Take a run for this process; None where another is at it, or it is over or not due."""
    now, own = timezone.now(), uuid4()
    due = Q(waits_until=None) | Q(waits_until__lte=now)
    free = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - SILENCE) | Q(claim=None)
    found = PushRun.objects.filter(due, free, pk=run_id, state__in=states)
    if not found.update(claim=own, heartbeat_at=now, waits_until=None):
        return None
    run = PushRun.objects.select_related("feed__account", "user").get(pk=run_id)
    if run.started_at is None:
        move_on(run, started_at=now)
    return run


@contextmanager
def beating(run: PushRun) -> Iterator["RunBeat"]:
    """Give signs of life for a run while the block lasts."""
    with RunBeat(run) as beat:
        yield beat


class RunBeat(Beat):
    """The beat of a run. `rows`: how many were read, for the page."""

    def __init__(self, run: PushRun) -> None:
        super().__init__(self._tell)
        self._push, self.rows, self.is_lost = run, 0, False

    def _tell(self) -> int:
        ours = PushRun.objects.filter(pk=self._push.pk, claim=self._push.claim, state__in=ACTIVE)
        values: dict[str, Any] = {"row_count": self.rows} if self.rows else {}
        return ours.update(heartbeat_at=timezone.now(), **values)

    def _lose(self) -> None:
        self.is_lost = True

    def check(self) -> None:
        """Raise Overtaken when the run is no longer ours."""
        if self.is_lost:
            raise Overtaken


def move_on(run: PushRun, **values: Any) -> None:
    """Write to a run that is ours. Raises Overtaken where it is not: the caller's transaction is undone."""
    ours = PushRun.objects.filter(pk=run.pk, claim=run.claim, state__in=ACTIVE)
    if not ours.update(heartbeat_at=timezone.now(), **values):
        raise Overtaken


def give_back(run: PushRun) -> None:
    """Let another worker go on with a run."""
    PushRun.objects.filter(pk=run.pk, claim=run.claim, state__in=ACTIVE).update(claim=None)


def wait_or_fail(run: PushRun, error: NetworkError) -> None:
    """Let a run wait for a network that is away, or end it with the reason."""
    if isinstance(error, NetworkUnavailable) and run.wait_count < MAX_WAITS:
        wait = min(FIRST_WAIT * 2**run.wait_count, LONGEST_WAIT)
        seconds = max(wait, timedelta(seconds=error.retry_after or 0))
        ours = PushRun.objects.filter(pk=run.pk, claim=run.claim, state__in=ACTIVE)
        ours.update(
            claim=None,
            waits_until=timezone.now() + seconds,
            wait_count=F("wait_count") + 1,
            message=error.reason,
        )
        return
    fail(run, error.reason)


def fail(run: PushRun, reason: Reason) -> None:
    """End a run with a reason. What it sent is sent."""
    with transaction.atomic():
        ours = PushRun.objects.filter(pk=run.pk, claim=run.claim, state__in=ACTIVE)
        if ours.update(state=State.FAILED, message=reason, finished_at=timezone.now(), claim=None):
            tell(Kind.DESK_PUSH_FAILED, run, error=reason.to_json())


def cancel(run: PushRun) -> bool:
    """Stop a run, also one that is only planned; what it sent is sent. False where it was over."""
    with transaction.atomic():
        stopped = PushRun.objects.filter(pk=run.pk, state__in=(*ACTIVE, State.PLANNED)).update(
            state=State.CANCELLED, finished_at=timezone.now(), claim=None
        )
        if stopped and run.state != State.READING:
            tell(Kind.DESK_PUSH_CANCELLED, run)
    return bool(stopped)


def find_silent() -> list[PushRun]:
    """Return the runs that are to be worked on and of which nothing was heard for some seconds."""
    now = timezone.now()
    quiet = Q(heartbeat_at__lt=now - SILENCE) | Q(heartbeat_at=None, created_at__lt=now - SILENCE)
    runs = PushRun.objects.filter(quiet, state__in=ACTIVE)
    return list(runs.exclude(waits_until__gt=now).order_by("pk"))


def find_unconfirmed() -> list[PushRun]:
    """Return the runs whose result is to be read back now."""
    return list(PushRun.objects.filter(check_at__lte=timezone.now()).order_by("pk"))


def tidy(feed: OwnFeed) -> None:
    """Forget the oldest runs of a feed, with their items."""
    kept = list(PushRun.objects.filter(feed=feed).order_by("-pk").values_list("pk", flat=True)[:KEPT_RUNS])
    PushRun.objects.filter(feed=feed).exclude(pk__in=kept).exclude(state__in=ACTIVE).delete()


def tell(kind: Kind, run: PushRun, /, **after: Any) -> None:
    """Note what became of a push in the desk's log."""
    record(
        kind,
        f"desk_push:{run.pk}",
        after={"name": run.feed.name, **after},
        sources=[run.feed.account.network],
    )
