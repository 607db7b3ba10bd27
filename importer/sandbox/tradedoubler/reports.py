"""What Tradedoubler's management host tells a publisher of programs and sales."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from importer.sandbox.catalogue.shops import MARKETS, Feed, network_feeds
from importer.sandbox.credentials import TRADEDOUBLER_SITE_ID
from importer.sandbox.sales.sale import APPROVED, PAID, PENDING, REJECTED, Row
from importer.sandbox.tradedoubler.calls import Call, CallRefused
from importer.sandbox.web import JSON, Response

ZONE = ZoneInfo("Europe/Stockholm")
_FEEDS = network_feeds("tradedoubler")
_STATUS = {PENDING: "P", APPROVED: "A", PAID: "A", REJECTED: "D"}
_STATES = {"connected": 3, "unlinked": 3, "pending": 1, "rejected": 5, "open": 0}
_RATES = {market.currency: market.rate for market in MARKETS.values()}
MOST_ROWS = 100


def me(call: Call) -> object:
    login = call.login
    return {
        "logonAccountId": 88001 + login.role,
        "username": login.username,
        "firstName": "Demo",
        "lastName": "Publisher",
        "email": login.username,
        "roleId": login.role,
        "languageId": "en",
        "organizationId": login.organisation,
        "reportCurrencyCode": "EUR",
        "typeId": 1,
    }


def sources(call: Call) -> object:
    return [
        {
            "id": TRADEDOUBLER_SITE_ID,
            "name": "Good finds",
            "url": "https://goodfinds.example",
            "sourceStatus": 3,
        }
    ]


def programs(call: Call) -> object:
    if not call.request.query.get("sourceId", "").isdecimal():
        raise CallRefused(400, "sourceId is required")
    wanted = {int(one) for one in call.request.query.get("statusId", "").split(",") if one.isdecimal()}
    listed = [_program(feed) for feed in _FEEDS if not wanted or _STATES[feed.state] in wanted]
    page, offset, limit = _page(call, listed)
    answer = {"offset": offset, "limit": limit, "items": page}
    return [answer] if call.state.options.connect_array else {**answer, "total": len(listed)}


def program_detail(call: Call) -> object:
    feed = next((one for one in _FEEDS if str(one.program_id) == call.request.query.get("programId")), None)
    if feed is None:
        raise CallRefused(404, "Program not found", 4001)
    percent = call.state.rate_of(feed.key) or 3 + feed.feed_id % 6
    tariff = {"eventName": "Sale", "eventTypeId": 5, "fixedFee": None, "percentageFee": percent}
    groups = [
        {"productGroupId": 1, "productGroupName": "Default", "saleFixed": None, "salePercentage": percent},
        {
            "productGroupId": 2,
            "productGroupName": "Sale items",
            "saleFixed": None,
            "salePercentage": percent / 2,
        },
    ]
    return [
        {
            **_program(feed),
            "segmentTariffs": [{"id": 1, "name": "Standard", "tariffs": [tariff]}],
            "pltSegmentTariffs": [{"id": 1, "name": "Standard", "tariffs": groups}]
            if feed.feed_id % 2
            else [],
            "pltPromotions": [],
        }
    ]


def _program(feed: Feed) -> dict:
    return {
        "id": feed.program_id,
        "name": f"{feed.shop.name} {feed.shop.market.code}",
        "countryCode": feed.shop.market.code,
        "statusId": _STATES[feed.state],
        "closedProgram": False,
        "currencyCode": feed.shop.market.currency,
        "avgEpc": 0.12,
        "avgPaymentDays": 45,
        "avgCancellationRate": 12.5,
        "cpc": None,
        "cpl": "0",
        "cpa": "6.5%",
        "cookieTime": None,
        "deepLinking": True,
    }


def transactions(call: Call) -> object:
    query, options = call.request.query, call.state.options
    first, last = _days(call)
    if options.connect_one_month and (last - first).days > 30:
        raise CallRefused(400, "The period may not be longer than 31 days", 4002)
    start, end = (
        _midnight(first),
        _midnight(last if options.connect_to_is_exclusive else last + timedelta(days=1)),
    )
    currency = query.get("reportCurrencyCode", "EUR")
    if currency not in _RATES:
        raise CallRefused(400, "Unknown currency", 4003)
    rows = call.state.sales.rows("tradedoubler", start, end, changed=query.get("lastModified") == "true")
    if program := query.get("programId"):
        rows = [row for row in rows if str(row.sale.program_id) == program]
    if query.get("sortOrder") == "desc":
        rows = rows[::-1]
    page, offset, limit = _page(call, rows)
    items = [_transaction(row, currency, bool(options.connect_iso_times)) for row in page]
    return {"limit": limit, "offset": offset, "reportCurrencyCode": currency, "items": items}


def _transaction(row: Row, currency: str, iso: bool) -> dict:
    sale = row.sale
    number = int(sale.id) if sale.id.isdecimal() else sale.id
    return {
        "transactionId": number,
        "programId": sale.program_id,
        "programName": sale.program_name,
        "sourceId": TRADEDOUBLER_SITE_ID,
        "sourceName": "Good finds",
        "eventId": 51,
        "eventName": "Lead" if sale.kind == "lead" else "Sale",
        "eventTypeId": 4 if sale.kind == "lead" else 5,
        "timeOfLastClick": _time(sale.clicked_at, iso),
        "timeOfCreate": _time(sale.created_at, iso),
        "timeOfTransaction": _time(sale.happened_at, iso),
        "timeOfLastModified": _time(row.changed_at, iso),
        "epi": sale.sub_id or None,
        "epi2": sale.sub_id2 or None,
        "leadNumber": sale.order if sale.kind == "lead" else None,
        "orderNumber": None if sale.kind == "lead" else sale.order,
        "orderValue": _money(row.value, sale.currency, currency),
        "commission": _money(row.commission, sale.currency, currency),
        "paid": row.state == PAID,
        "status": _STATUS[row.state],
        "voucherCode": None,
        "productsApi": {"productId": sale.product, "productName": "Article"} if sale.product else None,
        "productInfo": [{"productID": "1", "productName": "Article", "quantity": 1}],
        "crossDevice": None if sale.sub_id else "cd-1",
        "pendingRule": "auto_approve",
        "deviceObject": {"deviceType": "Phone", "operatingSystem": "iOS", "browser": "Safari"},
        "paymentId": f"{sale.happened_at:%Y%m}01" if row.state == PAID else None,
        "reasonId": 8 if row.reason else None,
        "reasonName": row.reason or None,
    }


def statistics(call: Call) -> Response:
    """Sums by day and program, in the envelope's currency; `clicks` comes twice, as in life."""
    first, last = _days(call)
    if call.request.query.get("intervalType") != "day" or call.request.query.get("reportType") != "program":
        raise CallRefused(400, "The sandbox knows intervalType=day and reportType=program", 4004)
    currency = call.request.query.get("reportCurrencyCode", "EUR")
    sums: dict[tuple[date, int], list[Decimal | int]] = defaultdict(lambda: [0, 0, Decimal(0)])
    rows = call.state.sales.rows("tradedoubler", _midnight(first), _midnight(last + timedelta(days=1)))
    names = {feed.program_id: f"{feed.shop.name} {feed.shop.market.code}" for feed in _FEEDS}
    for row in rows:
        if row.state != REJECTED:
            one = sums[row.sale.happened_at.astimezone(ZONE).date(), row.sale.program_id]
            one[1] += row.sale.kind == "sale"
            one[2] += Decimal(str(_money(row.commission, row.sale.currency, currency)))
    for program, _, day, count in call.state.sales.clicks("tradedoubler", f"{first}", f"{last}"):
        sums[date.fromisoformat(day), program][0] += count
    listed = [
        f'{{"date": "{day}T00:00:00.000+0000", "programId": {program}, '
        f'"programName": {json.dumps(names[program])}, "clicks": {clicks}, "sales": {sales}, '
        f'"leads": 0, "clicks": 0.0, "commission": {commission}}}'
        for (day, program), (clicks, sales, commission) in sorted(sums.items())
    ]
    page, offset, limit = _page(call, listed)
    head = f'{{"offset": {offset}, "limit": {limit}, "reportCurrencyCode": "{currency}", "items": ['
    return Response(200, (head + ",".join(page) + "]}").encode(), {}, JSON)


