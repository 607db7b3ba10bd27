"""Carry out an import: chunk by chunk, each item all or nothing, safe to run twice and side by side.

A chunk is one transaction: it claims items nobody else has claimed (SKIP LOCKED), plans them, writes, and
marks them done. A worker killed at any line leaves its chunk undone, and the next one does it. Several
workers may share a run.
"""

import logging
import math
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from django.db import DatabaseError, Error, connection, transaction
from django.db.models import Exists, F, Model, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.lib.source_keys import own_part
from catalog.locks import Names, hold_references, lock, reserve, share_turn, take_turn
from catalog.models import Offer, Product
from catalog.services import bring_back, bulk, expire_offers, let_go, refresh_prices
from catalog.services.bulk_follow import follow_feeds
from catalog.services.rows import update_rows
from events.actor import in_run
from events.kinds import Kind
from importer.accounts.link_domains import learn_link_domains, link_domains
from importer.imports.decision import Decision, Verdict, offer_data
from importer.imports.doubts import note_doubts
from importer.imports.edits import Edits
from importer.imports.https_hosts import check_https
from importer.imports.links import shop_hosts, unchecked_hosts
from importer.imports.options import Options
from importer.imports.outbox import record_refused, record_run, record_written
from importer.imports.plan import plan
from importer.imports.planned import PlannedItem
from importer.imports.revisions import write_revisions_of
from importer.models import Feed, FeedItem, ImportItem, ImportRun, JoinDoubt, Program
from importer.models.keys import program_key
from importer.outages import find_outage, is_conflict
from importer.search.joining import group_of

logger = logging.getLogger(__name__)

CHUNK = 1_000
LONGEST_PAUSE = "10s"  # of a process between two statements of a chunk; on a slow machine it is a second
TRIES = 3  # of a chunk that met another writer, before its items are tried one by one


def work(run: ImportRun, *, seconds: float = math.inf) -> bool:
    """Import what is left of the run; return False when it is done or cancelled, True when time ran out.

    May run twice, also at once.
    """
    ends_at = time.monotonic() + seconds
    now = timezone.now()
    ImportRun.objects.filter(pk=run.pk, state__in=(ImportRun.State.QUEUED, ImportRun.State.RUNNING)).update(
        state=ImportRun.State.RUNNING, started_at=Coalesce("started_at", now), heartbeat_at=now, message=""
    )
    while True:
        try:
            with _short_pauses():
                while work_chunk(run.pk):
                    if time.monotonic() > ends_at:
                        return True
            break
        except HostsUnchecked as error:  # the chunk's transaction is over: there is time to ask
            check_https(error.hosts)
        if time.monotonic() > ends_at:
            return True
    _finish(run.pk)
    return False


class HostsUnchecked(Exception):
    """Whether the hosts answer by https must be known before links to them are imported."""

    def __init__(self, hosts: Collection[str]) -> None:
        super().__init__(", ".join(sorted(hosts)))
        self.hosts = hosts


