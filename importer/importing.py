"""Carry out an import: chunk by chunk, each item all or nothing, safe to run twice and side by side.

A chunk is one transaction: it claims items nobody else has claimed (SKIP LOCKED), plans them, writes, and
marks them done. A worker killed at any line leaves its chunk undone, and the next one does it. Several
workers may share a run.
"""

import logging
import math
import time
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, Model, OuterRef
from django.utils import timezone

from catalog import bulk
from catalog.models import Category, Offer, Product
from catalog.services import expire_offers, refresh_prices
from importer import events
from importer.https_hosts import check_https
from importer.link_domains import learn_link_domains, link_domains
from importer.links import shop_hosts, unchecked_hosts
from importer.models import ApiEvent, Feed, FeedItem, ImportItem, ImportRun, Program
from importer.planning import (
    Decision,
    Edits,
    Options,
    Task,
    Verdict,
    offer_data,
    plan,
)

logger = logging.getLogger(__name__)

CHUNK = 1_000
TRIES = 3  # of a chunk that met another writer, before its items are tried one by one


def work(run: ImportRun, *, seconds: float = math.inf) -> bool:
    """Import what is left of the run; return False when it is done or cancelled, True when time ran out.

    May run twice, also at once.
    """
    ends_at = time.monotonic() + seconds
    ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.QUEUED).update(
        state=ImportRun.State.RUNNING, started_at=timezone.now(), heartbeat_at=timezone.now()
    )
    while True:
        try:
            if not work_chunk(run.pk):
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


def work_chunk(run_id: int, size: int = CHUNK) -> int:
    """Import the next items of the run in one transaction; return how many, 0 when none is left to claim.

    Raises HostsUnchecked, and then nothing is done.
    """
    with transaction.atomic():
        run = ImportRun.objects.filter(pk=run_id, state=ImportRun.State.RUNNING).first()
        if run is None:
            return 0
        claimed = list(
            ImportItem.objects.filter(run=run, verdict="")
            .select_for_update(skip_locked=True)
            .order_by("id")
            .values_list("id", "feed_item_id", "edits")[:size]
        )
        if not claimed:
            return 0
        tasks = _tasks([(feed_item_id, edits) for _, feed_item_id, edits in claimed])
        if hosts := unchecked_hosts(tasks):
            raise HostsUnchecked(hosts)
        for network, domains in shop_hosts(tasks).items():
            learn_link_domains(network, domains)
        decisions = _apply_somehow(tasks, options_of(run))
        _mark_done(run, [pk for pk, _, _ in claimed], decisions)
        events.record_all(_events(decisions))
    return len(claimed)


def options_of(run: ImportRun) -> Options:
    """Return the run's choices, with the categories that still exist."""
    return Options(
        status=run.status,
        import_description=run.import_description,
        category_ids=list(Category.objects.filter(pk__in=run.category_ids).values_list("pk", flat=True))
        if run.category_ids
        else (),
        is_quick=run.kind == ImportRun.Kind.QUICK,
        is_update=run.kind == ImportRun.Kind.UPDATE,
    )


def apply(tasks: Sequence[Task], options: Options) -> list[Decision]:
    """Plan the tasks and write what was planned, in the caller's transaction; return the decisions.

    Raises IntegrityError when another transaction created the same offer or product meanwhile.
    """
    decisions = plan(tasks, options)
    if _lock(decisions):
        decisions = plan(tasks, options)  # on rows that now stand still
    now = timezone.now()
    shop_ids = bulk.get_shop_ids(_shops(decisions))
    created = [decision for decision in decisions if decision.verdict == Verdict.CREATED]
    ids = bulk.create_products([decision.new_product for decision in created], shop_ids=shop_ids, at=now)
    for decision, pk in zip(created, ids, strict=True):
        decision.product_id = pk
    for decision in decisions:
        if decision.joins is not None:
            decision.product_id = decision.joins.product_id
    joined = [decision for decision in decisions if decision.verdict == Verdict.JOINED]
    bulk.add_offers(
        [(decision.product_id, offer_data(decision.task)) for decision in joined], shop_ids=shop_ids, at=now
    )
    updated = [decision for decision in decisions if decision.verdict == Verdict.UPDATED]
    bulk.update_offers(
        [(decision.offer_id, offer_data(decision.task)) for decision in updated],
        repriced={decision.offer_id for decision in updated if decision.is_repriced},
        at=now,
    )
    bulk.update_texts(
        [(decision.product_id, *decision.product_texts) for decision in updated if decision.product_texts],
        at=now,
    )
    bulk.touch_offers(
        [
            decision.offer_id
            for decision in decisions
            if decision.verdict == Verdict.UNCHANGED and decision.offer_id
        ],
        at=now,
    )
    expire_offers(decision.offer_id for decision in decisions if decision.verdict == Verdict.EXPIRED)
    refresh_prices({decision.product_id for decision in (*joined, *updated)})
    return decisions


