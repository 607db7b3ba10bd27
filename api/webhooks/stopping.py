"""Turn off a webhook that nobody answers, and tell whoever made it."""

from django.db import transaction
from django.utils import timezone

from api.models import Delivery, Webhook
from catalog.services.edits import record_of
from events.kinds import Kind
from mail.outbox import Letter, put

KIND = "webhook"


def stop(webhook: Webhook, why: Webhook.Off) -> bool:
    """Send nothing more to a webhook; what waits is given up. False: it was off already."""
    with transaction.atomic():
        stopped = Webhook.objects.filter(pk=webhook.pk, is_active=True).update(
            is_active=False, off_because=why
        )
        if not stopped:
            return False
        waiting = Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING)
        count = waiting.update(state=Delivery.State.FAILED, ended_at=timezone.now(), claim=None)
        record_of(Kind.WEBHOOK_STOPPED, webhook, after={"because": str(why), "given_up": count})
        if webhook.created_by and webhook.created_by.is_active and webhook.created_by.email:
            put([_letter(webhook, why, count)])
    return True


def _letter(webhook: Webhook, why: Webhook.Off, count: int) -> Letter:
    text = (
        f"The webhook “{webhook.name}” is off: {why.label}\n\n"
        f"{count} deliveries were given up. They can be sent again on its page in the dashboard, under API, "
        "once its receiver works and it is turned on again.\n"
    )
    assert webhook.created_by
    return Letter(
        kind=KIND,
        recipient=webhook.created_by.email,
        subject=f"Webhook “{webhook.name}” is off",
        text=text,
        key=f"webhook:{webhook.pk}:{timezone.now():%Y-%m-%dT%H}",
    )
