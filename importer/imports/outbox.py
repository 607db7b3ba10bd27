"""What import runs write to the outbox: their own course, and a row per chunk for what many items changed."""

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import F

from events.kinds import Kind
from events.record import keys, record
from importer.imports.decision import Decision, Verdict
from importer.models import ImportRun

SINGLE = 20  # refused items of a run that have an event of their own; the run counts the others
REASON_LENGTH = 500
REFUSED = (Verdict.INVALID, Verdict.FAILED)


def record_run(kind: Kind, run: ImportRun, /, **after) -> None:
    """Note what became of a run, in the log of each of its networks."""
    record(kind, f"run:{run.pk}", after=after, sources=run.networks)


def find_networks(run_id: int) -> list[str]:
    """Return the networks that the items of a run come from."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT split_part(feed_item.source_key, ':', 1) AS network
            FROM importer_importitem AS item JOIN importer_feeditem AS feed_item
                ON feed_item.id = item.feed_item_id
            WHERE item.run_id = %s ORDER BY network
            """,
            [run_id],
        )
        return [network for (network,) in cursor.fetchall()]


def record_written(decisions: Sequence[Decision]) -> None:
    """Note what a chunk wrote to the catalogue: a row for each kind of change, however many items."""
    by_verdict = {verdict: [d for d in decisions if d.verdict == verdict] for verdict in Verdict}
    created = by_verdict[Verdict.CREATED]
    for status in sorted({decision.new_product.status for decision in created}):
        alike = [decision for decision in created if decision.new_product.status == status]
        record(Kind.PRODUCT_CREATED, _products(alike), after={"status": status})
    record(Kind.OFFER_ADDED, _products(by_verdict[Verdict.JOINED]))
    updated = by_verdict[Verdict.UPDATED]
    repriced = [d for d in updated if d.is_repriced]
    record(Kind.OFFER_CHANGED, _offers(d for d in updated if not d.is_repriced))
    record(
        Kind.OFFER_PRICE_CHANGED,
        _offers(repriced),
        before={"price": [d.price_before for d in repriced]},
        after={
            "price": [
                (d.planned.item.price, d.planned.item.currency, d.planned.item.in_stock) for d in repriced
            ]
        },
    )
    record(Kind.PRODUCT_EDITED, _products(d for d in updated if d.product))


def record_refused(run: ImportRun, decisions: Sequence[Decision]) -> None:
    """Note the items that could not be imported: the first of a run each by itself."""
    refused = [decision for decision in decisions if decision.verdict in REFUSED]
    if not refused:
        return
    # The run's row is ours until the transaction ends: its count is that of everybody before us.
    counts = ImportRun.objects.filter(pk=run.pk).values_list(
        F("invalid_count") + F("failed_count"), flat=True
    )
    before = counts.get() - len(refused)
    for decision in refused[: max(0, SINGLE - before)]:
        item = decision.planned.item
        record(
            Kind.ITEM_REFUSED,
            f"item:{item.id}",
            after={
                "title": item.title or item.external_id,
                "verdict": decision.verdict.value,
                "reason": decision.message[:REASON_LENGTH],
            },
            sources=[decision.planned.account.network],
        )


def _products(decisions: Iterable[Decision]) -> list[str]:
    return keys("product", (decision.product_id for decision in decisions))


def _offers(decisions: Iterable[Decision]) -> list[str]:
    return keys("offer", (decision.offer_id for decision in decisions))
