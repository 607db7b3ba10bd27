"""TradeTracker's other side: the two hosts that take conversions, and the merchant's web service."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from lxml import etree

from importer.sandbox.catalogue.shops import Feed, network_feeds
from importer.sandbox.credentials import DEMO_CREDENTIALS, TRADETRACKER_MERCHANT
from importer.sandbox.markup import clean
from importer.sandbox.sales.sale import APPROVED, PENDING, REJECTED, Event, Row, Sale
from importer.sandbox.state import State
from importer.sandbox.tradetracker.merchant_wsdl import NAMESPACE, WSDL
from importer.sandbox.web import Request, Response, text_response

SERVICE = "/tradetracker/soap-literal-wsi/merchant"
SALE, LEAD = "/tradetracker/sale/", "/tradetracker/lead/"
_SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_AMSTERDAM = timezone(timedelta(hours=1), "CET")
_GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
_SITE = int(DEMO_CREDENTIALS["tradetracker"]["affiliate_site_id"])
# The merchant's campaigns: the first two that the publisher of this sandbox promotes in its own country.
_FEEDS = [f for f in network_feeds("tradetracker") if f.state == "connected" and f.shop.market.code == "DE"]
CAMPAIGNS: dict[int, Feed] = {feed.program_id: feed for feed in _FEEDS[:2]}
DISABLED_CAMPAIGN = 99001
_STATUS = {PENDING: "pending", REJECTED: "rejected"}


# --- Conversions from the server ---------------------------------------------------------------


def conversion(state: State, request: Request, kind: str) -> Response:
    """Take a conversion, or say 400, 403, 404; with the option on, 200 and an image whatever happens."""
    status = _take(state, request.query, kind)
    if status == 200 or state.options.conversions_always_200:
        return Response(200, _GIF, {}, "image/gif")
    return text_response({400: "Bad Request", 403: "Forbidden", 404: "Not Found"}[status], status)


def _take(state: State, query: dict[str, str], kind: str) -> int:
    campaign = query.get("cid", "")
    if campaign == str(DISABLED_CAMPAIGN):
        return 403
    feed = CAMPAIGNS.get(int(campaign)) if campaign.isdecimal() else None
    if feed is None:
        return 404
    if not query.get("tid") or (kind == "sale" and not (query.get("tam") and query.get("currency"))):
        return 400
    try:
        value = round(float(query.get("tam") or 0) * 100)
    except ValueError:
        return 400
    tid = query["tid"]
    with state.lock:
        known = (kind, feed.program_id, tid) in state.conversions
        state.conversions.add((kind, feed.program_id, tid))
    if known and not state.options.conversions_twice:
        return 200
    site, sub_id = read_reference(query.get("data", ""))
    now = state.sales.now()
    sale = Sale(
        id=str(810_000_000 + secrets.randbelow(90_000_000)),
        network="tradetracker",
        program_id=feed.program_id,
        program_name=f"{feed.shop.name} {feed.shop.market.code}",
        currency=query.get("currency") or feed.shop.market.currency,
        clicked_at=now - timedelta(minutes=5) if site else None,
        happened_at=now,
        created_at=now,
        sub_id=sub_id,
        kind=kind,
        value=value,
        commission=value * 65 // 1000 if site == str(_SITE) else 0,
        order=tid,
    )
    state.sales.add([sale])
    return 200


def read_reference(data: str) -> tuple[str, str]:
    """Return the site and the sub-id of a click reference, `material::site::reference::checksum::time`."""
    parts = data.split("::")
    return (parts[1], parts[2]) if len(parts) >= 3 else ("", "")


# --- The merchant's service --------------------------------------------------------------------


class Fault(Exception):
    """A SOAP fault."""


def answer(state: State, request: Request) -> Response:
    if request.method == "GET":
        return text_response(WSDL % (request.base_url + SERVICE), 200, "text/xml; charset=utf-8")
    headers = {}
    try:
        name, given = _read(request.body)
        if name == "authenticate":
            cookie = _log_in(state, given)
            headers["Set-Cookie"] = f"PHPSESSID={cookie}; path=/; HttpOnly"
            inner = ""
        else:
            _check(state, request)
            inner = _OPERATIONS[name](state, given)
        body, status = f"<ns1:{name}Response>{inner}</ns1:{name}Response>", 200
    except Fault as fault:
        status = 500
        body = (
            "<env:Fault><env:Code><env:Value>env:Receiver</env:Value></env:Code><env:Reason>"
            f'<env:Text xml:lang="en">{clean(str(fault))}</env:Text></env:Reason></env:Fault>'
        )
    envelope = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="{_SOAP12}" xmlns:xsi="{_XSI}" '
        f'xmlns:ns1="{NAMESPACE}"><env:Body>{body}</env:Body></env:Envelope>\n'
    )
    return Response(status, envelope.encode(), headers, "application/soap+xml; charset=utf-8")


def _read(body: bytes) -> tuple[str, dict[str, str]]:
    """Return the operation and the texts of all its elements; nil ones are not there."""
    try:
        envelope = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        call = envelope.find(f"{{{_SOAP12}}}Body")[0]
    except (etree.XMLSyntaxError, TypeError, IndexError):
        raise Fault("Bad Request") from None
    name = etree.QName(call).localname
    if name != "authenticate" and name not in _OPERATIONS:
        raise Fault(f"Procedure '{name}' not present")
    texts = {etree.QName(one).localname: (one.text or "").strip() for one in call.iter() if one is not call}
    return name, {key: text for key, text in texts.items() if text}


def _log_in(state: State, given: dict[str, str]) -> str:
    if (given.get("customerID"), given.get("passphrase")) != TRADETRACKER_MERCHANT:
        raise Fault("Failed to authenticate")
    cookie = secrets.token_hex(16)
    with state.lock:
        state.sessions[cookie] = "merchant", time.time()
    return cookie


def _check(state: State, request: Request) -> None:
    for pair in request.headers.get("cookie", "").split(";"):
        whose, since = state.sessions.get(pair.strip().partition("=")[2], ("", 0.0))
        if whose == "merchant" and time.time() - since <= state.options.session_seconds:
            return
    raise Fault("Not authenticated.")


def _campaigns(state: State, given: dict[str, str]) -> str:
    rows = "".join(
        f"<ns1:campaign><ns1:ID>{number}</ns1:ID><ns1:name>{clean(feed.shop.name)}</ns1:name></ns1:campaign>"
        for number, feed in CAMPAIGNS.items()
    )
    return f"<ns1:campaigns>{rows}</ns1:campaigns>"


def _conversions(state: State, given: dict[str, str]) -> str:
    number = int(given.get("campaignID", "0"))
    if number not in CAMPAIGNS:
        raise Fault("Campaign does not exist or is not yours.")
    first = _day(given.get("registrationDateFrom"))
    last = _day(given.get("registrationDateTo"))
    rows = [row for row in state.sales.rows("tradetracker", first, last) if row.sale.program_id == number]
    if "ID" in given:
        rows = [row for row in rows if row.sale.id == given["ID"]]
    if limit := given.get("limit"):
        rows = rows[: int(limit)]
    return f"<ns1:conversionTransactions>{''.join(map(_conversion, rows))}</ns1:conversionTransactions>"


def _day(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=_AMSTERDAM) if text else None


def _conversion(row: Row) -> str:
    sale = row.sale
    site = None if sale.clicked_at is None else f"<ns1:ID>{_SITE}</ns1:ID><ns1:name>Good finds</ns1:name>"
    values = {
        "ID": sale.id,
        "characteristic": clean(sale.order),
        "affiliateSite": site,
        "transactionType": sale.kind,
        "transactionStatus": _STATUS.get(row.state, "accepted"),
        "description": None,
        "currency": sale.currency,
        "commission": f"{row.commission / 100:.2f}",
        "orderAmount": f"{row.value / 100:.2f}",
        "registrationDate": sale.happened_at.astimezone(_AMSTERDAM).isoformat(timespec="seconds"),
        "assessmentDate": row.changed_at
        and row.changed_at.astimezone(_AMSTERDAM).isoformat(timespec="seconds"),
        "rejectionReason": row.reason or None,
    }
    inner = "".join(
        f'<ns1:{name} xsi:nil="true"/>' if value is None else f"<ns1:{name}>{value}</ns1:{name}>"
        for name, value in values.items()
    )
    return f"<ns1:conversionTransaction>{inner}</ns1:conversionTransaction>"


def _assess(state: State, given: dict[str, str]) -> str:
    rows = state.sales.rows("tradetracker", None, None)
    number = given.get("conversionTransactionID")
    row = next((one for one in rows if one.sale.id == number and one.sale.program_id in CAMPAIGNS), None)
    if row is None:
        raise Fault("Transaction does not exist.")
    if row.state != PENDING:
        raise Fault("Transaction has been assessed already.")
    status = given.get("transactionStatus")
    if status not in ("accepted", "rejected") or (status == "rejected" and not given.get("rejectionReason")):
        raise Fault("Invalid assessment.")
    amount = round(float(given["orderAmount"]) * 100) if "orderAmount" in given else None
    share = row.commission / row.value if row.value else 0.0
    new = APPROVED if status == "accepted" else REJECTED
    commission = None if amount is None else round(amount * share)
    event = Event(state.sales.now(), new, amount, commission, given.get("rejectionReason", ""))
    state.sales.decide("tradetracker", row.sale.id, event)
    return ""


_OPERATIONS: dict[str, Callable[[State, dict[str, str]], str]] = {
    "getCampaigns": _campaigns,
    "getConversionTransactions": _conversions,
    "assessConversionTransaction": _assess,
}
