"""The advertiser of the sandbox: what its management API shows, changed by what is written there."""

from __future__ import annotations

import random
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

from importer.sandbox.catalogue.shops import network_feeds
from importer.sandbox.credentials import ADVERTISER_LOGINS, TRADEDOUBLER_SITE_ID

ORGANISATION_ID = 1900001
_FEEDS = [feed for feed in network_feeds("tradedoubler") if feed.state == "connected"][:2]
PROGRAMS = [feed.program_id for feed in _FEEDS]
SOURCES = 40
PENDING = 200
_TYPES = {1: "Content", 2: "Cashback", 3: "Voucher", 4: "E-mail"}
_ROLES = {1: "Olga Owner", 2: "Adam Admin", 3: "Mia Member", 4: "Rolf Reader"}


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0200")


class Organisation:
    """Two programs, forty publishers, three segments, events, and two hundred sales that wait."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        dice = random.Random(4)  # noqa: S311 the same organisation every time
        with self.lock:
            self.numbers = iter(range(9_000_001, 9_999_999))
            self.users = [_user(place, one.username, one.role) for place, one in enumerate(ADVERTISER_LOGINS)]
            self.programs = [_program(feed) for feed in _FEEDS]
            self.advanced = {program["id"]: _advanced(program) for program in self.programs}
            self.texts = {program["id"]: _texts(program) for program in self.programs}
            self.segments: dict[int, list[dict[str, Any]]] = {
                program: [
                    {"id": 1, "name": "General"},
                    {"id": 2, "name": "Gold"},
                    {"id": 3, "name": "Vouchers"},
                ]
                for program in PROGRAMS
            }
            self.categories: list[dict[str, Any]] = [
                {"categoryId": 1, "categoryName": "Top"},
                {"categoryId": 2, "categoryName": "Trial"},
            ]
            self.events = _events()
            self.commissions = {program: _commissions() for program in PROGRAMS}
            self.sources = {program: [_source(dice, n) for n in range(SOURCES)] for program in PROGRAMS}
            self.ads = [_ad(program, n) for program in self.programs for n in range(3)]
            self.pending = [_sale(dice, n) for n in range(PENDING)]
            self.decided: list[dict[str, Any]] = []
            self.tokens = [_token(1, "PRODUCTS"), _token(2, "VOUCHERS"), _token(3, "CONVERSIONS")]
            self.invoices = [_invoice(n) for n in range(6)]

    def number(self) -> int:
        with self.lock:
            return next(self.numbers)


def _user(place: int, username: str, role: int) -> dict[str, Any]:
    first, last = _ROLES[role].split()
    return {
        "logonAccountId": 700100 + place,
        "username": username,
        "firstName": first,
        "lastName": last,
        "email": username,
        "roleId": role,
        "languageId": "en",
        "organizationId": ORGANISATION_ID,
        "owningOrganizationId": 0,
        "countryAccess": ["DE"],
        "newsletter": "N",
        "typeId": 2,
        "personId": 800100 + place,
        "reportCurrencyCode": "EUR",
    }


def _program(feed: Any) -> dict[str, Any]:
    market = feed.shop.market
    return {
        "id": feed.program_id,
        "name": f"{feed.shop.name} {market.code}",
        "countryCode": market.code,
        "currencyCode": market.currency,
        "active": True,
        "paused": False,
        "closedProgram": False,
        "createdDate": "2019-03-01",
        "startDate": "2019-03-15",
        "endDate": None,
        "homePageUrl": f"https://{feed.shop.slug}.example/",
        "logoUrl": f"https://{feed.shop.slug}.example/logo.png",
        "uniqueClickTime": 0.5,
        "cookieWindow": 30,
        "autoConnect": False,
        "autoApproveApplications": False,
        "impressionTracking": True,
        "voucherTracking": True,
        "mobileTracking": True,
        "categoryIds": ["11"],
        "keywordPolicyId": 2,
        "implementationTypeId": 3,
        "adminPersonId": 800100,
        "techPersonId": 800101,
        "genericPersonId": 800100,
        "invoiceTdOrgId": 51,
        "tdOrganizationId": 51,
        "programTypeId": 1,
        "prepayment": False,
        "smb": False,
        "deepLinking": True,
    }


def _advanced(program: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": program["id"],
        "name": program["name"],
        "exclusiveVoucher": True,
        "redirectUrl": "",
        "directLink": True,
        "uniqueImpressions": 12,
        "ImpressionWindow": 4,  # so spelled in the documents
        "timeZoneId": 15,
        "timeZone": "UTC +1",
        "allowedDomains": "https://*.example",
        "plt": 1,
        "autoApprove": {"action": "A", "days": 30},
        "encodeUrl": True,
        "firstPartyTracking": True,
    }


def _texts(program: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {2: "Long description", 3: "Short description", 46: "Keyword policy"}
    return [
        {
            "languageCode": "en",
            "textTypeId": kind,
            "textTypeName": name,
            "text": f"{program['name']}: {name.lower()}.",
        }
        for kind, name in kinds.items()
    ]


def _events() -> list[dict[str, Any]]:
    def event(number: int, name: str, kind: int, days: int) -> dict[str, Any]:
        return {
            "id": number,
            "name": name,
            "eventTypeId": kind,
            "eventTypeName": "Sale" if kind == 5 else "Lead",
            "ruleId": 2,
            "ruleName": "Continue",
            "pending": days > 0,
            "daysToAutoApprove": days or None,
            "daysToAutoDeny": None,
            "referencingImpressionEventId": number + 500,
        }

    return [event(51, "Sale", 5, 30), event(52, "Sale of furniture", 5, 60), event(61, "Newsletter", 4, 0)]


def _commissions() -> list[dict[str, Any]]:
    def line(
        segment: int, name: str, event: int, percent: float | None, fixed: float | None
    ) -> dict[str, Any]:
        return {
            "segmentId": segment,
            "segmentName": name,
            "eventId": event,
            "eventName": {51: "Sale", 61: "Newsletter"}[event],
            "eventType": "Sale" if event == 51 else "Lead",
            "eventRule": "Continue",
            "startDate": "2024-01-01",
            "endDate": None,
            "publisherCommission": fixed,
            "publisherCommissionPercent": percent,
            "virtualCommission": None,
            "virtualCommissionPercent": None,
        }

    return [line(1, "General", 51, 6, None), line(2, "Gold", 51, 8, None), line(1, "General", 61, None, 1.5)]


def _source(dice: random.Random, n: int) -> dict[str, Any]:
    kind = dice.choice(list(_TYPES))
    applied = date(2026, 9, 1) + timedelta(days=n)
    # The first is the publisher of this sandbox, accepted long ago.
    row = {
        "sourceId": TRADEDOUBLER_SITE_ID + n,
        "sourceName": f"{_TYPES[kind]} site {n}" if n else "Good finds",
        "sourceUrl": f"https://publisher-{n}.example/",
        "promotionTypeId": kind,
        "promotionTypeName": _TYPES[kind],
        "statusId": 1 if n % 2 else 3,
        "segmentId": 1,
        "segmentName": "General",
        "created": f"{applied}T10:00:00.000+0200",
        "lastChanged": f"{applied}T10:00:00.000+0200",
        "rank": n % 5,
        "categoryId": None,
        "categoryName": None,
    }
    if n % 13 == 12:  # of a blind network
        for name in ("sourceUrl", "promotionTypeId", "promotionTypeName"):
            del row[name]
    return row


def _ad(program: dict[str, Any], n: int) -> dict[str, Any]:
    kind = (4, 1, 6)[n]
    return {
        "programId": program["id"],
        "programName": program["name"],
        "adId": program["id"] * 10 + n,
        "adName": f"{('Banner', 'Text link', 'Widget')[n]} {n}",
        "adSize": "300x250" if kind == 4 else "",
        "programCategories": ["11"],
        "lastUpdate": "2026-01-17T23:00:00.000+0200",
        "createdDate": "2026-01-01T12:00:00.000+0200",
        "adType": kind,
        "url": "https://test.example/banner.png" if kind == 4 else None,
        "productUrl": program["homePageUrl"],
        "customHtml": "<b>Hello</b>" if kind == 6 else None,
        "text": "Everything for the bath" if kind == 1 else None,
        "segments": [{"id": "1", "name": "General"}],
    }


def _sale(dice: random.Random, n: int) -> dict[str, Any]:
    program = PROGRAMS[n % len(PROGRAMS)]
    value = round(dice.uniform(10, 400), 2)
    source = dice.randrange(SOURCES)
    event = 17 if n % 40 == 39 else 51
    days = n % 30 + 1
    happened = datetime.now(UTC) - timedelta(days=30 - days, hours=n % 24)
    return {
        "programId": program,
        "programName": f"Program {program}",
        "countryCode": True,  # as the documents' sample has it
        "eventId": event,
        "eventName": "Untracked sale" if event == 17 else "Sale",
        "eventType": "SALES",
        "rxNumber": f"N-{5000 + n}",
        "transactionId": str(700000000000 + n),
        "timestamp": int(happened.timestamp() * 1000),
        "pendingTime": days,
        "pendingRule": "AUTO_APPROVE",
        "sourceId": TRADEDOUBLER_SITE_ID + source,
        "sourceName": f"Site {source}",
        "currencyCode": "EUR",
        "orderValue": value,
        "publisherCommission": round(value * 0.06, 2),
    }


def _token(number: int, system: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": system.title(),
        "token": f"{number:040x}",
        "tokenType": "ADVERTISER",
        "tokenSystem": system,
    }


def _invoice(n: int) -> dict[str, Any]:
    made = date(2026, 5 + n, 1)
    return {
        "invoiceNumber": f"TD2026{n:04}",
        "programId": PROGRAMS[0],
        "programName": f"Program {PROGRAMS[0]}",
        "currencyCode": "EUR",
        "amountWithoutVat": 1200.5 + 10 * n,
        "invoiceStatus": 5 if n < 5 else 2,
        "createdDate": made.isoformat(),
        "dueDate": (made + timedelta(days=30)).isoformat(),
        "paidDate": (made + timedelta(days=20)).isoformat() if n < 5 else None,
    }
