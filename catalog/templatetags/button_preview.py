"""Button texts in the dashboard."""

from django import template

from catalog.site.buttons import fill

register = template.Library()


@register.filter
def fill_shop(text: str, shop_name: str) -> str:
    """Put the shop's name in place of `%s`."""
    return fill(text, shop_name)
