"""The API event log: record, keep the newest 200 of each network, clear."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from catalog.bulk import copy_rows
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
    now = timezone.now()
    for event in events:
        by_network[event.network].append(event)
    with transaction.atomic():
        for network in sorted(by_network):  # one order for all writers: no deadlock
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, network])
            copy_rows(
                ApiEvent,
                ("network", "kind", "message", "account_id", "product_id", "created_at"),
                (
                    (
                        network,
                        event.kind,
                        event.message[:MESSAGE_LENGTH],
                        event.account_id,
                        event.product_id,
                        now,
                    )
                    for event in by_network[network]
                ),
            )
            newest = ApiEvent.objects.filter(network=network).order_by("-id")
            first_dropped = newest.values_list("id", flat=True)[KEPT : KEPT + 1].first()
            if first_dropped is not None:
                ApiEvent.objects.filter(network=network, id__lte=first_dropped).delete()


def clear(network: str) -> int:
    """Delete the whole log of `network` and return how many events it held."""
    return ApiEvent.objects.filter(network=network).delete()[0]
