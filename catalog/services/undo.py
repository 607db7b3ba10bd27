"""Take back all that had one cause: planned first, then chunk by chunk, safe to run twice and side by side.

A chunk is one transaction: it claims products of the run that nobody else has claimed (SKIP LOCKED), plans
them as they stand, writes, and marks them done. A worker killed at any line leaves its chunk undone, and the
next one does it.
"""

import logging
import math
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, F
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.causes import is_at_work
from catalog.lib.undoing import Change, Known, Plan, State, Verdict, fold, plan_product
from catalog.locks import hold_references, lock, share_turn
from catalog.models import (
    Brand,
    Category,
    Offer,
    Product,
    Revision,
    Shop,
    StoredImage,
    UndoItem,
    UndoRun,
)
from catalog.models.undo import ACTIVE
from catalog.services.errors import CatalogError
from catalog.services.revisions import OFFER_COLUMNS, PARTS, as_kept, read_states
from catalog.services.rows import update_rows
from catalog.services.writing_back import write_plans
from events.actor import cause as because
from events.kinds import Kind
from events.record import record

logger = logging.getLogger(__name__)

CHUNK = 1_000
SILENCE = timedelta(seconds=5)  # of a run: then its worker is taken for dead
TRIES = 3  # of a chunk that met another writer, before its products are tried one by one
_KEY = re.compile(r"[\w.:-]{1,80}")
NOTHING_KEPT = "Nothing is kept of this any more, so it cannot be taken back."
AT_WORK = "This is still at work. Cancel it first, or wait until it is done."
_OF_STATUS = ("status", "published_at", "publish_at", "joined_into")


class StillAtWork(CatalogError):
    """What is to be taken back still goes on."""


def start_undo(cause: str, *, user: Any = None) -> UndoRun:
    """Make a run that takes back what had this cause, to be planned first; the caller enqueues it.

    Where one is under way, that one. Raises CatalogError where nothing of it is kept, and StillAtWork.
    """
    if not _KEY.fullmatch(cause):
        raise CatalogError(NOTHING_KEPT)
    if is_at_work(cause):
        raise StillAtWork(AT_WORK)
    with transaction.atomic():
        _take_cause(cause)
        if active := UndoRun.objects.filter(cause=cause, state__in=ACTIVE).first():
            return active
        run = UndoRun.objects.create(cause=cause, user=user)
        with connection.cursor() as cursor:
            cursor.execute(_ADD_ITEMS, {"run": run.pk, "cause": cause})
            run.total_count = cursor.rowcount
        if not run.total_count:
            raise CatalogError(NOTHING_KEPT)
        run.save(update_fields=["total_count"])
    return run


def _take_cause(cause: str) -> None:
    """Let nobody else begin to take back the same before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"undo:{cause}"])


_ADD_ITEMS = """
    INSERT INTO catalog_undoitem (run_id, product_id, planned, verdict, message)
    SELECT %(run)s, product_id, '', '', '' FROM catalog_revision
    WHERE cause = %(cause)s AND cause <> '' GROUP BY product_id ORDER BY product_id
