"""What publishers are paid, for what, in which groups; tokens and invoices."""

from collections.abc import Sequence
from typing import Any

from desk.services.program.calls import (
    ADMIN,
    MEMBER,
    PROGRAM,
    Call,
    Field,
    Link,
    Row,
    amount,
    day,
    one_of,
    sort_by,
    text,
    whole,
    yes_no,
)

KINDS = {4: "Lead", 5: "Sale"}
RULES = {2: "Goes on", 3: "Ends the click", 4: "Comes again"}
_RULE = one_of("Rule", RULES, "Whether more can follow of the same click.", needed=True, is_number=True)
_KIND = one_of("Kind", KINDS, "It cannot be changed later.", needed=True, is_number=True)


def _lines(answer: Any) -> Sequence[Row]:
    """Return the commissions of all programs of an answer, one below the other."""
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    items = answer.get("items") if isinstance(answer, dict) else answer
    return [
        {**line, "programId": program.get("programId")}
        for program in items or []
        if isinstance(program, dict)
        for line in program.get("segmentCommissions") or []
        if isinstance(line, dict)
    ]


def _commission(values: dict[str, Any]) -> dict[str, Any]:
    for name in ("publisherCommission", "publisherCommissionPercent"):
        values.setdefault(name, None)
    return values


def _event(values: dict[str, Any]) -> dict[str, Any]:
    return {"pending": False, **values}


