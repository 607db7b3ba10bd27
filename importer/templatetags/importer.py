"""Speeds and lengths of time in words."""

from datetime import timedelta

from babel.dates import format_timedelta
from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import get_language, to_locale

from catalog.lib.source_keys import source_of
from importer.feed_files.letters import NAMES
from importer.models import SyncRun
from importer.networks import NETWORKS
from importer.reasons import Reason
from importer.sentences import say

register = template.Library()


@register.filter
def network_label(slug: str) -> str:
    """Show a network's name; the slug where the network is gone."""
    network = NETWORKS.get(slug)
    return network.label if network else slug


@register.filter
def network_of_key(source_key: str) -> str:
    """Show the name of the network that a source key ("network:feed:id") begins with."""
    return network_label(source_of(source_key))


@register.filter
def reason(what: Reason) -> str:
    """Show the sentence of a reason."""
    return say(what)


@register.filter
def encoding_name(code: str) -> str:
    """Show an encoding's name: "Windows-1250 (Central European)"."""
    return NAMES.get(code, code)


@register.filter
def sync_counts(run: SyncRun) -> str:
    """Show what a sync brought: "1,200 new, 3 gone"."""
    if run.state == SyncRun.State.UNCHANGED:
        return "Unchanged at the network"
    counts = [(getattr(run, f"{name}_count"), name) for name in ("new", "changed", "gone", "unchanged")]
    return ", ".join(f"{intcomma(count)} {name}" for count, name in counts if count) or "Empty"


@register.filter
def per_second(rate: float) -> str:
    """Show items per second; of slow work, items per minute."""
    if rate >= 1:
        return f"{intcomma(round(rate))} per second"
    return f"{max(1, round(rate * 60))} per minute"


@register.filter
def duration(length: timedelta | float) -> str:
    """Show a length of time, a timedelta or seconds, in its largest unit: "2 minutes".

    >>> duration(125)
    '2 minutes'
    """
    if not isinstance(length, timedelta):
        length = timedelta(seconds=length)
    return format_timedelta(length, threshold=2, locale=to_locale(get_language() or "en"))
