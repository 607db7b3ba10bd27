"""The desk's log, made of the outbox: what was written, by whom, with what stood there before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from events.models import Event
from importer.log_words import LABELS, describe

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `changes`: (what, before, after) of what differs."""

    at: datetime
    label: str
    message: str
    who: str
    changes: Sequence[tuple[str, Any, Any]]


def read_log(*, limit: int = SHOWN) -> list[Line]:
    """Return the newest lines, the newest first."""
    events = list(Event.objects.filter(is_line=True, kind__startswith="desk_").order_by("-pk")[:limit])
    ids = [int(event.actor[5:]) for event in events if event.actor.startswith("user:")]
    names = dict(get_user_model().objects.filter(pk__in=ids).values_list("pk", "username")) if ids else {}
    return [
        Line(
            at=event.at,
            label=LABELS.get(event.kind, event.kind),
            message=describe(event),
            who=names.get(int(event.actor[5:]), "") if event.actor.startswith("user:") else event.actor,
            changes=[
                (name.replace("_", " "), event.before.get(name, ""), event.after.get(name, ""))
                for name in event.before
            ],
        )
        for event in events
    ]
