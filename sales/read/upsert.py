"""Write rows of reports over the sales that are there: each once, the latest state, with its history."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from catalog.services.rows import copy_rows, draw_ids, update_rows
from importer.networks.reports import SaleData
from sales.match import match_sales
from sales.models import Sale, SaleChange
from sales.read.values import COLUMNS, MATCHED, Values, days_of, told_changes, values_of
from sales.rollups import rebuild

_STORED = ("external_id", "pk", *COLUMNS)
_NEW = ("id", "account_id", "external_id", "first_seen_at", "match", "place", *COLUMNS)

_DAYS = ("clicked_on", "happened_on", "decided_on")
# Of a window's sales: more than these at once is the report's fault, not theirs.
MOST_MISSED, MOST_MISSED_SHARE = 20, 0.3


@dataclass(slots=True)
class Tally:
    """What a reading did so far. `bad`: rows without an id, which nothing can be kept of."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    missed: int = 0
    bad: int = 0
    bad_samples: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Written:
    to_match: list[int] = field(default_factory=list)
    days: set[date] = field(default_factory=set)


def write_sales(
    account_id: int,
    rows: Iterable[SaleData],
    programs: Mapping[str, int],
    tally: Tally,
    *,
    converts: bool = False,
) -> None:
    """Write the rows of an account within the caller's transaction, which holds the account's reports alone.

    Of rows with one id the last counts. `programs` are the ids of the account's programs by the network's.
    """
    latest = {row.external_id: row for row in rows if row.external_id}
    if not latest:
        return
    now, written = timezone.now(), _Written()
    known = _read_known(account_id, latest)
    new: list[tuple[str, Values]] = []
    changed: list[tuple[int, Values, Values]] = []
    for external_id, row in latest.items():
        pk, stored = known.get(external_id, (0, None))
        values = values_of(row, programs, stored, now, converts=converts)
        if stored is None:
            new.append((external_id, values))
        elif values != stored:
            changed.append((pk, stored, values))
    _insert(account_id, new, now, written)
    _update(changed, now, written)
    tally.new += len(new)
    tally.changed += sum(told_changes(before, after) != ({}, {}) for _, before, after in changed)
    if written.to_match:
        match_sales(written.to_match)
    if written.days:
        rebuild(written.days)


def _read_known(account_id: int, external_ids: Iterable[str]) -> dict[str, tuple[int, Values]]:
    found = Sale.objects.filter(account=account_id, external_id__in=list(external_ids)).order_by()
    return {name: (pk, Values(*values)) for name, pk, *values in found.values_list(*_STORED)}


def _insert(account_id: int, new: Sequence[tuple[str, Values]], now: datetime, written: _Written) -> None:
    ids = draw_ids(Sale, len(new)) if new else []
    rows = [
        (pk, account_id, external_id, now, "none", "", *values)
        for pk, (external_id, values) in zip(ids, new, strict=True)
    ]
    if rows:
        copy_rows(Sale, _NEW, rows)
    written.to_match += ids
    for _, values in new:
        written.days |= days_of(values)


def _update(changed: Sequence[tuple[int, Values, Values]], now: datetime, written: _Written) -> None:
    update_rows(Sale, [(pk, values) for pk, _, values in changed], COLUMNS)
    history = []
    for pk, before, after in changed:
        told = told_changes(before, after)
        if told[0] or told[1]:
            history.append((pk, now, json.dumps(told[0]), json.dumps(told[1])))
        if any(getattr(before, name) != getattr(after, name) for name in MATCHED):
            written.to_match.append(pk)
        written.days |= days_of(before, after)
    if history:
        copy_rows(SaleChange, ("sale_id", "seen_at", "before", "after"), history)


def mark_missed(
    account_id: int, seen: set[str], start: datetime, end: datetime, tally: Tally, *, since: datetime
) -> bool:
    """Note which sales of a time a whole report lacked: twice, and they are not reported any more.

    `since` is when the report was begun. Returns False, and notes nothing, where it lacks so much that the
    report itself is in doubt.
    """
    sales = Sale.objects.filter(account=account_id, happened_at__gte=start, happened_at__lt=end, gone_at=None)
    stored = list(sales.order_by("pk").values_list("pk", "external_id", "missed_at", *_DAYS))
    lost = [row for row in stored if row[1] not in seen]
    tally.missed = len(lost)
    if len(lost) > max(MOST_MISSED, len(stored) * MOST_MISSED_SHARE):
        return False
    now = timezone.now()
    first = [pk for pk, _, missed_at, *_ in lost if missed_at is None]
    gone = [pk for pk, _, missed_at, *_ in lost if missed_at is not None and missed_at < since]
    if first:
        Sale.objects.filter(pk__in=first).update(missed_at=now)
    if gone:
        Sale.objects.filter(pk__in=gone).update(gone_at=now)
        change = json.dumps({"gone_at": None}), json.dumps({"gone_at": now.isoformat()})
        copy_rows(SaleChange, ("sale_id", "seen_at", "before", "after"), [(pk, now, *change) for pk in gone])
        rebuild({day for pk, _, _, *days in lost if pk in set(gone) for day in days if day})
    return True
