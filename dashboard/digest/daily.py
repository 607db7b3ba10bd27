"""The daily mail: once a day, at the site's time, to whom there is something to say."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.site.settings import get_settings
from dashboard.digest.collecting import forget
from dashboard.digest.facts import Section, get_sections
from dashboard.digest.letters import digest
from dashboard.digest.people import people
from dashboard.models import DigestDay, Notice
from mail.outbox import put

DAYS_KEPT = timedelta(days=30)


def write_due() -> int:
    """Write the mails of today where their time has come; return how many. Safe to repeat, also at once.

    What is told is forgotten in the same transaction, so that nothing is told twice and nothing is lost.
    """
    now = timezone.localtime()
    today = now.date()
    if now.time() < get_settings().digest_at or DigestDay.objects.filter(day=today).exists():
        return 0
    with transaction.atomic():
        _, is_ours = DigestDay.objects.get_or_create(day=today)
        if not is_ours:
            return 0
        DigestDay.objects.filter(day__lt=today - DAYS_KEPT).delete()
        notices = list(Notice.objects.select_for_update().order_by("pk"))
        sections = get_sections(notices)
        wanted = [(user, _chosen(sections, choices.topics)) for user, choices in people()]
        letters = [digest(user, chosen, today) for user, chosen in wanted if _has_news(chosen)]
        put(letters)
        forget(notices)
    return len(letters)


def _chosen(sections: list[Section], topics: list[str]) -> list[Section]:
    return [section for section in sections if section.topic in topics]


def _has_news(sections: list[Section]) -> bool:
    return any(section.new for section in sections)
