"""What a network says we earned, as it says it now, and what it said before."""

from django.db import models

from catalog.models import Offer, Product, Shop
from importer.models import NetworkAccount, Program


class Match(models.TextChoices):
    """How surely we know what was clicked."""

    EXACT = "exact", "This offer"
    PRODUCT = "product", "This product"
    HINT = "hint", "Probably this offer"
    SHOP = "shop", "This shop"
    NONE = "none", "Not matched"


class Sale(models.Model):
    """One sale or lead of an account, once, in its latest state. Never a person: no address, no device.

    `is_counted` alone decides what sums are made of: a row that cannot be read, or that the network reports
    no more, is kept and not counted.
    """

    class Kind(models.TextChoices):
        SALE = "sale", "Sale"
        LEAD = "lead", "Lead"
        OTHER = "other", "Other"

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        PAID = "paid", "Paid"

    account = models.ForeignKey(
        NetworkAccount, on_delete=models.CASCADE, related_name="sales", db_index=False
    )
    external_id = models.CharField(max_length=100, help_text="The network's own, never an order number.")
    program_key = models.CharField("program ID", max_length=100, blank=True, help_text="The network's own.")
    program_name = models.CharField(max_length=200, blank=True)
    program = models.ForeignKey(Program, on_delete=models.SET_NULL, null=True, related_name="sales")
    channel_id = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.SALE)
    state = models.CharField(max_length=10, choices=State)
    network_state = models.CharField(max_length=60, blank=True, help_text="As the network writes it.")
    order_value = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    commission = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    clicked_at = models.DateTimeField(null=True)
    happened_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="As the network says.")
    # Days in the site's time zone, for sums. Without a time of the click its day is that of the sale.
    clicked_on = models.DateField(null=True)
    happened_on = models.DateField(null=True)
    decided_on = models.DateField(null=True, help_text="When it left pending; null while it is pending.")
    sub_id = models.CharField("sub-id", max_length=200, blank=True, help_text="As it came back.")
    sub_id2 = models.CharField("second sub-id", max_length=200, blank=True)
    order_mark = models.CharField(
        max_length=12, blank=True, help_text="A keyed hash of the order number: alike for alike orders."
    )
    order_tail = models.CharField("order number ends in", max_length=4, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    product_hint = models.CharField(max_length=100, blank=True)
    payment_id = models.CharField("payment ID", max_length=100, blank=True)
    has_open_claim = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True, help_text="What makes it unfit to be counted.")
    first_seen_at = models.DateTimeField()
    missed_at = models.DateTimeField(null=True, help_text="When a whole report lacked it for the first time.")
    gone_at = models.DateTimeField(null=True, help_text="When a second one did: not reported any more.")
    is_counted = models.GeneratedField(
        expression=models.Q(problem="", gone_at__isnull=True),  # type: ignore[arg-type]  # as documented
        output_field=models.BooleanField(),
        db_persist=True,
    )

    # What it was for, as matching finds (sales.match).
    match = models.CharField(max_length=10, choices=Match, default=Match.NONE)
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="sales")
    offer = models.ForeignKey(Offer, on_delete=models.SET_NULL, null=True, related_name="sales")
    shop = models.ForeignKey(Shop, on_delete=models.SET_NULL, null=True, related_name="sales")
    place = models.CharField(max_length=10, blank=True, help_text="Of the button (catalog.models.Place).")
    matched_by = models.ForeignKey(
        "sales.MatchRule", on_delete=models.SET_NULL, null=True, blank=True, related_name="sales"
    )
    # What its sub-id names, there or not; null where it is none of ours.
    named_product_id = models.BigIntegerField(null=True, editable=False)
    named_offer_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["-happened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="sale_once_per_account"),
            models.CheckConstraint(
                condition=~models.Q(currency="", problem="", commission__isnull=False),
                name="sale_commission_with_currency",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "happened_at"], name="sale_account_happened"),
            models.Index(fields=["happened_at", "id"], name="sale_happened"),
            models.Index(fields=["clicked_on"], name="sale_clicked_on"),
            models.Index(fields=["happened_on"], name="sale_happened_on"),
            models.Index(fields=["decided_on"], name="sale_decided_on"),
            models.Index(
                fields=["named_product_id"],
                name="sale_named_product",
                condition=models.Q(named_product_id__isnull=False),
            ),
            models.Index(
                fields=["named_offer_id"],
                name="sale_named_offer",
                condition=models.Q(named_offer_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.external_id}"


class SaleChange(models.Model):
    """What changed of a sale between two reads. `before` and `after` hold the fields that differ, as JSON.

    Only ever added to.
    """

    sale = models.ForeignKey(Sale, on_delete=models.CASCADE, related_name="changes")
    seen_at = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.sale_id}: {', '.join(self.after)}"