def _tasks(rows: Sequence[tuple[int, Edits | None]]) -> list[Task]:
    """Return a task for each (feed item id, edits). Feeds and accounts are few, so they are read apart."""
    columns = [field.attname for field in FeedItem._meta.concrete_fields if field.name != "search"]
    items = {
        item.id: item
        for item in FeedItem.objects.filter(pk__any=[pk for pk, _ in rows]).values_list(*columns, named=True)
    }
    feeds = Feed.objects.select_related("account").in_bulk({item.feed_id for item in items.values()})
    return [Task(item=items[pk], account=feeds[items[pk].feed_id].account, edits=edits) for pk, edits in rows]


def _apply_somehow(tasks: Sequence[Task], options: Options) -> list[Decision]:
    """Apply all tasks at once; when they keep failing together, one by one: a bad item costs only itself."""
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return apply(tasks, options)
        except DatabaseError as error:
            # Usually another run created the same product first: the next plan sees it and joins.
            logger.info("Import chunk, try %s: %s", attempt + 1, error.__class__.__name__)
    return [_apply_alone(task, options) for task in tasks]


def _apply_alone(task: Task, options: Options) -> Decision:
    try:
        with transaction.atomic():
            return apply([task], options)[0]
    except Exception as error:  # noqa: BLE001 whatever is wrong with one item must not stop the others
        logger.exception("Import of feed item %s failed", task.item.id)
        return Decision(
            task=task, verdict=Verdict.FAILED, message=f"Could not be saved ({error.__class__.__name__})."
        )


def _lock(decisions: Sequence[Decision]) -> bool:
    """Lock what the plan wants to change, always in the same order; return whether to plan again."""
    updated = [decision for decision in decisions if decision.verdict in (Verdict.UPDATED, Verdict.EXPIRED)]
    offer_ids = [decision.offer_id for decision in updated]
    joined = [decision for decision in decisions if decision.verdict == Verdict.JOINED]
    joined_ids = {decision.product_id for decision in joined if decision.product_id}
    product_ids = joined_ids | {decision.product_id for decision in updated if decision.texts}
    statuses = _lock_rows(Product, product_ids, "status")
    _lock_rows(Offer, offer_ids, "pk")
    # An editor joined one of these with another product just now, or trashed it: it must get no offer.
    lost = any(statuses.get(pk) in (None, Product.Status.TRASHED) for pk in joined_ids)
    return bool(offer_ids) or lost


def _lock_rows(model: type[Model], ids: Collection[int], column: str) -> dict[int, Any]:
    if not ids:
        return {}
    rows = model.objects.filter(pk__any=list(ids)).order_by("pk").select_for_update()
    return dict(rows.values_list("pk", column))


def _shops(decisions: Sequence[Decision]) -> list[bulk.ShopData]:
    """Return the shops of the offers that are to be added."""
    items = {
        decision.task.item.program_key: decision.task.item
        for decision in decisions
        if decision.verdict in (Verdict.CREATED, Verdict.JOINED)
    }
    if not items:
        return []
    programs = {
        f"{network}:{external_id}": (url, logo_url)
        for network, external_id, url, logo_url in Program.objects.filter(
            external_id__in=[key.partition(":")[2] for key in items]
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
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE importer_importitem AS item
            SET verdict = done.verdict, message = done.message, product_id = done.product_id
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[])
                AS done(id, verdict, message, product_id)
            WHERE item.id = done.id
            """,
            [
                ids,
                [decision.verdict.value for decision in decisions],
                [decision.message for decision in decisions],
                [decision.product_id for decision in decisions],
            ],
        )
    counts = Counter(decision.verdict.value for decision in decisions)
    ImportRun.objects.filter(pk=run.pk).update(
        heartbeat_at=timezone.now(),
        **{f"{verdict}_count": F(f"{verdict}_count") + count for verdict, count in counts.items()},
    )


def _events(decisions: Sequence[Decision]) -> list[events.Event]:
    """Return the log lines of a chunk; what stayed as it was is no event."""
    return [
        events.Event(
            network=decision.task.account.network,
            account_id=decision.task.account.pk,
            kind=_KINDS[decision.verdict],
            message=f"{decision.task.item.title or decision.task.item.external_id}: {decision.message}",
            product_id=decision.product_id,
        )
        for decision in decisions
        if decision.verdict != Verdict.UNCHANGED
    ]


_KINDS = {
    Verdict.CREATED: ApiEvent.Kind.IMPORT,
    Verdict.JOINED: ApiEvent.Kind.IMPORT,
    Verdict.UPDATED: ApiEvent.Kind.UPDATE,
    Verdict.EXPIRED: ApiEvent.Kind.UPDATE,
    Verdict.BLOCKED: ApiEvent.Kind.IMPORT,
    Verdict.INVALID: ApiEvent.Kind.ERROR,
    Verdict.FAILED: ApiEvent.Kind.ERROR,
}


def _finish(run_id: int) -> None:
    """Close the run once no item is left, claimed or not: the last of its workers to come here does it."""
    to_do = ImportItem.objects.filter(run=OuterRef("pk"), verdict="")
    ImportRun.objects.filter(~Exists(to_do), pk=run_id, state=ImportRun.State.RUNNING).update(
        state=ImportRun.State.DONE, finished_at=timezone.now(), heartbeat_at=timezone.now()
    )
