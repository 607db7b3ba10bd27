"""What networks paid out."""

from decimal import Decimal

from django.db.models import QuerySet, Sum

from sales.models import Payment


def list_payments() -> QuerySet[Payment]:
    """Return the payments, the newest first, with their accounts."""
    return Payment.objects.select_related("account").order_by("-paid_on", "-pk")


def sum_payments() -> list[tuple[str, Decimal]]:
    """Return how much was paid, by currency: two are never added."""
    return list(Payment.objects.order_by("currency").values_list("currency").annotate(Sum("amount")))
