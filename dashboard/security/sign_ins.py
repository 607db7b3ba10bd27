"""Where a user is logged in: a session of each browser, which they can end."""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from dashboard.models import SignIn

MAX_AGENT = 200
SEEN = "seen_at"  # in the session: when it was used last
NOTED_EVERY = timedelta(hours=1)
# The first that a browser's name has; Chrome calls itself Safari, and Edge both.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A browser that is logged in."""

    key: str  # of the row, never the session's own
    name: str
    since: datetime
    seen_at: datetime
    is_this: bool


def note_sign_in(request: HttpRequest, user: User) -> None:
    """Note that this browser is logged in from now on."""
    request.session[SEEN] = int(time.time())
    request.session.save()
    agent = request.META.get("HTTP_USER_AGENT", "")[:MAX_AGENT].replace("\0", "")
    SignIn.objects.update_or_create(
        session_id=request.session.session_key, defaults={"user_id": user.pk, "agent": agent}
    )


def note_seen(request: HttpRequest) -> None:
    """Note that this browser is still used, hourly at most."""
    seen = request.session.get(SEEN)
    if seen and time.time() - seen > NOTED_EVERY.total_seconds():
        request.session[SEEN] = int(time.time())


def get_places(request: HttpRequest, user: User) -> list[Place]:
    """Return where a user is logged in, used last first."""
    rows = SignIn.objects.filter(user=user, session__expire_date__gt=timezone.now()).select_related("session")
    places = [
        Place(
            key=str(row.key),
            name=name_of(row.agent),
            since=row.created_at,
            seen_at=datetime.fromtimestamp(row.session.get_decoded().get(SEEN, 0), UTC),
            is_this=row.session_id == request.session.session_key,
        )
        for row in rows
    ]
    return sorted(places, key=lambda place: (place.is_this, place.seen_at), reverse=True)


def end(user: User, key: str) -> int:
    """Log a browser of this user out; return how many were."""
    return _end(SignIn.objects.filter(user=user, key=key))


def end_others(request: HttpRequest, user: User) -> int:
    """Log all browsers of this user out but the one that asks; return how many were."""
    return _end(SignIn.objects.filter(user=user).exclude(session=request.session.session_key))


def end_all(user: User) -> int:
    """Log all browsers of this user out."""
    return _end(SignIn.objects.filter(user=user))


def _end(rows) -> int:
    keys = list(rows.values_list("session_id", flat=True))
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)


def name_of(agent: str) -> str:
    """Return what people call a browser: "Firefox on Windows".

    >>> name_of("Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0")
    'Firefox on Linux'
    """
    browser = next((name for mark, name in BROWSERS if re.search(rf"\b{mark}", agent)), "A browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser
