"""Our sales beside the network's own sums, by day and program: what differs, and how."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sales.models import Basis, DailyEarnings, Dimension, NetworkDay
from sales.queries.names import name_keys
from sales.queries.periods import Period
from sales.queries.sums import COLUMNS, Sums

CENT = Decimal("0.01")
LARGE = Decimal(5)  # units of the currency
MOST = 200


@dataclass(slots=True)
class Line:
    """A day of a program in one currency: theirs, ours, and what differs, in words; "" where nothing does."""

    day: date
    key: str
    currency: str
    theirs: NetworkDay
    ours: Sums
    difference: str
    name: str = ""

    @property
    def is_large(self) -> bool:
        """Whether the commission differs by more than 1 % and 5 units of its currency."""
        theirs = self.theirs.commission
        if theirs is None:
            return bool(self.difference)
        gap = min(abs(theirs - self.ours.commission), abs(theirs - self.ours.commission - self.ours.rejected))
        return gap > LARGE and gap * 100 > abs(theirs)


def explain(sales: int | None, commission: Decimal | None, ours: Sums, beside: Iterable[Sums] = ()) -> str:
    """Return in words how the network's sums differ from ours; "" where they agree. Pure.

    A network counts rejected sales or leaves them out; each sale is rounded to cents. `beside`: our sums of
    the day before and after, which a network's other time zone moves sales to.
    """
    said = []
    if sales is not None and sales not in (ours.count, ours.kept_count, ours.count - ours.lead_count):
        more = sales - ours.count
        noun = "sale" if abs(more) == 1 else "sales"
        said.append(f"{abs(more)} {noun} {'missing here' if more > 0 else 'more here'}")
    if commission is not None:
        room = CENT * max(1, ours.count)
        gaps = [commission - mine for mine in (ours.commission, ours.commission + ours.rejected)]
        if all(abs(gap) > room for gap in gaps):
            gap = min(gaps, key=abs)
            said.append(f"{abs(gap):.2f} {'less' if gap > 0 else 'more'} commission here")
    if not said:
        return ""
    if any(each.count and sales is not None and abs(sales - ours.count) <= each.count for each in beside):
        said.append("perhaps of the day beside it: the network's days begin at another hour")
    return ", ".join(said)


def reconcile(period: Period, *, all_lines: bool = False) -> tuple[list[Line], int]:
    """Return the days that differ, the newest first, or all; and how many days were compared. 3 queries."""
    days = NetworkDay.objects.filter(day__gte=period.first, day__lte=period.last).select_related("account")
    theirs = list(days.order_by("-day", "account", "program_key"))
    ours = _ours(period)
    lines = []
    for one in theirs:
        key = f"{one.account.network}:{one.program_key}" if one.program_key else one.account.network
        mine = ours[key, one.currency]
        beside = [mine.get(one.day + timedelta(days=step), Sums()) for step in (-1, 1)]
        sums = mine.get(one.day, Sums())
        difference = explain(one.sales, one.commission, sums, beside)
        if difference or all_lines:
            lines.append(Line(one.day, key, one.currency, one, sums, difference))
    lines = lines[:MOST]
    names = name_keys(Dimension.PROGRAM, sorted({line.key for line in lines if ":" in line.key}))
    networks = name_keys(Dimension.NETWORK, sorted({line.key for line in lines if ":" not in line.key}))
    for line in lines:
        line.name = names.get(line.key) or networks[line.key]
    return lines, len(theirs)


def _ours(period: Period) -> dict[tuple[str, str], dict[date, Sums]]:
    found = DailyEarnings.objects.filter(
        dimension__in=[Dimension.PROGRAM, Dimension.NETWORK],
        basis=Basis.SALE,
        day__gte=period.first - timedelta(days=1),
        day__lte=period.last + timedelta(days=1),
    )
    sums: dict[tuple[str, str], dict[date, Sums]] = defaultdict(dict)
    for key, currency, day, *row in found.values_list("key", "currency", "day", *COLUMNS):
        sums[key, currency][day] = Sums(*row)
    return sums
