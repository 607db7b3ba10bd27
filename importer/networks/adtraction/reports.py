"""What Adtraction reports, by version 2 of its partner API (docs/networks/adtraction.md 7).

Whole answers, no pages; an object where there is nothing; thirty requests a minute.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings

from importer.http.auth import HeaderToken
from importer.http.budget import Budget
from importer.http.client import RETRY_STATUSES
from importer.http.errors import NetworkError
from importer.networks.adtraction.answers import message_of, reset_seconds
from importer.networks.items import as_dict, as_dicts
from importer.networks.report_rows import find_amount, make_sale
from importer.networks.reports import (
    Basis,
    ClickCount,
    CommissionData,
    DayTotals,
    ReportLogin,
    Reports,
    SaleData,
    SaleState,
    Window,
)
from importer.normalise import clean_currency, clean_id, clean_text, parse_time

OPEN_CLAIM, PAID = "4", "4"
STATES = {
    "1": SaleState.APPROVED,
    "2": SaleState.PENDING,
    "4": SaleState.PENDING,
    "5": SaleState.REJECTED,
}
KINDS = {"3": "sale", "31": "sale", "4": "lead", "41": "lead"}
ALL = 0  # of the states that may be asked for
APPROVED_AND_PENDING = 3
APPROVED = 1  # a program
LONGEST_ANSWER = 120.0  # seconds; a month of a large account is one answer
MAX_BYTES = 256 * 1024 * 1024


class AdtractionReports(Reports):
    """A partner's reports, with the token that search has."""

    zone = ZoneInfo("Europe/Stockholm")
    window_days: ClassVar[int] = 31

    def check(self) -> ReportLogin:
        self._read("channels", "GET", "v2/partner/balance/EUR/")
        token = self.credentials["token"]
        return ReportLogin(
            key=hashlib.sha256(token.encode()).hexdigest()[:32],
            name=f"…{token[-4:]}",
            channels={self.credentials["channel_id"]: ""},
        )

    def fetch_sales(self, window: Window, basis: Basis = Basis.HAPPENED) -> Iterator[SaleData]:
        if basis != Basis.HAPPENED:
            raise self.http.refused("changes_not_told")
        rows = self._rows("transactions", {**self._times(window), "transactionStatus": ALL})
        for row in rows:
            yield self._sale(row)

    def _sale(self, row: Mapping[str, Any]) -> SaleData:
        click = as_dict(row.get("click"))
        state, kind = _number(row.get("transactionStatus")), _number(row.get("transactionType"))
        name = clean_text(row.get("transactionName"), 60).lower()
        values = {
            "external_id": row.get("uniqueId"),
            "program_id": click.get("programId") or row.get("programId"),
            "program_name": click.get("programName") or row.get("programName"),
            "channel_id": row.get("channelId") or click.get("channelId"),
            "kind": KINDS.get(kind) or ("lead" if "lead" in name else "sale"),
            "network_state": state,
            "order_value": row.get("orderValue"),
            "commission": row.get("commission"),
            "currency": row.get("currency"),
            "clicked_at": click.get("clickDate") or row.get("clickDate"),
            "happened_at": row.get("transactionDate"),
            "changed_at": row.get("lastUpdated"),
            "sub_id": click.get("epi") or row.get("epi"),
            "sub_id2": click.get("epi2") or row.get("epi2"),
            "order_number": row.get("orderId"),
            "has_open_claim": state == OPEN_CLAIM,
        }
        return make_sale(values, STATES, self.zone, is_paid=_number(row.get("paymentStatus")) == PAID)

    def fetch_clicks(self, window: Window) -> Iterator[ClickCount]:
        """Yield the clicks of 14 months, by day, program and sub-id; one row of the network is one click."""
        counts: Counter[tuple[date, str, str]] = Counter()
        for row in self._rows("clicks", {**self._times(window, more=0), "commissionOnly": False}):
            at = parse_time(row.get("clickDate"), self.zone)
            if at and (program := clean_id(row.get("programId"))):
                counts[at.astimezone(self.zone).date(), program, clean_text(row.get("epi"), 200)] += 1
        for (day, program, sub_id), count in sorted(counts.items()):
            yield ClickCount(day=day, program_id=program, sub_id=sub_id, count=count)

    def fetch_totals(self, window: Window) -> Iterator[DayTotals]:
        """Yield the sums of each day, of all programs together: grouped sums have no path that is known.

        One request a day of the window, in the account's currency.
        """
        day = window.first
        while day <= window.last:
            body = {
                **self._times(Window(day, day), more=0),
                "transactionStatus": APPROVED_AND_PENDING,
                "currency": self.currency,
            }
            sums = self._read("statistics", "POST", "v2/partner/statistics/", json=body)
            sums = as_dict(sums[0] if isinstance(sums, list) and sums else sums)
            if "commission" in sums or "clicks" in sums:
                yield DayTotals(
                    day=day,
                    program_id="",
                    currency=self.currency,
                    clicks=_whole(sums.get("clicks")),
                    sales=_whole(sums.get("sales")),
                    commission=find_amount(sums.get("commission")),
                )
            day += timedelta(days=1)

    def fetch_balance(self) -> Mapping[str, Any]:
        """Return the five sums of the account's currency as the network names them."""
        return as_dict(self._read("balance", "GET", f"v2/partner/balance/{self.currency}/"))

    def fetch_commissions(self) -> Iterator[CommissionData]:
        """Yield the lines of every approved program; they come with the list of programs."""
        body = {
            "market": self.credentials["market"].upper(),
            "channelId": int(self.credentials["channel_id"]),
            "approvalStatus": APPROVED,
        }
        for program in as_dicts(self._read("programs", "POST", "v3/partner/programs/", json=body)):
            if program.get("approvalStatus") != APPROVED or not program.get("programId"):
                continue
            lines = program.get("commissions")
            if not isinstance(lines, list):
                path = f"v3/partner/programs/commissions/{program['programId']}/{body['channelId']}/"
                lines = self._read("commissions", "GET", path)
            yield from _commissions(program, as_dicts(lines))

    # --- Requests ---------------------------------------------------------------------------------
    def _times(self, window: Window, more: int = 1) -> dict[str, str]:
        """Return the first and last second, and so many days more: a day that comes twice costs nothing."""
        last = window.last + timedelta(days=more)
        first = datetime.combine(window.first, clock(), self.zone).astimezone(UTC)
        end = datetime.combine(last, clock(23, 59, 59), self.zone).astimezone(UTC)
        return {"fromDate": f"{first:%Y-%m-%dT%H:%M:%S}+0000", "toDate": f"{end:%Y-%m-%dT%H:%M:%S}+0000"}

    def _rows(self, name: str, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the rows of a report: the array, or none for the object that says so."""
        data = self._read(name, "POST", f"v2/partner/{name}/", json=body)
        if isinstance(data, list):
            return as_dicts(data)
        if isinstance(data, dict) and clean_text(data.get("message")).lower().startswith("no "):
            return []
        raise self.http.unavailable("unknown_form")

    def _read(self, endpoint: str, method: str, path: str, **kwargs: Any) -> Any:
        """Return the parsed answer; wait for the next minute where there is patience."""
        budget = Budget(self.http, "adtraction", self.credentials["token"], endpoint)
        url = f"{settings.ADTRACTION_API_URL.rstrip('/')}/{path}"
        ends_at = time.monotonic() + self.patience
        while True:
            try:
                budget.spend()
                answer = self.http.request(
                    method,
                    url,
                    auth=HeaderToken("X-Token", self.credentials["token"]),
                    headers={"Accept": "application/json"},
                    idempotent=True,
                    retry_on=RETRY_STATUSES - {429},
                    deadline=LONGEST_ANSWER,
                    max_bytes=MAX_BYTES,
                    **kwargs,
                )
                budget.learn(answer.headers)
                if answer.status_code == 200:
                    return self.http.json(answer)
                if answer.status_code == 429:
                    budget.exhaust(reset_seconds(answer))
                    seconds = reset_seconds(answer)
                    failure: NetworkError = self.http.unavailable(
                        "rate_limited", seconds, who=self.http.name, said=""
                    )
                else:
                    failure = self.http.failure(answer.status_code, answer.headers, message_of(answer.text))
            except NetworkError as error:
                failure = error
            wait = failure.retry_after if failure.code in ("requests_spent", "rate_limited") else None
            if not wait or time.monotonic() + wait > ends_at:
                raise failure
            time.sleep(wait)


def _commissions(program: Mapping[str, Any], lines: list[Mapping[str, Any]]) -> Iterator[CommissionData]:
    days = program.get("cookieDuration")
    for line in lines:
        unit, value = clean_text(line.get("type"), 10), find_amount(line.get("value"))
        currency, kind = clean_currency(unit), KINDS.get(_number(line.get("transactionType")), "other")
        if value is None or not (unit == "%" or currency):
            continue
        name = clean_text(line.get("name"), 200)
        yield CommissionData(
            program_id=clean_id(program["programId"]),
            group="" if name.lower() in ("sale", "lead") else name,
            kind=kind,
            percent=value if unit == "%" else None,
            fixed=value if currency else None,
            currency=currency,
            cookie_days=days if isinstance(days, int) and 0 < days < 10_000 else None,
        )


def _number(value: object) -> str:
    """Return a code as text: it comes as a number, or as text of one."""
    return clean_text(value, 20)


def _whole(value: object) -> int | None:
    amount = find_amount(value)
    return int(amount) if amount is not None and 0 <= amount < 10**9 else None
