"""Rows of the desk to test with."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from desk.models import DeskAccount, OwnFeed
from importer.sandbox.credentials import DEMO_ADVERTISER_CREDENTIALS


def make_desk_account(network: str = "tradedoubler", kind: str = "products", **values) -> DeskAccount:
    """Make a login as if it was connected, with the credentials that the sandbox accepts."""
    account = DeskAccount(network=network, kind=kind, **{"label": f"{network} {kind}"} | values)
    account.set_credentials(DEMO_ADVERTISER_CREDENTIALS[network][kind])
    account.checked_at = timezone.now()
    account.save()
    return account


def make_own_feed(account: DeskAccount | None = None, **values) -> OwnFeed:
    """Make an own feed of the sandbox's first one, read from a folder."""
    values = {"external_id": "41001", "currency": "EUR", "language": "de", "source": "folder"} | values
    return OwnFeed.objects.create(
        **{"account": account or make_desk_account(), "name": "Own products", "folder": "own"} | values
    )


def own_row(number: int, **values) -> dict[str, str]:
    """Return a row of a shop's file."""
    return {
        "id": f"a-{number}",
        "title": f"Ukulele {number}",
        "description": "Four strings.",
        "link": f"https://shop.example/p/{number}",
        "image_link": f"https://shop.example/p/{number}.jpg",
        "price": f"{10 + number}.90",
        "product_type": "Ukuleles",
    } | values


def write_rows(rows: Iterable[Mapping[str, str]], name: str = "products.csv", folder: str = "own") -> Path:
    """Write rows as a CSV file into a folder of the desk."""
    path = settings.DESK_DIR / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(file, list(row))
                writer.writeheader()
            writer.writerow(row)
    return path
