"""When syncs and checks may go through an account: two sites on one credential agree on their hours."""

from datetime import datetime, time

from django.db.models import Q
from django.utils import timezone

from importer.models import NetworkAccount


def is_within(start: time | None, end: time | None, at: time) -> bool:
    """Tell whether a time of day is in a window, which may go over midnight. Without a window it always is.

    The window begins with its first minute and ends before its last.
    """
    if start is None or end is None or start == end:
        return True
    return start <= at < end if start < end else at >= start or at < end


def works_now(account: NetworkAccount, now: datetime | None = None) -> bool:
    """Tell whether nothing but a person may send requests through the account at other times than this."""
    return is_within(account.works_from, account.works_to, timezone.localtime(now).time())


def get_closed_accounts(now: datetime | None = None) -> list[int]:
    """Return the accounts through which nothing goes now but what a person asks for."""
    windowed = NetworkAccount.objects.exclude(Q(works_from=None) | Q(works_to=None))
    return [account.pk for account in windowed if not works_now(account, now)]
