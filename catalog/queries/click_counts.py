"""How often the buttons were followed: today, in 7 and in 30 days (today is one of them)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import DailyClicks, Offer, Product

SPANS = {"today": 1, "week": 7, "month": 30}  # days


@dataclass(frozen=True, slots=True)
class ClickCount:
    """The clicks on something: on a network, shop or product (`key` is its slug or id, `name` its name)."""

    key: str | int
    name: str
    today: int
    week: int
    month: int

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.today, self.week, self.month


def by_network_and_shop(limit: int) -> tuple[list[ClickCount], list[ClickCount]]:
    """Return the clicks of the networks, and of the `limit` shops with most clicks; one query for both."""
    networks: dict[str, ClickCount] = {}
    shops: dict[int, ClickCount] = {}
    for source, shop_id, name, *counts in _sums("source", "shop", "shop__name"):
        for found, key, label in ((networks, source, source), (shops, shop_id, name)):
            if key is None:  # the shop was deleted, after its offers
                continue
            known = found.get(key, ClickCount(key, label, 0, 0, 0))
            found[key] = ClickCount(key, label, *map(sum, zip(known.counts, counts, strict=True)))
    return _most(networks.values()), _most(shops.values())[:limit]


def by_product(limit: int) -> list[ClickCount]:
    """Return the clicks of the `limit` products with most clicks."""
    rows = _sums("product", "product__title").exclude(product=None)[:limit]
    return [ClickCount(key, name, **dict(zip(SPANS, counts, strict=True))) for key, name, *counts in rows]


def by_day() -> list[tuple[date, int]]:
    """Return the clicks of each of the last 30 days, today last; a day without any is there, with 0."""
    days = SPANS["month"]
    clicks = DailyClicks.objects.filter(day__gt=_before(days)).order_by()
    counts = dict(clicks.values_list("day").annotate(Sum("count")))
    first = _before(days - 1)
    return [(day, counts.get(day, 0)) for day in (first + timedelta(days=number) for number in range(days))]


def with_clicks(rows: QuerySet) -> QuerySet:
    """Annotate offers or products with `clicks_today`, `clicks_week` and `clicks_month`."""
    path = {Offer: "offer", Product: "product"}[rows.model]
    clicks = DailyClicks.objects.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return rows.annotate(
        **{
            f"clicks_{span}": Coalesce(
                Subquery(
                    clicks.filter(day__gt=_before(days)).annotate(sum=Sum("count")).values("sum"),
                    output_field=IntegerField(),
                ),
                0,
            )
            for span, days in SPANS.items()
        }
    )


def _sums(*columns: str) -> QuerySet:
    """Return rows of the columns and the sums for each of `SPANS`, most clicks of 30 days first."""
    sums = {span: Sum("count", filter=Q(day__gt=_before(days)), default=0) for span, days in SPANS.items()}
    clicks = DailyClicks.objects.filter(day__gt=_before(SPANS["month"])).order_by()
    found = clicks.values_list(*columns).annotate(**sums)
    return found.order_by("-month", columns[0])  # type: ignore[misc]  # it is one of the sums


def _most(counts: Iterable[ClickCount]) -> list[ClickCount]:
    return sorted(counts, key=lambda each: (-each.month, str(each.name)))


def _before(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)
