"""Webhooks: addresses that are told of events, and what became of each delivery."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from affiliate_site.encrypted import EncryptedText
from importer.models.reasons import ReasonField


class Webhook(models.Model):
    """An address that is told of events of some kinds; of all kinds where none is named.

    While a secret is being replaced, each delivery is signed with both, until `old_secret_until`.
    """

    class Off(models.TextChoices):
        FAILED = "failed", "It failed for days."
        GONE = "gone", "It answered that it is gone for good (410)."
        FULL = "full", "More deliveries waited than are kept."

    name = models.CharField(max_length=80)
    url = models.CharField("address", max_length=2000)
    kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    secret = EncryptedText(editable=False)
    old_secret = EncryptedText(blank=True, default="", editable=False)
    old_secret_until = models.DateTimeField(null=True, editable=False)
    is_active = models.BooleanField(default=True)
    failing_since = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Since the last success.")
    rests_until = models.DateTimeField(
        null=True, editable=False, help_text="After a failure: nothing is sent before."
    )
    off_because = models.CharField(max_length=10, choices=Off, blank=True, default="", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("api-pages:webhook-detail", args=[self.pk])


class Delivery(models.Model):
    """An event on its way to a webhook. The row is the truth: who holds `claim` sends it.

    It may arrive twice, with the same `webhook-id` (its `message_id`), until it is given up.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Given up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event_id = models.BigIntegerField()
    message_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True, editable=False)
    status = models.PositiveSmallIntegerField(null=True, help_text="What the last answer began with.")
    error = ReasonField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["try_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["ended_at"], name="delivery_over", condition=Q(ended_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook_id}"
