"""What a person must say about items and products of one EAN that look unlike, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from catalog.lib.undoing import Verdict
from catalog.models import Offer, Product, Revision
from catalog.services import CatalogError, join_products, move_offers, split_offers
from catalog.services.edits import key_of as subject_of
from catalog.services.undo import carry_out, count_verdicts, start_undo
from catalog.services.undo import work as work_on_undo
from events.actor import cause, new_cause
from events.kinds import Kind as Happened
from events.record import record
from importer.models import JoinDoubt

Kind, Decision = JoinDoubt.Kind, JoinDoubt.Decision
MAX_REASON = 500
TRASHED = Product.Status.TRASHED


def note_doubts(doubts: Iterable[JoinDoubt]) -> int:
    """Put doubts into the queue, each pair once whatever became of it; return how many were given."""
    rows = list(doubts)
    if not rows:
        return 0
    for row in rows:
        row.reason = row.reason[:MAX_REASON]
    JoinDoubt.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


# --- The queue -----------------------------------------------------------------------------------
def open_doubts() -> QuerySet[JoinDoubt]:
    """Return the doubts that wait for a person, oldest first, with `offer_product`: where the offer is now.

    What is settled otherwise is left out: the offer is gone, was moved by hand, or one of the two is in the
    trash.
    """
    offer = Offer.objects.filter(source_key=OuterRef("source_key")).exclude(product__status=TRASHED)
    here = Q(offer_product=F("product"))
    return (
        JoinDoubt.objects.filter(decision="")
        .exclude(product__status=TRASHED)
        .annotate(offer_product=Subquery(offer.values("product")[:1]))
        .filter(Q(here, kind=Kind.SPLIT) | Q(~here, ~Q(kind=Kind.SPLIT), offer_product__isnull=False))
    )


def count_open() -> dict[str, int]:
    """Return how many wait, by kind; a kind of which none waits is left out."""
    return dict(open_doubts().order_by().values_list("kind").annotate(count=Count("*")))


def decided_doubts() -> QuerySet[JoinDoubt]:
    """Return what persons decided, the newest first."""
    return JoinDoubt.objects.exclude(decision="").order_by("-decided_at", "-id")


def decide(doubt: JoinDoubt, *, decision: str, user: Any = None) -> str:
    """Carry out and remember what a person says about a pair; return what was done, as a sentence.

    Safe to repeat: what is decided stays. Raises CatalogError where the catalogue does not allow it any more.
    """
    key = new_cause("merge")
    with transaction.atomic(), cause(key):
        done = _carry_out(doubt, Decision(decision))
        if not doubt.decision:
            _record(doubt, decision)
        JoinDoubt.objects.filter(pk=doubt.pk, decision="").update(
            decision=decision, decided_by=user, decided_at=timezone.now(), cause=key
        )
    return done


def undo(doubt: JoinDoubt, *, user: Any = None) -> None:
    """Take back what was decided, and all that it changed; the pair waits again.

    Raises CatalogError, and takes back nothing, where somebody changed one of the two since.
    """
    with transaction.atomic():
        if doubt.cause and Revision.objects.filter(cause=doubt.cause).exists():
            run = start_undo(doubt.cause, user=user)
            work_on_undo(run.pk)
            run.refresh_from_db()
            if not carry_out(run):
                raise CatalogError("This is being taken back already.")
            work_on_undo(run.pk)
            if set(count_verdicts(run)) - {Verdict.TAKEN_BACK, Verdict.NOTHING}:
                raise CatalogError("Somebody changed one of the two since: see its history.")
        ask_again(doubt)


def ask_again(doubt: JoinDoubt) -> None:
    """Forget what was decided; the offer stays where it is."""
    if not doubt.decision:
        return
    with transaction.atomic():
        _record(doubt, "")
        _forget(doubt)


def _forget(doubt: JoinDoubt) -> None:
    JoinDoubt.objects.filter(pk=doubt.pk).update(decision="", decided_by=None, decided_at=None, cause="")


def _record(doubt: JoinDoubt, decision: str) -> None:
    record(
        Happened.DOUBT_DECIDED,
        subject_of(doubt),
        before={"decision": doubt.decision},
        after={"decision": decision, "source_key": doubt.source_key, "product": doubt.product_id},
    )


def _carry_out(doubt: JoinDoubt, decision: str) -> str:
    offer = Offer.objects.select_related("product").filter(source_key=doubt.source_key).first()
    if offer is None:
        raise CatalogError("This offer is not here any more.")
    target, own = doubt.product, offer.product
    is_there = own.pk == target.pk
    if decision == Decision.SAME and doubt.kind == Kind.DOUBLE and not is_there:
        if own.is_published and not target.is_published:  # visitors know this one
            own, target = target, own
        join_products(own, into=target)
        return f"Joined with “{target.title}”."
    if decision == Decision.SAME and not is_there:
        if own.offers.count() > 1:
            move_offers(own, offer_ids=[offer.pk], into=target)
        else:
            join_products(own, into=target)
        return f"Joined with “{target.title}”."
    if decision == Decision.APART and is_there and target.offers.count() > 1:
        made = split_offers(target, offer_ids=[offer.pk])
        return f"Split off as the draft “{made.title}”."
    return "Kept together." if is_there else "Kept apart for good."
