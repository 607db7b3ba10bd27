"""Rows of the desk to test with."""

from django.utils import timezone

from desk.models import DeskAccount
from importer.sandbox.credentials import DEMO_ADVERTISER_CREDENTIALS


def make_desk_account(network: str = "tradedoubler", kind: str = "products", **values) -> DeskAccount:
    """Make a login as if it was connected, with the credentials that the sandbox accepts."""
    account = DeskAccount(network=network, kind=kind, **{"label": f"{network} {kind}"} | values)
    account.set_credentials(DEMO_ADVERTISER_CREDENTIALS[network][kind])
    account.checked_at = timezone.now()
    account.save()
    return account
