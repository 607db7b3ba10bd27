"""What the first page says: what is there, what runs, who is connected."""

from dataclasses import replace

from django.db.models import Count, F, Sum, Value
from django.utils import timezone

from catalog.lib.charts import draw_bars, sum_days
from catalog.models import Offer, Product, Shop
from catalog.queries import click_counts
from importer.feeds.progress import of_sync
from importer.feeds.state import active_syncs, troubled_syncs
from importer.imports import progress
from importer.imports.run_items import active_runs
from importer.models import ImportRun, NetworkAccount
from importer.networks import NETWORKS
from mail.outbox import troubled_mail
from pages.models import Post

RUNS_SHOWN = 5
SYNCS_SHOWN = 3
CLICKED_SHOWN = 5


def get_counts() -> dict[str, int]:
    # One query for four tables: the page has many questions to ask.
    of_status, of_shops, of_offers = (
        model.objects.order_by().values_list(name).annotate(count=Count("*"))
        for model, name in ((Product, "status"), (Shop, Value("shops")), (Offer, Value("offers")))
    )
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = ImportRun.objects.filter(created_at__gte=midnight).order_by().values_list(Value("imported"))
    imported = today.annotate(count=Sum(F("created_count") + F("joined_count")))
    imprints = Post.objects.order_by().filter(role=Post.Role.IMPRINT, status=Post.Status.PUBLISHED)
    imprint = imprints.values_list(Value("imprints")).annotate(count=Count("*"))
    counts = dict(of_status.union(of_shops, of_offers, imported, imprint, all=True))
    return {
        "published": counts.get(Product.Status.PUBLISHED, 0),
        "drafts": counts.get(Product.Status.DRAFT, 0),
        "shops": counts.get("shops", 0),
        "offers": counts.get("offers", 0),
        "imported_today": counts.get("imported", 0),
        "imprints": counts.get("imprints", 0),
    }


def get_clicks() -> list[tuple[str, str, list[click_counts.ClickCount]]]:
    """Return the clicks as tables: what is counted, the page of one (a route, or ""), and the rows."""
    networks, shops = click_counts.by_network_and_shop(CLICKED_SHOWN)
    networks = [replace(row, name=NETWORKS[row.key].label) for row in networks if row.key in NETWORKS]
    if not networks:
        return []
    return [
        ("Networks", "importer:network-search", networks),
        ("Shops", "catalog:shop-edit", shops),
        ("Products", "catalog:product-edit", click_counts.by_product(CLICKED_SHOWN)),
    ]


def get_daily_clicks() -> dict:
    """Return the clicks of 30 days as a chart, as the spans that it shows, and summed."""
    spans = sum_days(click_counts.by_day())
    counts = [span.sum for span in spans]
    return {"chart": draw_bars(counts), "spans": spans, "total": sum(counts)}


def get_networks() -> list[dict]:
    """Return every network with its accounts, connected or not."""
    accounts = list(NetworkAccount.objects.all())
    return [
        {"network": network, "accounts": [account for account in accounts if account.network == slug]}
        for slug, network in NETWORKS.items()
    ]


def get_active_runs() -> list[tuple[ImportRun, progress.Progress]]:
    runs = active_runs()[:RUNS_SHOWN]
    return [(run, progress.of_run(run)) for run in runs]


def count_troubled_mails() -> int:
    """Return how many mails did not go out, or perhaps did, until they are forgotten or sent again."""
    return troubled_mail().count()


def get_syncs() -> dict:
    """Return the first few feeds that sync now, how many more there are, and those that need a person."""
    runs = (active_syncs() | troubled_syncs()).select_related("feed__account", "feed__program")
    # Running before waiting, held before failed.
    runs = list(runs.defer("bad_samples").order_by("-state", "-id"))
    active = [run for run in runs if run.is_active]
    return {
        "syncs": [(run, of_sync(run)) for run in active[:SYNCS_SHOWN]],
        "more_syncs": len(active[SYNCS_SHOWN:]),
        "troubled": [run for run in runs if not run.is_active][:SYNCS_SHOWN],
    }
