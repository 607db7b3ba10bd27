"""What programs pay, and that they pay less now: noted where rates are read, told in the daily mail."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from events.kinds import Kind
from events.record import record
from importer.models import Program
from sales.models import CommissionRate


def note_changes(account_id: int, at: datetime) -> int:
    """Record the programs of an account whose rates fell, or ended, with what was read at a time.

    In the transaction that wrote the rates; returns how many events.
    """
    mine = CommissionRate.objects.filter(program__account=account_id).select_related("program")
    ended = list(mine.filter(seen_until=at).order_by("pk"))
    if not ended:
        return 0
    begun = {(rate.program_id, rate.group, rate.kind): rate for rate in mine.filter(seen_from=at)}
    still = set(mine.filter(seen_until=None).values_list("program", flat=True))
    count = 0
    for program, rates in _by_program(ended):
        if program.pk not in still:
            _record(Kind.PROGRAM_CLOSED, program, rates, [])
            count += 1
            continue
        pairs = [(old, begun.get((old.program_id, old.group, old.kind))) for old in rates]
        fallen = [(old, new) for old, new in pairs if new and is_lower(old, new)]
        if fallen:
            _record(Kind.COMMISSION_DROPPED, program, [old for old, _ in fallen], [new for _, new in fallen])
            count += 1
    return count


def is_lower(old: CommissionRate, new: CommissionRate) -> bool:
    """Tell whether a rate pays less than before in any part; amounts of two currencies are not compared."""
    if (old.percent or Decimal(0)) > (new.percent or Decimal(0)):
        return True
    if old.fixed is None:
        return False
    return new.fixed is None or (old.currency == new.currency and new.fixed < old.fixed)


def said(rate: CommissionRate) -> str:
    """Return a rate in words: "8 %", "2.50 EUR", "8 % and 2.50 EUR"."""
    words = [f"{rate.percent.normalize():f} %"] if rate.percent is not None else []
    if rate.fixed is not None:
        words.append(f"{rate.fixed.quantize(Decimal('0.01'))} {rate.currency}")
    return " and ".join(words) or "nothing"


def _record(kind: Kind, program: Program, old: list[CommissionRate], new: list[CommissionRate]) -> None:
    record(
        kind,
        f"program:{program.pk}",
        before={"rates": [said(rate) for rate in old]},
        after={"name": program.name, "rates": [said(rate) for rate in new]},
        sources=[program.account.network],
    )


def _by_program(rates: Iterable[CommissionRate]) -> list[tuple[Program, list[CommissionRate]]]:
    found: dict[int, tuple[Program, list[CommissionRate]]] = {}
    for rate in rates:
        found.setdefault(rate.program_id, (rate.program, []))[1].append(rate)
    return list(found.values())
