"""The end of an account: its sales go with it, a little at a time."""

import time

from importer.models import NetworkAccount
from sales.models import Sale

BATCH = 2_000


def delete_sales(account: NetworkAccount, seconds: float) -> bool:
    """Delete sales of an account that was removed, for so many seconds; False while there are more."""
    ends_at = time.monotonic() + seconds
    while ids := list(
        Sale.objects.filter(account=account.pk).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        Sale.objects.filter(pk__in=ids).delete()
        if time.monotonic() > ends_at:
            return False
    return True
