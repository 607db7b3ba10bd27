"""Saved searches: keep, change, approve and look through them. What they import: `saved_runs`."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone

from events.kinds import Kind
from events.record import changes, record
from importer.imports.apply import read_planned_items
from importer.imports.matches import MAX_COUNT, Candidates, count_new, fetch_seen_until
from importer.imports.options import Options
from importer.imports.plan import Decision, plan
from importer.imports.saved_live import get_new
from importer.models import ImportRun, SavedSearch
from importer.networks.query import ItemQuery

TRIAL = 10  # products that a person looks at before a search adds by itself
FIELDS = ("name", "query", "options", "schedule", "keep_adding", "daily_limit")


@dataclass(frozen=True, slots=True)
class Trial:
    """What the first products would become, without anything being written; `fingerprint` says of what.

    `waiting` is how many there are, up to `MAX_COUNT`.
    """

    decisions: list[Decision]
    waiting: int
    fingerprint: str


def get_query(saved: SavedSearch) -> ItemQuery:
    """Return what it finds. Raises QueryError where an older version wrote what nobody reads any more."""
    return ItemQuery.from_json(saved.query)


def fingerprint_of(saved: SavedSearch) -> str:
    """Return what changes with the search and with what is chosen for its products."""
    text = json.dumps([saved.query, saved.options], sort_keys=True)
    return sha256(text.encode()).hexdigest()


def may_add(saved: SavedSearch) -> bool:
    """Does it add by itself: is that wanted, and did a person look at the trial of just this search?"""
    return saved.keep_adding and saved.approved == fingerprint_of(saved)


@transaction.atomic
def save_search(query: ItemQuery, *, name: str, user: Any = None, **values: Any) -> SavedSearch:
    """Keep a search; `values` are those of `FIELDS`. What is there now is not new.

    It is looked through at once, where it has a schedule.
    """
    plain = replace(query, blocked=False, new_since=None)
    saved = SavedSearch(
        name=name, query=plain.to_json(), created_by=user, seen_at=fetch_seen_until(), **values
    )
    saved.next_run_at = timezone.now() if saved.schedule else None
    saved.save()
    record(Kind.SAVED_SEARCH_CREATED, f"saved_search:{saved.pk}", after={"name": saved.name})
    return saved


@transaction.atomic
def edit_saved(saved: SavedSearch, **values: Any) -> None:
    """Change some of `FIELDS`. Another search or other options wait for another trial."""
    stored = SavedSearch.objects.select_for_update(no_key=True).get(pk=saved.pk)
    old = {name: getattr(stored, name) for name in values}
    for name, value in values.items():
        setattr(stored, name, value)
    if changed := changes(old, values):
        if "schedule" in changed["after"]:
            stored.next_run_at = timezone.now() if stored.schedule else None
        stored.save(update_fields=[*values, "next_run_at"])
        record(Kind.SAVED_SEARCH_EDITED, f"saved_search:{saved.pk}", **changed)


@transaction.atomic
def delete_saved(saved: SavedSearch) -> None:
    """Keep it no longer. What it added stays, and so do its runs."""
    values = {"name": saved.name}
    pk = saved.pk
    if SavedSearch.objects.filter(pk=pk).delete()[0]:
        record(Kind.SAVED_SEARCH_DELETED, f"saved_search:{pk}", after=values)


@transaction.atomic
def approve(saved: SavedSearch, fingerprint: str, *, user: Any = None) -> bool:
    """Let it add by itself from now on, and at once.

    False where it is no longer what the trial was of, and of one that asks a network.
    """
    stored = SavedSearch.objects.select_for_update(no_key=True).get(pk=saved.pk)
    if stored.is_live or fingerprint != fingerprint_of(stored):
        return False
    now = timezone.now()
    stored.keep_adding, stored.approved = True, fingerprint
    stored.approved_by, stored.approved_at = user, now
    stored.next_run_at = now if stored.schedule else None
    stored.save(update_fields=["keep_adding", "approved", "approved_by", "approved_at", "next_run_at"])
    after = {"name": stored.name, "daily_limit": stored.daily_limit}
    record(Kind.SAVED_SEARCH_APPROVED, f"saved_search:{saved.pk}", after=after)
    return True


def mark_seen(saved: SavedSearch, until: datetime) -> None:
    """Let nothing be new that appeared until then, as far as it can be seen by now. Raises QueryError."""
    until = max(saved.seen_at, min(until, fetch_seen_until()))
    saved.seen_at = until
    new_count = len(get_new(saved)) if saved.is_live else count_new(get_query(saved), until)
    SavedSearch.objects.filter(pk=saved.pk, seen_at__lte=until).update(seen_at=until, new_count=new_count)
    saved.refresh_from_db()


def count(saved: SavedSearch) -> None:
    """Count anew what is new and what could be added. Raises QueryError."""
    saved.refresh_from_db()
    counted_at, query = timezone.now(), get_query(saved)
    if saved.is_live:
        new_count = len(get_new(saved))
        SavedSearch.objects.filter(pk=saved.pk).update(new_count=new_count, counted_at=counted_at)
        saved.refresh_from_db()
        return
    candidates = Candidates(query, saved.pk)
    SavedSearch.objects.filter(pk=saved.pk).update(
        new_count=count_new(query, saved.seen_at),
        waiting_count=candidates.count() if candidates.has_feeds else 0,
        counted_at=counted_at,
    )
    saved.refresh_from_db()


def run_trial(saved: SavedSearch) -> Trial:
    """Plan what the first ten would become. Writes nothing. Raises QueryError."""
    candidates = Candidates(get_query(saved), saved.pk)
    ids = candidates.first_ids(TRIAL) if candidates.has_feeds else []
    decisions = plan(read_planned_items([(pk, None) for pk in ids]), Options.from_json(saved.options))
    waiting = candidates.count(MAX_COUNT) if len(ids) == TRIAL else len(ids)
    return Trial(decisions, waiting, fingerprint_of(saved))


def list_saved() -> list[tuple[SavedSearch, ImportRun | None]]:
    """Return the saved searches by name, each with the last run of its own. Two queries."""
    runs = ImportRun.objects.exclude(saved_search=None).order_by("saved_search_id", "-pk")
    last = {run.saved_search_id: run for run in runs.distinct("saved_search_id")}
    return [(saved, last.get(saved.pk)) for saved in SavedSearch.objects.select_related("created_by")]
