"""Webhooks as people look after them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from affiliate_site.encrypted import encrypt_text
from api.models import Delivery, Webhook
from api.webhooks.collecting import make_delivery
from api.webhooks.signing import make_secret
from catalog.services import save_edit
from catalog.services.edits import record_of
from events.kinds import Kind

OLD_SECRET_LASTS = timedelta(hours=24)
FIELDS = ("name", "url", "kinds", "is_active")
TEST = "test.sent"


def list_webhooks() -> QuerySet[Webhook]:
    """Return the webhooks with `waiting` and `given_up`: how many deliveries wait, and were given up."""
    return Webhook.objects.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING)),
        given_up=Count("deliveries", filter=Q(deliveries__state=Delivery.State.FAILED)),
    )


def list_deliveries(webhook: Webhook, state: str = "") -> QuerySet[Delivery]:
    """Return what was sent to a webhook and what waits, the newest first."""
    found = webhook.deliveries.defer("body")
    return found.filter(state=state) if state in Delivery.State.values else found


def make_webhook(*, user: User, name: str, url: str, kinds: Sequence[str] = ()) -> tuple[Webhook, str]:
    """Make a webhook; return it with its secret, which is shown once."""
    secret = make_secret()
    with transaction.atomic():
        webhook = Webhook.objects.create(
            name=name, url=url, kinds=list(kinds), secret=encrypt_text(secret), created_by=user
        )
        record_of(Kind.WEBHOOK_CREATED, webhook, after={"kinds": list(kinds)})
    return webhook, secret


def edit_webhook(webhook: Webhook) -> None:
    """Save what a form set; one that is turned on again begins anew."""
    if webhook.is_active:
        webhook.off_because, webhook.failing_since, webhook.rests_until, webhook.failures = "", None, None, 0
    save_edit(webhook, Kind.WEBHOOK_EDITED, fields=("name", "kinds", "is_active"))


def change_secret(webhook: Webhook) -> str:
    """Give a webhook another secret and return it; for a day deliveries are signed with the old one, too."""
    secret = make_secret()
    with transaction.atomic():
        stored = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        stored.old_secret, stored.old_secret_until = stored.secret, timezone.now() + OLD_SECRET_LASTS
        stored.secret = encrypt_text(secret)
        stored.save(update_fields=["secret", "old_secret", "old_secret_until"])
        record_of(Kind.WEBHOOK_SECRET_CHANGED, stored)
    return secret


def delete_webhook(webhook: Webhook) -> None:
    """Delete a webhook with its deliveries."""
    with transaction.atomic():
        record_of(Kind.WEBHOOK_DELETED, webhook)
        webhook.delete()


def send_test(webhook: Webhook) -> Delivery:
    """Let a message without an event be sent, to see whether it arrives."""
    data: dict[str, Any] = {"id": 0, "subjects": [], "before": {}, "after": {"webhook": webhook.name}}
    delivery = make_delivery(webhook, 0, TEST, timezone.now(), data)
    delivery.save()
    return delivery


def send_again(delivery: Delivery) -> bool:
    """Let a delivery that is over be sent anew, with its id; False where it waits or its webhook is off."""
    with transaction.atomic():
        webhook = Webhook.objects.filter(pk=delivery.webhook_id, is_active=True)
        over = Delivery.objects.filter(pk=delivery.pk, webhook__is_active=True, ended_at__isnull=False)
        again = {"state": Delivery.State.WAITING, "tries": 0, "try_at": timezone.now(), "ended_at": None}
        if not over.update(**again, claim=None):
            return False
        webhook.update(rests_until=None)
    return True
