"""What a person and the past say of a sale's product, where its sub-id does not."""

from django.conf import settings
from django.db import models

from catalog.models import Product

LENGTH = 200  # of a pattern


class MatchRule(models.Model):
    """Sub-ids of a pattern belong to a product, a page or a campaign; the first that fits counts.

    In a pattern `*` stands for any letters, and capitals are small letters (`sales.match.patterns`).
    """

    pattern = models.CharField(
        "sub-id", max_length=LENGTH, help_text="* stands for anything: newsletter-* is all that begin so."
    )
    network = models.CharField(max_length=30, blank=True, help_text="Empty: of every network.")
    program_key = models.CharField(
        "program ID", max_length=100, blank=True, help_text="The network's own. Empty: of every program."
    )
    product = models.ForeignKey(
        Product, on_delete=models.SET_NULL, null=True, blank=True, related_name="match_rules"
    )
    page = models.CharField(max_length=200, blank=True, help_text="The address or name of a page.")
    campaign = models.CharField(max_length=200, blank=True, help_text="A newsletter, a video, ...")
    position = models.PositiveIntegerField(default=0, help_text="Smaller ones are tried first.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["pattern", "network", "program_key"],
                name="match_rule_once",
                violation_error_message="There is a rule for this sub-id already.",
            ),
        ]

    def __str__(self) -> str:
        return self.pattern

    @property
    def target(self) -> str:
        """What its sales belong to, in words; "" since its product is gone."""
        return str(self.product) if self.product else self.page or self.campaign


class OfferStay(models.Model):
    """An offer was on a product, and was moved from there: old sub-ids name both.

    Ids, not references: they say something of rows that are gone, too.
    """

    offer_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    until = models.DateTimeField(help_text="When it last left.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer_id", "product_id"], name="offer_stay_once"),
        ]
        indexes = [models.Index(fields=["product_id"], name="offer_stay_product")]

    def __str__(self) -> str:
        return f"{self.offer_id} on {self.product_id}"
