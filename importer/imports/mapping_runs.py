"""Apply the category map to the products that are here: first a plan to be read, then the same for real.

Both go through the products by id, chunk by chunk. A chunk is one transaction: it locks its products,
decides, writes, and moves the run on, unless another worker did so meanwhile; then all of it is taken back.
So a worker killed at any line leaves its chunk undone, and two at once do nothing twice.
"""

import math
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from catalog.lib.merge import Policy, policy_of
from catalog.lib.provenance import base_of, is_locked, source_of
from catalog.locks import lock
from catalog.models import Category, Offer, Product, Revision, UndoRun
from catalog.services import adopt_categories
from events.actor import acting_as, cause
from events.kinds import Kind
from events.record import record
from importer.beat import SILENCE
from importer.imports.category_map import find_mapped, names_of
from importer.models import CategoryMapping, FeedItem, MappingRun
from importer.models.category_map import MAPPING_ACTIVE
from importer.outages import is_conflict

CHUNK = 500
FIELD = "category_ids"
TRIES = 5  # of a chunk that met another writer
SAMPLES = 5  # of products for each set of categories, and of those that are left, in a plan
MAX_KINDS = 200  # sets of categories that are counted each by itself
GIVEN, SAME, LEFT = "given", "same", "left"
State = MappingRun.State


class Row(NamedTuple):
    """What is read of a product. `adopted`: the categories that the map gave it last; None: it never did.

    `source_key` is of the offer that feeds its categories, `policies` are the product's own.
    """

    id: int
    title: str
    category_ids: list[int]
    source_key: str
    adopted: list[int] | None
    is_locked: bool
    policies: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a product that the map says something about."""

    row: Row
    kind: str
    category_ids: list[int]


def decide(
    current: Collection[int],
    adopted: Collection[int] | None,
    mapped: Collection[int],
    policy: str = Policy.UNLESS_EDITED,
) -> str:
    """Return what becomes of a product in the `current` categories, for which the map says `mapped`. Pure.

    What a person chose stays, unless the policy is to follow always: categories that differ from those that
    the map gave last, or any, where it never gave one. Never means never.
    """
    if set(current) == set(mapped):
        return SAME
    if policy != Policy.UNLESS_EDITED:
        return GIVEN if policy == Policy.ALWAYS else LEFT
    return GIVEN if set(current) == set(adopted or ()) else LEFT


# --- A run's course -------------------------------------------------------------------------------
def start_plan(*, mapping: CategoryMapping | None = None, user: Any = None) -> MappingRun:
    """Make a run that is planned first, over one line of the map or all of it; the caller enqueues it."""
    total = Product.objects.exclude(status=Product.Status.TRASHED).count()
    return MappingRun.objects.create(mapping=mapping, user=user, total_count=total)


def apply_plan(run: MappingRun, *, user: Any = None) -> bool:
    """Let a run that is planned be carried out; False where it is not (any more). The caller enqueues."""
    with transaction.atomic():
        is_started = MappingRun.objects.filter(pk=run.pk, state=State.PLANNED).update(
            state=State.RUNNING,
            user=user,
            seen_count=0,
            last_product_id=0,
            result={},
            started_at=timezone.now(),
            heartbeat_at=None,
        )
        if is_started:
            record(Kind.MAPPING_STARTED, key_of(run), after={"products": run.plan.get(GIVEN, 0)})
    return bool(is_started)


def cancel(run: MappingRun) -> bool:
    """Stop a run, also one that is only planned; what it has done stays. False where it was over."""
    with transaction.atomic():
        is_cancelled = MappingRun.objects.filter(
            pk=run.pk, state__in=(*MAPPING_ACTIVE, State.PLANNED)
        ).update(state=State.CANCELLED, finished_at=timezone.now())
        if is_cancelled:
            record(Kind.MAPPING_CANCELLED, key_of(run))
    return bool(is_cancelled)


def key_of(run: MappingRun) -> str:
    """Return the key of a run: the subject of its events, and the cause of what it changes."""
    return f"mapping:{run.pk}"


def find_silent() -> list[MappingRun]:
    """Return the runs that are to be worked on and of which nothing was heard for some seconds."""
    before = timezone.now() - SILENCE
    quiet = Q(heartbeat_at__lt=before) | Q(heartbeat_at=None)
    return list(
        MappingRun.objects.filter(quiet, state__in=MAPPING_ACTIVE, created_at__lt=before).order_by("pk")
    )


@dataclass(frozen=True, slots=True)
class Group:
    """Products that go into the same categories, by their paths; a few of them as (id, title, where now)."""

    categories: list[str]
    count: int
    samples: list[tuple[int, str, list[str]]]


def groups_of(counted: dict[str, Any], paths: Mapping[int, str]) -> list[Group]:
    """Return what a plan or a result counted, those with most products first."""
    groups = []
    for place, count in counted.get("categories", {}).items():
        ids = [int(part) for part in place.split(",") if part.isdecimal()]
        groups.append(Group(names_of(ids, paths), count, samples_of(counted, place, paths)))
    return sorted(groups, key=lambda group: (-group.count, group.categories))


def samples_of(
    counted: dict[str, Any], place: str, paths: Mapping[int, str]
) -> list[tuple[int, str, list[str]]]:
    """Return a few of the products that go into a set of categories, or (LEFT) of those that stay."""
    kept = counted.get("samples", {}).get(place, [])
    return [(pk, title, names_of(held, paths)) for pk, title, held in kept]


# --- Work -----------------------------------------------------------------------------------------
def work(run_id: int, *, seconds: float = math.inf) -> bool:
    """Go on with a run; True when time ran out and something is left. May run twice, also at once."""
    ends_at = time.monotonic() + seconds
    while _work_chunk(run_id):
        if time.monotonic() > ends_at:
            return True
    return False


class Overtaken(DatabaseError):
    """Somebody else went on with the run, or cancelled it: what we did is taken back."""


def _work_chunk(run_id: int) -> bool:
    """Do the next products; False when the run is over or another works on it."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _do_chunk(run_id)
        except Overtaken:
            return False
        except DatabaseError as error:
            if attempt == TRIES - 1 or not is_conflict(error):
                raise
    return False


