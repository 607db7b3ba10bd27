"""Let a week pass in the sandbox of a demo, and read its feeds again."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, OuterRef, Subquery, Value, When

from catalog.models import Offer, PricePoint, Product
from catalog.services.aging import make_log_older
from events.kinds import Kind
from events.models import Event
from events.record import record
from importer.feeds.schedule import start_syncs
from importer.feeds.state import active_syncs
from importer.http.client import Http
from importer.models import Feed, SyncRun
from importer.models.runs import ACTIVE
from importer.networks.contract import NetworkError
from importer.reasons import Reason

WEEK = timedelta(days=7)
WATCHED = 300  # imported articles that something surely happens to
MOVED_SHOWN = 25
COUNTS = ("prices", "texts", "gone", "back", "new")
_LOCK = 0x7765656B  # "week": of the advisory locks, that of the one who lets a week pass


class WeekRefused(Exception):
    """The week did not pass; `reason` says why, and what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PassedWeek:
    """The newest week that passed: its number, when, and how much moved in the shops."""

    number: int
    at: datetime
    counts: dict[str, int]


def is_demo() -> bool:
    """Whether every network is the sandbox: only then may time be played with."""
    url = settings.SANDBOX_URL
    networks = (settings.TRADEDOUBLER_API_URL, settings.ADTRACTION_API_URL, settings.TRADETRACKER_WSDL_URL)
    return bool(url) and all(address.startswith(f"{url}/") for address in networks)


def count_weeks() -> int:
    """Return how many weeks have passed in the sandbox; raise NetworkError where it does not answer."""
    return _ask("GET")["week"]


def pass_week(number: int) -> list[SyncRun] | None:
    """Let week `number` of the sandbox pass; return syncs of the mirrored feeds for the caller to enqueue.

    None where it has passed already: a second click, or another person's. Raises WeekRefused while feeds are
    still being read, and NetworkError. The log of prices becomes a week older, so that the new prices stand a
    week after the old.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
        passed = count_weeks()
        if passed >= number:
            return None
        if passed + 1 != number:
            raise WeekRefused(Reason("week_began_anew"))
        if active_syncs().exists():
            raise WeekRefused(Reason("week_feeds_read"))
        # Weeks up to this one: asked again, it answers without another.
        answer = _ask("POST", json={"to": number, "watched": _watched()})
        make_log_older(WEEK)
        counts: Counter[str] = Counter()
        for feed in answer["feeds"]:
            counts.update({name: feed[name] for name in COUNTS})
        record(Kind.WEEK_PASSED, f"week:{number}", after={"week": number, **counts})
        return start_syncs(Feed.objects.filter(is_mirrored=True))


def last_week() -> PassedWeek | None:
    """Return the newest week that passed; None where none did, or it is long ago."""
    event = Event.objects.filter(kind=Kind.WEEK_PASSED).order_by("-id").first()
    if event is None:
        return None
    return PassedWeek(event.after["week"], event.at, {name: event.after[name] for name in COUNTS})


def moved_since(at: datetime) -> Sequence[PricePoint]:
    """Return what the log of prices says since then of imported products, newest first.

    Each has its offer with product and shop, and `was`: the price before, in the same currency, or None.
    """
    before = PricePoint.objects.filter(offer=OuterRef("offer"), recorded_at__lt=at).order_by(
        "-recorded_at", "-id"
    )
    was = Case(
        When(currency=Subquery(before.values("currency")[:1]), then=Subquery(before.values("price")[:1]))
    )
    stocked = Subquery(before.values("in_stock")[:1])
    points = PricePoint.objects.filter(recorded_at__gte=at, offer__created_at__lt=at)
    points = points.annotate(was=was, was_in_stock=stocked).select_related("offer__product", "offer__shop")
    return list(points.order_by("-recorded_at", "-id")[:MOVED_SHOWN])


def count_syncs(at: datetime) -> tuple[int, int]:
    """Return how many syncs were asked for since then, and how many of them have ended."""
    states = list(SyncRun.objects.filter(created_at__gte=at).values_list("state", flat=True))
    return len(states), sum(state not in ACTIVE for state in states)


def _watched() -> list[list[str]]:
    """Return imported articles as (feed, id) of the sandbox: first those whose title a person wrote."""
    edited = Case(When(product__title=F("title"), then=Value(1)), default=Value(0))
    offers = Offer.objects.exclude(product__status=Product.Status.TRASHED).order_by(edited, "pk")
    keys = (key.split(":", 2) for key in offers.values_list("source_key", flat=True)[:WATCHED])
    return [[f"{network}:{feed}", item] for network, feed, item in keys]


def _ask(method: str, **options: Any) -> dict[str, Any]:
    url = f"{settings.SANDBOX_URL}/_control/week"
    answer = Http(name="Sandbox").request(method, url, idempotent=True, **options)
    if answer.status_code != 200:
        raise NetworkError("request_refused", who="Sandbox", status=answer.status_code, said="")
    return json.loads(answer.content)
