"""Clicks on the buttons: how many, never whose."""

from django.db import models


class Place(models.TextChoices):
    """Where a button stands. A place is part of addresses and sub-ids: letters only."""

    OFFER = "offer", "In the comparison"
    TOP = "top", "Top of the page"
    GUIDE = "guide", "In a guide"


class DailyClicks(models.Model):
    """How often the button of an offer was followed on a day (of the site's time zone), per place.

    It outlives its offer: product, shop and source are the offer's, and stay when it is deleted.
    """

    offer = models.ForeignKey(
        "catalog.Offer", on_delete=models.SET_NULL, null=True, related_name="clicks", db_index=False
    )
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.SET_NULL, null=True, related_name="clicks"
    )
    shop = models.ForeignKey("catalog.Shop", on_delete=models.SET_NULL, null=True, related_name="clicks")
    source = models.CharField(max_length=30, blank=True, default="")
    day = models.DateField()
    place = models.CharField(max_length=10, choices=Place)
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "daily clicks"
        constraints = [
            models.UniqueConstraint(fields=["offer", "day", "place"], name="daily_clicks_once"),
        ]
        indexes = [models.Index(fields=["day"], name="daily_clicks_day")]

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"

    def save(self, *args, **kwargs) -> None:
        if self.offer and not self.source:
            self.product_id, self.shop_id = self.offer.product_id, self.offer.shop_id
            self.source = self.offer.source
        super().save(*args, **kwargs)


class ClickBatch(models.Model):
    """A batch of counts that was added to `DailyClicks`: adding it again would double them."""

    id = models.UUIDField(primary_key=True)
    added_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return str(self.id)
