"""How often somebody may try to sign in, so that nobody guesses a password and nobody keeps the owner out.

Wrong passwords are counted for `AXES_COOLOFF_TIME`, in the database (django-axes):

- of one name from one address, and of all names from one address: then that door is closed for a while;
- of one name from everywhere: then it is one try in a while, for whoever comes from an unknown device;
- on a device where this name has signed in before: on its own. Nobody else's tries count there.
"""

import secrets
from datetime import timedelta

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.core.signing import Signer
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

PER_NAME_AND_ADDRESS = 10
PER_ADDRESS = 30
PER_NAME = 100
PER_DEVICE = 10
MAX_NAME = 200  # letters; with the device it fits into 255
SLOWED_TO_ONE_IN = timedelta(seconds=10)

COOKIE = "device"
COOKIE_SECONDS = 365 * 24 * 3600
_signer = Signer(salt="affiliate_site.sign_in")


def remember_device(response: HttpResponse, username: str) -> None:
    """Let the browser prove later that this name has signed in with it. The name is not in the cookie."""
    device = secrets.token_hex(8)
    response.set_cookie(
        COOKIE,
        f"{device}.{_signer.signature(f'{username} {device}')}",
        max_age=COOKIE_SECONDS,
        path="/dashboard/",  # visitors' pages never see it
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def find_device(request: HttpRequest, username: str) -> str:
    """Return the device that this name has signed in with before; "" where it is unknown."""
    device, _, signature = request.COOKIES.get(COOKIE, "").partition(".")
    known = constant_time_compare(signature, _signer.signature(f"{username} {device}"))
    return device if device and known else ""


def counted_name(request: HttpRequest, credentials: dict | None) -> str:
    """Return the name under which axes counts a wrong password (`AXES_USERNAME_CALLABLE`)."""
    username, device = _who(request, credentials)
    return f"{username} on {device}" if device else username


def _who(request: HttpRequest, credentials: dict | None) -> tuple[str, str]:
    """Return the name that was typed, as much of it as axes can store, and its known device or ""."""
    username = ((credentials or request.POST).get("username") or "").replace("\0", "")[:MAX_NAME]
    return username, find_device(request, username)


class Handler(AxesDatabaseHandler):
    """Counts by the rules above. `AXES_FAILURE_LIMIT` is 1: of rules, not of passwords."""

    def get_failures(self, request: HttpRequest, credentials: dict | None = None) -> int:
        """Return how many of the rules say no."""
        name, (_, device) = counted_name(request, credentials), _who(request, credentials)
        recent = AccessAttempt.objects.filter(attempt_time__gt=get_cool_off_threshold(request))
        of_name = recent.filter(username=name)
        if device:
            return int(_count(of_name) >= PER_DEVICE)
        from_here = recent.filter(ip_address=request.axes_ip_address)
        return sum(
            (
                _count(of_name & from_here) >= PER_NAME_AND_ADDRESS,
                _count(from_here) >= PER_ADDRESS,
                _count(of_name) >= PER_NAME and _was_tried_just_now(of_name),
            )
        )


def _count(attempts) -> int:
    return attempts.aggregate(sum=Sum("failures_since_start", default=0))["sum"]


def _was_tried_just_now(attempts) -> bool:
    last = attempts.aggregate(last=Max("attempt_time"))["last"]
    return last is not None and timezone.now() - last < SLOWED_TO_ONE_IN
