"""Offers of which a person must say whether they are the same article as a product."""

from django.conf import settings
from django.db import models


class JoinDoubt(models.Model):
    """An offer and a product that share an EAN and look unlike: do they belong together?

    "join": the offer got a product of its own and may be moved here; "split": it is here and may not belong.
    What a person decided is kept for ever: no import and no later look asks again about this pair.
    """

    class Kind(models.TextChoices):
        JOIN = "join", "Not joined"
        SPLIT = "split", "Joined before"

    class Decision(models.TextChoices):
        SAME = "same", "The same"
        APART = "apart", "Not the same"

    kind = models.CharField(max_length=5, choices=Kind)
    source_key = models.TextField(help_text="The offer's: it stays when the offer is made anew.")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")
    gtin = models.CharField(max_length=14, blank=True)
    reason = models.CharField(max_length=500, help_text="What speaks against it, as a sentence.")
    decision = models.CharField(max_length=5, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["source_key", "product"], name="join_doubt_once_per_pair"),
        ]
        indexes = [
            models.Index(fields=["kind", "id"], name="join_doubt_open", condition=models.Q(decision="")),
        ]

    def __str__(self) -> str:
        return f"{self.source_key}: {self.reason}"


class DoubtScan(models.Model):
    """How far the search for wrong joins among the products has come; one row."""

    last_product_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"after product {self.last_product_id}"
