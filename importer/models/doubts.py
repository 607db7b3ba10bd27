"""Offers of which a person must say whether they are the same article as a product."""

from django.conf import settings
from django.db import models


class JoinDoubt(models.Model):
    """An offer and a product: do they belong together?

    "join": they share an EAN and look unlike, so the offer got a product of its own; "split": it is here and
    may not belong; "double": no EAN says so, and the offer's product is probably this one. What a person
    decided is kept for ever: no import and no later look asks again about this pair.
    """

    class Kind(models.TextChoices):
        JOIN = "join", "Not joined"
        SPLIT = "split", "Joined before"
        DOUBLE = "double", "Probably one"

    class Decision(models.TextChoices):
        SAME = "same", "The same"
        APART = "apart", "Not the same"

    kind = models.CharField(max_length=6, choices=Kind)
    source_key = models.TextField(help_text="The offer's: it stays when the offer is made anew.")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")
    gtin = models.CharField(max_length=14, blank=True)
    reason = models.CharField(max_length=500, help_text="What speaks against it, or for it, as a sentence.")
    decision = models.CharField(max_length=5, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=80, blank=True, help_text="Of what was changed when it was decided.")
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


class DoubleKey(models.Model):
    """What a product and its double share (`importer.normalise.doubles`), as a number."""

    key = models.BigIntegerField()
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "product"], name="double_key_once")]

    def __str__(self) -> str:
        return f"{self.key} of product {self.product_id}"


class DoubleScan(models.Model):
    """How far the search for doubles has come; one row."""

    last_product_id = models.BigIntegerField(default=0)
    began_at = models.DateTimeField(null=True, help_text="When it was last at the first product.")

    def __str__(self) -> str:
        return f"after product {self.last_product_id}"


class DoubtScan(models.Model):
    """How far the search for wrong joins among the products has come; one row."""

    last_product_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"after product {self.last_product_id}"
