"""The menus of the public pages."""

from django import template
from django.template.context import Context

from pages.queries.menus import Link, Menus, shared_menus

register = template.Library()


@register.simple_tag(takes_context=True)
def menu(context: Context, name: str) -> list[Link]:
    """Return the lines of the menu "header" or "footer"."""
    request = context.get("request")
    menus = shared_menus.of(request) if request else shared_menus.last() or Menus([])
    return menus.header() if name == "header" else menus.footer()
