"""Tags of the public pages."""

from collections.abc import Iterable

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe

from catalog import structured_data

register = template.Library()

_TAGS = (
    "a b blockquote br code dd dl dt em h2 h3 h4 hr i li ol p pre s strong sub sup "
    "table tbody td th thead tr u ul"
)
DESCRIPTION_TAGS = set(_TAGS.split())


@register.filter
def safe_html(html: str) -> SafeString:
    """Let through what a description needs, and nothing that runs, loads or changes the page.

    Writers clean their HTML too. This is the last door: what gets past it is run by a visitor's browser.
    """
    cleaned = nh3.clean(
        html,
        tags=DESCRIPTION_TAGS,
        attributes={"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    return mark_safe(cleaned)  # noqa: S308 (cleaned above)


@register.simple_tag
def json_ld(documents: Iterable[dict]) -> SafeString:
    return mark_safe("".join(map(structured_data.script, documents)))  # noqa: S308 (each is escaped)


@register.filter
def absolute(path: str) -> str:
    """Return the address of a path under SITE_URL."""
    return structured_data.absolute(path)


@register.filter
def plain_text(html: str) -> str:
    return structured_data.plain_text(html)
