"""TradeTracker for merchants: conversions told from the server, and the service that assesses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils import timezone

from importer.http.auth import SessionLogin
from importer.http.client import Http
from importer.http.errors import NetworkError
from importer.networks.advertiser import Advertiser, LoginData
from importer.networks.credentials import number_field
from importer.networks.tradetracker.products import LOCALE_CURRENCIES
from importer.networks.tradetracker.soap import Soap
from importer.normalise import clean_text, parse_time

WINDOW_DAYS = 7
ACCEPTED, REJECTED, PENDING = "accepted", "rejected", "pending"
REASONS = {
    "returned_goods": "Goods were returned",
    "out_of_stock": "Out of stock",
    "payment_not_received": "Not paid",
    "invalid_transaction": "Not a valid transaction",
    "order_canceled": "The order was cancelled",
    "duplicate_order": "A duplicate order",
    "test_transaction": "A test",
    "attributed_to_other_channel": "Another channel brought it",
    "violates_campaign_terms": "Against the campaign's terms",
    "invalid_customer_details": "The customer's details are not valid",
    "customer_unreachable": "The customer cannot be reached",
}
SALE, LEAD = "sale", "lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What a shop tells of one order or lead. Amounts are in major units: 129.99."""

    kind: str
    campaign_id: str
    product_id: str
    tid: str
    amount: Decimal | None = None
    currency: str = ""
    quantity: int | None = None
    reference: str = ""
    email_hash: str = ""
    voucher: str = ""
    note: str = ""  # for ourselves
    publisher_note: str = ""  # publishers read it
    tracking_group: str = ""  # of several countries, in place of the campaign


def parameters_of(conversion: Conversion, *, marks_server: bool = True) -> dict[str, str]:
    """Return the query of a conversion, as both hosts take it. Pure."""
    is_sale = conversion.kind == SALE
    values = {
        "s2s": "1" if marks_server else "",
        "cid": "" if conversion.tracking_group else conversion.campaign_id,
        "tgi": conversion.tracking_group,
        "pid": conversion.product_id,
        "ttEventName": "sales" if is_sale else "lead",
        "tid": conversion.tid,
        "tam": "" if conversion.amount is None else f"{conversion.amount:.2f}",
        "currency": conversion.currency,
        "qty": str(conversion.quantity) if is_sale and conversion.quantity else "",
        "descrMerchant": conversion.note,
        "descrAffiliate": conversion.publisher_note,
        "data": conversion.reference,
        "eml": conversion.email_hash,
        "vc": conversion.voucher if is_sale else "",
    }
    return {name: value for name, value in values.items() if value}


class TradeTrackerConversions(Advertiser):
    """The two hosts that take conversions. They know no key: the campaign says whose it is."""

    label = "Conversions"
    use = "Report the orders and leads of your shop from its server."
    credential_fields: ClassVar = {
        "campaign_id": number_field(
            "Campaign ID", "A campaign ID", help_text="In TradeTracker: your campaign, beside its name."
        ),
        "product_id": number_field(
            "Product ID",
            "A product ID",
            help_text="The product (commission group) of the campaign that conversions are for, often 1.",
        ),
        "tracking_group": forms.CharField(
            label="Tracking group",
            required=False,
            max_length=40,
            help_text="Only for campaigns of several countries in one group: sent in place of the campaign.",
        ),
    }

    def check(self) -> LoginData:
        """Return the campaign: the hosts tell nothing without a conversion, so that nothing is asked."""
        number = self.credentials["campaign_id"]
        return LoginData(programs={number: f"Campaign {number}"})

    def send(self, conversion: Conversion) -> int:
        """Tell one conversion, and again where no answer came: the same `tid` is one conversion.

        Return the status of the answer: 200 for taken, 400, 403 or 404 for refused. Raises
        NetworkUnavailable where nobody answered.
        """
        is_sale = conversion.kind == SALE
        url = settings.TRADETRACKER_SALE_URL if is_sale else settings.TRADETRACKER_LEAD_URL
        answer = self.http.request("GET", url, params=parameters_of(conversion), max_bytes=1 << 20)
        if answer.status_code == 429 or answer.status_code >= 500 or answer.status_code == 408:
            raise self.http.failure(answer.status_code, answer.headers)
        return answer.status_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A conversion as the merchant's service lists it."""

    external_id: str
    order_number: str  # the tid that was told
    kind: str
    status: str
    site_id: str  # "" for nobody's
    site: str
    description: str
    currency: str
    commission: Decimal | None
    order_amount: Decimal | None
    registered_at: datetime | None
    assessed_at: datetime | None
    reason: str


