"""Rows of reports -> `SaleData`: what every network's rows have to be to be counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from importer.networks.reports import SaleData, SaleState
from importer.normalise import clean_currency, clean_id, clean_text, parse_time

MAX_ID = 100
MAX_SUB_ID = 200
MAX_AMOUNT = Decimal(10) ** 12
SIX = Decimal("0.000001")

NO_ID = "It has no ID."
NO_TIME = "It has no time that can be read."
UNKNOWN_STATE = "Its state is not known: {state}."
NO_AMOUNT = "Its {name} is no amount: {value}."
NO_CURRENCY = "Its currency is not known: {value}."


def make_sale(
    values: Mapping[str, Any], states: Mapping[str, SaleState], zone: tzinfo, *, is_paid: bool = False
) -> SaleData:
    """Return a sale of raw values, by the names of `SaleData`; `network_state` is looked up in `states`.

    Times without a zone are in `zone`. `is_paid` makes an approved sale a paid one. What cannot be read is in
    `problem`, and then no amount is left that could be summed.
    """
    external_id = clean_id(values.get("external_id"))
    network_state = clean_text(values.get("network_state"), 60)
    state = states.get(network_state)
    times = {name: _instant(values.get(name), zone) for name in ("clicked_at", "happened_at", "changed_at")}
    currency = clean_currency(values.get("currency"))
    problem = ""
    amounts: dict[str, Decimal | None] = {}
    for name, word in (("order_value", "order value"), ("commission", "commission")):
        try:
            amounts[name] = parse_amount(values.get(name))
        except ValueError:
            amounts[name] = None
            problem = NO_AMOUNT.format(name=word, value=clean_text(values.get(name), 40))
    if not external_id or len(external_id) > MAX_ID:
        problem = NO_ID
    elif times["happened_at"] is None:
        problem = NO_TIME
    elif state is None:
        problem = UNKNOWN_STATE.format(state=network_state or "none")
    elif not problem and not currency and any(amounts.values()):
        problem = NO_CURRENCY.format(value=clean_text(values.get("currency"), 20) or "none")
    if problem or not currency:
        amounts = dict.fromkeys(amounts)  # what is nothing needs no currency, and travels without none
    if is_paid and state == SaleState.APPROVED:
        state = SaleState.PAID
    return SaleData(
        external_id=external_id,
        program_id=clean_id(values.get("program_id"))[:MAX_ID],
        program_name=clean_text(values.get("program_name"), 200),
        channel_id=clean_id(values.get("channel_id"))[:MAX_ID],
        kind=values.get("kind", "other"),
        state=state or SaleState.PENDING,
        network_state=network_state,
        currency=currency,
        sub_id=clean_text(values.get("sub_id"), MAX_SUB_ID),
        sub_id2=clean_text(values.get("sub_id2"), MAX_SUB_ID),
        order_number=clean_text(values.get("order_number"), 200),
        reason=clean_text(values.get("reason"), 200),
        product_hint=clean_text(values.get("product_hint"), 100),
        payment_id=clean_text(values.get("payment_id"), 100),
        has_open_claim=bool(values.get("has_open_claim")),
        problem=problem,
        order_value=amounts["order_value"],
        commission=amounts["commission"],
        clicked_at=times["clicked_at"],
        happened_at=times["happened_at"],
        changed_at=times["changed_at"],
    )


def parse_amount(value: object) -> Decimal | None:
    """Return an amount as the networks write it, with a dot, None for none. Raises ValueError else."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(value)
    try:
        amount = Decimal(str(value).strip())
        if not amount.is_finite() or abs(amount) >= MAX_AMOUNT:
            raise ValueError(value)
        return amount.quantize(SIX).normalize() + Decimal(0)
    except InvalidOperation:
        raise ValueError(value) from None


def find_amount(value: object) -> Decimal | None:
    """Return an amount, None where there is none that can be read."""
    try:
        return parse_amount(value)
    except ValueError:
        return None


def _instant(value: object, zone: tzinfo) -> datetime | None:
    at = parse_time(value, zone)
    try:
        return at.astimezone(UTC) if at else None
    except OverflowError:  # the year 1, in the zone of a program that means "never"
        return None
