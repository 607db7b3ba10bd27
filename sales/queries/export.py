"""Earnings and sales as rows of a table, for a spreadsheet or a program."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sales.queries.earnings import Earned

HEADS = (
    *("key", "name", "currency", "clicks", "sales", "leads", "pending", "approved", "rejected", "paid"),
    *("commission", "order_value", "epc", "epc_low", "epc_high", "approval_percent", "coverage_percent"),
)
# A spreadsheet takes text that begins so for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def earned_rows(rows: Iterable[Earned], currency: str) -> Iterator[Sequence[Any]]:
    """Yield the rows below HEADS. Amounts are exact; EPC is None where there are too few clicks."""
    for row in rows:
        sums, epc = row.sums, row.epc
        yield (
            *(row.key, row.name, currency, row.clicks, sums.count, sums.lead_count),
            *map(plain, (sums.pending, sums.approved, sums.rejected, sums.paid)),
            *map(plain, (sums.commission, sums.order_value, epc.value, epc.low, epc.high)),
            *(row.approval_percent, sums.coverage_percent),
        )


def plain(amount: Decimal | None) -> Decimal | None:
    """Return an amount with as many decimals as it needs, two to six."""
    if amount is None:
        return None
    amount = amount.quantize(Decimal("0.000001")).normalize()
    return amount.quantize(Decimal("0.01")) if amount == amount.quantize(Decimal("0.01")) else amount


def to_csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a CSV file in UTF-8 that spreadsheets know as such."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(heads)
    for row in rows:
        yield writer.writerow([_unarmed(value) for value in row])


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _unarmed(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value
