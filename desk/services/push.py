"""Push what a plan says: create and update in batches, delete, replace whole, delete all.

What is to be sent is fixed when the push begins: an item for each product. A batch is sent, then its items
and products are written in one transaction: a worker killed at any line sends at most one batch again, and a
product that is sent twice is the same as one that is sent once.
"""

import math
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from desk.models import OwnFeed, PushItem, PushRun
from desk.services.accounts import login_of, note_refusal
from desk.services.isolate import isolate
from desk.services.plan import count
from desk.services.runs import (
    Overtaken,
    RunBeat,
    State,
    beating,
    claim,
    fail,
    give_back,
    move_on,
    start_run,
    tell,
    tidy,
    wait_or_fail,
)
from events.actor import acting_as
from events.kinds import Kind
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.networks.tradedoubler.advertiser_products import (
    PostRefused,
    ProductError,
    TradedoublerProducts,
    delete_batches,
)
from importer.networks.tradedoubler.own_products import write_post
from importer.reasons import Reason

BATCH = 500  # products
MAX_BATCH_BYTES = 4 * 10**6
MAX_BAD = 20  # products found one by one in a batch, before it is taken for more than bad products
PAUSES = (0.5, 1.5, 4.0)  # seconds, after which a batch is sent again that the network could not take
REPLACE_TRIES = 3  # of a whole feed, each without what was refused; then it goes product by product
_REPLACED = ("replaced_items", "replaced_products", "forget_gone")
_SQL = read_statements(__file__)


class PlanOutdated(Exception):
    """The plan is not the newest any more, or is pushed already."""


class NotAccepted(Exception):
    """Something is in doubt, and nobody said that it may be pushed all the same."""


class Line(NamedTuple):
    """An item to be sent: its id in the run, the product's id, what is sent and its digest."""

    item: int
    id: str
    data: dict[str, Any]
    digest: str


# --- Begin ----------------------------------------------------------------------------------------
def start_push(run: PushRun, *, user: Any = None, accepts: bool = False) -> None:
    """Let a planned run be pushed; the caller enqueues it. Raises PlanOutdated, NotAccepted."""
    with transaction.atomic():
        run = (
            PushRun.objects.select_for_update(no_key=True, of=("self",)).select_related("feed").get(pk=run.pk)
        )
        if run.state != State.PLANNED or run.feed.runs.filter(pk__gt=run.pk).exists():
            raise PlanOutdated
        if run.doubts and not accepts:
            raise NotAccepted
        kind = PushRun.Kind.CREATE if run.kind == PushRun.Kind.REPLACE and _is_too_large(run) else run.kind
        with connection.cursor() as cursor:
            values = {"run": run.pk, "feed": run.feed_id, "after": run.feed.delete_after_reads}
            cursor.execute(_SQL[f"add_{kind}"], values | {"holds": run.feed.holds_unmapped})
        PushRun.objects.filter(pk=run.pk).update(
            state=State.QUEUED,
            kind=kind,
            user=user or run.user,
            is_accepted=accepts,
            total_count=PushItem.objects.filter(run=run).count(),
            heartbeat_at=None,
        )
        counts = {name: run.counts.get(name, 0) for name in ("new", "changed", "gone", "refused")}
        tell(Kind.DESK_PUSH_STARTED, run, kind=kind, **counts)


def start_delete_all(feed: OwnFeed, *, user: Any = None) -> PushRun:
    """Make a run that deletes every product that the network has of a feed. Raises FeedBusy."""
    with transaction.atomic():
        run = start_run(feed, kind=PushRun.Kind.DELETE_ALL, user=user, state=State.QUEUED)
        tell(Kind.DESK_PUSH_STARTED, run, kind=run.kind)
    return run


def _is_too_large(run: PushRun) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_SQL["size"], {"feed": run.feed_id})
        products, size = cursor.fetchone()
    return products > settings.DESK_REPLACE_PRODUCTS or size > settings.DESK_REPLACE_BYTES


# --- Work -----------------------------------------------------------------------------------------
def work(run_id: int, *, seconds: float = math.inf) -> bool:
    """Go on with a push; True when time ran out and something is left. May run twice, also at once."""
    run = claim(run_id, (State.QUEUED, State.RUNNING))
    if run is None:
        return False
    actor = f"user:{run.user_id}" if run.user_id else f"desk_push:{run.pk}"
    try:
        with acting_as(actor), beating(run) as beat:
            return _Pusher(run, beat).work(time.monotonic() + seconds)
    except NetworkUnavailable as error:
        wait_or_fail(run, error)
    except NetworkError as error:
        note_refusal(run.feed.account, error)
        with acting_as(actor):
            wait_or_fail(run, error)
    except Overtaken:
        pass
    return False


