"""What people who work here get by mail."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.site.settings import get_settings
from dashboard.digest import people
from events.models import Event
from importer.models import NetworkAccount
from importer.networks import NETWORKS
from importer.reasons import Reason
from importer.sentences import say
from mail.outbox import Letter


def absolute(path: str) -> str:
    return urljoin(settings.SITE_URL, path)


def digest(user: User, sections: Sequence[Any], day: date) -> Letter:
    """Tell a user what needs somebody. `sections` are of the user's topics (`facts.Section`)."""
    count = sum(len(section.new) + section.more for section in sections)
    return _letter(
        user,
        people.DIGEST,
        subject=f"{get_settings().name}: {count} thing{'' if count == 1 else 's'} to look at",
        context={"sections": sections},
        key=f"digest:{user.pk}:{day}",
        lasts=timedelta(hours=20),  # then comes the next
    )


def refused(user: User, account: NetworkAccount, event: Event) -> Letter:
    """Tell a user that a network refuses an account."""
    network = NETWORKS[account.network].label if account.network in NETWORKS else account.network
    return _letter(
        user,
        people.AT_ONCE,
        subject=f"{get_settings().name}: {network} refuses “{account.label}”",
        context={
            "account": account,
            "network": network,
            "said": say(Reason.from_json(event.after["error"])),
            "url": absolute(reverse("importer:account-edit", args=[account.network, account.pk])),
        },
        key=f"refused:{account.pk}:{event.pk}:{user.pk}",
        lasts=timedelta(hours=48),
    )


def _letter(user: User, what: str, *, subject: str, context: Mapping[str, Any], **options: Any) -> Letter:
    stop = absolute(reverse("dashboard:mail-stop", args=[people.stop_token(user, what)]))
    name = what.replace("-", "_")
    context = {
        "site_url": settings.SITE_URL,
        "stop": stop,
        "home": absolute(reverse("dashboard:home")),
        **context,
    }
    return Letter(
        kind=what,
        recipient=user.email,
        subject=subject,
        text=render_to_string(f"dashboard/mail/{name}.txt", context).strip() + "\n",
        html=render_to_string(f"dashboard/mail/{name}.html", context),
        headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        **options,
    )
