"""What visitors want to be told: docs/alerts.md."""

from django.db import models
from django.db.models import Q

from affiliate_site.encrypted import EncryptedText


class PriceAlert(models.Model):
    """A visitor wants a mail when a product costs less than `below`, or can be had again. Always confirmed.

    The address is in no other row, so it goes with its last alert. `look_at`: when prices are to be looked at
    for it; empty while nothing has changed. `told_price` and `was_available` are what it was last about.
    """

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="alerts")
    address = EncryptedText()
    address_key = models.CharField(max_length=64, help_text="A keyed digest, by which one finds it.")
    below = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, help_text="Of `below`; prices in others say nothing.")
    in_stock = models.BooleanField(default=False, help_text="Tell when it can be had again.")
    told_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    was_available = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "address_key"], name="price_alert_once"),
            models.CheckConstraint(
                condition=Q(below__gt=0) | Q(below=None, in_stock=True), name="price_alert_wants_something"
            ),
        ]
        indexes = [
            models.Index(fields=["address_key"], name="price_alert_address"),
            models.Index(fields=["look_at"], name="price_alert_due", condition=Q(look_at__isnull=False)),
            models.Index(fields=["ends_at"], name="price_alert_end"),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"  # never the address: this is what logs show
