"""What the networks say of programs, days and payments."""

from django.db import models

from importer.models import NetworkAccount, Program


class CommissionRate(models.Model):
    """What a program pays for a group of products, from a day on; `seen_until` is null while it does."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="commission_rates")
    group = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=5, default="sale")
    percent = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    fixed = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True, help_text="Of the fixed amount.")
    cookie_days = models.PositiveSmallIntegerField(null=True)
    approval_rate = models.DecimalField(
        max_digits=7, decimal_places=3, null=True, help_text="Per cent, as the network states it."
    )
    seen_from = models.DateTimeField()
    seen_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["program", "group", "-seen_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "group", "kind"],
                name="commission_rate_one_now",
                condition=models.Q(seen_until=None),
            ),
            models.CheckConstraint(
                condition=models.Q(fixed=None) | ~models.Q(currency=""), name="commission_fixed_with_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}, {self.group or self.kind}"


class Payment(models.Model):
    """Money that a network paid out."""

    account = models.ForeignKey(NetworkAccount, on_delete=models.CASCADE, related_name="payments")
    external_id = models.CharField(max_length=100)
    paid_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ["-paid_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="payment_once_per_account"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}, {self.paid_on}"


class NetworkDay(models.Model):
    """The network's own sums of a day and program, to compare with ours. Null: it does not say."""

    account = models.ForeignKey(NetworkAccount, on_delete=models.CASCADE, related_name="network_days")
    program_key = models.CharField(max_length=100, blank=True, help_text='"": all programs together.')
    program = models.ForeignKey(Program, on_delete=models.SET_NULL, null=True, related_name="network_days")
    day = models.DateField(help_text="In the network's own zone.")
    currency = models.CharField(max_length=3, blank=True)
    clicks = models.PositiveIntegerField(null=True)
    sales = models.PositiveIntegerField(null=True)
    commission = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "program_key", "day", "currency"], name="network_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program_key}, {self.day}"
