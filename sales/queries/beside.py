"""What products and shops earned in the last days, for the pages that are about them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Sum
from django.utils import timezone

from sales.models import Basis, DailyClickTotals, DailyEarnings, Dimension, SpanEarnings
from sales.queries.epc import Epc, get_epc
from sales.queries.sums import COLUMNS, Sums

DAYS = 30
_KEPT = "sales:earned in all"


@dataclass(frozen=True, slots=True)
class Beside:
    """What something earned in DAYS days, by currency, most sales first; `epc` is of the first."""

    sums: tuple[tuple[str, Sums], ...]
    clicks: int

    @property
    def count(self) -> int:
        return sum(sums.count for _, sums in self.sums)

    @property
    def currency(self) -> str:
        return self.sums[0][0] if self.sums else ""

    @property
    def epc(self) -> Epc:
        if not self.currency:
            return Epc(0)
        sums = self.sums[0][1]
        return get_epc(
            clicks=self.clicks,
            commission=sums.commission,
            approved=sums.decided_well,
            squares=sums.squares,
        )


def earned_by_products(clicks: Mapping[int, int]) -> dict[int, Beside]:
    """Return what products earned, by id; `clicks` are theirs of the same days. One query."""
    found = SpanEarnings.objects.filter(
        dimension=Dimension.PRODUCT, basis=Basis.CLICK, span=str(DAYS), key__in=list(clicks)
    )
    return _beside(found.values_list("key", "currency", *COLUMNS), clicks)


def earned_by_shops(ids: Sequence[int]) -> dict[int, Beside]:
    """Return what shops earned, by id; two queries."""
    keys = [str(pk) for pk in ids]
    since = timezone.localdate() - timedelta(days=DAYS)
    found = DailyEarnings.objects.filter(
        dimension=Dimension.SHOP, basis=Basis.CLICK, key__in=keys, day__gt=since
    )
    sums = found.order_by().values_list("key", "currency").annotate(*(Sum(name) for name in COLUMNS))
    clicked = DailyClickTotals.objects.filter(dimension=Dimension.SHOP, key__in=keys, day__gt=since)
    clicks = dict(clicked.order_by().values_list("key").annotate(Sum("count")))
    return _beside(
        ((int(key), *rest) for key, *rest in sums), {int(key): count for key, count in clicks.items()}
    )


def earned_in_all() -> list[tuple[str, Sums]]:
    """Return what was earned by currency in DAYS days, most sales first. One query."""
    since = timezone.localdate() - timedelta(days=DAYS)
    found = DailyEarnings.objects.filter(dimension=Dimension.ALL, basis=Basis.CLICK, day__gt=since)
    rows = found.order_by().values_list("currency").annotate(*(Sum(name) for name in COLUMNS))
    totals = [(currency, Sums(*row)) for currency, *row in rows]
    return sorted(totals, key=lambda each: (each[0] == "", -each[1].count))


def keep_in_all() -> None:
    """Count what was earned, and keep it for the first page, which has many other questions to ask."""
    cache.set(_KEPT, earned_in_all(), None)


def get_kept_in_all() -> list[tuple[str, Sums]]:
    """Return what was counted last; [] where nothing was yet. No query."""
    return cache.get(_KEPT, [])


def spans_of_product(pk: int) -> list[tuple[str, str, Sums]]:
    """Return what a product earned in 30 and 90 days: (days, currency, sums). One query."""
    found = SpanEarnings.objects.filter(
        dimension=Dimension.PRODUCT, basis=Basis.CLICK, span__in=["30", "90"], key=pk
    )
    rows = found.order_by("span", "currency").values_list("span", "currency", *COLUMNS)
    return [(span, currency, Sums(*row)) for span, currency, *row in rows]


def _beside(rows, clicks: Mapping[int, int]) -> dict[int, Beside]:
    sums: dict[int, list[tuple[str, Sums]]] = defaultdict(list)
    for key, currency, *row in rows:
        sums[key].append((currency, Sums(*row)))
    for each in sums.values():
        each.sort(key=lambda pair: (pair[0] == "", -pair[1].count))
    return {key: Beside(tuple(each), clicks.get(key, 0)) for key, each in sums.items()}
