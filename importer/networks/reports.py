"""The second contract of a network: what it says of our sales. A network may have none.

Like the first (`contract.py`) it knows HTTP and formats, and never a model. Times come with their zone,
amounts are `Decimal` and never travel without a currency. What would tell who bought (IP address, device,
e-mail) is dropped in the adapter; an order number leaves it as it came, and only its keyed hash is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from importer.http.client import Http
from importer.http.oauth import TokenStore


class SaleState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    PAID = "paid"


class Basis(StrEnum):
    """By which of its times a sale falls into a window."""

    HAPPENED = "happened"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days, both included, in the network's own zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleData:
    """One row of a network's report as it is now. Unique by `external_id` within an account.

    `problem` is a sentence on what makes the row unreadable (no id, an amount that is none, a currency that
    nobody knows), else "".
    """

    external_id: str
    program_id: str = ""
    program_name: str = ""
    channel_id: str = ""
    kind: str = "sale"  # "sale", "lead" or "other"
    state: SaleState = SaleState.PENDING
    network_state: str = ""  # as the network writes it
    order_value: Decimal | None = None
    commission: Decimal | None = None
    currency: str = ""  # ISO 4217
    clicked_at: datetime | None = None
    happened_at: datetime | None = None
    changed_at: datetime | None = None
    sub_id: str = ""  # as it came back
    sub_id2: str = ""
    order_number: str = ""  # kept as a keyed hash with its last characters only
    reason: str = ""
    product_hint: str = ""
    payment_id: str = ""
    has_open_claim: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickCount:
    """Clicks as the network counts them."""

    day: date
    program_id: str
    sub_id: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """The network's own sums of a day and program, to compare with ours."""

    day: date
    program_id: str
    currency: str
    clicks: int | None = None
    sales: int | None = None
    commission: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionData:
    """What a program pays for a group of products: a share, an amount, or both."""

    program_id: str
    group: str = ""
    kind: str = "sale"
    percent: Decimal | None = None
    fixed: Decimal | None = None
    currency: str = ""  # of `fixed`
    cookie_days: int | None = None
    approval_rate: Decimal | None = None  # percent, as the network states it


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentData:
    """Money that the network paid out."""

    external_id: str
    paid_on: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLogin:
    """Who the login for reports is: its name, its channels (id -> name), its currency.

    `key` is the network's own for the login: two accounts with one `key` would report every sale twice.
    """

    key: str
    name: str
    channels: Mapping[str, str]
    currency: str = ""


class Reports:
    """What one network reports. Every call may raise `NetworkError` and `NetworkUnavailable`."""

    # Whether its login is another than that for search (`Network.credential_fields`).
    has_own_login: ClassVar[bool] = False
    zone: ClassVar[tzinfo] = UTC  # of its days, and of times that name none
    window_days: ClassVar[int] = 31  # the widest window that it answers
    can_ask_changes: ClassVar[bool] = False  # does it know `Basis.CHANGED`?
    converts: ClassVar[bool] = False  # amounts into the one currency that is asked for, at the day's rates

    def __init__(
        self,
        credentials: Mapping[str, str],
        http: Http,
        tokens: TokenStore | None = None,
        currency: str = "EUR",
    ) -> None:
        """`tokens` is where a sign-in is kept; `currency` is asked for where the network converts.

        With `patience`, a request that comes too early waits up to so many seconds for its turn.
        """
        self.credentials = dict(credentials)
        self.http = http
        self.tokens = tokens
        self.currency = currency
        self.patience = 0.0

    def check(self) -> ReportLogin:
        """Return whose login it is; raise `NetworkError` with the network's reason."""
        raise NotImplementedError

    def fetch_sales(self, window: Window, basis: Basis = Basis.HAPPENED) -> Iterator[SaleData]:
        """Yield every sale of the window; one may come twice. What ends early raises, and is not whole."""
        raise NotImplementedError

    def fetch_clicks(self, window: Window) -> Iterator[ClickCount]:
        """Yield the network's clicks of the window; none where it does not tell them."""
        return iter(())

    def fetch_totals(self, window: Window) -> Iterator[DayTotals]:
        """Yield the network's own sums of each day and program."""
        return iter(())

    def fetch_commissions(self) -> Iterator[CommissionData]:
        """Yield what the programs pay now."""
        return iter(())

    def fetch_payments(self, window: Window) -> Iterator[PaymentData]:
        """Yield what was paid out."""
        return iter(())
