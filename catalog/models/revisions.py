"""What became of products: a row for each change of one."""

from django.db import models
from django.db.models import Q

from catalog.models.products import Product


class Revision(models.Model):
    """One change of one product: who made it, why, and what it wrote over.

    `before` and `after` hold what differs: columns of the product by name (of a brand its id),
    `category_ids`, `addresses` that lead to it, `pictures` ([{id, url, alt, stored}, ...] in order) and
    `offers` by id: columns that differ, None for an offer that is not there, {"product_id": 7} for one that
    is on another product.
    `before` is None where the product was made, `after` where it was deleted for good. What a product or an
    offer has when it comes is not repeated: that is `{}`.

    Rows are added and thinned (`catalog.services.thinning`), never changed. They outlive their product, so
    that whoever takes a run back is told that it was deleted: no foreign key holds them.
    """

    product = models.ForeignKey(
        Product,
        on_delete=models.DO_NOTHING,
        related_name="revisions",
        db_constraint=False,
        db_index=False,  # the first of the indexes below serves
    )
    at = models.DateTimeField()
    actor = models.CharField(max_length=80, blank=True, help_text='Who: "user:5", "run:12", "task:x".')
    cause = models.CharField(
        max_length=80, blank=True, help_text='Why: "run:12", "bulk:x"; empty for one edit by a person.'
    )
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["product", "id"], name="revision_of_product"),
            models.Index(fields=["cause", "product"], name="revision_of_cause", condition=~Q(cause="")),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id} at {self.at:%Y-%m-%d %H:%M}"
