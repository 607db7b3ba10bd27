"""What Adtraction's partner API tells of sales: bare arrays, and an object where there are none."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from importer.sandbox.catalogue.shops import MARKETS, network_feeds
from importer.sandbox.sales.sale import APPROVED, PAID, PENDING, REJECTED, Row
from importer.sandbox.state import State

ZONE = ZoneInfo("Europe/Stockholm")
_FEEDS = {feed.program_id: feed for feed in network_feeds("adtraction")}
_STATUS = {PENDING: 2, APPROVED: 1, PAID: 1, REJECTED: 5}
_ASKED = {0: {1, 2, 4, 5}, 1: {1}, 2: {2}, 3: {1, 2}, 4: {4}, 5: {5}}
_KNOWN = {
    "fromDate",
    "toDate",
    "transactionStatus",
    "currency",
    "market",
    "programId",
    "channelId",
    "commissionOnly",
}
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([+-]\d\d):?(\d\d)")


class BadValue(Exception):
    """What is answered with 400."""


def transactions(state: State, values: Mapping[str, Any], channel_id: int) -> object:
    status = values.get("transactionStatus", 0)
    if status not in _ASKED:
        raise BadValue("Invalid transactionStatus")
    rows = [row for row in _rows(state, values) if _status(row) in _ASKED[status]]
    if not rows:
        return {"message": "No transactions found."}
    return [_transaction(state, row, channel_id) for row in rows]


def _transaction(state: State, row: Row, channel_id: int) -> dict:
    sale = row.sale
    feed = _FEEDS[sale.program_id]
    click = {
        "programId": sale.program_id,
        "programName": sale.program_name,
        "adId": 1_487_000_000 + feed.feed_id,
        "clickDate": _time(sale.clicked_at),
    }
    values = {
        "uniqueId": f"A-{sale.id}",
        "transactionName": "Lead" if sale.kind == "lead" else "Sale",
        "transactionDate": _time(sale.happened_at),
        "clickDate": _time(sale.clicked_at),
        "orderId": sale.order,
        "orderValue": row.value / 100,
        "commission": row.commission / 100,
        "currency": sale.currency,
        "transactionStatus": _status(row),
        "paymentStatus": 4 if row.state == PAID else 1,
        "programId": sale.program_id,
        "programName": sale.program_name,
        "channelId": channel_id,
        "epi": sale.sub_id,
        "epi2": sale.sub_id2,
        "click": click,
    }
    if state.options.adtraction_epi_inside:
        click |= {"epi": sale.sub_id, "epi2": sale.sub_id2}
    if row.changed_at and len(sale.id) % 2:  # optional in life
        values["lastUpdated"] = _time(row.changed_at)
    return values


def clicks(state: State, values: Mapping[str, Any], channel_id: int) -> object:
    """One row for each click, 14 months back at most."""
    start, end = _window(values)
    found = [
        {
            "programId": program,
            "programName": f"{_FEEDS[program].shop.name} {_FEEDS[program].shop.market.code}",
            "currency": _FEEDS[program].shop.market.currency,
            "clickDate": f"{day}T12:00:00+0100",
            "epi": sub_id,
            "adId": 1_487_000_000 + _FEEDS[program].feed_id,
            "adType": "link",
            "channelId": channel_id,
        }
        for program, sub_id, day, count in state.sales.clicks(
            "adtraction",
            f"{start.astimezone(ZONE).date()}",
            f"{(end - timedelta(seconds=1)).astimezone(ZONE).date()}",
        )
        for _ in range(count)
    ]
    return found or {"message": "No clicks found."}


def statistics(state: State, values: Mapping[str, Any], channel_id: int) -> object:
    """One object with the sums of what is asked for, in the currency asked for."""
    currency = values.get("currency", "EUR")
    rates = {market.currency: market.rate for market in MARKETS.values()}
    if currency not in rates:
        raise BadValue("Invalid currency")
    asked = _ASKED[values.get("transactionStatus", 3)]
    rows = [row for row in _rows(state, values) if _status(row) in asked]
    sums: Counter[str] = Counter()
    money: dict[str, float] = defaultdict(float)
    for row in rows:
        sums[row.sale.kind] += 1
        factor = float(rates[currency] / rates[row.sale.currency])
        money["value"] += row.value / 100 * factor
        money["commission"] += row.commission / 100 * factor
    found = clicks(state, values, channel_id)
    return {
        "impressions": 0,
        "clicks": len([c for c in found if values.get("programId", c["programId"]) == c["programId"]])
        if isinstance(found, list)
        else 0,
        "leads": sums["lead"],
        "sales": sums["sale"],
        "orderValue": round(money["value"], 2),
        "commission": round(money["commission"], 2),
        "currency": currency,
    }


def balance(state: State, currency: str) -> object:
    sums: dict[str, float] = defaultdict(float)
    for row in state.sales.rows("adtraction", None, None):
        if row.sale.currency == currency:
            sums[row.state] += row.commission / 100
    return {
        "PendingBalance": round(sums[PENDING], 2),
        "ConfirmedBalance": round(sums[APPROVED], 2),
        "InvoicedBalance": 0.0,
        "PayableBalance": 0.0,
        "TotalBalance": round(sums[PENDING] + sums[APPROVED], 2),
    }


# --- parts ---------------------------------------------------------------------------------------
def _rows(state: State, values: Mapping[str, Any]) -> list[Row]:
    start, end = _window(values)
    rows = state.sales.rows("adtraction", start, end)
    if "programId" in values:
        rows = [row for row in rows if row.sale.program_id == values["programId"]]
    return rows


def _window(values: Mapping[str, Any]) -> tuple[datetime, datetime]:
    if any(value is None for value in values.values()):
        raise BadValue("Invalid request: null")
    if unknown := set(values) - _KNOWN:
        raise BadValue(f"Unknown: {', '.join(sorted(unknown))}")
    times = []
    for name in ("fromDate", "toDate"):
        found = _TIME.fullmatch(str(values.get(name, "")))
        if found is None:
            raise BadValue(f"Invalid {name}")
        times.append(datetime.fromisoformat(f"{found[1]}{found[2]}:{found[3]}").astimezone(UTC))
    return times[0], times[1] + timedelta(seconds=1)


def _status(row: Row) -> int:
    return 4 if row.sale.claim and row.state == PENDING else _STATUS[row.state]


def _time(at: datetime | None) -> str | None:
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M:%S%z") if at else None
