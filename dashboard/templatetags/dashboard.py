"""Tags of the dashboard's frame and parts."""

from datetime import datetime, timedelta

from django import forms, template
from django.contrib.messages.storage.base import Message
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from heroicons.templatetags.heroicons import heroicon_solid

from importer.networks import NETWORKS

register = template.Library()

LEVEL_ICONS = {
    "success": "check-circle",
    "warning": "exclamation-triangle",
    "error": "x-circle",
}


@register.inclusion_tag("dashboard/_menu_link.html", takes_context=True)
def menu_link(
    context: template.Context,
    name: str,
    label: str,
    icon: str,
    *args: str,
    perm: str = "",
    exact: bool = False,
) -> dict:
    """Render a line of the menu, marked when the page is below it; nothing without the permission."""
    request = context["request"]
    if perm and not request.user.has_perm(perm):
        return {}
    url = reverse(name, args=args)
    current = request.path == url if exact else request.path.startswith(url)
    return {"url": url, "label": label, "icon": icon, "current": current}


@register.simple_tag
def networks() -> list:
    """Return every network that this site can speak to, for the menu."""
    return list(NETWORKS.values())


@register.filter
def ago(at: datetime, depth: int = 2) -> str:
    """Show how long ago a time was, in so many units: "just now", "3 hours, 5 minutes ago"."""
    now = timezone.now()
    return "just now" if now - at < timedelta(minutes=1) else f"{timesince(at, now, depth=depth)} ago"


@register.simple_tag
def level_icon(level: str) -> SafeString:
    return heroicon_solid(LEVEL_ICONS.get(level, "information-circle"), size=20, aria_hidden="true")


@register.inclusion_tag("dashboard/_undo_button.html", takes_context=True)
def undo_button(context: template.Context, message: Message) -> dict:
    """Render the button that takes back what the message is about; nothing where that cannot be.

    A view names the cause with `extra_tags=f"undo={cause}"`.
    """
    _, is_undo, cause = (message.extra_tags or "").partition("undo=")
    if not is_undo:
        return {}
    request = context["request"]
    return {"cause": cause, "path": request.get_full_path(), "csrf_token": context.get("csrf_token")}


@register.simple_tag
def field_kind(field: BoundField) -> str:
    """Say how a field is laid out: "check" (label behind), "group" (a list of choices) or "line"."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    return "line"


@register.simple_tag
def elided_pages(page: Page):
    """Return the page numbers to show, with an ellipsis where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
