"""`{{ offer.price|money:offer.currency }}`"""

from decimal import Decimal

from django import template

from catalog.money import format_money

register = template.Library()


@register.filter
def money(price: Decimal | None, currency: str) -> str:
    """Show a price with its currency; nothing where there is no price."""
    return "" if price is None or price == "" else format_money(price, currency)
