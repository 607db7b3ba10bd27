"""The outbox of conversions, and the keys with which a shop fills it."""

from django.conf import settings
from django.db import models

from desk.models.accounts import DeskAccount


class Conversion(models.Model):
    """One order or lead of the shop, told to the network until that took or refused it.

    An e-mail address is here as a hash alone; the row is unique by its transaction id.
    """

    class Kind(models.TextChoices):
        SALE = "sale", "Sale"
        LEAD = "lead", "Lead"

    class State(models.TextChoices):
        HELD = "held", "Held"
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        REFUSED = "refused", "Refused"
        CONFIRMED = "confirmed", "Confirmed"

    account = models.ForeignKey(DeskAccount, on_delete=models.CASCADE)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    tid = models.CharField(max_length=100)
    product_id = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    quantity = models.PositiveIntegerField(null=True)
    reference = models.CharField(max_length=300, blank=True)
    email_hash = models.CharField(max_length=64, blank=True)
    voucher = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=200, blank=True)
    publisher_note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    problem = models.CharField(max_length=400, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    answer_status = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "tid"], name="desk_conversion_once")
        ]
        indexes = [
            models.Index(
                fields=["account", "next_try_at", "id"],
                name="desk_conversion_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["account", "sent_at"], name="desk_conversion_sent", condition=models.Q(state="sent")
            ),
            models.Index(fields=["state", "-id"], name="desk_conversion_state"),
        ]

    def __str__(self) -> str:
        return self.tid


class ConversionKey(models.Model):
    """A key with which a shop reports conversions of one account. Kept as a hash; shown once."""

    account = models.ForeignKey(DeskAccount, on_delete=models.CASCADE)
    name = models.CharField(max_length=60)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
