"""Runs: work that a worker does and a page watches. The row is the truth, a message only a hint to look."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from importer.models.accounts import Feed
from importer.models.items import FeedItem
from importer.models.reasons import ReasonField
from importer.models.saved import SavedSearch

ACTIVE = ("queued", "collecting", "running")


class ImportRun(models.Model):
    """Feed items -> products. Single, bulk and quick imports are all one of these, and so is the update of
    offers after the sync of a feed, which nobody asks for.

    A bulk run over "all matches" starts as `collecting`: the worker first turns `query` into items.
    """

    class Kind(models.TextChoices):
        SINGLE = "single", "Single"
        BULK = "bulk", "Bulk"
        QUICK = "quick", "Quick"
        UPDATE = "update", "Update"

    class State(models.TextChoices):
        COLLECTING = "collecting", "Collecting"
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    ACTIVE_STATES = ACTIVE

    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="What was imported, in words: a search, or the first of the items.",
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    feed = models.ForeignKey(
        Feed,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="updates",
        help_text="Of an update.",
    )
    saved_search = models.ForeignKey(
        SavedSearch,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="runs",
        help_text="Whose matches it adds.",
    )
    options = models.JSONField(
        default=dict, blank=True, help_text="What the person chose (importer.imports.options.Options)."
    )
    query = models.JSONField(null=True, blank=True, help_text="The search whose matches are all imported.")
    networks = ArrayField(
        models.CharField(max_length=30),
        default=list,
        blank=True,
        help_text="Where its items come from; while collecting, where they may come from.",
    )
    message = ReasonField(blank=True)
    waits_until = models.DateTimeField(
        null=True, blank=True, help_text="While collecting: the network is not asked before."
    )
    wait_count = models.PositiveSmallIntegerField(
        default=0, help_text="How often it had to wait for the network."
    )
    total_count = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    joined_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    expired_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    blocked_count = models.PositiveIntegerField(default=0)
    invalid_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state"], name="import_run_active", condition=models.Q(state__in=ACTIVE)),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.UPDATE:
            return f"Update from feed {self.feed}" if self.feed else f"Update {self.pk}"
        return self.title or f"{self.get_kind_display()} import {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("importer:run-detail", args=[self.pk])

    @property
    def counts(self) -> dict[str, int]:
        return {verdict: getattr(self, f"{verdict}_count") for verdict in ImportItem.Verdict.values}

    @property
    def done_count(self) -> int:
        return sum(self.counts.values())

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class ImportItem(models.Model):
    """One item of a run, with its verdict once it was worked. An empty verdict is still to do."""

    class Verdict(models.TextChoices):
        CREATED = "created", "Created"
        JOINED = "joined", "Joined"
        UPDATED = "updated", "Updated"
        EXPIRED = "expired", "No longer listed"
        UNCHANGED = "unchanged", "Unchanged"
        BLOCKED = "blocked", "Blocked"
        INVALID = "invalid", "Invalid"
        FAILED = "failed", "Failed"

    # The indexes below serve the foreign keys, too: a run may have 100,000 rows, each written twice.
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="items", db_index=False)
    feed_item = models.ForeignKey(
        FeedItem, on_delete=models.CASCADE, related_name="import_items", db_index=False
    )
    edits = models.JSONField(
        null=True, blank=True, help_text="What the person changed (importer.imports.apply.Edits)."
    )
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    message = models.TextField(blank=True)
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.SET_NULL, null=True, blank=True, db_index=False
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["feed_item", "run"], name="import_item_once_per_run"),
        ]
        indexes = [
            models.Index(fields=["run", "verdict", "id"], name="import_item_verdicts"),
            models.Index(
                fields=["product"], name="import_item_product", condition=models.Q(product__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed_item_id}: {self.verdict or 'to do'}"


class SyncRun(models.Model):
    """Feed -> feed items, once.

    `held`: the feed was read whole, looks wrong, and waits for a person to accept or discard it; the index is
    as it was.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        UNCHANGED = "unchanged", "Unchanged at the network"
        HELD = "held", "Held"
        DISCARDED = "discarded", "Discarded"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="syncs")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    message = ReasonField(blank=True)
    is_accepted = models.BooleanField(
        default=False, help_text="A person accepted what looked wrong: nothing is held."
    )
    byte_count = models.PositiveBigIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(null=True, help_text="Where the server says so.")
    item_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    gone_count = models.PositiveIntegerField(default=0)
    bad_count = models.PositiveIntegerField(default=0)
    bad_samples = models.JSONField(default=list, help_text="The first bad rows: {reason, row}.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    waits_until = models.DateTimeField(null=True, help_text="Before then nobody takes it up.")
    claim = models.UUIDField(null=True, help_text="The worker's: who holds another one is no longer at it.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # The same feed never syncs twice at once.
            models.UniqueConstraint(
                fields=["feed"], name="sync_run_one_active_per_feed", condition=models.Q(state__in=ACTIVE)
            ),
        ]

    def __str__(self) -> str:
        return f"Sync of {self.feed}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def seconds(self) -> float | None:
        """How long it took, once it has ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
