"""What TradeTracker reports, by its affiliate service (docs/networks/tradetracker.md 10).

Per affiliate site, in pages without a count; the last day of a window may not be in the answer.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from importer.http.client import Http
from importer.http.errors import NetworkUnavailable
from importer.http.oauth import TokenStore
from importer.http.pages import Seamless
from importer.networks.report_rows import find_amount, make_sale
from importer.networks.reports import (
    Basis,
    ClickCount,
    CommissionData,
    DayTotals,
    PaymentData,
    ReportLogin,
    Reports,
    SaleData,
    SaleState,
    Window,
)
from importer.networks.tradetracker.affiliate import AffiliateService
from importer.networks.tradetracker.products import LOCALE_CURRENCIES
from importer.normalise import clean_currency, clean_id, clean_text, parse_time

PAGE_SIZE = 250
STATES = {
    "pending": SaleState.PENDING,
    "accepted": SaleState.APPROVED,
    "rejected": SaleState.REJECTED,
}
KINDS = ("sale", "lead")


class TradeTrackerReports(Reports):
    """A publisher's reports, with the login that search has; all affiliate sites of the login."""

    zone = ZoneInfo("Europe/Amsterdam")
    window_days: ClassVar[int] = 31

    def __init__(
        self,
        credentials: Mapping[str, str],
        http: Http,
        tokens: TokenStore | None = None,
        currency: str = "EUR",
    ) -> None:
        super().__init__(credentials, http, tokens, currency)
        self._service = AffiliateService(credentials, http)

    def check(self) -> ReportLogin:
        login = "\n".join((self.credentials["customer_id"], self.credentials["passphrase"]))
        return ReportLogin(
            key=hashlib.sha256(login.encode()).hexdigest()[:32],
            name=self.credentials["customer_id"],
            channels=self._sites(),
            currency=LOCALE_CURRENCIES.get(self.credentials["locale"], ""),
        )

    def fetch_sales(self, window: Window, basis: Basis = Basis.HAPPENED) -> Iterator[SaleData]:
        if basis != Basis.HAPPENED:
            raise self.http.refused("changes_not_told")
        for site in self._sites():
            options = {**self._times(window), "sort": "registrationDate", "sortDirection": "ascending"}
            for page in self._pages("getConversionTransactions", site, options):
                for row in page:
                    # A campaign may pay for clicks: those are no sales.
                    if clean_text(getattr(row, "transactionType", "")) in KINDS:
                        yield self._sale(row, site)

    def _sale(self, row: Any, site: str) -> SaleData:
        campaign = getattr(row, "campaign", None)
        values = {
            "external_id": row.ID,
            "program_id": getattr(campaign, "ID", None),
            "program_name": getattr(campaign, "name", None),
            "channel_id": site,
            "kind": row.transactionType,
            "network_state": row.transactionStatus,
            "order_value": row.orderAmount,
            "commission": row.commission,
            "currency": row.currency,
            "clicked_at": row.originatingClickDate,
            "happened_at": row.registrationDate,
            "changed_at": row.assessmentDate,
            "sub_id": row.reference,
            "reason": clean_text(row.rejectionReason, 200).replace("_", " "),
        }
        return make_sale(values, STATES, self.zone, is_paid=row.paidOut is True)

    def fetch_clicks(self, window: Window) -> Iterator[ClickCount]:
        counts: Counter[tuple[date, str, str]] = Counter()
        for site in self._sites():
            seen: set[str] = set()
            for page in self._pages("getClickTransactions", site, self._times(window)):
                for row in page:
                    at = parse_time(row.registrationDate, self.zone)
                    day = at.astimezone(self.zone).date() if at else None
                    if day is None or str(row.ID) in seen or not window.first <= day <= window.last:
                        continue
                    seen.add(str(row.ID))
                    counts[
                        day, clean_id(getattr(row.campaign, "ID", "")), clean_text(row.reference, 200)
                    ] += 1
        for (day, program, sub_id), count in sorted(counts.items()):
            yield ClickCount(day=day, program_id=program, sub_id=sub_id, count=count)

    def fetch_totals(self, window: Window) -> Iterator[DayTotals]:
        """Yield the sums of every day and campaign: one request a day of the window and site."""
        sites = self._sites()
        day = window.first
        while day <= window.last:
            sums: dict[str, list[int | Decimal]] = defaultdict(lambda: [0, 0, Decimal(0)])
            for site in sites:
                options = {"dateFrom": f"{day}", "dateTo": f"{day}"}
                for row in self._call("getReportCampaign", int(site), options):
                    one, data = sums[clean_id(getattr(row.campaign, "ID", ""))], row.reportData
                    one[0] += _count(getattr(data, "overallClickCount", None))
                    one[1] += _count(getattr(data, "saleCount", None))
                    one[2] += find_amount(getattr(data, "totalCommission", None)) or Decimal(0)
            for program, (clicks, sales, commission) in sorted(sums.items()):
                yield DayTotals(
                    day=day,
                    program_id=program,
                    currency=self.currency,  # of the login's country: the report names none
                    clicks=int(clicks),
                    sales=int(sales),
                    commission=Decimal(commission),
                )
            day += timedelta(days=1)

    def fetch_commissions(self) -> Iterator[CommissionData]:
        """Yield what accepted campaigns pay for each group of products; one request for each campaign."""
        site = int(self.credentials["affiliate_site_id"])
        filters = {"assignmentStatus": "accepted"}
        for page in self._pages("getCampaigns", str(site), filters):
            for campaign in page:
                days = getattr(getattr(campaign, "info", None), "clickToConversion", None)
                for extended in self._call("getCampaignCommissionExtended", site, int(campaign.ID)):
                    yield from self._tariffs(clean_id(campaign.ID), extended, getattr(days, "days", None))

    def _tariffs(self, program: str, extended: Any, days: int | None) -> Iterator[CommissionData]:
        products = getattr(extended, "products", None)
        for product in (getattr(products, "productCommission", None) or []) if products is not None else []:
            group = clean_text(getattr(product.campaignProduct, "name", ""), 200)
            percent = find_amount(product.saleCommissionVariable)
            fixed = find_amount(product.saleCommissionFixed)
            lead = find_amount(getattr(product, "leadCommission", None))
            facts: dict[str, Any] = {
                "program_id": program,
                "group": "" if group == "Default" else group,
                "cookie_days": days,
            }
            if percent or fixed:
                currency = self.currency if fixed else ""
                yield CommissionData(**facts, percent=percent or None, fixed=fixed or None, currency=currency)
            if lead:
                yield CommissionData(**facts, kind="lead", fixed=lead, currency=self.currency)

    def fetch_payments(self, window: Window) -> Iterator[PaymentData]:
        options = {"billDateFrom": f"{window.first}", "billDateTo": f"{window.last}"}
        for row in self._call("getPayments", options):
            day, amount = row.payDate or row.billDate, find_amount(row.endTotal)
            currency, number = clean_currency(row.currency), clean_id(row.invoiceNumber)
            if isinstance(day, date) and amount is not None and currency and number:
                yield PaymentData(external_id=number, paid_on=day, amount=amount, currency=currency)

    # --- Requests ---------------------------------------------------------------------------------
    def _sites(self) -> dict[str, str]:
        return {
            clean_id(site.ID): clean_text(site.name, 60) for site in self._call("getAffiliateSites", None)
        }

    def _times(self, window: Window) -> dict[str, str]:
        """Return the first second, and an hour after the last: `registrationDateTo` may not be included."""
        first = datetime.combine(window.first, clock(), self.zone)
        end = datetime.combine(window.last + timedelta(days=1), clock(1), self.zone)
        return {"registrationDateFrom": first.isoformat(), "registrationDateTo": end.isoformat()}

    def _pages(self, method: str, site: str, options: Mapping[str, Any]) -> Seamless[Any]:
        return Seamless(
            lambda offset: self._call(method, int(site), {**options, "limit": PAGE_SIZE, "offset": offset}),
            PAGE_SIZE,
            lambda row: str(row.ID),
        )

    def _call(self, method: str, *arguments: Any) -> list[Any]:
        """Call a method; wait for a turn where there is patience."""
        ends_at = time.monotonic() + self.patience
        while True:
            try:
                return self._service.call(method, *arguments)
            except NetworkUnavailable as error:
                failure = error
            seconds = failure.retry_after if failure.code in ("requests_spent", "rate_limited") else None
            if not seconds or time.monotonic() + seconds > ends_at:
                raise failure
            time.sleep(seconds)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0
