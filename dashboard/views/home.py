"""The dashboard's first page: what is there, what runs, who is connected, what happened."""

from dataclasses import replace

from django.db.models import Count, F, Sum, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.lib.charts import draw_bars, sum_days
from catalog.models import Offer, Product, Shop
from catalog.queries import click_counts
from importer.feeds.progress import of_sync
from importer.feeds.state import active_syncs, troubled_syncs
from importer.imports import progress
from importer.imports.freshness import get_old_prices
from importer.log import read_log
from importer.models import ImportRun, NetworkAccount
from importer.models.runs import ACTIVE
from importer.networks import NETWORKS
from importer.views.common import may_search

RUNS_SHOWN = 5
SYNCS_SHOWN = 5
LINES_SHOWN = 10
CLICKED_SHOWN = 5


@require_safe
@may_search
def home(request: HttpRequest) -> HttpResponse:
    """Show the state of the site at a glance."""
    context = {
        "counts": _counts(),
        "networks": _networks(),
        "runs": _active_runs(),
        "old_prices": get_old_prices(),
        "clicks": (clicks := _clicks()),
        "daily": _daily_clicks() if clicks else None,
        **_syncs(),
        "lines": read_log(limit=LINES_SHOWN),
    }
    return render(request, "dashboard/home.html", context)


@require_safe
@may_search
def active_runs(request: HttpRequest) -> HttpResponse:
    """Render the running imports: the part of the first page that asks again while there are any."""
    return render(request, "dashboard/_active_runs.html", {"runs": _active_runs()})


@require_safe
@may_search
def syncs(request: HttpRequest) -> HttpResponse:
    """Render the feeds that sync or need a person: a part that asks again while any syncs."""
    return render(request, "dashboard/_syncs.html", _syncs())


def _counts() -> dict[str, int]:
    # One query for four tables: the page has many questions to ask.
    of_status, of_shops, of_offers = (
        model.objects.order_by().values_list(name).annotate(count=Count("*"))
        for model, name in ((Product, "status"), (Shop, Value("shops")), (Offer, Value("offers")))
    )
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = ImportRun.objects.filter(created_at__gte=midnight).order_by().values_list(Value("imported"))
    imported = today.annotate(count=Sum(F("created_count") + F("joined_count")))
    counts = dict(of_status.union(of_shops, of_offers, imported, all=True))
    return {
        "published": counts.get(Product.Status.PUBLISHED, 0),
        "drafts": counts.get(Product.Status.DRAFT, 0),
        "shops": counts.get("shops", 0),
        "offers": counts.get("offers", 0),
        "imported_today": counts.get("imported", 0),
    }


def _clicks() -> list[tuple[str, str, list[click_counts.ClickCount]]]:
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


def _daily_clicks() -> dict:
    """Return the clicks of 30 days as a chart, as the spans that it shows, and summed."""
    spans = sum_days(click_counts.by_day())
    counts = [span.sum for span in spans]
    return {"chart": draw_bars(counts), "spans": spans, "total": sum(counts)}


def _networks() -> list[dict]:
    """Return every network with its accounts, connected or not."""
    accounts = list(NetworkAccount.objects.all())
    return [
        {"network": network, "accounts": [account for account in accounts if account.network == slug]}
        for slug, network in NETWORKS.items()
    ]


def _active_runs() -> list[tuple[ImportRun, progress.Progress]]:
    runs = ImportRun.objects.filter(state__in=ACTIVE).select_related("user", "feed__program")[:RUNS_SHOWN]
    return [(run, progress.of_run(run)) for run in runs]


def _syncs() -> dict:
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
