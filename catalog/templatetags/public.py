"""Tags of the public pages."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import nh3
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from catalog.lib.ages import coarse_age
from catalog.lib.money import active_locale
from catalog.models import SiteSettings
from catalog.public import structured_data
from catalog.public.style import style_url

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


@register.simple_tag(name="style_url")
def style_url_tag(site: SiteSettings) -> str:
    return style_url(site)


@register.filter
def absolute(path: str) -> str:
    """Return the address of a path under SITE_URL."""
    return structured_data.absolute(path)


@register.filter
def plain_text(html: str) -> str:
    return structured_data.plain_text(html)


@register.filter
def day(value: date | datetime) -> str:
    """Return a date as the active language writes it ("22 Nov 2026"), a time by the site's clock."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return format_date(value, locale=active_locale())


@register.filter
def ago(value: datetime) -> str:
    """Return how long ago that was, in steps that a kept page may stand for: "2 hours ago"."""
    age = coarse_age(timezone.now() - value, timedelta(seconds=settings.PAGE_CACHE_SECONDS))
    if age is None:
        return gettext("within the last hour")
    return format_timedelta(
        -age, granularity="hour", threshold=1.5, add_direction=True, locale=active_locale()
    )


@register.filter
def day_time(value: datetime) -> str:
    """Return the day and minute."""
    value, locale = timezone.localtime(value), active_locale()
    return f"{format_skeleton('MMMd', value, locale=locale)}, {format_time(value, 'short', locale=locale)}"
