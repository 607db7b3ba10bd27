"""When the networks' reports were read last, and what is wrong with it."""

from sales.models import ReportAccount


def list_report_accounts() -> list[ReportAccount]:
    """Return the accounts whose reports are read, each with its account; one query."""
    found = ReportAccount.objects.filter(account__removed_at=None).select_related("account")
    return list(found.order_by("account__network", "pk"))
