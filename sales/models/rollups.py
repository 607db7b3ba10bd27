"""Sums that pages read instead of sales and clicks. Each row is made anew from them, never added to.

Ids in them are no references: a sum is made again when what it is about changes (`sales.rollups`). Amounts
are of one currency; "" has the sales whose amount the network does not say yet.
"""

from django.db import models


class Basis(models.TextChoices):
    """By which of its days a sale is counted."""

    CLICK = "click", "Day of the click"
    SALE = "sale", "Day of the sale"
    DECISION = "decision", "Day of the decision"


class Dimension(models.TextChoices):
    """What sums are made for. A key is an id, a slug, `network:program` or a place; "" is all the rest."""

    ALL = "all", "Everything"
    NETWORK = "network", "Network"
    PROGRAM = "program", "Program"
    SHOP = "shop", "Shop"
    CATEGORY = "category", "Category"
    PRODUCT = "product", "Product"
    OFFER = "offer", "Offer"
    PLACE = "place", "Place of the button"
    TEXT = "text", "Text of the button"
    SAVED_SEARCH = "saved_search", "Saved search"
    RUN = "run", "Import run"
    RULE = "rule", "Page or campaign"


class Sums(models.Model):
    """How many sales of each state, and their commission."""

    pending_count = models.IntegerField()
    approved_count = models.IntegerField()
    rejected_count = models.IntegerField()
    paid_count = models.IntegerField()
    lead_count = models.IntegerField(help_text="Of these, leads.")
    zero_count = models.IntegerField(help_text="Of these, without any value: bonuses, corrections, tests.")
    named_count = models.IntegerField(help_text="Of these, with a sub-id of ours.")
    pending = models.DecimalField(max_digits=20, decimal_places=6)
    approved = models.DecimalField(max_digits=20, decimal_places=6)
    rejected = models.DecimalField(max_digits=20, decimal_places=6)
    paid = models.DecimalField(max_digits=20, decimal_places=6)
    commission = models.DecimalField(max_digits=20, decimal_places=6, help_text="Of those not rejected.")
    squares = models.DecimalField(
        max_digits=32, decimal_places=6, help_text="Of these commissions: for how much they vary."
    )
    order_value = models.DecimalField(max_digits=20, decimal_places=6, help_text="Of those not rejected.")

    class Meta:
        abstract = True


class DailyEarnings(Sums):
    """What everything of one key of a dimension earned on a day. Products and offers: `SpanEarnings`."""

    basis = models.CharField(max_length=8, choices=Basis)
    dimension = models.CharField(max_length=12, choices=Dimension)
    day = models.DateField()
    key = models.CharField(max_length=140, blank=True)
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        verbose_name_plural = "daily earnings"
        constraints = [
            models.UniqueConstraint(
                fields=["dimension", "basis", "day", "key", "currency"], name="daily_earnings_once"
            ),
        ]
        indexes = [models.Index(fields=["day"], name="daily_earnings_day")]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}, {self.day}"


class SpanEarnings(Sums):
    """What a product or an offer earned in a span: "1", "7", "30" or "90" days up to today, or a month.

    There are too many of them for adding up days while somebody waits.
    """

    basis = models.CharField(max_length=8, choices=Basis)
    dimension = models.CharField(max_length=12, choices=Dimension)
    span = models.CharField(max_length=7, help_text='Days up to today, or "2026-11".')
    key = models.BigIntegerField()
    currency = models.CharField(max_length=3, blank=True)

    class Meta:
        verbose_name_plural = "span earnings"
        constraints = [
            models.UniqueConstraint(
                fields=["dimension", "key", "span", "basis", "currency"], name="span_earnings_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["dimension", "span", "basis", "currency", "-commission"], name="span_earnings_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}, {self.span}"


class DailyClickTotals(models.Model):
    """Our own clicks of a day on everything of one key of a dimension."""

    dimension = models.CharField(max_length=12, choices=Dimension)
    day = models.DateField()
    key = models.CharField(max_length=140, blank=True)
    count = models.IntegerField()

    class Meta:
        verbose_name_plural = "daily click totals"
        constraints = [
            models.UniqueConstraint(fields=["dimension", "day", "key"], name="daily_click_totals_once"),
        ]
        indexes = [models.Index(fields=["day"], name="daily_click_totals_day")]

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}, {self.day}"


class Touched(models.Model):
    """What sums have to be made again. Triggers write it, in the transaction of whatever changed.

    Appended without looking for doubles, so that nobody who writes waits for another.
    """

    class Kind(models.TextChoices):
        DAY = "day", "Day of sales"
        CLICKS = "clicks", "Day of clicks"
        PRODUCT = "product", "Product"
        OFFER = "offer", "Offer"

    kind = models.CharField(max_length=8, choices=Kind)
    day = models.DateField(null=True)
    key = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "touched"

    def __str__(self) -> str:
        return f"{self.kind} {self.day or self.key}"


class SumsMadeOn(models.Model):
    """The day on which spans that end today were last looked at: one row."""

    day = models.DateField()

    def __str__(self) -> str:
        return str(self.day)
