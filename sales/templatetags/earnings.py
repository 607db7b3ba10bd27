"""How earnings are written."""

from decimal import Decimal

from babel.numbers import format_currency
from django import template

from catalog.lib.money import active_locale, format_money, with_space
from sales.queries.sums import Sums
from sales.rates import said

register = template.Library()


@register.filter
def amount(value: Decimal | None, currency: str) -> str:
    """Return an amount with its currency, rounded to what the currency has; a dash where there is none.

    Sales whose amount the network does not say have no currency.
    """
    if value is None or (not currency and not value):
        return "–"
    return format_money(value, currency) if currency else f"{value:.2f} ?"


@register.filter
def small_amount(value: Decimal | None, currency: str) -> str:
    """Return an amount as small as that of one click: with a third decimal."""
    if value is None or not currency:
        return "–"
    locale = active_locale()
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0.000")
    written = format_currency(value, currency, format=pattern, locale=locale, currency_digits=False)
    return with_space(written)


register.filter("rate_words", said)


@register.filter
def state_counts(sums: Sums) -> list[tuple[str, str, int, Decimal]]:
    """Return the four states side by side: state, its words, how many sales, how much."""
    return [
        ("pending", "Pending", sums.pending_count, sums.pending),
        ("approved", "Approved", sums.approved_count, sums.approved),
        ("paid", "Paid", sums.paid_count, sums.paid),
        ("rejected", "Rejected", sums.rejected_count, sums.rejected),
    ]
