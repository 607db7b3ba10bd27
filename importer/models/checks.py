"""Imported items that are re-read by themselves, as no mirror has their feed whole."""

from datetime import UTC, datetime

from django.db import models

from importer.models.accounts import Feed, NetworkAccount
from importer.models.items import FeedItem

# Due before everything else: a person asked for it.
ASKED = datetime(2000, 1, 1, tzinfo=UTC)


class ItemCheck(models.Model):
    """When an item is due to be re-read, and what speaks for its being gone.

    Whoever reads it holds it until `claimed_until`; a worker that was killed lets go of it so. An item that a
    re-read never saw (`seen_at`) cannot be found by itself, so that not finding it says nothing.
    """

    item = models.OneToOneField(
        FeedItem, on_delete=models.CASCADE, primary_key=True, related_name="reread", db_constraint=False
    )
    account = models.ForeignKey(NetworkAccount, on_delete=models.CASCADE, related_name="+", db_index=False)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="checks", db_index=False)
    due_at = models.DateTimeField()
    weight = models.SmallIntegerField(
        default=1, db_default=1, help_text="How often it is read, to one that nobody clicks."
    )
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    misses = models.SmallIntegerField(default=0, db_default=0, help_text="In a row.")
    missed_at = models.DateTimeField(null=True, help_text="The first of them.")

    class Meta:
        indexes = [
            models.Index(fields=["account", "due_at", "item"], name="item_check_due"),
            models.Index(fields=["feed", "due_at", "item"], name="item_check_due_of_feed"),
        ]

    def __str__(self) -> str:
        return f"Check of item {self.pk}"
