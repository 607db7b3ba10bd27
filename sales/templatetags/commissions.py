"""Commissions beside what may be imported: `importer/_results_table.html`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import template

from catalog.lib.money import format_money
from importer.search.rows import Row
from sales.queries.terms import Pay, Terms, get_kept_terms
from sales.templatetags.earnings import small_amount

register = template.Library()


@register.simple_tag(takes_context=True)
def commissions(context: template.Context, rows: Iterable[Row]) -> Mapping[str, Terms]:
    """Return what is known of the programs of the rows, for those who may see earnings."""
    if not context["request"].user.has_perm("sales.view_sale"):
        return {}
    return get_kept_terms({row.hit.item.program_key for row in rows or ()})


@register.simple_tag
def pay_of(terms: Mapping[str, Terms], row: Row) -> dict[str, Any]:
    """Return what a row's sale pays, in words: the rate, the money for its price, and what else is known."""
    item = row.hit.item
    known = terms.get(item.program_key)
    if known is None:
        return {}
    pay = known.offer(item.category, item.price, item.currency)
    return {
        "rate": _rate_words(pay) if pay else "",
        "money": _money_words(pay) if pay else "",
        "approval": known.approval_percent,
        "is_own_approval": known.is_own_approval,
        "cookie_days": known.cookie_days,
        "epc": small_amount(known.epc.value, known.currency) if known.epc.is_known else "",
    }


@register.simple_tag
def best_paid_first(rows: Sequence[Row], terms: Mapping[str, Terms], wanted: str) -> Sequence[Row]:
    """Return the rows of a page with the best commission first, where that is `wanted`.

    Two currencies are not compared: those of the currency that most rows have come first.
    """
    if wanted != "best" or not terms:
        return rows
    paid = [(row, *_amount_of(row, terms)) for row in rows]
    counts = Counter(currency for _, currency, amount in paid if amount is not None)
    paid.sort(key=lambda each: (each[2] is None, -counts[each[1]], each[1], -(each[2] or Decimal(0))))
    return [row for row, *_ in paid]


def _amount_of(row: Row, terms: Mapping[str, Terms]) -> tuple[str, Decimal | None]:
    item = row.hit.item
    known = terms.get(item.program_key)
    pay = known.offer(item.category, item.price, item.currency) if known else None
    return item.currency, pay.amounts[0] if pay and pay.amounts else None


def _rate_words(pay: Pay) -> str:
    words = [_span(*(_plain(share) for share in pay.shares)) + " %"] if pay.shares else []
    return " or ".join([*words, *(format_money(amount, currency) for amount, currency in pay.fixed[:2])])


def _money_words(pay: Pay) -> str:
    if not pay.amounts:
        return ""
    return _span(*(format_money(amount, pay.currency) for amount in pay.amounts))


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low}–{high}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
