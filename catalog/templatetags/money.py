"""Prices in templates: `{{ offer.price|money:offer.currency }}`."""

from decimal import Decimal

from django import template

from catalog.lib.money import format_money

register = template.Library()


@register.filter
def money(price: Decimal | None, currency: str) -> str:
    """Return the price with its currency; "" where there is no price."""
    return "" if price is None else format_money(price, currency)
