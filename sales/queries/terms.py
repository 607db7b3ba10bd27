"""What programs pay, and what their shops earned us: what helps to choose what to import.

For people in the dashboard alone: nothing that visitors see is sorted by it.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from sales.queries.epc import Epc, get_epc
from sales.queries.sums import percent

_SQL = read_statements(__file__)
DAYS = 90  # of which the clicks and what they earned are
KEPT = 300  # seconds
FEW_DECIDED = 10  # sales of which an approval rate would be chance


@dataclass(frozen=True, slots=True)
class Rate:
    """What a program pays for a group of products."""

    group: str
    kind: str
    percent: Decimal | None
    fixed: Decimal | None
    currency: str  # of `fixed`


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known of a program. `approval_percent` is ours where enough was decided, else the network's."""

    rates: tuple[Rate, ...] = ()
    cookie_days: int | None = None
    approval_percent: int | None = None
    is_own_approval: bool = False
    epc: Epc = Epc(0)
    currency: str = ""  # of `epc`

    def rates_for(self, category: str) -> tuple[Rate, ...]:
        """Return the rates of the groups whose name stands in a category's path, else those of all sales."""
        sales = tuple(rate for rate in self.rates if rate.kind == "sale") or self.rates
        pieces = {piece.strip().casefold() for piece in category.split(">")}
        named = tuple(rate for rate in sales if rate.group and rate.group.casefold() in pieces)
        return named or sales

    def offer(self, category: str, price: Decimal | None, currency: str) -> "Pay | None":
        """Return what an article of a category and price pays; None where no rate is known."""
        rates = self.rates_for(category)
        if not rates:
            return None
        shares = [rate.percent for rate in rates if rate.percent is not None]
        fixed = sorted({(rate.fixed, rate.currency) for rate in rates if rate.fixed is not None})
        amounts = [amount for rate in rates if (amount := _amount(rate, price, currency)) is not None]
        return Pay(
            shares=(min(shares), max(shares)) if shares else None,
            fixed=tuple(fixed),
            amounts=(min(amounts), max(amounts)) if amounts else None,
            currency=currency,
        )


def _amount(rate: Rate, price: Decimal | None, currency: str) -> Decimal | None:
    """Return what a rate pays in the price's currency; None where it, or a part of it, is in another."""
    if rate.fixed is not None and rate.currency != currency:
        return None
    if rate.percent is not None and (price is None or not currency):
        return None
    share = price * rate.percent / 100 if price is not None and rate.percent is not None else Decimal(0)
    return share + (rate.fixed or 0)


@dataclass(frozen=True, slots=True)
class Pay:
    """What a sale of an article pays, from the lowest rate that may apply to the highest."""

    shares: tuple[Decimal, Decimal] | None  # per cent
    fixed: tuple[tuple[Decimal, str], ...]  # amounts with their currencies
    amounts: tuple[Decimal, Decimal] | None  # for this price, in `currency`
    currency: str


def get_terms(program_keys: Collection[str]) -> dict[str, Terms]:
    """Return what is known of programs (`network:program`); others are left out. One query."""
    if not program_keys:
        return {}
    values: dict[str, Any] = {"keys": sorted(set(program_keys)), "today": timezone.localdate(), "days": DAYS}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["read_terms"], values)
        found = {row[0]: _read(*row[1:]) for row in cursor.fetchall()}
    return {key: terms for key, terms in found.items() if terms != Terms()}


def get_kept_terms(program_keys: Collection[str]) -> dict[str, Terms]:
    """Return the same as some minutes ago, mostly without a query: for pages that ask for much else."""
    names = {f"sales:terms:{key}": key for key in program_keys}
    kept = {names[name]: terms for name, terms in cache.get_many(names).items()}
    if missing := [key for key in names.values() if key not in kept]:
        found = get_terms(missing)
        new = {key: found.get(key, Terms()) for key in missing}
        cache.set_many({f"sales:terms:{key}": terms for key, terms in new.items()}, KEPT)
        kept |= new
    return {key: terms for key, terms in kept.items() if terms != Terms()}


def _read(
    rates: str | list | None,
    good: int | None,
    decided: int | None,
    clicks: int | None,
    currency: str | None,
    commission: Decimal | None,
    approved: Decimal | None,
    squares: Decimal | None,
) -> Terms:
    rows = _rows(rates)
    stated = [Decimal(row[6]) for row in rows if row[6] is not None]
    is_own = (decided or 0) >= FEW_DECIDED
    zero = Decimal(0)
    return Terms(
        rates=tuple(Rate(row[0], row[1], _number(row[2]), _number(row[3]), row[4]) for row in rows),
        cookie_days=max((row[5] for row in rows if row[5] is not None), default=None),
        approval_percent=percent(int(good or 0), int(decided or 0)) if is_own else _lowest(stated),
        is_own_approval=is_own,
        epc=get_epc(
            clicks=int(clicks or 0),
            commission=commission or zero,
            approved=approved or zero,
            squares=squares or zero,
        )
        if currency
        else Epc(0),
        currency=currency or "",
    )


def _rows(rates: str | list | None) -> list[Sequence]:
    found = json.loads(rates) if isinstance(rates, str) else rates or []
    return sorted(found, key=lambda row: (row[0], row[1]))


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _lowest(stated: Sequence[Decimal]) -> int | None:
    return int(min(stated)) if stated else None
