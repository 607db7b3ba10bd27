"""The log that people read: lines made of the outbox, the newest first.

An import run is one line that grows, however many products it brings; what could not be imported, and what a
network refused, are lines of their own. Deleting a log hides its lines; the outbox keeps what it has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max, TextChoices
from django.urls import reverse

from catalog.models import Product
from events.kinds import Kind
from events.models import Event
from importer.log_words import describe, describe_run, type_of, type_of_run
from importer.models import ImportItem, ImportRun, LogStart

SHOWN = 200
BATCH = 500  # events read at once: several may make one line


class Type(TextChoices):
    """What a line is about, for the filter."""

    CONNECT = "connect", "Connection"
    IMPORT = "import", "Import"
    UPDATE = "update", "Update"
    SYNC = "sync", "Sync"
    CHANGE = "change", "Change"
    ERROR = "error", "Error"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `url`: the page of what it is about, "" where there is none."""

    at: datetime
    networks: Sequence[str]
    type: Type
    message: str
    who: str
    product_id: int | None
    product: str
    url: str

    @property
    def status(self) -> str:
        """What kind of news it is, in the words that the lists' colours know."""
        if self.type in (Type.IMPORT, Type.CONNECT):
            return "success"
        return "error" if self.type == Type.ERROR else "info"


# What goes well by itself, and often.
ROUTINE = [Kind.SYNC_ENDED, Kind.ACCOUNT_REFRESHED, Kind.FEED_MIRRORED]


def read_log(network: str = "", *, limit: int = SHOWN, routine: bool = True) -> list[Line]:
    """Return the newest lines of a network's log, or ("") of everything, changes by people included.

    Without `routine` what goes well by itself is left out.
    """
    events = list(_newest(network, limit, without=() if routine else ROUTINE))
    runs = ImportRun.objects.select_related("feed__program").in_bulk(filter(None, map(_run_id, events)))
    single = [run.pk for run in runs.values() if run.total_count == 1]
    items = ImportItem.objects.filter(run__in=single).exclude(product=None)
    products = {f"run:{run}": product for run, product in items.values_list("run", "product")}
    products |= {
        event.subject: int(event.subject.partition(":")[2])
        for event in events
        if event.subject.startswith("product:") and len(event.subjects) == 1
    }
    shown = Product.objects.filter(pk__in=set(products.values()))  # no query where there are none
    titles = dict(shown.values_list("pk", "title"))
    names = _user_names(events)
    return [_line(event, runs.get(_run_id(event)), products, titles, names) for event in events]


def clear_log(network: str) -> None:
    """Hide the lines that a network's log has now."""
    with transaction.atomic():
        newest = Event.objects.aggregate(newest=Max("pk"))["newest"] or 0
        LogStart.objects.update_or_create(network=network, defaults={"after_event": newest})


def _newest(network: str, limit: int, without: Sequence[str]) -> Iterator[Event]:
    """Yield the events that are lines: of each run only the newest, which stands for all of it."""
    starts = dict(LogStart.objects.values_list("network", "after_event"))
    lines = Event.objects.filter(is_line=True).order_by("-pk")
    if without:
        lines = lines.exclude(kind__in=without)
    if network:
        lines = lines.filter(sources__contains=[network], pk__gt=starts.get(network, 0))
    seen: set[str] = set()
    count, last = 0, None
    while count < limit:
        batch = list((lines if last is None else lines.filter(pk__lt=last))[:BATCH])
        for event in batch:
            is_hidden = event.sources and all(event.pk <= starts.get(slug, 0) for slug in event.sources)
            if is_hidden or event.subject in seen:
                continue
            if _run_id(event):
                seen.add(event.subject)
            yield event
            count += 1
            if count == limit:
                return
        if len(batch) < BATCH:
            return
        last = batch[-1].pk


def _run_id(event: Event) -> int | None:
    kind, _, pk = event.subject.partition(":")
    return int(pk) if kind == "run" else None


def _line(event: Event, run: ImportRun | None, products: dict, titles: dict, names: dict[str, str]) -> Line:
    product_id = products.get(event.subject) if len(event.subjects) == 1 else None
    title = titles.get(product_id, "")
    of_run = _run_id(event) is not None
    return Line(
        at=event.at,
        networks=run.networks if run else event.sources,
        type=Type(type_of_run(run) if run else type_of(event)),
        message=describe_run(event, run) if of_run else describe(event),
        who=names.get(event.actor, ""),
        product_id=product_id if title else None,
        product=title,
        url=_url(event, run),
    )


def _url(event: Event, run: ImportRun | None) -> str:
    if run:
        return run.get_absolute_url()
    if event.run and event.kind == Kind.ITEM_REFUSED:
        return reverse("importer:run-detail", args=[event.run])
    kind, _, pk = event.subject.partition(":")
    return reverse("importer:feed-detail", args=[pk]) if kind == "feed" else ""


def _user_names(events: Sequence[Event]) -> dict[str, str]:
    """Return who did something, by actor: people and commands; what works by itself has no name."""
    actors = {event.actor for event in events}
    ids = [int(actor.partition(":")[2]) for actor in actors if actor.startswith("user:")]
    users = get_user_model().objects.filter(pk__in=ids).values_list("pk", "username") if ids else ()
    commands = {
        actor: f"manage.py {actor.partition(':')[2]}" for actor in actors if actor.startswith("command:")
    }
    return commands | {f"user:{pk}": name for pk, name in users}