@contextmanager
def _short_pauses() -> Iterator[None]:
    """Let PostgreSQL take back what we hold when we are hung between two statements: others wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{LONGEST_PAUSE}'")
        try:
            yield
        finally:
            with suppress(Error):  # of a connection that is lost
                cursor.execute("RESET idle_in_transaction_session_timeout")


def work_chunk(run_id: int, size: int = CHUNK) -> int:
    """Import the next items of the run in one transaction; return how many, 0 when none is left to claim.

    A transaction that others brought to an end, at its COMMIT too, is made again at once. Raises
    HostsUnchecked, and then nothing is done.
    """
    for _ in range(TRIES - 1):
        try:
            return _work_chunk(run_id, size)
        except DatabaseError as error:
            if not is_conflict(error):
                raise
            logger.info("Import chunk of run %s: %s", run_id, type(error.__cause__).__name__)
    return _work_chunk(run_id, size)


def _work_chunk(run_id: int, size: int) -> int:
    with in_run(run_id), transaction.atomic():
        run = ImportRun.objects.filter(pk=run_id, state=ImportRun.State.RUNNING).first()
        if run is None:
            return 0
        claimed = list(
            ImportItem.objects.filter(run=run, verdict="")
            .select_for_update(skip_locked=True, no_key=True)
            .order_by("id")
            .values_list("id", "feed_item_id", "edits")[:size]
        )
        if not claimed:
            return 0
        planned_items = read_planned_items([(feed_item_id, edits) for _, feed_item_id, edits in claimed])
        if hosts := unchecked_hosts(planned_items):
            raise HostsUnchecked(hosts)
        for network, domains in sorted(shop_hosts(planned_items).items()):
            learn_link_domains(network, domains)
        decisions = _apply_somehow(planned_items, run)
        _mark_done(run, [pk for pk, _, _ in claimed], decisions)
        record_refused(run, decisions)
    return len(claimed)


def apply(planned_items: Sequence[PlannedItem], options: Options, *, alone: bool = True) -> list[Decision]:
    """Plan the items and write what was planned, in the caller's transaction; return the decisions.

    Locks in the order of `catalog.locks`. `alone`: nobody else makes products meanwhile. Raises DatabaseError
    where another transaction was in the way, or this must be done alone.
    """
    decisions = _plan_and_lock(planned_items, options, alone=alone)
    now = timezone.now()
    shops = _shops(decisions)
    if not alone and bulk.lacks_shops(shops):
        raise Moved  # a new shop has two names, in no order
    shop_ids = bulk.get_shop_ids(shops)
    created = [decision for decision in decisions if decision.verdict == Verdict.CREATED]
    ids = bulk.create_products([decision.new_product for decision in created], shop_ids=shop_ids, at=now)
    for decision, pk in zip(created, ids, strict=True):
        decision.product_id = pk
    for decision in decisions:
        if decision.joins is not None:
            decision.product_id = decision.joins.product_id
    joined = [decision for decision in decisions if decision.verdict == Verdict.JOINED]
    offer_ids = bulk.add_offers(
        [(decision.product_id, offer_data(decision.planned, **decision.variant)) for decision in joined],
        shop_ids=shop_ids,
        at=now,
    )
    updated = [decision for decision in decisions if decision.verdict == Verdict.UPDATED]
    bulk.update_offers(
        [(decision.offer_id, decision.offer) for decision in updated],
        repriced={decision.offer_id for decision in updated if decision.is_repriced},
        unconfirmed={decision.offer_id for decision in updated if not decision.is_confirmed},
        at=now,
    )
    follow_feeds(
        [(decision.product_id, decision.product) for decision in updated if decision.product], at=now
    )
    bulk.touch_offers(
        [
            decision.offer_id
            for decision in decisions
            if decision.verdict == Verdict.UNCHANGED and decision.offer_id and decision.is_confirmed
        ],
        at=now,
    )
    bulk.note_digests([(decision.offer_id, decision.offer) for decision in decisions if decision.is_reworded])
    expire_offers(
        decision.offer_id
        for decision in decisions
        if decision.verdict == Verdict.EXPIRED and not decision.gone
    )
    if gone := [decision for decision in decisions if decision.gone]:
        let_go(
            {decision.offer_id: decision.gone for decision in gone},
            mailed={decision.offer_id for decision in gone if decision.is_mailed},
        )
    refresh_prices({decision.product_id for decision in (*joined, *updated)})
    if back := [decision.product_id for decision in updated if decision.is_back]:
        bring_back(back)
    note_doubts(_doubts(created))
    write_revisions_of(
        decisions,
        added=zip((decision.product_id for decision in joined), offer_ids, strict=True),  # type: ignore[arg-type]
    )
    record_written(decisions)
    hold_references()
    return decisions


def _doubts(decisions: Iterable[Decision]) -> Iterator[JoinDoubt]:
    """Yield what a person must look at of the products that were created."""
    for decision in decisions:
        if doubt := decision.doubt:
            yield JoinDoubt(
                kind=JoinDoubt.Kind.JOIN,
                source_key=decision.planned.item.source_key,
                product_id=doubt.of.product_id if doubt.of else doubt.product_id,
                gtin=decision.planned.item.gtin,
                reason=doubt.reason,
            )


def read_planned_items(rows: Sequence[tuple[int, Edits | None]]) -> list[PlannedItem]:
    """Return a planned item for each (feed item id, edits). Feeds and accounts are few: read apart."""
    columns = [field.attname for field in FeedItem._meta.concrete_fields if field.name != "search"]
    items = {
        item.id: item
        for item in FeedItem.objects.filter(pk__any=[pk for pk, _ in rows]).values_list(*columns, named=True)
    }
    feeds = Feed.objects.select_related("account").in_bulk({item.feed_id for item in items.values()})
    return [
        PlannedItem(
            item=items[pk],
            account=(feed := feeds[items[pk].feed_id]).account,
            edits=edits,
            shared_codes=feed.shared_codes,
        )
        for pk, edits in rows
    ]


def _apply_somehow(planned_items: Sequence[PlannedItem], run: ImportRun) -> list[Decision]:
    """Apply all items at once; when they keep failing together, one by one: a bad one costs only itself."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                # Side by side with others first; whoever met somebody there does it alone.
                return apply(planned_items, options := Options.of_run(run), alone=attempt > 0)
        except DatabaseError as error:
            if find_outage(error):
                raise
            # Usually another run created the same product first: the next plan sees it and joins.
            logger.info("Import chunk, try %s: %s", attempt + 1, error.__class__.__name__)
    return [_apply_alone(planned, options) for planned in planned_items]


