"""The category map: which of our categories a merchant's category is, and what is known to say so."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from importer.models.accounts import Feed


class CategoryMapping(models.Model):
    """A category of a program, as its feeds write it, and the categories of ours that a person gave it.

    "mapped": its products go into `category_ids`; "none": into no category, on purpose; "": nobody has said.
    Until then `proposed_ids` is what earlier choices speak for, with a `confidence` in per cent and in words.
    """

    class Decision(models.TextChoices):
        MAPPED = "mapped", "Mapped"
        NONE = "none", "None, on purpose"

    program_key = models.CharField(max_length=200, help_text="`network:program`, as feed items have it.")
    key = models.CharField(max_length=300, help_text="The path in small letters without marks.")
    name = models.CharField(max_length=300, help_text="The path as the feed writes it.")
    shop_name = models.CharField(max_length=120, blank=True)
    item_count = models.PositiveIntegerField(default=0, help_text="Feed items, when last counted.")
    decision = models.CharField(max_length=6, choices=Decision, blank=True)
    category_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    proposed_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    confidence = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-item_count", "id"]
        constraints = [
            models.UniqueConstraint(fields=["program_key", "key"], name="category_mapping_once"),
        ]
        indexes = [
            models.Index(fields=["decision", "-item_count", "id"], name="category_mapping_most"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_name or self.program_key}: {self.name}"


class CategoryCount(models.Model):
    """How many items of a feed are in a category of its program, when last counted."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="+", db_index=False)
    program_key = models.CharField(max_length=200)
    key = models.CharField(max_length=300)
    name = models.CharField(max_length=300)
    shop_name = models.CharField(max_length=120, blank=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "program_key", "key"], name="category_count_once"),
        ]
        indexes = [
            models.Index(fields=["program_key", "key"], name="category_count_program"),
        ]

    def __str__(self) -> str:
        return f"{self.count} x {self.name}"


class CountedFeed(models.Model):
    """When the categories of a feed were counted last."""

    feed = models.OneToOneField(Feed, on_delete=models.CASCADE, primary_key=True, related_name="counted")
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"feed {self.feed_id}"


MAPPING_ACTIVE = ("planning", "running")


class MappingRun(models.Model):
    """The category map applied to the products that are here: first a plan to be read, then carried out.

    Both go through the products by id, and keep where they are: who takes it up goes on behind
    `last_product_id`. `plan` and `result` are what was planned and what was done: counts and samples
    (`importer.imports.mapping_runs`).
    """

    class State(models.TextChoices):
        PLANNING = "planning", "Being planned"
        PLANNED = "planned", "Planned"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    state = models.CharField(max_length=10, choices=State, default=State.PLANNING)
    mapping = models.ForeignKey(
        CategoryMapping,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="runs",
        help_text="Only this line of the map; else the whole map.",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    total_count = models.PositiveIntegerField(default=0, help_text="Products to look at.")
    seen_count = models.PositiveIntegerField(default=0)
    last_product_id = models.BigIntegerField(default=0)
    plan = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["state"], name="mapping_run_active", condition=models.Q(state__in=MAPPING_ACTIVE)
            ),
        ]

    def __str__(self) -> str:
        return f"Apply of the category map {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("importer:mapping-run", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.state in MAPPING_ACTIVE

    @property
    def percent(self) -> int:
        return min(100, 100 * self.seen_count // self.total_count) if self.total_count else 0
