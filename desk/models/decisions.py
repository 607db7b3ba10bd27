"""What the desk decides: who may promote us, and which sales count. The rows are the queue."""

from django.conf import settings
from django.db import models

from desk.models.accounts import DeskAccount


class State(models.TextChoices):
    """Where a decision stands."""

    NONE = "", "Nothing decided"
    QUEUED = "queued", "Waits to be sent"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    FAILED = "failed", "Refused"
    OVERTAKEN = "overtaken", "Decided elsewhere"


class Decidable(models.Model):
    """A thing at a network that a person decides on.

    `status` is the network's, in our words; `wanted` what was decided and `seen` what the network said then,
    so that what somebody else did meanwhile is found out before anything is written.
    """

    account = models.ForeignKey(DeskAccount, on_delete=models.CASCADE)
    external_id = models.CharField(max_length=40)
    program_id = models.CharField(max_length=40, blank=True)
    program = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=20)
    status_text = models.CharField(max_length=200, blank=True, help_text="In the network's words.")
    read_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, blank=True, default=State.NONE)
    wanted = models.JSONField(default=dict, blank=True)
    seen = models.JSONField(default=dict, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="Until then it can be taken back without a trace.")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """May somebody decide on it now?"""
        return self.state not in (State.QUEUED, State.SENDING)


class Application(Decidable):
    """A publisher's site or channel and its place in a program."""

    name = models.CharField(max_length=200)
    url = models.URLField(max_length=2000, blank=True)
    kind = models.CharField(max_length=60, blank=True)
    partner = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    applied_on = models.DateField(null=True)
    segment_id = models.CharField(max_length=20, blank=True)
    segment = models.CharField(max_length=100, blank=True)
    category_id = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=100, blank=True)
    rank = models.IntegerField(null=True)

    class Meta:
        ordering = ["applied_on", "id"]
        verbose_name = "publisher"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "program_id", "external_id"], name="desk_application_once"
            )
        ]
        indexes = [
            models.Index(fields=["status", "applied_on", "id"], name="desk_application_list"),
            models.Index(
                fields=["account", "due_at"],
                name="desk_application_queue",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id


class PendingSale(Decidable):
    """A sale or lead that counts, or does not, as the advertiser says; by itself after `ends_at`."""

    source_id = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=200, blank=True)
    event_id = models.CharField(max_length=20, blank=True)
    event = models.CharField(max_length=100, blank=True)
    order_number = models.CharField(max_length=100, blank=True)
    happened_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ends_as = models.CharField(max_length=10, blank=True, help_text="What time decides: approve or deny.")
    order_value = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    commission = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        ordering = ["ends_at", "id"]
        verbose_name = "sale to validate"
        verbose_name_plural = "sales to validate"
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="desk_pending_sale_once")
        ]
        indexes = [
            models.Index(fields=["status", "ends_at", "id"], name="desk_pending_list"),
            models.Index(fields=["account", "order_number"], name="desk_pending_order"),
            models.Index(
                fields=["account", "due_at"],
                name="desk_pending_queue",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
        ]

    def __str__(self) -> str:
        return self.order_number or self.external_id
