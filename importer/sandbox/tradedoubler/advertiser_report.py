"""Tradedoubler's reports for advertisers, counted over the same sales on which the desk decides."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from importer.sandbox.tradedoubler.advertiser_call import Call, route
from importer.sandbox.tradedoubler.advertiser_terms import pending_rows
from importer.sandbox.tradedoubler.calls import CallRefused
from importer.sandbox.web import Response, json_response, text_response

_GROUPS = {
    "source": ("sourceId", "sourceName"),
    "program": ("programId", "programName"),
    "ad": ("adId",),
    "date": ("date",),
}
_FORMATS = {"json", "csv", "xlsx", "xml"}
_SPANS = {
    "TODAY": 1,
    "YESTERDAY": 1,
    "LAST_7_DAYS": 7,
    "LAST_WEEK": 7,
    "CURRENT_WEEK": 7,
    "LAST_30_DAYS": 30,
    "LAST_MONTH": 30,
    "CURRENT_MONTH": 30,
}


def _need(call: Call, *names: str) -> None:
    for name in names:
        if not call.query.get(name):
            raise CallRefused(400, f"{name} is required", "1001")


def _rows(call: Call) -> list[dict[str, Any]]:
    """Return the transactions of the window."""
    first, last = call.query.get("fromDate", "")[:8], call.query.get("toDate", "99999999")[:8]
    rows = []
    for sale in [*pending_rows(call.state), *call.state.organisation.decided]:
        moment = datetime.fromtimestamp(sale["timestamp"] / 1000, UTC)
        if first <= moment.strftime("%Y%m%d") <= last:
            rows.append(
                {
                    "transactionId": sale["transactionId"],
                    "programId": sale["programId"],
                    "programName": sale["programName"],
                    "sourceId": sale["sourceId"],
                    "sourceName": sale["sourceName"],
                    "adId": sale["programId"] * 10,
                    "eventId": sale["eventId"],
                    "eventName": sale["eventName"],
                    "eventTypeId": 5,
                    "status": sale.get("status", "P"),
                    "timeOfTransaction": moment.strftime("%Y-%m-%d %H:%M:%S.0"),
                    "timeOfCreate": moment.strftime("%Y-%m-%d %H:%M:%S.0"),
                    "timeOfLastModified": None,
                    "orderNumber": sale["rxNumber"],
                    "leadNumber": None,
                    "orderValue": sale["orderValue"],
                    "commission": sale["publisherCommission"],
                    "paid": False,
                    "voucherCode": None,
                    "pendingRule": "auto_approve",
                    "modified": False,
                }
            )
    filters = {name: name for name in ("programId", "sourceId", "adId", "eventId", "status")}
    return [row for row in rows if call.given(row, **filters, orderOrLeadNumber="orderNumber")]


def transactions(call: Call) -> Response:
    _need(call, "fromDate", "toDate", "reportCurrencyCode")
    page = call.page(_rows(call))
    return Response(200, _with_currency(call, page.body), {}, page.content_type)


def _with_currency(call: Call, body: Any) -> bytes:
    return b'{"reportCurrencyCode": "%s", ' % call.query["reportCurrencyCode"][:3].encode() + body[1:]


def _statistics(call: Call) -> list[dict[str, Any]]:
    _need(call, "intervalType", "reportType", "fromDate", "toDate", "reportCurrencyCode")
    keys = _GROUPS.get(call.query["reportType"])
    if keys is None or call.query["intervalType"] not in ("day", "month", "year", "period"):
        raise CallRefused(400, "Unknown reportType or intervalType", "1001")
    groups: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(call):
        row["date"] = row["timeOfTransaction"][:10]
        groups[tuple(row[key] for key in keys)].append(row)
    items = []
    for group, rows in sorted(groups.items(), key=str):
        commission = round(sum(row["commission"] for row in rows), 2)
        value = round(sum(row["orderValue"] for row in rows), 2)
        items.append(
            {
                **dict(zip(keys, group, strict=True)),
                "impressions": 400 * len(rows),
                "clicks": 20 * len(rows),
                "uniqueVisitors": 15 * len(rows),
                "leads": 0,
                "iLeads": 0,
                "sales": len(rows),
                "iSales": 0,
                # An object in practice, whatever the documents say.
                "commission": {"publisherCommission": commission, "tdCommission": round(commission * 0.3, 2)},
                "orderValue": value,
                "ctr": 5.0,
                "cr": 5.0,
                "epc": round(commission / (20 * len(rows)), 4),
            }
        )
    return items


def statistics(call: Call) -> Response:
    page = call.page(_statistics(call))
    return Response(200, _with_currency(call, page.body), {}, page.content_type)


def _export(call: Call, rows: list[dict[str, Any]]) -> Response:
    form = call.query.get("format", "")
    if form not in _FORMATS:
        raise CallRefused(400, "format is required", "1001")
    if form == "json":
        return json_response({"reportCurrencyCode": call.query["reportCurrencyCode"], "items": rows})
    if form == "xlsx":
        return Response(200, b"PK\x03\x04", {}, "application/octet-stream")
    if form == "xml":
        return text_response("<rows>%s</rows>" % ("<row/>" * len(rows)), 200, "text/xml")
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else ["empty"])
    writer.writeheader()
    writer.writerows(rows)
    return text_response(text.getvalue(), 200, "text/csv;charset=UTF-8")


def export_statistics(call: Call) -> Response:
    return _export(call, _statistics(call))


def export_transactions(call: Call) -> Response:
    _need(call, "fromDate", "toDate", "reportCurrencyCode")
    return _export(call, _rows(call))


def _span(call: Call) -> list[dict[str, Any]]:
    days = _SPANS.get(call.query.get("intervalType", ""))
    if days is None:
        raise CallRefused(400, "intervalType is required", "1001")
    first = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y%m%d")
    return _rows(Call(call.state, call.login, call.parts, {"fromDate": first}, {}))


def dashboard(call: Call) -> Response:
    rows = _span(call)
    value, commission = (round(sum(row[key] for row in rows), 2) for key in ("orderValue", "commission"))
    days: dict[str, int] = defaultdict(int)
    for row in rows:
        days[row["timeOfTransaction"][:10]] += 1
    zero = {"leads": 0, "iLeads": 0, "iSales": 0, "iSalesOrderValue": 0}
    return json_response(
        {
            "impressions": 400 * len(rows),
            "clicks": 20 * len(rows),
            "uniqueVisitors": 15 * len(rows),
            **zero,
            "sales": len(rows),
            "salesOrderValue": value,
            "publisherCommission": commission,
            "tdCommission": round(commission * 0.3, 2),
            "reportCurrencyCode": call.query.get("reportCurrencyCode") or "EUR",
            "data": {
                "sales": [{"date": day, "value": count} for day, count in sorted(days.items())],
                "ileads": [],
            },
        }
    )


def _top(call: Call, *keys: str) -> Response:
    groups: dict[tuple, list[dict[str, Any]]] = defaultdict(list)
    for row in _span(call):
        groups[tuple(row[key] for key in keys)].append(row)
    return call.page(
        {
            **dict(zip(keys, group, strict=True)),
            "leads": 0,
            "sales": len(rows),
            "salesAmount": round(sum(row["orderValue"] for row in rows), 2),
            "publisherCommission": round(sum(row["commission"] for row in rows), 2),
            "tdCommission": 0,
        }
        for group, rows in groups.items()
    )


CALLS = (
    route("GET", "advertiser/report/statistics", statistics),
    route("GET", "advertiser/report/statistics/export", export_statistics),
    route("GET", "advertiser/report/transactions", transactions),
    route("GET", "advertiser/report/transactions/export", export_transactions),
    route("GET", "advertiser/report/dashboard", dashboard),
    route("GET", "advertiser/report/dashboard/programs", lambda call: _top(call, "programName", "programId")),
    route("GET", "advertiser/report/dashboard/sources", lambda call: _top(call, "sourceName", "sourceId")),
)