def _apply_alone(planned: PlannedItem, options: Options) -> Decision:
    try:
        with transaction.atomic():
            return apply([planned], options, alone=True)[0]
    except Exception as error:  # whatever is wrong with one item must not stop the others
        if find_outage(error):
            raise
        logger.exception("Import of feed item %s failed", planned.item.id)
        return Decision(
            planned=planned,
            verdict=Verdict.FAILED,
            message=f"Could not be saved ({error.__class__.__name__}).",
        )


def _plan_and_lock(planned_items: Sequence[PlannedItem], options: Options, *, alone: bool) -> list[Decision]:
    """Return decisions about rows that stand still. Raises Moved."""
    if not options.is_update:  # then it may make something
        if alone:
            take_turn()
        else:
            share_turn()
            reserve(Names.ARTICLES, _names_of(planned_items))
    decisions = plan(planned_items, options)
    locked = _lock(decisions)
    if not locked:
        return decisions
    decisions = plan(planned_items, options)
    if not _rows_of(decisions) <= locked:
        raise Moved
    return decisions


def _names_of(planned_items: Iterable[PlannedItem]) -> Iterator[str]:
    """Yield what would find the products that are made of the items: nobody else may make them meanwhile."""
    for planned in planned_items:
        yield planned.item.source_key
        yield from filter(None, (planned.gtin, group_of(planned.item)))


class Moved(DatabaseError):
    """What is to be done changed before it was locked. More cannot be locked now, so begin again."""


def _rows_of(decisions: Iterable[Decision]) -> set[tuple[type[Model], int]]:
    """Return the rows that the decisions change."""
    rows: set[tuple[type[Model], int]] = set()
    for decision in decisions:
        if decision.verdict in (Verdict.UPDATED, Verdict.EXPIRED, Verdict.JOINED) and decision.product_id:
            rows.add((Product, decision.product_id))
            if decision.offer_id:
                rows.add((Offer, decision.offer_id))
    return rows


def _lock(decisions: Sequence[Decision]) -> set[tuple[type[Model], int]]:
    """Lock the rows that the decisions change and return them; nothing where the decisions still hold."""
    rows = _rows_of(decisions)
    for model in (Product, Offer):
        if ids := [pk for kind, pk in rows if kind is model]:
            lock(model.objects.filter(pk__any=ids))
    if any(kind is Offer for kind, _ in rows):
        return rows
    # Only joined, unless an editor put one into the trash or made it part of another just now.
    ids = [pk for _, pk in rows]
    is_so = not ids or Product.objects.filter(pk__any=ids).exclude(
        status=Product.Status.TRASHED
    ).count() == len(ids)
    return set() if is_so else rows


def _shops(decisions: Sequence[Decision]) -> list[bulk.ShopData]:
    """Return the shops of the offers that are to be added."""
    items = {
        decision.planned.item.program_key: decision.planned.item
        for decision in decisions
        if decision.verdict in (Verdict.CREATED, Verdict.JOINED)
    }
    if not items:
        return []
    programs = {
        program_key(network, external_id): (url, logo_url)
        for network, external_id, url, logo_url in Program.objects.filter(
            external_id__in=[own_part(key) for key in items]
        ).values_list("account__network", "external_id", "url", "logo_url")
    }
    domains = link_domains(items)
    return [
        bulk.ShopData(
            key=key,
            name=item.shop_name,
            url=programs.get(key, ("", ""))[0],
            logo_url=programs.get(key, ("", ""))[1],
            link_domains=domains.get(key, ()),
        )
        for key, item in items.items()
    ]


def _mark_done(run: ImportRun, ids: Sequence[int], decisions: Sequence[Decision]) -> None:
    update_rows(ImportItem, zip(ids, decisions, strict=True), ("verdict", "message", "product_id"))
    counts = Counter(decision.verdict.value for decision in decisions)
    # Workers of one run take turns from here on: nothing else is waited for.
    ImportRun.objects.filter(pk=run.pk).update(
        heartbeat_at=timezone.now(),
        **{f"{verdict}_count": F(f"{verdict}_count") + count for verdict, count in counts.items()},
    )


def _finish(run_id: int) -> None:
    """Close the run once no item is left, claimed or not: the last of its workers to come here does it."""
    to_do = ImportItem.objects.filter(run=OuterRef("pk"), verdict="")
    with transaction.atomic():
        ended = ImportRun.objects.filter(~Exists(to_do), pk=run_id, state=ImportRun.State.RUNNING).update(
            state=ImportRun.State.DONE, finished_at=timezone.now(), heartbeat_at=timezone.now()
        )
        if ended:
            run = ImportRun.objects.get(pk=run_id)
            record_run(Kind.RUN_ENDED, run, kind=run.kind, total=run.total_count, counts=run.counts)
