"""Sales whose product nobody knows, by what their sub-ids say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from sales.models import Dimension, Match, MatchRule, Sale
from sales.queries.names import name_keys

DAYS = 90  # of sales that are looked at
SHOWN = 100
UNMATCHED = Q(match__in=[Match.SHOP, Match.NONE], matched_by=None, is_counted=True)


@dataclass(slots=True)
class Group:
    """Sales of one sub-id and program, in one currency."""

    network: str
    program_key: str
    sub_id: str
    currency: str
    count: int
    commission: Decimal | None
    last_on: object
    program: str = ""


def list_unmatched(*, with_sub_id: bool = True) -> list[Group]:
    """Return the groups with most sales, of those with a sub-id, or of those without."""
    found = Sale.objects.filter(UNMATCHED, happened_on__gt=timezone.localdate() - timedelta(days=DAYS))
    found = found.exclude(sub_id="") if with_sub_id else found.filter(sub_id="")
    names = ("account__network", "program_key", "sub_id", "currency")
    sums = {"sales": Count("pk"), "sum": Sum("commission"), "newest": Max("happened_on")}
    rows = found.order_by().values_list(*names).annotate(**sums).order_by("-sales", *names)  # type: ignore[misc]  # it is one of the sums
    groups = [Group(*row) for row in rows[:SHOWN]]
    _set_programs(groups)
    return groups


def list_rules() -> list[MatchRule]:
    """Return the rules in the order in which they are tried, with their products and `sale_count`."""
    counted = MatchRule.objects.annotate(sale_count=Count("sales"))
    return list(counted.select_related("product").defer("product__description", "product__imported"))


def _set_programs(groups: Sequence[Group]) -> None:
    keys = {f"{group.network}:{group.program_key}" for group in groups}
    names = name_keys(Dimension.PROGRAM, sorted(keys))
    for group in groups:
        group.program = names[f"{group.network}:{group.program_key}"]
