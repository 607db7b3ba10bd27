"""The menus of the public pages."""

from django import template
from django.template.context import Context

from pages.queries.menus import Link, Menus, shared_menus

register = template.Library()


@register.simple_tag(takes_context=True)
def menu(context: Context, name: str) -> list[Link]:
    """Return the lines of the menu "header" or "footer"."""
    request = context.get("request")
    if request is None:
        menus = shared_menus.last() or Menus([])
    else:
        if not hasattr(request, "menus"):  # a page asks for both
            request.menus = shared_menus.of(request)
        menus = request.menus
    return menus.header() if name == "header" else menus.footer()
