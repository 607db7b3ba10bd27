"""Tradedoubler's category tree, and which of it the categories of an own feed are."""

from django.db import models

from desk.models.own_feeds import OwnFeed
from importer.models.reasons import ReasonField


class TdCategory(models.Model):
    """A category of Tradedoubler's tree, with its path in one language; the tree is read anew each week."""

    external_id = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    path = models.CharField(max_length=500)
    name = models.CharField(max_length=200, help_text="The last level.")
    product_count = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["language", "external_id"], name="td_category_once_per_language"),
        ]

    def __str__(self) -> str:
        return self.path


class OwnCategory(models.Model):
    """A category of an own feed, and the Tradedoubler category that it is mapped to.

    "chosen": a person chose one that is not posted yet; "posted": it is, and not read back; "mapped": so the
    network says. `suggested` are ids of the tree, the likeliest first.
    """

    class State(models.TextChoices):
        UNMAPPED = "unmapped", "Not mapped"
        CHOSEN = "chosen", "Chosen"
        POSTED = "posted", "Posted"
        MAPPED = "mapped", "Mapped"

    feed = models.ForeignKey(OwnFeed, on_delete=models.CASCADE, related_name="categories", db_index=False)
    name = models.CharField(max_length=300)
    category_id = models.CharField(max_length=20, blank=True, help_text="Of the tree.")
    state = models.CharField(max_length=8, choices=State, default=State.UNMAPPED)
    suggested = models.JSONField(default=list)
    waiting_count = models.PositiveIntegerField(
        default=0, help_text="Products that have it, as last counted."
    )
    error = ReasonField(blank=True)

    class Meta:
        ordering = ["-waiting_count", "name"]
        constraints = [
            models.UniqueConstraint(fields=["feed", "name"], name="own_category_once_per_feed"),
        ]
        indexes = [models.Index(fields=["feed", "state", "-waiting_count"], name="own_category_waiting")]

    def __str__(self) -> str:
        return self.name