class _Pusher:
    """One worker's turn at a run."""

    def __init__(self, run: PushRun, beat: RunBeat) -> None:
        self.run, self.feed, self.beat = run, run.feed, beat
        self.network = login_of(run.feed.account, TradedoublerProducts)
        self.network.http.clock.interrupt = beat.check

    def work(self, ends_at: float) -> bool:
        if self.run.state == State.QUEUED:
            before = self.network.fetch_last_update(self.feed.external_id)
            move_on(self.run, state=State.RUNNING, update_before=before[:40], message="")
        if self.run.kind == PushRun.Kind.DELETE_ALL:
            self.network.delete_all(self.feed.external_id)
            self._end("forget_all")
            return False
        if self.run.kind == PushRun.Kind.REPLACE and not self._replace():
            return False
        while lines := self._next_lines():
            self._send_batch(lines)
            if time.monotonic() > ends_at:
                give_back(self.run)
                return True
        for ids in self._next_deletes():
            self._delete(ids)
        self._end()
        return False

    # --- Create and update ------------------------------------------------------------------------
    def _next_lines(self) -> list[Line]:
        return list(self._lines(limit=BATCH, most_bytes=MAX_BATCH_BYTES))

    def _lines(self, *, limit: int | None = None, most_bytes: int | None = None) -> Iterator[Line]:
        """Yield the items that are still to be sent."""
        size, after = 0, 0
        while limit != 0:
            with connection.cursor() as cursor:
                portion = BATCH if limit is None else min(BATCH, limit)
                cursor.execute(
                    _SQL["next"],
                    {"run": self.run.pk, "feed": self.feed.pk, "after": after, "limit": portion},
                )
                rows = cursor.fetchall()
            for item, key, data, digest, length in rows:
                size += length
                if most_bytes is not None and size > most_bytes and size != length:
                    return
                yield Line(item, key, _loaded(data), digest)
                after = item
            if limit is not None or len(rows) < portion:
                return

    def _send_batch(self, lines: Sequence[Line]) -> None:
        """Send a batch, and note what became of each of its items."""
        by_id = {line.id: line for line in lines}
        refused: dict[str, ProductError] = {}
        left = list(lines)
        while left:
            try:
                errors = self._post(left)
            except PostRefused as refusal:
                verdict = isolate(left, refusal.error, self._try, most=MAX_BAD)
                refused |= {line.id: error for line, error in verdict.refused}
                break
            named = {error.id: error for error in errors if error.id in by_id}
            if errors and not named:  # it speaks of products that are not ours
                refused |= {line.id: errors[0] for line in left}
                break
            if not named:
                break
            refused |= named
            # Whether the others were kept is not documented: sent again, they surely are.
            left = [line for line in left if line.id not in refused]
        self._note_sent([line for line in lines if line.id not in refused], refused)
        if len(refused) > MAX_BAD and len(refused) == len(lines):
            self._stop(next(iter(refused.values())))

    def _try(self, lines: list[Line]) -> ProductError | None:
        """Send part of a batch; return the error that it ended in, None where all of it was taken."""
        try:
            errors = self._post(lines)
        except PostRefused as refusal:
            return refusal.error
        return errors[0] if errors else None

    def _post(self, lines: Sequence[Line]) -> list[ProductError]:
        """Post products; where the network cannot take them now, again after a pause, three times."""
        body = b"".join(self._pieces(lines))
        for pause in PAUSES:
            self.beat.check()
            try:
                return self.network.push(self.feed.external_id, body, self.feed.format)
            except NetworkUnavailable as error:
                if error.retry_after is not None and error.retry_after > PAUSES[-1]:
                    raise
                time.sleep(pause)
        return self.network.push(self.feed.external_id, body, self.feed.format)

    def _pieces(self, lines: Iterable[Line]) -> Iterator[bytes]:
        products = ((line.id, line.data) for line in lines)
        nests = settings.TRADEDOUBLER_NESTS_IDENTIFIERS
        return write_post(products, self.feed.format, nests_identifiers=nests)

    def _note_sent(self, sent: Sequence[Line], refused: dict[str, ProductError]) -> None:
        reasons = [reason_of(error).to_text() for error in refused.values()]
        values: dict[str, Any] = {
            "run": self.run.pk,
            "feed": self.feed.pk,
            "now": timezone.now(),
            "sent": [line.id for line in sent],
            "digests": [line.digest for line in sent],
            "refused": list(refused),
            "reasons": reasons,
        }
        with transaction.atomic():
            with connection.cursor() as cursor:
                for name in ("items_sent", "products_sent", "items_refused", "products_refused"):
                    cursor.execute(_SQL[name], values)
            self._move_on(sent=len(sent), refused=len(refused))

    # --- Replace ----------------------------------------------------------------------------------
    def _replace(self) -> bool:
        """Post the whole feed; True where it has to be sent product by product instead."""
        values: dict[str, Any] = {"run": self.run.pk, "feed": self.feed.pk, "now": timezone.now()}
        for _ in range(REPLACE_TRIES):
            try:
                errors = self._post_whole()
            except PostRefused:
                break
            refused = {error.id: error for error in errors if error.id}
            if errors and not refused:
                break
            values |= {
                "refused": list(refused),
                "reasons": [reason_of(error).to_text() for error in refused.values()],
            }
            # Whether the others were kept is not documented: the feed is posted again without the refused.
            names = ("items_refused", "replaced_refused") if refused else _REPLACED
            with transaction.atomic():
                with connection.cursor() as cursor:
                    for name in names:
                        cursor.execute(_SQL[name], values)
                self._recount()
            if not refused:
                self._end()
                return False
            if not PushItem.objects.filter(run=self.run, outcome="", is_delete=False).exists():
                self._stop(errors[0])
        move_on(self.run, kind=PushRun.Kind.CREATE)
        self.run.kind = PushRun.Kind.CREATE
        return True

    def _post_whole(self) -> list[ProductError]:
        """Post all that is to be sent at once, from a file: it may be larger than the memory."""
        with tempfile.TemporaryFile() as body:
            for piece in self._pieces(self._lines()):
                body.write(piece)
            body.seek(0)
            self.beat.check()
            return self.network.push(self.feed.external_id, body, self.feed.format, replaces=True)

    def _stop(self, error: ProductError) -> None:
        """End the run: it is not single products that the network refuses."""
        fail(self.run, Reason("own_refuses_all", {"said": f"{error.code} {error.said}".strip()}))
        raise Overtaken

    # --- Delete -----------------------------------------------------------------------------------
    def _next_deletes(self) -> Iterator[list[str]]:
        ids = PushItem.objects.filter(run=self.run, outcome="", is_delete=True).order_by("pk")
        yield from delete_batches(list(ids.values_list("source_product_id", flat=True)))

    def _delete(self, ids: list[str]) -> None:
        self.beat.check()
        self.network.delete(self.feed.external_id, ids)
        values: dict[str, Any] = {"run": self.run.pk, "feed": self.feed.pk, "ids": ids}
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_SQL["items_deleted"], values)
                cursor.execute(_SQL["forget_deleted"], values)
            self._move_on(deleted=len(ids))

    # --- The run ----------------------------------------------------------------------------------
    def _move_on(self, *, sent: int = 0, refused: int = 0, deleted: int = 0) -> None:
        self.run.sent_count += sent
        self.run.refused_count += refused
        self.run.deleted_count += deleted
        move_on(
            self.run,
            sent_count=self.run.sent_count,
            refused_count=self.run.refused_count,
            deleted_count=self.run.deleted_count,
            wait_count=0,
            message="",
        )

    def _recount(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SQL["outcomes"], {"run": self.run.pk})
            sent, refused, deleted = cursor.fetchone()
        self.run.sent_count = self.run.refused_count = self.run.deleted_count = 0
        self._move_on(sent=sent, refused=refused, deleted=deleted)

    def _end(self, statement: str = "") -> None:
        now = timezone.now()
        with transaction.atomic():
            if statement:
                with connection.cursor() as cursor:
                    cursor.execute(_SQL[statement], {"feed": self.feed.pk})
            OwnFeed.objects.filter(pk=self.feed.pk).update(pushed_at=now, counts=count(self.feed))
            self.beat.stop()
            move_on(self.run, state=State.DONE, finished_at=now, claim=None, check_at=now)
            counts = {
                "sent": self.run.sent_count,
                "deleted": self.run.deleted_count,
                "refused": self.run.refused_count,
            }
            tell(Kind.DESK_PUSH_ENDED, self.run, kind=self.run.kind, **counts)
        tidy(self.feed)


def reason_of(error: ProductError) -> Reason:
    """Return why the network refused a product, as it is kept with it."""
    return Reason("own_refused", {"said": f"{error.said} ({error.code})" if error.code else error.said})


def _loaded(data: Any) -> dict[str, Any]:
    """Return JSON of a statement of our own: Django leaves it as text."""
    found: dict[str, Any] = data if isinstance(data, dict) else orjson.loads(data)
    return found
