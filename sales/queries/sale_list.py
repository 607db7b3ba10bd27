"""Which sales a list, a command or an export shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_date

from sales.models import Basis, Match, Sale
from sales.queries.periods import get_period

PAGE_SIZE = 50
MAX_COUNT = 10_000  # further than that nobody counts, and nobody leafs
DAYS = {Basis.CLICK: "clicked_on", Basis.SALE: "happened_on", Basis.DECISION: "decided_on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleQuery:
    """What is asked for; "" and None ask for nothing. `text` is part of a sub-id, an id or an order's end."""

    first: date | None = None
    last: date | None = None
    basis: Basis = Basis.SALE
    state: str = ""
    kind: str = ""
    match: str = ""
    network: str = ""
    program: str = ""  # `network:program`, as sums call it
    place: str = ""
    currency: str = ""
    shop: int | None = None
    product: int | None = None
    offer: int | None = None
    rule: int | None = None
    is_uncounted: bool = False
    text: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """Return what was asked for, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


def read_query(data: Mapping[str, str]) -> SaleQuery:
    """Return what an address or a command asks for; what is no value of its kind is left out.

    `period` names days as pages of earnings do; `from` and `to` go before it.
    """

    def one_of(name: str, values: list[str]) -> str:
        text = data.get(name) or ""
        return text if text in values else ""

    def number(name: str) -> int | None:
        text = data.get(name) or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None

    first, last = _day(data.get("from")), _day(data.get("to"))
    if data.get("period") and not first and not last:
        period = get_period(data["period"])
        first, last = period.first, period.last
    return SaleQuery(
        first=first,
        last=last,
        basis=Basis(one_of("basis", Basis.values) or Basis.SALE),
        state=one_of("state", Sale.State.values),
        kind=one_of("kind", Sale.Kind.values),
        match=one_of("match", Match.values),
        network=(data.get("network") or "")[:30],
        program=(data.get("program") or "")[:140],
        place=(data.get("place") or "")[:10],
        currency=(data.get("currency") or "")[:3],
        shop=number("shop"),
        product=number("product"),
        offer=number("offer"),
        rule=number("rule"),
        is_uncounted=data.get("uncounted") == "1",
        text=(data.get("q") or "").strip().replace("\0", "")[:100],
    )


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except ValueError:  # the 31st of February
        return None


def find_sales(query: SaleQuery) -> QuerySet[Sale]:
    """Return the sales, newest first, with what a row shows."""
    found = Sale.objects.filter(is_counted=not query.is_uncounted)
    day = DAYS[query.basis]
    if query.first:
        found = found.filter(**{f"{day}__gte": query.first})
    if query.last:
        found = found.filter(**{f"{day}__lte": query.last})
    plain = ("state", "kind", "match", "place", "currency")
    found = found.filter(**{name: query.values[name] for name in plain if name in query.values})
    for name in ("shop", "product", "offer"):
        if name in query.values:
            found = found.filter(**{f"{name}_id": query.values[name]})
    if query.rule:
        found = found.filter(matched_by_id=query.rule)
    if query.network:
        found = found.filter(account__network=query.network)
    if query.program:
        network, _, key = query.program.partition(":")
        found = found.filter(account__network=network, program_key=key)
    if query.text:
        text = query.text
        found = found.filter(Q(sub_id__icontains=text) | Q(external_id=text) | Q(order_tail=text))
    related = found.select_related("account", "program", "product", "shop", "matched_by__product")
    return related.defer(
        *("product__description", "product__imported", "product__attributes", "product__provenance")
    ).order_by(F("happened_at").desc(nulls_last=True), "-pk")


class SalePaginator(Paginator):
    """Pages of sales that are counted as far as `MAX_COUNT`."""

    def __init__(self, sales: QuerySet[Sale]) -> None:
        super().__init__(sales, PAGE_SIZE)
        count = sales.order_by()[: MAX_COUNT + 1].count()
        self.count = min(count, MAX_COUNT)
        self.has_more = count > MAX_COUNT


SALE_HEADS = (
    *("network", "account", "id", "program", "program_name", "kind", "state", "order_value", "commission"),
    *("currency", "clicked_at", "happened_at", "decided_on", "sub_id", "match", "product_id", "product"),
    *("offer_id", "shop", "place", "reason", "payment_id", "open_claim", "problem"),
)


def sale_row(sale: Sale) -> tuple[Any, ...]:
    """Return what a sale is below SALE_HEADS."""
    return (
        *(sale.account.network, sale.account.label, sale.external_id, sale.program_key, sale.program_name),
        *(sale.kind, sale.state, sale.order_value, sale.commission, sale.currency),
        *(sale.clicked_at and sale.clicked_at.isoformat(), sale.happened_at and sale.happened_at.isoformat()),
        *(sale.decided_on, sale.sub_id, sale.match, sale.product_id, sale.product and sale.product.title),
        *(sale.offer_id, sale.shop and sale.shop.name, sale.place, sale.reason, sale.payment_id),
        *(sale.has_open_claim, sale.problem),
    )
