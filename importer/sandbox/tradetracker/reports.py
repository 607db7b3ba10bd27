"""TradeTracker's operations about sales, clicks, sums, payments and commissions (tradetracker.md 10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from importer.sandbox.catalogue.shops import Feed, network_feeds
from importer.sandbox.sales.sale import APPROVED, PAID, PENDING, REJECTED, Row
from importer.sandbox.state import State

ZONE = ZoneInfo("Europe/Amsterdam")
_FEEDS = {feed.program_id: feed for feed in network_feeds("tradetracker")}
_STATUS = {PENDING: "pending", APPROVED: "accepted", PAID: "accepted", REJECTED: "rejected"}


class BadValue(Exception):
    """What is answered with a fault."""


def conversions(state: State, market: str, options: dict[str, Any]) -> list[dict]:
    """Everything without a window. `registrationDateTo` is not included, as an option says."""
    start, end = _window(state, options)
    rows = [
        row for row in state.sales.rows("tradetracker", start, end) if _is_of(row.sale.program_id, market)
    ]
    if kind := options.get("transactionType"):
        rows = [row for row in rows if row.sale.kind == kind]
    if status := options.get("transactionStatus"):
        rows = [row for row in rows if _STATUS[row.state] == status]
    if reference := options.get("reference"):
        rows = [row for row in rows if row.sale.sub_id == reference]
    if number := options.get("ID"):
        rows = [row for row in rows if row.sale.id == str(number)]
    if options.get("sortDirection") == "descending":
        rows = rows[::-1]
    return [_conversion(row) for row in page(rows, options)]


def _conversion(row: Row) -> dict:
    sale = row.sale
    return {
        "ID": int(sale.id),
        "campaign": _campaign(_FEEDS[sale.program_id]),
        "campaignProduct": {"ID": 4711, "name": "Default"},
        "reference": sale.sub_id or None,
        "transactionType": sale.kind,
        "transactionStatus": _STATUS[row.state],
        "numTouchPointsTotal": 2,
        "numTouchPointsAttributed": 1,
        "attributableCommission": f"{row.commission / 100:.6f}",
        "description": None,
        "currency": sale.currency,
        "commission": f"{row.commission / 100:.6f}",
        "orderAmount": f"{row.value / 100:.6f}",
        "IP": "192.0.2.9",
        "registrationDate": _time(sale.happened_at),
        "assessmentDate": _time(row.changed_at),
        "clickToConversion": "P1DT2H",
        "originatingClickDate": _time(sale.clicked_at),
        "rejectionReason": row.reason if row.state == REJECTED else None,
        "paidOut": row.state == PAID,
        "affiliateSitesPaidOut": None,
        "countryCode": "NL",
        "attributionModel": "lastClick",
    }


def clicks(state: State, market: str, options: dict[str, Any]) -> list[dict]:
    """One row for each click."""
    start, end = _window(state, options)
    first = f"{start.astimezone(ZONE).date()}" if start else ""
    last = f"{(end - timedelta(seconds=1)).astimezone(ZONE).date()}" if end else "9"
    rows = []
    for program, sub_id, day, count in state.sales.clicks("tradetracker", first, last):
        feed = _FEEDS[program]
        if feed.shop.market.code == market:
            for number in range(count):
                row = {
                    "ID": abs(hash((program, sub_id, day, number))) % 10**15,
                    "campaign": _campaign(feed),
                    "reference": sub_id or None,
                    "transactionType": "click",
                    "transactionStatus": "accepted",
                    "currency": feed.shop.market.currency,
                    "commission": "0.000000",
                    "registrationDate": f"{day}T12:00:00+01:00",
                    "refererURL": None,
                    "paidOut": False,
                }
                rows.append(row)
    return list(page(rows, options))


def report_site(state: State, market: str, options: dict[str, Any]) -> list[dict]:
    return [_sums(_rows_of_days(state, market, options), _clicks_of_days(state, market, options))]


def report_campaigns(state: State, market: str, options: dict[str, Any]) -> list[dict]:
    rows: dict[int, list[Row]] = defaultdict(list)
    counts: dict[int, int] = defaultdict(int)
    for row in _rows_of_days(state, market, options):
        rows[row.sale.program_id].append(row)
    for program, _, _, count in _clicks_of_days(state, market, options):
        counts[program] += count
    return [
        {
            "campaign": _campaign(_FEEDS[program]),
            "reportData": _sums(rows[program], [(0, "", "", counts[program])]),
        }
        for program in sorted({*rows, *counts})
        if options.get("campaignID") in (None, program)
    ]


def report_references(state: State, market: str, options: dict[str, Any]) -> list[dict]:
    rows: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in _rows_of_days(state, market, options):
        rows[row.sale.sub_id, row.sale.program_id].append(row)
    return [
        {"reference": reference, "campaign": _campaign(_FEEDS[program]), "reportData": _sums(found, [])}
        for (reference, program), found in sorted(rows.items())
    ]


def payments(state: State, market: str, options: dict[str, Any]) -> list[dict]:
    """One payment a month and currency, on the 15th after."""
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for row in state.sales.rows("tradetracker", None, None):
        if row.state == PAID and row.changed_at and _is_of(row.sale.program_id, market):
            sums[row.changed_at.date().replace(day=15), row.sale.currency] += row.commission
    first, last = options.get("billDateFrom"), options.get("billDateTo")
    return [
        {
            "invoiceNumber": f"TT-{day:%Y%m}-{currency}",
            "currency": currency,
            "subTotal": f"{cents / 100:.2f}",
            "VAT": "0.00",
            "endTotal": f"{cents / 100:.2f}",
            "billDate": f"{day}",
            "payDate": f"{day}",
        }
        for (day, currency), cents in sorted(sums.items())
        if (not first or first[:10] <= f"{day}") and (not last or f"{day}" <= last[:10])
    ]


def commission(state: State, feed: Feed) -> list[dict]:
    percent = state.rate_of(feed.key) or 3 + feed.feed_id % 7
    products = [
        {
            "campaignProduct": {"ID": 4711 + place, "name": name},
            "leadCommission": None,
            "saleCommissionFixed": "0.00",
            "saleCommissionVariable": f"{percent / (1 + place):.20f}",
        }
        for place, name in enumerate(("Default", "Electronics"))
    ]
    return [
        {"impressionCommission": None, "clickCommission": None, "fixedCommission": None, "products": products}
    ]


# --- parts ---------------------------------------------------------------------------------------
def page(entries: Iterable[Any], options: dict[str, Any]) -> Iterable[Any]:
    offset, limit = options.get("offset") or 0, options.get("limit")
    return islice(entries, offset, None if limit is None else offset + limit)


def _is_of(program_id: int, market: str) -> bool:
    return _FEEDS[program_id].shop.market.code == market


def _campaign(feed: Feed) -> dict:
    return {
        "ID": feed.program_id,
        "name": feed.shop.name,
        "URL": f"https://{feed.shop.slug}.example",
        "info": None,
    }


def _sums(rows: list[Row], clicks: list[tuple[int, str, str, int]]) -> dict:
    counted = [row for row in rows if row.state != REJECTED]
    of_kind = {kind: [row for row in counted if row.sale.kind == kind] for kind in ("sale", "lead")}
    money = {kind: f"{sum(row.commission for row in found) / 100:.6f}" for kind, found in of_kind.items()}
    return {
        "overallClickCount": sum(count for *_, count in clicks),
        "uniqueClickCount": sum(count for *_, count in clicks),
        "leadCount": len(of_kind["lead"]),
        "leadCommission": money["lead"],
        "saleCount": len(of_kind["sale"]),
        "saleCommission": money["sale"],
        "totalCommission": f"{sum(row.commission for row in counted) / 100:.6f}",
    }


def _rows_of_days(state: State, market: str, options: dict[str, Any]) -> list[Row]:
    """The days of reports are both included."""
    first, last = _day(options.get("dateFrom")), _day(options.get("dateTo"))
    start = _midnight(first) if first else None
    end = _midnight(last + timedelta(days=1)) if last else None
    rows = state.sales.rows("tradetracker", start, end)
    return [row for row in rows if _is_of(row.sale.program_id, market)]


def _clicks_of_days(state: State, market: str, options: dict[str, Any]) -> list[tuple[int, str, str, int]]:
    first, last = options.get("dateFrom") or "", options.get("dateTo") or "9"
    found = state.sales.clicks("tradetracker", first[:10], last[:10])
    return [one for one in found if _is_of(one[0], market)]


def _window(state: State, options: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    start, end = (_instant(options.get(name)) for name in ("registrationDateFrom", "registrationDateTo"))
    if end and not state.options.tradetracker_to_is_exclusive:
        end += timedelta(seconds=1)
    return start, end


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadValue("SOAP-ERROR: Encoding: Violation of encoding rules") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZONE)).astimezone(UTC)


def _day(text: str | None) -> date | None:
    at = _instant(text)
    return at.astimezone(ZONE).date() if at else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def _time(at: datetime | None) -> str | None:
    return at.astimezone(ZONE).isoformat(timespec="seconds") if at else None