CALLS = (
    Call(
        slug="commissions",
        title="Commissions",
        group="Terms",
        path="advertiser/programs/{programId}/commissions",
        help="A change is a new line from a day on: what was agreed before stays to be read.",
        fields=(
            PROGRAM,
            Field(
                "status",
                one_of("Which", {"active": "Paid now", "future": "To come", "historic": "Over"}),
                "query",
            ),
            Field("segmentIds", text("Segments", "Their numbers, with commas between."), "query"),
            sort_by("segmentId", "segmentName", "startDate", "endDate"),
        ),
        rows=_lines,
        columns=(
            ("segmentName", "Segment"),
            ("eventName", "Event"),
            ("publisherCommission", "Amount"),
            ("publisherCommissionPercent", "Per cent"),
            ("startDate", "From"),
            ("endDate", "To"),
        ),
        links=(
            Link(
                "commission-add",
                "Change from a day on",
                {"programId": "programId", "segmentId": "segmentId", "eventId": "eventId"},
            ),
        ),
    ),
    Call(
        slug="commission-add",
        title="Change a commission",
        group="Terms",
        method="POST",
        path="advertiser/programs/{programId}/commissions",
        lowest=ADMIN,
        fields=(
            PROGRAM,
            Field("segmentId", whole("Segment", "Whom it is for.", needed=True)),
            Field("eventId", whole("Event", "What it is paid for.", needed=True)),
            Field("startDate", day("From", "Paid from this day on.", needed=True)),
            Field("endDate", day("To", "Empty: until another line begins.")),
            Field(
                "publisherCommission",
                amount("Amount", "For each, in the currency of the program. Or per cent."),
            ),
            Field(
                "publisherCommissionPercent", amount("Per cent", "Of the value of an order. Or an amount.")
            ),
        ),
        body=_commission,
        before="commissions",
        found_by="segmentId",
        then="commissions",
        warning="It changes what publishers are paid. A line stays for good: only another follows it.",
    ),
    Call(
        slug="segments",
        title="Segments",
        group="Terms",
        path="advertiser/programs/{programId}/segments",
        help="Groups of publishers, each with commissions of its own.",
        pages=True,
        fields=(PROGRAM, Field("deleted", yes_no("Deleted ones, too"), "query"), sort_by("id", "name")),
        columns=(("name", "Name"), ("id", "Number"), ("connectedSources.sourceCount", "Publishers")),
        links=(Link("segment-edit", "Rename", {"segmentId": "id", "segmentName": "name"}),),
    ),
    Call(
        slug="segment-add",
        title="Add a segment",
        group="Terms",
        method="POST",
        path="advertiser/programs/{programId}/segments",
        lowest=ADMIN,
        fields=(PROGRAM, Field("segmentName", text("Name", needed=True, most=100))),
        then="segments",
    ),
    Call(
        slug="segment-edit",
        title="Rename a segment",
        group="Terms",
        method="PUT",
        path="advertiser/programs/{programId}/segments/{segmentId}",
        lowest=ADMIN,
        help="Segment 1, General, keeps its name.",
        fields=(
            PROGRAM,
            Field("segmentId", whole("Segment", needed=True), "path", read="id"),
            Field("segmentName", text("Name", needed=True, most=100), read="name"),
        ),
        body=lambda values: values,
        before="segments",
        found_by="segmentId",
        then="segments",
    ),
    Call(
        slug="events",
        title="Events",
        group="Terms",
        path="advertiser/events",
        help="What can be told apart among sales and leads. Twins for impressions are not shown.",
        pages=True,
        fields=(
            Field("eventTypeId", one_of("Kind", KINDS), "query"),
            Field("pending", yes_no("Waits for validation"), "query"),
            Field("ruleId", one_of("Rule", RULES), "query"),
            sort_by("id", "name"),
        ),
        columns=(
            ("name", "Name"),
            ("id", "Number"),
            ("eventTypeName", "Kind"),
            ("ruleName", "Rule"),
            ("pending", "Waits"),
            ("daysToAutoApprove", "Approved after days"),
        ),
        links=(Link("event-edit", "Change", {"eventId": "id"}),),
    ),
    Call(
        slug="event-add",
        title="Add an event",
        group="Terms",
        method="POST",
        path="advertiser/events",
        lowest=ADMIN,
        fields=(
            Field("name", text("Name", needed=True, most=100)),
            Field(
                "eventTypeId",
                _KIND,
            ),
            Field(
                "ruleId",
                _RULE,
            ),
            Field("pending", yes_no("Waits for validation", "Somebody, or time, approves each.")),
            Field("pendingPeriod", whole("Days", "After so many days it is approved by itself.", most=365)),
        ),
        body=_event,
        then="events",
    ),
    Call(
        slug="event-edit",
        title="Change an event",
        group="Terms",
        method="PUT",
        path="advertiser/events/{eventId}",
        lowest=ADMIN,
        fields=(
            Field("eventId", whole("Event", needed=True), "path", read="id"),
            Field("name", text("Name", needed=True, most=100)),
            Field(
                "ruleId",
                _RULE,
            ),
            Field("pending", yes_no("Waits for validation", "Somebody, or time, approves each.")),
            Field(
                "pendingPeriod",
                whole("Days", "After so many days it is approved by itself.", most=365),
                read="daysToAutoApprove",
            ),
        ),
        body=_event,
        before="events",
        found_by="eventId",
        then="events",
    ),
    Call(
        slug="tokens",
        title="Tokens",
        group="Money and keys",
        path="advertiser/tokens",
        lowest=MEMBER,
        help="They open products, vouchers, claims and conversions. Only their ends are shown.",
        rows=lambda answer: [
            {**one, "token": f"…{str(one.get('token', ''))[-4:]}"}
            for one in (answer.get("tokens") or [])
            if isinstance(one, dict)
        ],
        columns=(("name", "Name"), ("tokenSystem", "System"), ("tokenType", "Kind"), ("token", "Token")),
        links=(
            Link(
                "token-renew", "Renew", {"id": "id", "tokenType": "tokenType", "tokenSystem": "tokenSystem"}
            ),
        ),
    ),
    Call(
        slug="token-renew",
        title="Renew a token",
        group="Money and keys",
        method="POST",
        path="advertiser/token",
        lowest=ADMIN,
        fields=(
            Field("id", whole("Token", needed=True)),
            Field("tokenType", text("Kind", needed=True)),
            Field("tokenSystem", text("System", needed=True)),
        ),
        before="tokens",
        found_by="id",
        typed="tokenSystem",
        then="tokens",
        warning="The old token dies at once. What uses it stops: the desk's own login for products, "
        "your shop's module, feeds and scripts. Enter the new one everywhere afterwards.",
    ),
    Call(
        slug="invoices",
        title="Invoices",
        group="Money and keys",
        path="advertiser/invoices",
        lowest=ADMIN,
        fields=(
            Field("invoiceNumber", text("Number"), "query"),
            Field("programId", whole("Program"), "query"),
            Field("fromDate", day("From"), "query"),
            Field("toDate", day("To"), "query"),
        ),
        columns=(
            ("invoiceNumber", "Number"),
            ("programName", "Program"),
            ("amountWithoutVat", "Amount without VAT"),
            ("currencyCode", "Currency"),
            ("createdDate", "Made"),
            ("dueDate", "Due"),
            ("paidDate", "Paid"),
        ),
        links=(Link("invoice", "PDF", {"invoiceNumber": "invoiceNumber"}),),
    ),
    Call(
        slug="invoice",
        title="Invoice",
        group="Money and keys",
        path="advertiser/invoices/{invoiceNumber}/pdf",
        lowest=ADMIN,
        fields=(Field("invoiceNumber", text("Number", needed=True, most=40), "path"),),
        is_file=True,
    ),
)
