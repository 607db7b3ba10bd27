"""A row of a report -> the values of a sale. Pure, but for the key of the hash and the site's time zone."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.crypto import salted_hmac

from importer.networks.reports import SaleData
from sales.models import Sale

# What a report says; a sale is written anew when one of them differs.
COLUMNS = (
    *("program_key", "program_name", "program_id", "channel_id", "kind", "state", "network_state"),
    *("order_value", "commission", "currency", "clicked_at", "happened_at", "changed_at"),
    *("clicked_on", "happened_on", "decided_on", "sub_id", "sub_id2", "order_mark", "order_tail"),
    *("reason", "product_hint", "payment_id", "has_open_claim", "problem", "missed_at", "gone_at"),
)
# What its history tells.
TOLD = (
    *("state", "order_value", "commission", "currency", "kind", "clicked_at", "happened_at", "changed_at"),
    *("sub_id", "reason", "payment_id", "has_open_claim", "problem", "gone_at"),
)
# What changes whose sale it is or in which sums it is.
MATCHED = ("program_key", "program_id", "sub_id", "sub_id2", "product_hint", "happened_at")
DRIFT = Decimal("0.02")  # of amounts that a network converts by the rate of the day


class Values(NamedTuple):
    """The columns of a sale, in the order of `COLUMNS`."""

    program_key: str
    program_name: str
    program_id: int | None
    channel_id: str
    kind: str
    state: str
    network_state: str
    order_value: Decimal | None
    commission: Decimal | None
    currency: str
    clicked_at: datetime | None
    happened_at: datetime | None
    changed_at: datetime | None
    clicked_on: date | None
    happened_on: date | None
    decided_on: date | None
    sub_id: str
    sub_id2: str
    order_mark: str
    order_tail: str
    reason: str
    product_hint: str
    payment_id: str
    has_open_claim: bool
    problem: str
    missed_at: datetime | None
    gone_at: datetime | None


def values_of(
    row: SaleData, programs: Mapping[str, int], known: Values | None, now: datetime, *, converts: bool
) -> Values:
    """Return the sale as a row says it; `known` is how it is stored, `programs` the ids of programs by key.

    `converts`: the network converts amounts by the rate of the day, so that a drift of cents is no change.
    """
    order_value, commission = row.order_value, row.commission
    if converts and known and _only_drifts(row, known):
        order_value, commission = known.order_value, known.commission
    mark, tail = mark_order(row.order_number)
    happened_on = _local(row.happened_at)
    return Values(
        program_key=row.program_id,
        program_name=row.program_name,
        program_id=programs.get(row.program_id),
        channel_id=row.channel_id,
        kind=row.kind,
        state=row.state.value,
        network_state=row.network_state,
        order_value=order_value,
        commission=commission,
        currency=row.currency,
        clicked_at=row.clicked_at,
        happened_at=row.happened_at,
        changed_at=row.changed_at,
        clicked_on=_local(row.clicked_at) or happened_on,
        happened_on=happened_on,
        decided_on=_decided_on(row, known, now),
        sub_id=row.sub_id,
        sub_id2=row.sub_id2,
        order_mark=mark,
        order_tail=tail,
        reason=row.reason,
        product_hint=row.product_hint,
        payment_id=row.payment_id,
        has_open_claim=row.has_open_claim,
        problem=row.problem,
        missed_at=None,
        gone_at=None,
    )


def mark_order(number: str) -> tuple[str, str]:
    """Return a keyed hash of an order number, and its last characters: at most four, never half of it."""
    if not number:
        return "", ""
    mark = salted_hmac("sales.order", number, algorithm="sha256").hexdigest()[:12]
    return mark, number[len(number) - min(4, (len(number) - 1) // 2) :] if len(number) > 2 else ""


def told_changes(known: Values, new: Values) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return before and after of what a history tells, as JSON has it; empty where nothing of it differs."""
    names = [name for name in TOLD if getattr(known, name) != getattr(new, name)]
    return {name: _plain(getattr(known, name)) for name in names}, {
        name: _plain(getattr(new, name)) for name in names
    }


def days_of(*versions: Values | None) -> set[date]:
    """Return the days in whose sums a sale is or was."""
    days = {day for one in versions if one for day in (one.clicked_on, one.happened_on, one.decided_on)}
    return {day for day in days if day}


def _decided_on(row: SaleData, known: Values | None, now: datetime) -> date | None:
    """Return the day of the decision that stands; payment is none. What came decided was so at once."""
    if row.state == Sale.State.PENDING:
        return None
    if known and known.decided_on and _is_approval(known.state) == _is_approval(row.state):
        return known.decided_on
    return _local(row.changed_at) or (_local(now) if known else _local(row.happened_at))


def _is_approval(state: str) -> bool:
    return state in (Sale.State.APPROVED, Sale.State.PAID)


def _only_drifts(row: SaleData, known: Values) -> bool:
    """Tell whether nothing is said to have changed, and the amounts differ as rates of a day do."""
    same = (row.state.value, row.currency, row.changed_at) == (known.state, known.currency, known.changed_at)
    amounts = ((row.order_value, known.order_value), (row.commission, known.commission))
    return same and all(
        (new is None) == (old is None) and (new is None or old is None or abs(new - old) <= DRIFT * abs(old))
        for new, old in amounts
    )


def _local(at: datetime | None) -> date | None:
    return timezone.localdate(at) if at else None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, datetime) else value
