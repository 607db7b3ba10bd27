"""What waits for a person: the lines of the desk's first page. Each part of the desk adds its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse

from desk.models import DeskAccount


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many things that somebody has to look at, in words, and the page where."""

    count: int
    words: str  # "refused products"
    url: str
    status: str = "waiting"  # or "error", as lists have their colours


def _refused_logins() -> Iterator[Waiting]:
    if count := DeskAccount.objects.exclude(check_error="").count():
        words = "login does not work" if count == 1 else "logins do not work"
        yield Waiting(count, words, reverse("desk:account-list"), "error")


# One query each at most; with the permission that its page needs.
PARTS: list[tuple[str, Callable[[], Iterator[Waiting]]]] = [
    ("desk.view_deskaccount", _refused_logins),
]


def list_waiting(may: Callable[[str], bool]) -> list[Waiting]:
    """Return what waits for a person who has these permissions."""
    return [line for permission, part in PARTS if may(permission) for line in part()]