def _do_chunk(run_id: int) -> bool:
    run = MappingRun.objects.filter(pk=run_id, state__in=MAPPING_ACTIVE).select_related("mapping").first()
    if run is None:
        return False
    products = Product.objects.filter(pk__gt=run.last_product_id).exclude(status=Product.Status.TRASHED)
    ids = list(products.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    if not ids:
        _end(run)
        return False
    if run.state == State.RUNNING:
        lock(Product.objects.filter(pk__any=ids))
    outcomes = _find_outcomes(_read(ids), run.mapping)
    if run.state == State.RUNNING:
        chosen = {each.row.id: each.category_ids for each in outcomes if each.kind == GIVEN}
        with acting_as(f"user:{run.user_id}" if run.user_id else key_of(run)), cause(key_of(run)):
            adopt_categories(chosen)
        counted = {"result": add_up(run.result, outcomes)}
    else:
        counted = {"plan": add_up(run.plan, outcomes, samples=SAMPLES)}
    _move_on(run, seen_count=F("seen_count") + len(ids), last_product_id=ids[-1], **counted)
    return True


def _end(run: MappingRun) -> None:
    if run.state == State.PLANNING:
        _move_on(run, state=State.PLANNED, seen_count=F("total_count"))
        return
    _move_on(run, state=State.DONE, seen_count=F("total_count"), finished_at=timezone.now())
    counts = {name: run.result.get(name, 0) for name in (GIVEN, SAME, LEFT)}
    record(Kind.MAPPING_ENDED, key_of(run), after={"products": counts.pop(GIVEN), **counts})


def _move_on(run: MappingRun, **values: Any) -> None:
    """Write where the run is now. The row is locked last: until then others may try the same."""
    here = MappingRun.objects.filter(pk=run.pk, state=run.state, last_product_id=run.last_product_id)
    if not here.update(heartbeat_at=timezone.now(), **values):
        raise Overtaken


def _read(ids: Sequence[int]) -> list[Row]:
    rows = Product.objects.filter(pk__any=list(ids)).exclude(status=Product.Status.TRASHED).order_by("pk")
    columns = ("id", "title", "category_ids", "imported", "provenance", "policies")
    return [
        Row(
            pk,
            title,
            held,
            source_of(provenance, imported, FIELD) or "",
            base_of(provenance, imported, FIELD),
            is_locked(provenance, FIELD),
            policies,
        )
        for pk, title, held, imported, provenance, policies in rows.values_list(*columns)
    ]


def _find_outcomes(rows: Sequence[Row], only: CategoryMapping | None) -> list[Outcome]:
    """Return what becomes of the products that the map says something about.

    A product follows the item that it was made of; one that a person made, its oldest offer's.
    """
    source_keys = {row.id: row.source_key for row in rows} | _first_offers(rows)
    items = FeedItem.objects.filter(source_key__any=list(set(source_keys.values())))
    places, policies = {}, {}
    columns = ("source_key", "program_key", "category", "feed__account__policies")
    for key, program_key, category, of_account in items.values_list(*columns):
        places[key], policies[key] = (program_key, category), of_account or {}
    mapped = find_mapped(set(places.values()), only=only)
    known = {pk for row in rows for pk in row.adopted or ()}
    there = set(Category.objects.filter(pk__in=known).values_list("pk", flat=True)) if known else set()
    undone = _find_undone(rows)
    outcomes = []
    for row in rows:
        wanted = mapped.get(places.get(source_keys[row.id], ("", "")))
        if wanted is None:
            continue
        adopted = row.adopted and [pk for pk in row.adopted if pk in there]
        if row.id in undone:
            adopted = row.category_ids
        policy = policy_of(FIELD, row.policies, policies[source_keys[row.id]])
        kind = decide(row.category_ids, adopted, wanted, Policy.NEVER if row.is_locked else policy)
        outcomes.append(Outcome(row, kind, list(wanted)))
    return outcomes


def _find_undone(rows: Iterable[Row]) -> set[int]:
    """Return the products whose categories were last changed by taking back what the map had done.

    No person chose those: the map, mended since, may have another try.
    """
    changed = [
        row.id for row in rows if row.adopted is not None and set(row.adopted) != set(row.category_ids)
    ]
    if not changed:
        return set()
    revisions = Revision.objects.filter(product_id__any=changed, after__has_key=FIELD)
    last = revisions.order_by("product_id", "-id").distinct("product_id")
    causes = {pk: why for pk, why in last.values_list("product_id", "cause") if why.startswith("undo:")}
    ids = {int(why.partition(":")[2]) for why in causes.values()}
    of_map = UndoRun.objects.filter(pk__in=ids, cause__startswith="mapping:") if ids else ()
    own = {run.own_cause for run in of_map}
    return {pk for pk, why in causes.items() if why in own}


def _first_offers(rows: Iterable[Row]) -> dict[int, str]:
    """Return the source key of the oldest offer of each product that was made of no item."""
    ids = [row.id for row in rows if not row.source_key]
    if not ids:
        return {}
    oldest = Offer.objects.filter(product__any=ids).order_by().values("product").annotate(first=Min("id"))
    firsts = {each["first"] for each in oldest}
    found = dict.fromkeys(ids, "")
    found |= dict(Offer.objects.filter(pk__in=firsts).values_list("product_id", "source_key"))
    return found


def add_up(counted: dict[str, Any], outcomes: Iterable[Outcome], *, samples: int = 0) -> dict[str, Any]:
    """Return counts with those of more products: how many of each kind, and how many go where.

    `categories` has the numbers by the ids of categories, "12,15"; `samples` of products are kept for each,
    and of those that are left, as [id, title, categories before].
    """
    total: dict[str, Any] = {GIVEN: 0, SAME: 0, LEFT: 0, "categories": {}, "samples": {}} | counted
    for each in outcomes:
        total[each.kind] += 1
        if each.kind == SAME:
            continue
        place = LEFT if each.kind == LEFT else ",".join(map(str, each.category_ids))
        if each.kind == GIVEN:
            if place not in total["categories"] and len(total["categories"]) >= MAX_KINDS:
                place = "more"
            total["categories"][place] = total["categories"].get(place, 0) + 1
        kept = total["samples"].setdefault(place, []) if samples else []
        if len(kept) < samples:
            kept.append([each.row.id, each.row.title, each.row.category_ids])
    return total
