"""Commissions, segments, events, tokens, invoices and sales that wait, of the sandbox's organisation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from importer.sandbox.credentials import TRADEDOUBLER_SITE_ID
from importer.sandbox.sales.sale import APPROVED, PENDING, REJECTED, Event, Row
from importer.sandbox.state import State
from importer.sandbox.tradedoubler.advertiser_call import Call, route
from importer.sandbox.tradedoubler.advertiser_rows import find, need, outcome, program_of
from importer.sandbox.tradedoubler.calls import CallRefused
from importer.sandbox.web import Response, json_response

REASONS = {"6", "7", "8", "9", "10", "13", "14", "19"}
UNTRACKED_REASONS = {"16", "17", "18"}
_PDF = (
    b"%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


# --- Commissions, segments, events -----------------------------------------------------------------


def commissions(call: Call) -> Response:
    row, today = program_of(call), datetime.now(UTC).date().isoformat()
    wanted = call.listed("status") or {"active", "future", "historic"}

    def state(line: dict) -> str:
        if line["startDate"] > today:
            return "future"
        return "historic" if line["endDate"] and line["endDate"] < today else "active"

    lines = [
        line
        for line in call.state.organisation.commissions[row["id"]]
        if state(line) in wanted and call.given(line, segmentIds="segmentId")
    ]
    items = [{"programId": row["id"], "programName": row["name"], "segmentCommissions": lines}]
    return json_response({"offset": 0, "limit": 20, "total": len(lines), "items": items})


def add_commission(call: Call) -> Response:
    row, body = program_of(call), need(call.body, "segmentId", "eventId", "startDate")
    organisation = call.state.organisation
    segment = find(organisation.segments[row["id"]], "id", body["segmentId"], "Segment")
    event = find(organisation.events, "id", body["eventId"], "Event")
    fixed, percent = body.get("publisherCommission"), body.get("publisherCommissionPercent")
    if (fixed is None) == (percent is None):
        raise CallRefused(400, "Either publisherCommission or publisherCommissionPercent", "1004")
    lines = organisation.commissions[row["id"]]
    for line in lines:  # what paid until now ends a day before
        if (line["segmentId"], line["eventId"]) == (segment["id"], event["id"]) and not line["endDate"]:
            day = datetime.fromisoformat(body["startDate"]) - timedelta(days=1)
            line["endDate"] = day.date().isoformat()
    line = {
        "segmentId": segment["id"],
        "segmentName": segment["name"],
        "eventId": event["id"],
        "eventName": event["name"],
        "eventType": event["eventTypeName"],
        "eventRule": event["ruleName"],
        "startDate": body["startDate"],
        "endDate": body.get("endDate"),
        "publisherCommission": fixed,
        "publisherCommissionPercent": percent,
        "virtualCommission": body.get("virtualCommission"),
        "virtualCommissionPercent": body.get("virtualCommissionPercent"),
    }
    lines.append(line)
    # The documents' sample says the fixed amount twice.
    return json_response({**line, "publisherCommissionPercent": fixed if fixed is not None else percent})


def segments(call: Call) -> Response:
    row = program_of(call)
    counted = [source["segmentId"] for source in call.state.organisation.sources[row["id"]]]
    return call.page(
        {**segment, "connectedSources": {"statusId": 3, "sourceCount": counted.count(segment["id"])}}
        for segment in call.state.organisation.segments[row["id"]]
    )


def create_segment(call: Call) -> Response:
    rows = call.state.organisation.segments[program_of(call)["id"]]
    name = need(call.body, "segmentName")["segmentName"]
    rows.append({"id": max(row["id"] for row in rows) + 1, "name": name})
    return json_response({"segmentId": rows[-1]["id"], "segmentName": name})


def update_segment(call: Call) -> Response:
    rows = call.state.organisation.segments[program_of(call)["id"]]
    row = find(rows, "id", call.parts[1], "Segment")
    if row["id"] == 1:
        raise CallRefused(400, "The segment General cannot be renamed", "1005")
    row["name"] = need(call.body, "segmentName")["segmentName"]
    return json_response({"segmentId": row["id"], "segmentName": row["name"]})


def events(call: Call) -> Response:
    rows = call.state.organisation.events
    return call.page(
        row for row in rows if call.given(row, eventTypeId="eventTypeId", pending="pending", ruleId="ruleId")
    )


def create_event(call: Call) -> Response:
    body, organisation = need(call.body, "name", "eventTypeId", "ruleId"), call.state.organisation
    row = {**organisation.events[0], "id": organisation.number(), "eventTypeId": int(body["eventTypeId"])}
    row["eventTypeName"] = "Sale" if row["eventTypeId"] == 5 else "Lead"
    row["referencingImpressionEventId"] = organisation.number()
    organisation.events.append(row)
    return _store_event(row, body)


def update_event(call: Call) -> Response:
    row = find(call.state.organisation.events, "id", call.parts[0], "Event")
    if str(call.body.get("eventTypeId", row["eventTypeId"])) != str(row["eventTypeId"]):
        raise CallRefused(400, "The type of an event cannot be changed", "1006")
    return _store_event(row, need(call.body, "name", "ruleId"))


def _store_event(row: dict, body: dict) -> Response:
    pending = bool(body.get("pending"))
    row |= {"name": body["name"], "ruleId": int(body["ruleId"]), "pending": pending}
    row["ruleName"] = {2: "Continue", 3: "Terminate", 4: "Recurring"}.get(row["ruleId"], "?")
    row["daysToAutoApprove"] = body.get("pendingPeriod") if pending else None
    return json_response(row)


# --- Tokens, invoices, sales that wait -------------------------------------------------------------


def tokens(call: Call) -> Response:
    rows = call.state.organisation.tokens
    return json_response({"tokenSystems": [row["tokenSystem"] for row in rows], "tokens": rows})


def renew_token(call: Call) -> Response:
    row = find(call.state.organisation.tokens, "id", need(call.body, "id")["id"], "Token")
    row["token"] = f"{call.state.organisation.number():040x}"
    return Response(200, b"", {}, "application/json")


def invoices(call: Call) -> Response:
    rows = call.state.organisation.invoices
    return json_response(
        [
            row
            for row in rows
            if call.given(
                row, invoiceNumber="invoiceNumber", invoiceStatus="invoiceStatus", programId="programId"
            )
        ]
    )


def invoice(call: Call) -> Response:
    find(call.state.organisation.invoices, "invoiceNumber", call.parts[0], "Invoice")
    return Response(200, _PDF, {}, "application/octet-stream")


def pending(call: Call) -> Response:
    first, last = call.query.get("startDate", ""), call.query.get("endDate", "99999999")

    def day(row: dict) -> str:
        return datetime.fromtimestamp(row["timestamp"] / 1000, UTC).strftime("%Y%m%d")

    rows = pending_rows(call.state)
    return call.page(
        row for row in rows if first <= day(row) <= last and call.given(row, programIds="programId")
    )


def validate(call: Call) -> Response:
    good, bad = [], []
    known = {row["transactionId"]: row for row in pending_rows(call.state)}
    for item in need(call.body, "items")["items"]:
        row = known.get(str(item.get("transactionId")))
        why = _why_not(item, row)
        told = {"transactionId": item.get("transactionId"), "action": item.get("action")}
        if why or row is None:
            code, words = why or ("9996", "")
            bad.append({**told, "status": -1, "error": {"code": code, "message": words}})
            continue
        good.append({**told, "status": 0, "error": None})
        _decide(call.state, row, item)
        if item["action"] != "update":
            del known[row["transactionId"]]
    return outcome(call, good, bad, "successfulItems", "failedItems")


def _decide(state: State, row: dict, item: dict) -> None:
    organisation = state.organisation
    is_seeded = any(one is row for one in organisation.pending)
    share = row["publisherCommission"] / row["orderValue"] if row["orderValue"] else 0.06
    amount = item["amount"] if item["action"] == "update" else row["orderValue"]
    commission = round(amount * share, 2)
    if is_seeded:
        row["orderValue"], row["publisherCommission"] = amount, commission
        if item["action"] != "update":
            organisation.pending.remove(row)
            organisation.decided.append({**row, "status": "A" if item["action"] == "approve" else "D"})
        return
    new = {"approve": APPROVED, "deny": REJECTED, "update": PENDING}[item["action"]]
    cents = round(amount * 100), round(commission * 100)
    event = Event(state.sales.now(), new, *cents, str(item.get("reason") or ""))
    state.sales.decide("tradedoubler", row["transactionId"], event)


def pending_rows(state: State) -> list[dict[str, Any]]:
    """Return the sales that wait: the seeded ones, and those of the publisher of this sandbox."""
    programs = {program["id"] for program in state.organisation.programs}
    sold = [
        _sold(row, state)
        for row in state.sales.rows("tradedoubler", None, None)
        if row.state == PENDING and row.sale.program_id in programs
    ]
    return [*state.organisation.pending, *sold]


def _sold(row: Row, state: State) -> dict[str, Any]:
    sale = row.sale
    return {
        "programId": sale.program_id,
        "programName": sale.program_name,
        "countryCode": True,
        "eventId": 51,
        "eventName": "Sale",
        "eventType": "SALES",
        "rxNumber": sale.order,
        "transactionId": sale.id,
        "timestamp": int(sale.happened_at.timestamp() * 1000),
        "pendingTime": max(0, 30 - (state.sales.now() - sale.happened_at).days),
        "pendingRule": "AUTO_APPROVE",
        "sourceId": TRADEDOUBLER_SITE_ID,
        "sourceName": "Good finds",
        "currencyCode": sale.currency,
        "orderValue": row.value / 100,
        "publisherCommission": row.commission / 100,
    }


def _why_not(item: dict, row: dict | None) -> tuple[str, str] | None:
    if row is None:
        return "9996", "Transaction is not pending"
    action = item.get("action")
    if action not in ("approve", "deny", "update"):
        return "9001", "Unknown action"
    allowed = REASONS | (UNTRACKED_REASONS if row["eventId"] == 17 else set())
    if action == "deny" and str(item.get("reason")) not in allowed:
        return "9002", "Reason is not valid"
    if action == "update" and (
        not isinstance(item.get("amount"), int | float) or item.get("currencyCode") != row["currencyCode"]
    ):
        return "9003", "Amount or currency is not valid"
    return None


CALLS = (
    route("GET", "advertiser/programs/{}/commissions", commissions),
    route("POST", "advertiser/programs/{}/commissions", add_commission, 2),
    route("GET", "advertiser/programs/{}/segments", segments),
    route("POST", "advertiser/programs/{}/segments", create_segment, 2),
    route("PUT", "advertiser/programs/{}/segments/{}", update_segment, 2),
    route("GET", "advertiser/events", events),
    route("POST", "advertiser/events", create_event, 2),
    route("PUT", "advertiser/events/{}", update_event, 2),
    route("GET", "advertiser/tokens", tokens, 3),
    route("POST", "advertiser/token", renew_token, 2),
    route("GET", "advertiser/invoices", invoices, 2),
    route("GET", "advertiser/invoices/{}/pdf", invoice, 2),
    route("GET", "advertiser/pendingSales", pending, 3),
    route("PUT", "advertiser/pendingSales", validate, 3),
)
