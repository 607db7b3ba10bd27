"""A file of returns, as a plan: what each line means, before anything is decided."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.contrib.auth.models import User

from desk.models import PendingSale
from desk.services.pending import APPROVED, DENIED, PENDING, Verdict, decide_on, reasons_of, wish


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a file of returns: what it means, or why it cannot be followed."""

    number: int
    order_number: str
    sale: PendingSale | None
    verdict: Verdict
    problem: str = ""

    @property
    def words(self) -> str:
        if self.problem or self.sale is None:
            return self.problem
        if self.verdict.status == DENIED:
            known = reasons_of(self.sale.account.network, untracked=True)
            return f"Deny: {known.get(self.verdict.reason, self.verdict.reason)}"
        if self.verdict.status == APPROVED:
            return "Approve"
        return f"{self.sale.order_value} becomes {self.verdict.amount} {self.sale.currency}"


MOST_LINES = 5_000
COLUMNS = ("order", "action", "reason", "amount")


def plan_returns(text: str) -> list[PlanLine]:
    """Read a CSV of returns: order, action (approve, deny, amount), reason, amount. Writes nothing.

    One order may be several sales: each gets a line, but a new amount is one sale's. Raises ValueError for
    what is no such file.
    """
    lines = _rows(text)
    numbers = {row["order"] for _, row in lines}
    known: dict[str, list[PendingSale]] = {}
    for sale in PendingSale.objects.filter(order_number__in=numbers, status=PENDING).select_related(
        "account"
    ):
        known.setdefault(sale.order_number, []).append(sale)
    planned: list[PlanLine] = []
    seen: set[str] = set()
    for number, row in lines:
        order = row["order"]
        verdict, problem = _verdict(row)
        sales = known.get(order, [])
        if order in seen:
            problem = problem or "This order stands in the file already."
        elif not sales:
            problem = problem or "No sale of this order waits."
        elif verdict.amount is not None and len(sales) > 1:
            problem = problem or f"The order is {len(sales)} sales: change their amounts one by one."
        seen.add(order)
        if problem:
            planned.append(PlanLine(number, order, None, verdict, problem))
            continue
        planned += (_checked(number, sale, verdict) for sale in sales)
    return planned


def _checked(number: int, sale: PendingSale, verdict: Verdict) -> PlanLine:
    try:
        if not sale.is_open:
            raise ValueError("A decision is on its way already.")
        wish(sale, verdict)
    except ValueError as error:
        return PlanLine(number, sale.order_number, sale, verdict, str(error))
    return PlanLine(number, sale.order_number, sale, verdict)


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    head, _, _ = text.lstrip("\ufeff").partition("\n")
    sign = max(";,\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=sign)
    names = {name: (name or "").strip().lower() for name in reader.fieldnames or []}
    if "order" not in names.values():
        raise ValueError("The first line names the columns: order, action, reason, amount.")
    rows = []
    for number, raw in enumerate(reader, 2):
        row = {
            names[name]: (value or "").strip()
            for name, value in raw.items()
            if name in names and not isinstance(value, list)
        }
        if row.get("order"):
            rows.append((number, row))
        if len(rows) > MOST_LINES:
            raise ValueError(f"A file has {MOST_LINES} orders at most.")
    return rows


_ACTIONS = {
    "approve": APPROVED,
    "accept": APPROVED,
    "deny": DENIED,
    "reject": DENIED,
    "": "",
    "amount": "",
    "update": "",
}


def _verdict(row: Mapping[str, str]) -> tuple[Verdict, str]:
    action, amount, reason = row.get("action", "").lower(), row.get("amount", ""), row.get("reason", "")
    if action not in _ACTIONS:
        return Verdict(), f"“{action}” is no action: approve, deny or amount."
    if status := _ACTIONS[action] or (DENIED if reason and not amount else ""):
        return Verdict(status=status, reason=reason), ""
    try:
        return Verdict(amount=Decimal(amount.replace(",", ".")).quantize(Decimal("0.01"))), ""
    except InvalidOperation:
        return Verdict(), f"“{amount}” is no amount." if amount else "It says neither a reason nor an amount."


def follow_plan(plan: Iterable[PlanLine], *, user: User | None) -> tuple[int, list[tuple[PendingSale, str]]]:
    """Queue what a plan says, but for the lines with a problem."""
    verdicts = {line.sale.pk: line.verdict for line in plan if line.sale and not line.problem}
    return decide_on(verdicts, user=user)
