"""The API event log: record, keep the newest 200 of each network, clear."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from importer.models import ApiEvent, NetworkAccount

KEPT = 200
MESSAGE_LENGTH = ApiEvent._meta.get_field("message").max_length
# First key of the advisory locks of this module; the second is the hash of the network's slug.
_LOCK = 7_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a network's log, to be."""

    network: str
    kind: str
    message: str
    account_id: int | None = None
    product_id: int | None = None


def record(
    network: str,
    kind: ApiEvent.Kind,
    message: str,
    *,
    account: NetworkAccount | None = None,
    product_id: int | None = None,
) -> None:
    """Add one event to the log of `network`."""
    account_id = account and account.pk
    record_all(
        [Event(network=network, kind=kind, message=message, account_id=account_id, product_id=product_id)]
    )


def record_all(events: Iterable[Event]) -> None:
    """Add events, oldest first, and drop what is older than the newest 200 of their network.

    Writers of one network take turns until they commit, so no reader ever sees more than 200 and no newer
    event is dropped for an older one: call this last in a transaction. Of more than 200 events for a network
    only the newest 200 are written, as the rest would be dropped at once.
    """
    by_network: dict[str, deque[Event]] = defaultdict(lambda: deque(maxlen=KEPT))
    for event in events:
        by_network[event.network].append(event)
    with transaction.atomic() if len(by_network) > 1 else nullcontext():
        for network in sorted(by_network):  # one order for all writers: no deadlock
            _write(network, by_network[network])


# One round trip and one transaction, yet a snapshot per statement: what to drop is decided after the wait.
_WRITE = """
    SELECT pg_advisory_xact_lock(%(lock)s, hashtext(%(network)s));
    INSERT INTO importer_apievent (network, kind, message, account_id, product_id, created_at)
    SELECT %(network)s, kind, message, account_id, product_id, %(now)s
    FROM unnest(%(kinds)s::text[], %(messages)s::text[], %(accounts)s::bigint[], %(products)s::bigint[])
        WITH ORDINALITY AS event(kind, message, account_id, product_id, place)
    ORDER BY place;
    DELETE FROM importer_apievent WHERE network = %(network)s AND id <= (
        SELECT id FROM importer_apievent WHERE network = %(network)s ORDER BY id DESC OFFSET %(kept)s LIMIT 1
    )
"""


def _write(network: str, events: Collection[Event]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "lock": _LOCK,
                "network": network,
                "now": timezone.now(),
                "kinds": [str(event.kind) for event in events],
                "messages": [event.message[:MESSAGE_LENGTH] for event in events],
                "accounts": [event.account_id for event in events],
                "products": [event.product_id for event in events],
                "kept": KEPT,
            },
        )


def clear(network: str) -> int:
    """Delete the whole log of `network` and return how many events it held."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, network])
        return ApiEvent.objects.filter(network=network).delete()[0]
