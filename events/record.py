"""Write to the outbox."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from events.actor import current_actor, current_run
from events.kinds import Kind


def record(
    kind: Kind,
    subjects: str | Iterable[str],
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    sources: Sequence[str] = (),
    run: int | None = None,
) -> None:
    """Note a change, in the caller's transaction and as its last step; nothing where there are no subjects.

    `subjects`: one key ("product:12"), or those of many that changed alike. `before` and `after` hold what
    differs, never a secret. `sources`: networks in whose log it is a line. Who acts is known
    (`events.actor`), and the run, too, unless it is told.
    """
    subjects = [subjects] if isinstance(subjects, str) else list(subjects)
    if not subjects:
        return
    run = current_run() if run is None else run
    values: dict[str, Any] = {
        "kind": kind.value,
        "subjects": subjects,
        "before": _json(before),
        "after": _json(after),
        "sources": list(sources),
        "actor": current_actor(),
        "run": run,
        "is_line": run is None or bool(sources),
        "at": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def keys(kind: str, ids: Iterable[int]) -> list[str]:
    """Return the keys of things of one kind: "product:12", ..."""
    return [f"{kind}:{pk}" for pk in ids]


class Changes(TypedDict, total=False):
    """What a change was and is, of the values that differ."""

    before: dict[str, Any]
    after: dict[str, Any]


def changes(old: dict[str, Any], new: dict[str, Any]) -> Changes:
    """Return `before` and `after` of the values that differ, as `record` takes them; {} where none does."""
    names = [name for name, value in new.items() if old.get(name) != value]
    if not names:
        return {}
    return {"before": {name: old.get(name) for name in names}, "after": {name: new[name] for name in names}}


def _json(values: dict[str, Any] | None) -> Jsonb:
    return Jsonb(values or {}, dumps=_dumps)


def _dumps(values: dict[str, Any]) -> str:
    return json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False)


# The condition comes before the row: a transaction has its number before it draws an id, as `readers` needs.
_INSERT = """
    INSERT INTO events_event (id, kind, subjects, before, after, sources, actor, run, is_line, at)
    SELECT nextval('events_event_id_seq'), %(kind)s, %(subjects)s, %(before)s, %(after)s, %(sources)s,
        %(actor)s, %(run)s, %(is_line)s, %(at)s
    WHERE pg_current_xact_id() IS NOT NULL
"""
