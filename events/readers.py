"""Read the outbox from where one stopped, in order, and never miss an event.

Ids are drawn when a change is written and seen when it is committed, so a lower id may appear after a higher
one. Before it reads, a reader notes the newest id that was drawn, and then the number of a transaction that
begins now. Whoever drew such an id has a lower number: once no transaction below that number is under way,
no event up to that id can still appear.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from events.models import Event, Reader

BATCH = 1_000


class AlreadyRead(Exception):
    """Another process of this reader has finished these events."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The next events of a reader, oldest first; none where nothing is certain yet."""

    reader: str
    after: int
    events: list[Event]

    def done(self) -> None:
        """Go on behind these events the next time.

        In one transaction with what was done about them, each is dealt with exactly once. Raises AlreadyRead
        where another process was quicker: then undo.
        """
        if not self.events:
            return
        unread = Reader.objects.filter(pk=self.reader, position=self.after)
        if not unread.update(position=self.events[-1].pk):
            raise AlreadyRead(self.reader)


def read(reader: str, *, limit: int = BATCH, fields: Sequence[str] = ()) -> Batch:
    """Return the events behind the reader's position; a new reader begins with the oldest that is kept.

    Call it outside of a transaction. A transaction that takes long delays events, it loses none. Whoever
    stays behind for longer than events are kept misses those that were trimmed.
    `fields`: of the events, all where none is named.
    """
    if connection.in_atomic_block:
        raise RuntimeError("Read events outside of a transaction: inside, nothing is certain.")
    row, _ = Reader.objects.get_or_create(name=reader)
    certain = _certain_id(row)
    events = Event.objects.filter(pk__gt=row.position, pk__lte=certain).order_by("pk")
    if fields:
        events = events.only(*fields)
    return Batch(reader, row.position, list(events[:limit]))


def _certain_id(row: Reader) -> int:
    """Return the id up to which all events are there, and keep a mark for the next time."""
    with connection.cursor() as cursor:
        # Two statements, in this order: who draws an id in between is not below it.
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_event_id_seq")
        (drawn,) = cursor.fetchone()
        cursor.execute(
            "SELECT pg_current_xact_id()::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        transaction, oldest_active = cursor.fetchone()
    if oldest_active >= transaction:
        return int(drawn)  # nobody else is at it
    is_certain = row.mark_transaction <= oldest_active
    # Higher than any number that was given: the database was restored somewhere else.
    if is_certain or row.mark_transaction > transaction:
        Reader.objects.filter(pk=row.pk).update(mark=drawn, mark_transaction=transaction)
    return row.mark if is_certain else row.position
