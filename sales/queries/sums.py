"""Sums of sales of one currency, and what follows from them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """How many sales of each state and what they pay, of one currency. See `sales.models.rollups.Sums`."""

    pending_count: int = 0
    approved_count: int = 0
    rejected_count: int = 0
    paid_count: int = 0
    lead_count: int = 0
    zero_count: int = 0
    named_count: int = 0
    pending: Decimal = ZERO
    approved: Decimal = ZERO
    rejected: Decimal = ZERO
    paid: Decimal = ZERO
    commission: Decimal = ZERO
    squares: Decimal = ZERO
    order_value: Decimal = ZERO

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def count(self) -> int:
        """All sales, those that were rejected too."""
        return self.pending_count + self.approved_count + self.rejected_count + self.paid_count

    @property
    def kept_count(self) -> int:
        return self.count - self.rejected_count

    @property
    def decided_well(self) -> Decimal:
        return self.approved + self.paid

    @property
    def pending_percent(self) -> int | None:
        """How much of the commission is still pending."""
        return percent(self.pending, self.commission)

    @property
    def approval_percent(self) -> int | None:
        """How many of the decided sales were approved."""
        good = self.approved_count + self.paid_count
        return percent(good, good + self.rejected_count)

    @property
    def coverage_percent(self) -> int | None:
        """How many of the sales carried a sub-id of ours."""
        return percent(self.named_count, self.count)


COLUMNS = tuple(field.name for field in fields(Sums))


def add_up(rows: Iterable[Sequence[Any]]) -> Sums:
    """Return the sum of rows of COLUMNS."""
    total = Sums()
    for row in rows:
        total += Sums(*row)
    return total


def percent(part: Decimal | int, whole: Decimal | int) -> int | None:
    """Return a share in whole per cent, rounded down so that only all of it is 100; None of nothing."""
    return int(part * 100 // whole) if whole > 0 and part >= 0 else None
