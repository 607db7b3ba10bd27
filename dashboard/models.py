"""What people who work here want to hear of, and what they have not heard yet."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Topic(models.TextChoices):
    """What the daily mail tells of."""

    ACCOUNTS = "accounts", "Networks that refuse our sign-in"
    FEEDS = "feeds", "Feeds that are held or fail"
    RUNS = "runs", "Imports that failed"
    PRODUCTS = "products", "Products that shops no longer have, where the policy says so"
    EARNINGS = "earnings", "Programs that pay less, or nothing any more"
    FRESHNESS = "freshness", "Too many prices that were not checked in time"


class MailChoices(models.Model):
    """Which mails a user wants. Without a row: administrators all, editors none."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="mail_choices"
    )
    topics = ArrayField(models.CharField(max_length=20, choices=Topic), default=list, blank=True)
    at_once = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "mail choices"

    def __str__(self) -> str:
        return f"mail of {self.user_id}"


class Notice(models.Model):
    """Something that happened since the last daily mail: of one topic and subject, however often it did."""

    topic = models.CharField(max_length=20, choices=Topic)
    subject = models.CharField(max_length=200, help_text='"feed:3"; of products gone, the policy.')
    count = models.PositiveIntegerField(default=0)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(help_text="When it happened last.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "subject"], name="notice_once")]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}"


class Refusal(models.Model):
    """An account whose sign-in a network refused, and of which people were told.

    It is there until the network accepts the account again, so that a refusal is told once, however often it
    is tried. `subject` is what was refused: the account or one of its feeds.
    """

    account_id = models.BigIntegerField(primary_key=True)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"account {self.account_id}"


class DigestDay(models.Model):
    """A day whose daily mails are written: who writes it writes them."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return str(self.day)


class SignIn(models.Model):
    """A browser in which a user is logged in, as long as its session is there."""

    session = models.OneToOneField(
        "sessions.Session", on_delete=models.CASCADE, primary_key=True, related_name="sign_in"
    )
    key = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text="Names it on a page; the session's own is secret."
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user_id} since {self.created_at:%Y-%m-%d}"