"""


def carry_out(run: UndoRun) -> bool:
    """Let a planned run begin; return False where somebody else did so. The caller enqueues it.

    Raises StillAtWork where what it takes back goes on again.
    """
    if is_at_work(run.cause):
        raise StillAtWork(AT_WORK)
    with transaction.atomic():
        _take_cause(run.cause)
        if not UndoRun.objects.filter(pk=run.pk, state=UndoRun.State.PLANNED).exists():
            return False
        if UndoRun.objects.filter(cause=run.cause, state__in=ACTIVE).exists():
            return False
        UndoRun.objects.filter(pk=run.pk).update(state=UndoRun.State.QUEUED, heartbeat_at=timezone.now())
        record(Kind.UNDO_STARTED, f"undo:{run.pk}", after={"cause": run.cause, "total": run.total_count})
    return True


def cancel_undo(run: UndoRun) -> bool:
    """Stop a run after the chunk it is in; what it has taken back stays so. False where it was over."""
    waiting = (*ACTIVE, UndoRun.State.PLANNED)
    with transaction.atomic():
        count = UndoRun.objects.filter(pk=run.pk, state__in=waiting).update(
            state=UndoRun.State.CANCELLED, finished_at=timezone.now()
        )
        if count:
            record(Kind.UNDO_ENDED, f"undo:{run.pk}", after={"cause": run.cause, "cancelled": True})
    return bool(count)


def work(run_id: int, *, seconds: float = math.inf) -> bool:
    """Plan, or carry out, what is left of the run; return True when time ran out before the end.

    May run twice, also at once.
    """
    ends_at = time.monotonic() + seconds
    now = timezone.now()
    UndoRun.objects.filter(pk=run_id, state__in=(UndoRun.State.QUEUED, UndoRun.State.RUNNING)).update(
        state=UndoRun.State.RUNNING, started_at=Coalesce("started_at", now), heartbeat_at=now
    )
    while work_chunk(run_id):
        if time.monotonic() > ends_at:
            return True
    _finish(run_id)
    return False


def work_chunk(run_id: int, size: int | None = None) -> int:
    """Do the next products of the run in one transaction; return how many, 0 when none is left to claim."""
    for attempt in range(TRIES + 1):
        try:
            return _work_chunk(run_id, size or CHUNK, one_by_one=attempt == TRIES)
        except DatabaseError as error:
            if attempt == TRIES:
                raise
            logger.info("Chunk of undo %s, try %s: %s", run_id, attempt + 1, error)
    return 0


def _work_chunk(run_id: int, size: int, *, one_by_one: bool) -> int:
    with transaction.atomic():
        run = UndoRun.objects.filter(pk=run_id).first()
        if run is None or run.state not in (UndoRun.State.PLANNING, UndoRun.State.RUNNING):
            return 0
        column = "planned" if run.state == UndoRun.State.PLANNING else "verdict"
        items = list(
            UndoItem.objects.filter(run=run, **{column: ""})
            .select_for_update(skip_locked=True, no_key=True)
            .order_by("id")
            .values_list("id", "product_id")[:size]
        )
        if not items:
            return 0
        ids = [product_id for _, product_id in items]
        if run.state == UndoRun.State.PLANNING:
            plans, _ = make_plans(run.cause, ids)
        else:
            with because(run.own_cause):
                plans = _carry_out_each(run.cause, ids) if one_by_one else _carry_out(run.cause, ids)
        rows = ((pk, _Done(plans[product_id])) for pk, product_id in items)
        update_rows(UndoItem, rows, (column, "message"))
        counted = "planned_count" if column == "planned" else "done_count"
        UndoRun.objects.filter(pk=run.pk).update(
            heartbeat_at=timezone.now(), **{counted: F(counted) + len(items)}
        )
    return len(items)


class _Done:
    """What is noted of a plan, in either step."""

    def __init__(self, plan: Plan) -> None:
        self.planned = self.verdict = plan.verdict.value
        self.message = plan.message


def _carry_out(cause: str, ids: Sequence[int]) -> dict[int, Plan]:
    share_turn()  # products may be made, of offers that go to the trash
    lock(Product.objects.filter(pk__any=list(ids)))
    plans, now = make_plans(cause, ids)
    if returns := [pk for plan in plans.values() for pk in plan.returns]:
        # Out of order, rarely: who waits for us meanwhile ends one of us, and the chunk begins again.
        places = Offer.objects.filter(pk__any=returns).order_by().values("product_id")
        lock(Product.objects.filter(pk__in=places))
        plans, now = make_plans(cause, ids)
    write_plans(list(plans.values()), now)
    hold_references()
    return plans


def _carry_out_each(cause: str, ids: Sequence[int]) -> dict[int, Plan]:
    """Take back product by product: one that cannot be written costs only itself."""
    plans: dict[int, Plan] = {}
    for pk in ids:
        try:
            with transaction.atomic():
                plans |= _carry_out(cause, [pk])
        except DatabaseError as error:
            if connection.needs_rollback or not connection.is_usable():
                raise
            logger.exception("Undo of %s on product %s failed", cause, pk)
            plans[pk] = Plan(pk, lost=[f"It could not be saved ({error.__class__.__name__})"])
    return plans


def make_plans(cause: str, product_ids: Sequence[int]) -> tuple[dict[int, Plan], dict[int, State]]:
    """Return how the changes of a cause are taken back of these products, and what stands there now.

    A dozen queries at most, whatever the number of products.
    """
    changes: dict[int, list[Change]] = defaultdict(list)
    first: dict[int, int] = {}
    rows = Revision.objects.filter(cause=cause, product_id__any=list(product_ids)).order_by("pk")
    for pk, product_id, before, after in rows.values_list("pk", "product_id", "before", "after"):
        changes[product_id].append(Change(before, after, cause))
        first.setdefault(product_id, pk)
    made = {pk: first[pk] for pk, found in changes.items() if found[0].before is None}
    later = _read_later(cause, made)
    parts = _parts_of(changes.values(), made, later)
    states = read_states(list(changes), parts, offer_columns=_offer_columns(changes.values()))
    now = {pk: as_kept(state) for pk, state in states.items()}
    known = _look_around(changes, now)
    plans = {
        pk: plan_product(pk, found, now.get(pk), known=known, later=later.get(pk, ()))
        for pk, found in changes.items()
    }
    for pk in product_ids:  # thinned meanwhile
        plans.setdefault(pk, Plan(pk, lost=["Nothing is kept of it any more"]))
    return plans, now


def _read_later(cause: str, made: dict[int, int]) -> dict[int, list[Change]]:
    """Return what others changed of products since the cause made them."""
    later: dict[int, list[Change]] = defaultdict(list)
    if made:
        rows = Revision.objects.filter(product_id__any=list(made)).exclude(cause=cause).order_by("pk")
        columns = ("pk", "product_id", "before", "after", "cause")
        for pk, product_id, before, after, why in rows.values_list(*columns):
            if pk > made[product_id]:
                later[product_id].append(Change(before, after, why))
    return later


def _parts_of(
    changes: Iterable[Sequence[Change]], made: dict[int, int], later: dict[int, list[Change]]
) -> list[str]:
    """Return what must be read of the products to plan."""
    parts = {name for found in changes for change in found for name in change.before or ()}
    if made:
        parts.update(_OF_STATUS)
        parts.update(name for found in later.values() for change in found for name in change.before or ())
    if "status" in parts:
        parts.update(_OF_STATUS)
    return [name for name in PARTS if name in parts]


def _offer_columns(changes: Iterable[Sequence[Change]]) -> list[str]:
    """Return what must be read of offers: what was written of them, and what their price is made of."""
    names = {"price", "currency", "in_stock", "expired_at", "is_main"}
    for found in changes:
        for change in found:
            for state in (change.before, change.after):
                for offer in (state or {}).get("offers", {}).values():
                    names.update(offer or ())
    return [name for name in OFFER_COLUMNS if name in names]


def _look_around(changes: dict[int, list[Change]], now: dict[int, State]) -> Known:
    """Read what is where of all that is to come back, and of the categories that stay."""
    wanted: dict[int, dict[str, Any]] = {}
    offers: dict[str, State | None] = {}
    for pk, found in changes.items():
        if found[0].before is None:
            continue
        folded = fold(found)
        wanted[pk] = {name: pair[0] for name, pair in folded.fields.items()}
        if "category_ids" in wanted[pk]:
            kept = now.get(pk, {}).get("category_ids", ())
            wanted[pk]["category_ids"] = [*wanted[pk]["category_ids"], *kept]
        offers |= {key: before for key, (before, _) in folded.offers.items()}
    return look_around(wanted, offers)


def look_around(wanted: dict[int, dict[str, Any]], offers: Mapping[str, State | None] | None = None) -> Known:
    """Return what is where now of the values that these products, and these offers, are to have."""
    values: dict[str, set] = defaultdict(set)
    for fields in wanted.values():
        for name in ("brand", "gtin", "slug", "joined_into"):
            values[name].add(fields.get(name))
        values["category_ids"].update(fields.get("category_ids") or ())
        values["stored"].update(picture["stored"] for picture in fields.get("pictures") or ())
    offers = offers or {}
    for offer in offers.values():
        values["shop_id"].add((offer or {}).get("shop_id"))
        values["source_key"].add((offer or {}).get("source_key"))
    known = Known()
    if offers:
        rows = Offer.objects.filter(pk__any=list(map(int, offers))).order_by()
        known.places = dict(rows.values_list("pk", "product_id"))
    if keys := list(filter(None, values["source_key"])):
        there = Offer.objects.filter(source_key__any=keys).order_by()
        known.source_keys = set(there.values_list("source_key", flat=True))
    known.files = _there(StoredImage, values["stored"])
    known.shops = _there(Shop, values["shop_id"])
    known.brands = _there(Brand, values["brand"])
    known.categories = _there(Category, values["category_ids"])
    known.products = _there(Product, values["joined_into"])
    if gtins := list(filter(None, values["gtin"])):
        # Those of this chunk that change theirs give it up, or the chunk fails and is done one by one.
        others = Product.objects.exclude(pk__in=[pk for pk, fields in wanted.items() if "gtin" in fields])
        known.gtins = dict(others.filter(gtin__any=gtins).values_list("gtin", "pk"))
    if slugs := list(filter(None, values["slug"])):
        known.slugs = dict(Product.objects.filter(slug__any=slugs).values_list("slug", "pk"))
    return known


def _there(model: Any, ids: Iterable[int | None]) -> set[int]:
    wanted = [pk for pk in ids if pk]
    return set(model.objects.filter(pk__any=wanted).values_list("pk", flat=True)) if wanted else set()


def _finish(run_id: int) -> None:
    """Close the step that the run is in once none of its products is left, claimed or not."""
    with transaction.atomic():
        run = UndoRun.objects.select_for_update(no_key=True).filter(pk=run_id).first()
        if run is None:
            return
        if run.state == UndoRun.State.PLANNING and not run.items.filter(planned="").exists():
            run.state, run.heartbeat_at = UndoRun.State.PLANNED, None
            run.save(update_fields=["state", "heartbeat_at"])
        elif run.state == UndoRun.State.RUNNING and not run.items.filter(verdict="").exists():
            run.state, run.finished_at = UndoRun.State.DONE, timezone.now()
            run.save(update_fields=["state", "finished_at"])
            record(
                Kind.UNDO_ENDED,
                f"undo:{run.pk}",
                after={"cause": run.cause, "counts": count_verdicts(run)},
            )


def count_verdicts(run: UndoRun) -> dict[str, int]:
    """Return how many products have each verdict: those of the plan until the run has begun."""
    column = "verdict" if run.started_at else "planned"
    rows = run.items.exclude(**{column: ""}).order_by().values_list(column)
    counts = dict(rows.annotate(Count("pk")))
    return {verdict.value: counts[verdict.value] for verdict in Verdict if verdict.value in counts}


def find_silent_undos() -> list[int]:
    """Return the runs at which nobody works, though they are not over."""
    since = timezone.now() - SILENCE
    active = UndoRun.objects.filter(state__in=ACTIVE)
    quiet = active.filter(heartbeat_at__lt=since) | active.filter(heartbeat_at=None, created_at__lt=since)
    return list(quiet.order_by("pk").values_list("pk", flat=True))