def payments(call: Call) -> object:
    if call.login.role > 2:
        raise CallRefused(403, "Access is denied", 403)
    first, last = _days(call)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in call.state.sales.rows("tradedoubler", None, None):
        if row.state == PAID and row.changed_at:
            sums[f"{row.sale.happened_at:%Y%m}01"] += Decimal(
                str(_money(row.commission, row.sale.currency, "EUR"))
            )
    listed = [
        {
            "paymentId": int(number),
            "paymentDate": f"{number[:4]}-{number[4:6]}-28T00:00:00.000+0000",
            "currencyCode": "EUR",
            "paymentAmount": float(amount),
            "paymentProvider": "BANK",
        }
        for number, amount in sorted(sums.items())
        if first <= date(int(number[:4]), int(number[4:6]), 28) <= last
    ]
    return _page(call, listed)[0]


# --- parts ---------------------------------------------------------------------------------------
def _page(call: Call, listed: list) -> tuple[list, int, int]:
    query = call.request.query
    offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", 20)), MOST_ROWS)
    return listed[offset : offset + limit], offset, limit


def _days(call: Call) -> tuple[date, date]:
    try:
        first, last = (
            datetime.strptime(call.request.query.get(name, ""), "%Y%m%d") for name in ("fromDate", "toDate")
        )
    except ValueError:
        raise CallRefused(400, "fromDate and toDate are YYYYMMDD", 4005) from None
    return first.date(), last.date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE).astimezone(UTC)


def _time(at: datetime | None, iso: bool) -> str | None:
    """Write a time without its zone."""
    if at is None:
        return None
    local = at.astimezone(ZONE)
    return local.strftime("%Y-%m-%dT%H:%M:%S") if iso else local.strftime("%Y-%m-%d %H:%M:%S.0")


def _money(cents: int, currency: str, wanted: str) -> float:
    amount = Decimal(cents) / 100
    if currency != wanted and currency in _RATES:
        amount = amount / _RATES[currency] * _RATES[wanted]
    return float(round(amount, 2))


CALLS: tuple[tuple[str, str, Callable[[Call], object]], ...] = (
    ("GET", "usermanagement/users/me", me),
    ("GET", "publisher/sources", sources),
    ("GET", "publisher/programs", programs),
    ("GET", "publisher/programs/detail", program_detail),
    ("GET", "publisher/report/transactions", transactions),
    ("GET", "publisher/report/statistics", statistics),
    ("GET", "publisher/report/payments", payments),
)
