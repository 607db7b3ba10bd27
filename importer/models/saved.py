"""Searches that are kept: what is new in them is counted, and they may import by themselves."""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from importer.models.reasons import ReasonField

MAX_DAILY = 10_000
_HOURS = {"hourly": 1, "6h": 6, "daily": 24, "weekly": 168}


class SavedSearch(models.Model):
    """A search over what is mirrored here, with what is to be done about what it finds.

    One that `is_live` asks a network, and only tells what is new (`importer.imports.saved_live`).

    `approved` is the fingerprint of the search and options that a person saw a trial of: changed since, they
    wait for another trial.
    """

    class Schedule(models.TextChoices):
        MANUAL = "", "Only when somebody asks"
        HOURLY = "hourly", "Every hour"
        SIX_HOURS = "6h", "Every 6 hours"
        DAILY = "daily", "Every day"
        WEEKLY = "weekly", "Every week"

        @property
        def interval(self) -> timedelta | None:
            return timedelta(hours=_HOURS[self]) if self else None

    name = models.CharField(max_length=120)
    query = models.JSONField(help_text="What it finds (importer.networks.query.ItemQuery).")
    is_live = models.BooleanField(
        default=False, db_default=False, help_text="Asks the network of its account, not the mirror."
    )
    found_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        editable=False,
        help_text="The items that a live one found at its last look, in the network's order.",
    )
    options = models.JSONField(
        default=dict, blank=True, help_text="As of a run (importer.imports.options.Options)."
    )
    schedule = models.CharField(max_length=10, choices=Schedule, default=Schedule.DAILY, blank=True)
    keep_adding = models.BooleanField("keep adding what it finds", default=False)
    daily_limit = models.PositiveIntegerField(
        "at most a day", default=20, validators=[MinValueValidator(1), MaxValueValidator(MAX_DAILY)]
    )
    approved = models.CharField(max_length=64, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=timezone.now, help_text="What appeared later is new.")
    new_count = models.PositiveIntegerField(
        default=0, help_text="As last counted; not imported, not blocked."
    )
    waiting_count = models.PositiveIntegerField(default=0, help_text="What could be added.")
    counted_at = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    ran_at = models.DateTimeField(null=True, blank=True)
    outcome = ReasonField(blank=True, help_text="Of its last run.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "saved search"
        verbose_name_plural = "saved searches"
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="saved_search_name",
                violation_error_message="There is a saved search of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("importer:saved-detail", args=[self.pk])