class TradeTrackerMerchant(Advertiser):
    """The merchant's web service."""

    label = "Merchant"
    use = "See which conversions arrived, and accept or reject them."
    credential_fields: ClassVar = {
        "customer_id": number_field(
            "Customer ID", "A customer ID", help_text="In TradeTracker, as a merchant: Web services."
        ),
        "passphrase": forms.CharField(
            label="Passphrase",
            max_length=200,
            widget=forms.PasswordInput,
            help_text="In TradeTracker, as a merchant: Web services, the access key.",
        ),
        "locale": forms.ChoiceField(
            label="Locale",
            choices=[(code, code) for code in sorted(LOCALE_CURRENCIES)],
            initial="nl_NL",
            help_text="The account's country.",
        ),
    }

    def __init__(self, credentials: Mapping[str, str], http: Http) -> None:
        super().__init__(credentials, http)
        self._soap = Soap("TRADETRACKER_MERCHANT_WSDL_URL", http, self._fault)
        self._session = SessionLogin(self._log_in)

    def check(self) -> LoginData:
        """Return the campaigns of the login."""
        return LoginData(programs=self.fetch_campaigns())

    def fetch_campaigns(self) -> dict[str, str]:
        """Return the campaigns of the login: id -> name."""
        return {str(one.ID): clean_text(one.name, 200) for one in self._call("getCampaigns")}

    def fetch_conversions(
        self, campaign_id: str, *, first: date | None = None, external_id: str = ""
    ) -> Iterator[Registered]:
        """Yield a campaign's conversions since a day, or the one of that id; each once.

        Read week by week, each a day too long: the service names no total, and its upper bound is in doubt.
        """
        if external_id:
            yield from self._conversions(campaign_id, {"ID": int(external_id)})
            return
        today = timezone.localdate()
        seen: set[str] = set()
        start = first or today - timedelta(days=WINDOW_DAYS)
        while start <= today:
            end = start + timedelta(days=WINDOW_DAYS)
            window = {"registrationDateFrom": start.isoformat(), "registrationDateTo": end.isoformat()}
            for row in self._conversions(campaign_id, window):
                if row.external_id not in seen:
                    seen.add(row.external_id)
                    yield row
            start = end

    def _conversions(self, campaign_id: str, options: dict[str, Any]) -> Iterator[Registered]:
        return map(_registered, self._call("getConversionTransactions", int(campaign_id), options))

    def assess(
        self, external_id: str, *, accept: bool, reason: str = "", amount: Decimal | None = None
    ) -> None:
        """Accept or reject a pending conversion, sent once. `amount`: what is left after a return."""
        if not accept and reason not in REASONS:
            raise ValueError("A rejection has a reason.")
        arguments: dict[str, Any] = {
            "conversionTransactionID": int(external_id),
            "transactionStatus": ACCEPTED if accept else REJECTED,
            "rejectionReason": None if accept else reason,
            "orderAmount": amount,
        }
        self._soap.repeats = False
        try:
            self._call("assessConversionTransaction", **arguments)
        finally:
            self._soap.repeats = True

    # --- Requests ---------------------------------------------------------------------------------
    def _log_in(self) -> None:
        self.http.session.cookies.clear()
        self._soap.call(
            "authenticate",
            customerID=int(self.credentials["customer_id"]),
            passphrase=self.credentials["passphrase"],
            sandbox=False,
            locale=self.credentials.get("locale") or None,
            demo=False,
        )

    def _call(self, method: str, *arguments: Any, **named: Any) -> list[Any]:
        return self._session.ask(lambda: self._soap.call_list(method, *arguments, **named))

    def _fault(self, words: str) -> NetworkError:
        return self.http.refused(
            "passphrase_refused" if "authenticate" in words.lower() else "fault", said=words
        )


def _registered(row: Any) -> Registered:
    site = getattr(row, "affiliateSite", None)
    return Registered(
        external_id=str(row.ID),
        order_number=clean_text(row.characteristic, 100),
        kind=clean_text(row.transactionType, 20),
        status=clean_text(row.transactionStatus, 20),
        site_id=str(getattr(site, "ID", None) or ""),
        site=clean_text(getattr(site, "name", None), 200),
        description=clean_text(row.description, 300),
        currency=clean_text(row.currency, 3).upper(),
        commission=row.commission,
        order_amount=row.orderAmount,
        registered_at=parse_time(row.registrationDate),
        assessed_at=parse_time(row.assessmentDate),
        reason=clean_text(row.rejectionReason, 60),
    )
