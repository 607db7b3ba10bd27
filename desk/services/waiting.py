"""What waits for a person: the lines of the desk's first page. Each part of the desk adds its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse

from desk.models import Application, DeskAccount, OwnFeed, State
from desk.services import outbox, pending, publishers


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


def _applications() -> Iterator[Waiting]:
    rows = Application.objects.filter(status=publishers.APPLIED, state=State.NONE)
    if count := rows.count():
        words = "publisher applied" if count == 1 else "publishers applied"
        yield Waiting(count, words, reverse("desk:publisher-list"))


def _sales() -> Iterator[Waiting]:
    if count := pending.count_pending()["soon"]:
        words = "sale that time decides this week" if count == 1 else "sales that time decides this week"
        yield Waiting(count, words, reverse("desk:pending-list") + "?within_days=7")


def _conversions() -> Iterator[Waiting]:
    counts, address = outbox.count_states(), reverse("desk:conversion-list")
    for state, words in (("held", "held"), ("refused", "refused")):
        if count := counts.get(state, 0):
            noun = "conversion is" if count == 1 else "conversions are"
            yield Waiting(count, f"{noun} {words}", f"{address}?state={state}", "error")


def _unconfirmed() -> Iterator[Waiting]:
    if count := outbox.count_unconfirmed():
        yield Waiting(count, "sent and listed by nobody", reverse("desk:conversion-list") + "?state=sent")


def _own_products() -> Iterator[Waiting]:
    refused = planned = unmapped = 0
    for counts, without_category in OwnFeed.objects.values_list("counts", "unmapped_count"):
        refused += counts.get("refused", 0)
        planned += counts.get("new", 0) + counts.get("changed", 0)
        unmapped += without_category or 0
    products, categories = reverse("desk:feed-list"), reverse("desk:category-list")
    if refused:
        yield Waiting(refused, "refused products", products, "error")
    if planned:
        yield Waiting(planned, "products to push", products)
    if unmapped:
        yield Waiting(unmapped, "categories without a mapping", categories)


# One query each at most; with the permission that its page needs.
PARTS: list[tuple[str, Callable[[], Iterator[Waiting]]]] = [
    ("desk.view_deskaccount", _refused_logins),
    ("desk.view_application", _applications),
    ("desk.view_pendingsale", _sales),
    ("desk.view_conversion", _conversions),
    ("desk.view_conversion", _unconfirmed),
    ("desk.view_ownfeed", _own_products),
]


def list_waiting(may: Callable[[str], bool]) -> list[Waiting]:
    """Return what waits for a person who has these permissions."""
    return [line for permission, part in PARTS if may(permission) for line in part()]
