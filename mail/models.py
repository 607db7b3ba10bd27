"""The outbox of e-mail: a row per mail, written in the transaction of its cause (`mail.outbox`)."""

from django.db import models
from django.db.models import Q

from affiliate_site.encrypted import EncryptedText


class Mail(models.Model):
    """One mail to one address.

    `message_id` is its Message-ID, whatever becomes of it. `is_handed_over` is committed before the first
    byte of its text leaves, and taken back only where the server certainly does not have it: what is
    handed over and not known to have arrived is never sent again by itself (`mail.sending`).
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        UNKNOWN = "unknown", "Perhaps sent"
        FAILED = "failed", "Given up"

    message_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=30, help_text="What it is: a digest, a price alert.")
    key = models.CharField(
        max_length=200, blank=True, help_text="What it tells whom: there is no second mail of one key."
    )
    recipient = EncryptedText(blank=True)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    is_private = models.BooleanField(
        default=False, help_text="Of a visitor: address and text go when it is done with."
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    error = models.CharField(max_length=300, blank=True, help_text="What came of the last try.")
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    claim = models.UUIDField(null=True, help_text="The try that is under way.")
    claimed_at = models.DateTimeField(null=True)
    is_handed_over = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "mails"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="mail_message_id_once"),
            models.UniqueConstraint(fields=["key"], name="mail_key_once", condition=~Q(key="")),
        ]
        indexes = [
            models.Index(fields=["try_at"], name="mail_due", condition=Q(state="waiting")),
            models.Index(fields=["claimed_at"], name="mail_claimed", condition=Q(state="sending")),
            models.Index(fields=["-id"], name="mail_troubled", condition=Q(state__in=("failed", "unknown"))),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def status(self) -> str:
        """How its state is, in the words that the lists' colours know."""
        return _STATUS[self.state]

    @property
    def can_be_sent_again(self) -> bool:
        return self.state in (self.State.UNKNOWN, self.State.FAILED) and bool(self.recipient)

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.SENT, self.State.UNKNOWN, self.State.FAILED)


_STATUS = {
    "waiting": "queued",
    "sending": "running",
    "sent": "success",
    "unknown": "warning",
    "failed": "error",
}
