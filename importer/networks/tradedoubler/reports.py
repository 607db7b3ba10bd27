"""What Tradedoubler reports, by its management API (docs/networks/tradedoubler.md 10).

Sixty requests a minute, a hundred rows each. All amounts of an answer are in the currency that was asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from importer.http.answers import Answer, looks_like_html
from importer.http.client import RETRY_STATUSES, Http
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.http.oauth import OAuth, TokenStore
from importer.http.pages import ByOffset, Seamless
from importer.networks.items import as_dict, as_dicts
from importer.networks.report_rows import find_amount, make_sale
from importer.networks.reports import (
    Basis,
    CommissionData,
    DayTotals,
    PaymentData,
    ReportLogin,
    Reports,
    SaleData,
    SaleState,
    Window,
)
from importer.normalise import clean_currency, clean_id, clean_text, parse_time

PAGE_SIZE = 100
A_MINUTE = 60.0  # to wait after a 429, which says no time
KINDS = {"4": "lead", "5": "sale"}
STATES = {"P": SaleState.PENDING, "A": SaleState.APPROVED, "D": SaleState.REJECTED}
ACCEPTED = 3  # of a program

REPORT_FIELDS: dict[str, forms.Field] = {
    "client_id": forms.CharField(
        label="Client ID",
        max_length=200,
        help_text="In Tradedoubler: Tools > API. Make a client there; its secret is shown once.",
    ),
    "client_secret": forms.CharField(label="Client secret", max_length=200, widget=forms.PasswordInput),
    "username": forms.CharField(
        label="User name", max_length=200, required=False, help_text="What you sign in to Tradedoubler with."
    ),
    "password": forms.CharField(
        label="Password",
        max_length=200,
        required=False,
        strip=False,
        widget=forms.PasswordInput,
        help_text="With it the site can sign in again by itself. Leave it out if you enter a refresh token.",
    ),
    "refresh_token": forms.CharField(
        label="Refresh token",
        max_length=4000,
        required=False,
        widget=forms.PasswordInput,
        help_text="Instead of a password. It counts once, and ends when nothing was read for a week.",
    ),
}


class TradedoublerReports(Reports):
    """A publisher's reports, with a client made under Tools > API."""

    has_own_login = True
    zone = ZoneInfo("Europe/Stockholm")  # times name none; most programs are in Central Europe
    window_days: ClassVar[int] = 30  # 31 are answered for sure, and a day more is asked for
    can_ask_changes: ClassVar[bool] = True
    converts: ClassVar[bool] = True

    def __init__(
        self,
        credentials: Mapping[str, str],
        http: Http,
        tokens: TokenStore | None = None,
        currency: str = "EUR",
    ) -> None:
        super().__init__(credentials, http, tokens, currency)
        if tokens is None:
            raise ValueError("Tradedoubler needs a store for its tokens.")
        self._base = settings.TRADEDOUBLER_CONNECT_URL.rstrip("/")
        self._oauth = OAuth(
            http,
            f"{self._base}/uaa/oauth/token",
            tokens,
            client_id=self.credentials["client_id"],
            client_secret=self.credentials["client_secret"],
            username=self.credentials.get("username", ""),
            password=self.credentials.get("password", ""),
        )

    def check(self) -> ReportLogin:
        me = as_dict(self._get("usermanagement/users/me"))
        key = clean_id(me.get("organizationId"))
        if not key:
            raise self.http.unavailable("unknown_form")
        return ReportLogin(
            key=key,
            name=clean_text(me.get("username"), 100) or key,
            channels=self._sources(),
            currency=clean_currency(me.get("reportCurrencyCode")),
        )

    def fetch_sales(self, window: Window, basis: Basis = Basis.HAPPENED) -> Iterator[SaleData]:
        query = self._dates(window) | {"sortBy": "timeOfTransaction", "sortOrder": "asc"}
        if basis == Basis.CHANGED:
            query |= {"lastModified": "true", "sortBy": "timeOfLastModified"}

        def fetch(offset: int) -> Sequence[tuple[Mapping[str, Any], Any]]:
            data = self._page(
                "publisher/report/transactions", {**query, "offset": offset, "limit": PAGE_SIZE}
            )
            return [(row, data.get("reportCurrencyCode")) for row in self._items(data)]

        for page in Seamless(fetch, PAGE_SIZE, lambda row: _key(row[0])):
            for row, currency in page:
                yield self._sale(row, currency)

    def _sale(self, row: Mapping[str, Any], currency: object) -> SaleData:
        clicked, basket = as_dict(row.get("productsApi")), row.get("productInfo")
        first = as_dict(next(iter(basket), {})) if isinstance(basket, list) else as_dict(basket)
        kind = clean_text(row.get("eventTypeId"), 20)
        values = {
            "external_id": row.get("transactionId"),
            "program_id": row.get("programId"),
            "program_name": row.get("programName"),
            "channel_id": row.get("sourceId"),
            "kind": KINDS.get(kind, "other"),
            "network_state": row.get("status"),
            "order_value": row.get("orderValue"),
            "commission": row.get("commission"),
            "currency": currency,
            # The documents' table spells it with a small o.
            "clicked_at": row.get("timeOfLastClick") or row.get("timeofLastClick"),
            "happened_at": row.get("timeOfTransaction") or row.get("timeOfCreate"),
            "changed_at": row.get("timeOfLastModified"),
            "sub_id": row.get("epi"),
            "sub_id2": row.get("epi2"),
            "order_number": row.get("orderNumber") or row.get("leadNumber"),
            "reason": row.get("reasonName"),
            "product_hint": clicked.get("productId") or first.get("productID"),
            "payment_id": row.get("paymentId"),
        }
        return make_sale(values, STATES, self.zone, is_paid=row.get("paid") is True)

    def fetch_totals(self, window: Window) -> Iterator[DayTotals]:
        query = self._dates(window, more=0) | {"intervalType": "day", "reportType": "program"}

        def fetch(offset: int) -> Sequence[tuple[Mapping[str, Any], Any]]:
            data = self._page("publisher/report/statistics", {**query, "offset": offset, "limit": PAGE_SIZE})
            return [(row, data.get("reportCurrencyCode")) for row in self._items(data)]

        for page in ByOffset(fetch, PAGE_SIZE):
            for row, currency in page:
                day, code = parse_time(row.get("date")), clean_currency(currency)
                if day is None or not row.get("programId"):
                    continue
                yield DayTotals(
                    day=day.date(),
                    program_id=clean_id(row.get("programId")),
                    currency=code,
                    clicks=_count(row.get("clicks")),
                    sales=_count(row.get("sales")),
                    commission=find_amount(row.get("commission")) if code else None,
                )

    def fetch_commissions(self) -> Iterator[CommissionData]:
        """Yield the tariffs of accepted programs; one request for each program."""
        for source in self._sources():
            for program in self._programs(source):
                query = {"sourceId": source, "programId": program["id"]}
                detail = self._page("publisher/programs/detail", query)
                yield from _tariffs({**program, **detail})

    def fetch_payments(self, window: Window) -> Iterator[PaymentData]:
        """Yield payments. Raises NetworkError("role_too_low") for members: owners and admins see them."""
        query = self._dates(window, more=0)
        fetch = lambda offset: as_dicts(  # noqa: E731
            self._items(
                self._get("publisher/report/payments", {**query, "offset": offset, "limit": PAGE_SIZE})
            )
        )
        for page in ByOffset(fetch, PAGE_SIZE):
            for row in page:
                paid_at, amount = (
                    parse_time(row.get("paymentDate"), self.zone),
                    find_amount(row.get("paymentAmount")),
                )
                currency, number = clean_currency(row.get("currencyCode")), clean_id(row.get("paymentId"))
                if paid_at and amount is not None and currency and number:
                    yield PaymentData(
                        external_id=number, paid_on=paid_at.date(), amount=amount, currency=currency
                    )

    # --- Requests ---------------------------------------------------------------------------------
    def _sources(self) -> dict[str, str]:
        found = self._items(self._get("publisher/sources"))
        return {clean_id(one["id"]): clean_text(one.get("name"), 100) for one in found if one.get("id")}

    def _programs(self, source: str) -> Iterator[Mapping[str, Any]]:
        query = {"sourceId": source, "statusId": ACCEPTED, "sortBy": "id", "sortOrder": "asc"}
        fetch = lambda offset: self._items(  # noqa: E731
            self._page("publisher/programs", {**query, "offset": offset, "limit": PAGE_SIZE})
        )
        for page in ByOffset(fetch, PAGE_SIZE):
            yield from (one for one in page if one.get("id"))

    def _dates(self, window: Window, more: int = 1) -> dict[str, Any]:
        """Return the days as they are asked for: `toDate` may not be in the answer, so a day more."""
        last = window.last + timedelta(days=more)
        return {
            "fromDate": f"{window.first:%Y%m%d}",
            "toDate": f"{last:%Y%m%d}",
            "reportCurrencyCode": self.currency,
        }

    def _page(self, path: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the object of a page: it may stand in an array of one."""
        data = self._get(path, query)
        if isinstance(data, list):
            if len(data) != 1 and not as_dicts(data):
                return {"items": []}
            data = data[0] if len(data) == 1 else {"items": data}
        if not isinstance(data, dict):
            raise self.http.unavailable("unknown_form")
        return data

    def _items(self, data: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a page object, or of a bare array."""
        rows = data.get("items") if isinstance(data, dict) else data
        if not isinstance(rows, list):
            raise self.http.unavailable("no_list", name="items")
        return as_dicts(rows)

    def _get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Return the parsed answer; wait for a turn where there is patience."""
        ends_at = time.monotonic() + self.patience
        while True:
            try:
                return self._ask(path, query or {})
            except NetworkUnavailable as error:
                failure = error
            seconds = failure.retry_after if failure.code in ("requests_spent", "rate_limited") else None
            if not seconds or time.monotonic() + seconds > ends_at:
                raise failure
            time.sleep(seconds)

    def _ask(self, path: str, query: Mapping[str, Any]) -> Any:
        answer = self.http.request(
            "GET",
            f"{self._base}/{path}",
            params={name: value for name, value in query.items() if value is not None},
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            auth=self._oauth,
            retry_on=RETRY_STATUSES - {429},
        )
        if answer.status_code != 200:
            raise self._failure(answer)
        if looks_like_html(answer.content):
            raise self.http.web_page(answer.content)
        return _first_keys(self.http, answer)

    def _failure(self, answer: Answer) -> NetworkError:
        said = _words(answer.text)
        if answer.status_code == 429:
            return self.http.unavailable("rate_limited", A_MINUTE, who=self.http.name, said=said)
        if answer.status_code == 403:  # the token is good
            return self.http.refused("role_too_low", said=said)
        return self.http.failure(answer.status_code, answer.headers, said)


def _first_keys(http: Http, answer: Answer) -> Any:
    """Return the parsed body; of a key that comes twice the first counts: `clicks` of the statistics."""
    http.json(answer)  # raises what is no JSON
    return json.loads(answer.content, parse_float=str, object_pairs_hook=lambda pairs: dict(reversed(pairs)))


def _words(text: str) -> str:
    """Return the network's words in an error: `[{"code", "message"}]`, OAuth's object, or plain text."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return "" if "<" in text else clean_text(text, 200)
    one = as_dict(data[0] if isinstance(data, list) and data else data)
    return clean_text(one.get("message") or one.get("error_description"), 300)


def _key(row: Mapping[str, Any]) -> str:
    """Return what tells a row from others; without an id, all of it."""
    return str(row.get("transactionId") or json.dumps(row, sort_keys=True, default=str))


def _count(value: object) -> int | None:
    text = str(value if value is not None else "").partition(".")[0]
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _tariffs(program: Mapping[str, Any]) -> Iterator[CommissionData]:
    """Yield the tariffs of our segment, and of groups of products where there are such."""
    currency, program_id = clean_currency(program.get("currencyCode")), clean_id(program["id"])
    cancelled = find_amount(program.get("avgCancellationRate"))
    facts = {"program_id": program_id, "approval_rate": None if cancelled is None else 100 - cancelled}
    for segment in as_dicts(program.get("segmentTariffs")):
        for tariff in as_dicts(segment.get("tariffs")):
            name = clean_text(tariff.get("eventName"), 200)
            kind = "lead" if tariff.get("eventTypeId") == 4 or name.lower().startswith("lead") else "sale"
            yield _commission(
                facts, "" if kind == "sale" else name, kind, tariff, "percentageFee", "fixedFee", currency
            )
    for segment in as_dicts(program.get("pltSegmentTariffs")):
        for tariff in as_dicts(segment.get("tariffs")):
            group = clean_text(tariff.get("productGroupName"), 200) or clean_id(tariff.get("productGroupId"))
            yield _commission(facts, group, "sale", tariff, "salePercentage", "saleFixed", currency)


def _commission(
    facts: Mapping[str, Any],
    group: str,
    kind: str,
    tariff: Mapping[str, Any],
    percent: str,
    fixed: str,
    currency: str,
) -> CommissionData:
    amount = find_amount(tariff.get(fixed)) if currency else None
    return CommissionData(
        **facts,
        group=group,
        kind=kind,
        percent=find_amount(tariff.get(percent)),
        fixed=amount or None,
        currency=currency if amount else "",
    )
