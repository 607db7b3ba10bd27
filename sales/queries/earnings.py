"""What was earned: of everything by day, and of each network, program, shop, product and so on.

Pages read sums (`sales.rollups`), never sales. Two currencies are never added: a page shows one, and the
totals of each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Sum

from catalog.lib.charts import Chart, draw_bars, sum_days
from catalog.models import DailyClicks
from sales.models import Basis, DailyClickTotals, DailyEarnings, Dimension, SpanEarnings
from sales.queries.epc import Epc, get_epc
from sales.queries.names import name_keys
from sales.queries.periods import Period, get_period
from sales.queries.sums import COLUMNS, Sums, add_up

PAGE_SIZE = 50
MILLIONTHS = 10**6  # amounts have six decimals
HISTORY_DAYS = 365  # of which approval rates are
MOST_KEYS = 5_000  # of a dimension that is summed up day by day
IN_SPANS = (Dimension.PRODUCT, Dimension.OFFER)
HAS_APPROVAL = (Dimension.NETWORK, Dimension.PROGRAM, Dimension.SHOP)
COVERED = 90  # per cent of the sales should carry our sub-id
SORTS: dict[str, Callable[[Any], Any]] = {
    "commission": attrgetter("sums.commission"),
    "sales": attrgetter("sums.count"),
    "pending": attrgetter("sums.pending"),
    "approved": attrgetter("sums.approved"),
    "rejected": attrgetter("sums.rejected"),
    "paid": attrgetter("sums.paid"),
    "clicks": attrgetter("clicks"),
    "epc": lambda row: row.epc.value if row.epc.is_known else Decimal(-1),
}


@dataclass(frozen=True, slots=True)
class Total:
    """What was earned in one currency, and in the time before."""

    currency: str
    now: Sums
    before: Sums

    @property
    def change_percent(self) -> int | None:
        """How much more than before, in per cent; None where nothing was earned before."""
        if self.before.commission <= 0:
            return None
        return int((self.now.commission - self.before.commission) * 100 / self.before.commission)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart and its line in the table behind it."""

    first: date
    last: date
    commission: Decimal


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything together. `currency` is the one that the chart and the tables show; "" where none is."""

    totals: list[Total]
    currency: str
    chart: Chart
    bars: list[Bar]
    clicks: int
    clicks_before: int
    epc: Epc

    @property
    def shown(self) -> Total:
        return next((each for each in self.totals if each.currency == self.currency), EMPTY)

    @property
    def all(self) -> Sums:
        """Of all currencies; only its counts mean anything."""
        return add_up(tuple(getattr(each.now, name) for name in COLUMNS) for each in self.totals)

    @property
    def highest(self) -> Decimal:
        return max((bar.commission for bar in self.bars), default=Decimal(0))

    @property
    def is_thinly_covered(self) -> bool:
        covered = self.all.coverage_percent
        return covered is not None and covered < COVERED


EMPTY = Total("", Sums(), Sums())


@dataclass(slots=True)
class Earned:
    """What one thing of a dimension earned, in one currency. `clicks` and `epc` only by day of the click."""

    key: str
    sums: Sums
    name: str = ""
    link: str = ""  # the query of the list of its sales; "" where there is none
    clicks: int = 0
    epc: Epc = field(default_factory=lambda: Epc(0))
    approval_percent: int | None = None  # of a year


def get_overview(period: Period, basis: str = Basis.CLICK, currency: str = "") -> Overview:
    """Return all that was earned in a period and in the one before; two queries."""
    before = period.before
    found = DailyEarnings.objects.filter(
        dimension=Dimension.ALL, basis=basis, day__gte=before.first, day__lte=period.last
    )
    rows: dict[str, dict[date, Sums]] = defaultdict(dict)
    for code, day, *sums in found.values_list("currency", "day", *COLUMNS):
        rows[code][day] = Sums(*sums)
    totals = [Total(code, _sum(days, period), _sum(days, before)) for code, days in sorted(rows.items())]
    totals.sort(key=lambda each: (each.currency == "", -each.now.count))
    known = [each.currency for each in totals if each.currency]
    shown = currency if currency in known else (known or [""])[0]
    clicks, clicks_before = _count_clicks(period, before)
    now = next((each.now for each in totals if each.currency == shown), Sums())
    chart, bars = _draw(rows.get(shown, {}), period)
    return Overview(totals, shown, chart, bars, clicks, clicks_before, _epc(now, clicks))


def _sum(days: Mapping[date, Sums], period: Period) -> Sums:
    return sum((sums for day, sums in days.items() if period.first <= day <= period.last), Sums())


def _count_clicks(*periods: Period) -> list[int]:
    found = DailyClickTotals.objects.filter(
        dimension=Dimension.ALL,
        day__gte=min(each.first for each in periods),
        day__lte=max(each.last for each in periods),
    ).values_list("day", "count")
    counts = dict(found)
    return [sum(count for day, count in counts.items() if each.first <= day <= each.last) for each in periods]


def _draw(days: Mapping[date, Sums], period: Period) -> tuple[Chart, list[Bar]]:
    # In millionths, which are whole numbers. A day on which corrections outweigh has no bar.
    amounts = [
        (day, int(days.get(day, Sums()).commission * MILLIONTHS))
        for day in (period.first + timedelta(days=number) for number in range(period.days))
    ]
    spans = sum_days(amounts)
    bars = [Bar(span.first, span.last, Decimal(span.sum) / MILLIONTHS) for span in spans]
    return draw_bars([max(0, span.sum) for span in spans]), bars


def _epc(sums: Sums, clicks: int) -> Epc:
    return get_epc(
        clicks=clicks, commission=sums.commission, approved=sums.decided_well, squares=sums.squares
    )


def list_earned(
    dimension: str,
    period: Period,
    *,
    basis: str = Basis.CLICK,
    currency: str = "",
    sort: str = "",
    page: int | str | None = 1,
    page_size: int = PAGE_SIZE,
) -> Page:
    """Return a page of what each thing of a dimension earned, most commission first or by one of SORTS.

    Products and offers are too many for another order. At most five queries.
    """
    if dimension in IN_SPANS:
        paginator = Paginator(_in_spans(dimension, period, basis, currency), page_size)
        shown = paginator.get_page(page)
        shown.object_list = [Earned(str(key), Sums(*sums)) for key, *sums in shown.object_list]
        counts = _clicks_of_rows(dimension, [int(row.key) for row in shown], period)
    else:
        rows = _by_day(dimension, period, basis, currency)
        counts = _clicks_by_day(dimension, period) if basis == Basis.CLICK else {}
        _set_clicks(rows, counts)
        key = SORTS.get(sort, SORTS["commission"])
        rows.sort(key=lambda row: (-key(row), row.key))
        shown = Paginator(rows, page_size).get_page(page)
    if basis == Basis.CLICK:
        _set_clicks(shown.object_list, counts)
    _set_names(dimension, list(shown))
    return shown


def _by_day(dimension: str, period: Period, basis: str, currency: str) -> list[Earned]:
    found = DailyEarnings.objects.filter(
        dimension=dimension, basis=basis, currency=currency, day__gte=period.first, day__lte=period.last
    )
    sums = found.order_by().values_list("key").annotate(*(Sum(name) for name in COLUMNS))
    return [Earned(key, Sums(*row)) for key, *row in sums[:MOST_KEYS]]


def _in_spans(dimension: str, period: Period, basis: str, currency: str) -> Any:
    found = SpanEarnings.objects.filter(dimension=dimension, span=period.key, basis=basis, currency=currency)
    return found.order_by("-commission", "key").values_list("key", *COLUMNS)


def _clicks_by_day(dimension: str, period: Period) -> dict[str, int]:
    found = DailyClickTotals.objects.filter(dimension=dimension, day__gte=period.first, day__lte=period.last)
    return dict(found.order_by().values_list("key").annotate(Sum("count")))


def _clicks_of_rows(dimension: str, ids: Sequence[int], period: Period) -> dict[str, int]:
    path = {Dimension.PRODUCT: "product_id", Dimension.OFFER: "offer_id"}[Dimension(dimension)]
    found = DailyClicks.objects.filter(**{f"{path}__any": ids}, day__gte=period.first, day__lte=period.last)
    counts = found.order_by().values_list(path).annotate(Sum("count"))
    return {str(key): count for key, count in counts}


def _set_clicks(rows: Iterable[Earned], counts: Mapping[str, int]) -> None:
    for row in rows:
        row.clicks = counts.get(row.key, 0)
        row.epc = _epc(row.sums, row.clicks)


def _set_names(dimension: str, rows: Sequence[Earned]) -> None:
    names = name_keys(dimension, [row.key for row in rows])
    rates = get_approval_rates(dimension, [row.key for row in rows])
    for row in rows:
        row.name = names.get(row.key, "")
        row.approval_percent = rates.get(row.key)


def get_approval_rates(dimension: str, keys: Sequence[str]) -> dict[str, int]:
    """Return how many of the decided sales of the last year were approved, in per cent, by key."""
    if dimension not in HAS_APPROVAL or not keys:
        return {}
    period = get_period("1")
    found = DailyEarnings.objects.filter(
        dimension=dimension,
        basis=Basis.DECISION,
        key__in=keys,
        day__gt=period.last - timedelta(days=HISTORY_DAYS),
    )
    names = ("approved_count", "paid_count", "rejected_count")
    sums = found.order_by().values_list("key").annotate(*(Sum(name) for name in names))
    rates = {
        key: Sums(approved_count=approved, paid_count=paid, rejected_count=rejected).approval_percent
        for key, approved, paid, rejected in sums
    }
    return {key: rate for key, rate in rates.items() if rate is not None}
