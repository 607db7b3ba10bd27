"""Events -> deliveries: one row for each webhook that wants an event, together with the position."""

import secrets
from collections import Counter
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from api.models import Delivery, Webhook
from api.webhooks.stopping import stop
from events.models import Event
from events.readers import AlreadyRead, read

READER = "webhooks"
MAX_WAITING = 10_000  # deliveries of one webhook: with more it is turned off, and says so
MAX_BODY = 256 * 1024  # bytes
BATCH = 500


def collect() -> int:
    """Make the deliveries of the next events; return how many events were read. Safe to run twice at once."""
    batch = read(READER, limit=BATCH)
    if not batch.events:
        return 0
    try:
        with transaction.atomic():
            webhooks = list(Webhook.objects.filter(is_active=True))
            made = [
                make_delivery(webhook, event.pk, event.kind, event.at, data_of(event))
                for event in batch.events
                for webhook in webhooks
                if wants(webhook, event)
            ]
            Delivery.objects.bulk_create(made)
            batch.done()
            _stop_full(webhooks, made)
    except AlreadyRead:
        return 0
    return len(batch.events)


def wants(webhook: Webhook, event: Event) -> bool:
    """Tell whether a webhook is told of an event: of those kinds, and not of what was before it."""
    if webhook.created_at > event.at:
        return False
    return event.kind in webhook.kinds if webhook.kinds else True


def data_of(event: Event) -> dict[str, Any]:
    """Return what a receiver reads of an event."""
    names = ("subjects", "before", "after", "actor", "run", "sources")
    return {"id": event.pk} | {name: getattr(event, name) for name in names}


def make_delivery(webhook: Webhook, event_id: int, kind: str, at: datetime, data: dict[str, Any]) -> Delivery:
    """Return the unsaved delivery of an event. One too long to send names its first subjects only."""
    payload: dict[str, Any] = {"type": kind, "timestamp": at.isoformat(), "data": data}
    body = orjson.dumps(payload, default=str)
    if len(body) > MAX_BODY:
        cut = {"subjects": data["subjects"][:1000], "before": {}, "after": {}, "is_cut": True}
        body = orjson.dumps(payload | {"data": data | cut}, default=str)
    return Delivery(
        webhook=webhook,
        event_id=event_id,
        message_id=f"msg_{secrets.token_hex(16)}",
        kind=kind,
        body=body.decode(),
        try_at=timezone.now(),
    )


def _stop_full(webhooks: list[Webhook], made: list[Delivery]) -> None:
    for webhook in webhooks:
        if not any(delivery.webhook_id == webhook.pk for delivery in made):
            continue
        if webhook.deliveries.filter(state=Delivery.State.WAITING).count() > MAX_WAITING:
            stop(webhook, Webhook.Off.FULL)


def count_by_state(webhook: Webhook) -> Counter[str]:
    """Return how many deliveries of a webhook there are in each state."""
    return Counter(webhook.deliveries.order_by().values_list("state", flat=True))
