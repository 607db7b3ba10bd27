"""Earnings per click, stated so that it cannot mislead. Pure.

The commission of sales by the day of their click, over our own clicks of these days; never a network's
clicks, never two currencies.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

FEW_CLICKS = 30
_Z = 1.96  # 95 of 100


@dataclass(frozen=True, slots=True)
class Epc:
    """What a click earns. All are None where there are too few clicks to say.

    `low` and `high` hold the truth in 95 of 100 cases; they are None where nothing was sold, or where
    corrections outweigh what was.
    """

    clicks: int
    value: Decimal | None = None
    approved: Decimal | None = None  # of what is approved or paid already
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def is_known(self) -> bool:
        return self.value is not None


def get_epc(*, clicks: int, commission: Decimal, approved: Decimal, squares: Decimal) -> Epc:
    """Return what a click earns.

    `commission` is of all sales that are not rejected, `approved` of those that are decided well, and
    `squares` the sum of the squares of these commissions: one large sale says less than many small ones.
    """
    if clicks < FEW_CLICKS:
        return Epc(clicks)
    value = commission / clicks
    low = high = None
    if commission > 0 and squares > 0:
        # As if it were so many sales of one size (Kish), each a click that succeeded (Wilson).
        size = squares / commission
        share_low, share_high = wilson(min(float(commission / size), float(clicks)), clicks)
        low, high = Decimal(share_low) * size, Decimal(share_high) * size
    return Epc(clicks, value, approved / clicks, low, high)


def wilson(successes: float, tries: int) -> tuple[float, float]:
    """Return between which shares the true one lies, in 95 of 100 cases."""
    share = successes / tries
    middle = share + _Z * _Z / (2 * tries)
    reach = _Z * sqrt(share * (1 - share) / tries + _Z * _Z / (4 * tries * tries))
    below = 1 + _Z * _Z / tries
    return max(0.0, (middle - reach) / below), min(1.0, (middle + reach) / below)
