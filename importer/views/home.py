"""The dashboard's first page: what is there, what runs, who is connected, what happened."""

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Offer, Product, Shop
from importer import progress
from importer.models import ApiEvent, ImportRun, NetworkAccount
from importer.models.runs import ACTIVE
from importer.networks import NETWORKS
from importer.views.common import may_search

RUNS_SHOWN = 5
EVENTS_SHOWN = 10


@require_safe
@may_search
def home(request: HttpRequest) -> HttpResponse:
    """Show the state of the site at a glance."""
    context = {
        "counts": _counts(),
        "networks": _networks(),
        "runs": _active_runs(),
        "events": ApiEvent.objects.select_related("product")[:EVENTS_SHOWN],
    }
    return render(request, "importer/home.html", context)


@require_safe
@may_search
def active_runs(request: HttpRequest) -> HttpResponse:
    """Render the running imports: the part of the first page that asks again while there are any."""
    return render(request, "importer/_active_runs.html", {"runs": _active_runs()})


def _counts() -> dict[str, int]:
    counts = Product.objects.aggregate(
        published=Count("pk", filter=Q(status=Product.Status.PUBLISHED)),
        drafts=Count("pk", filter=Q(status=Product.Status.DRAFT)),
    )
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = ImportRun.objects.filter(created_at__gte=midnight).aggregate(
        created=Sum("created_count", default=0), joined=Sum("joined_count", default=0)
    )
    return counts | {
        "offers": Offer.objects.count(),
        "shops": Shop.objects.count(),
        "imported_today": today["created"] + today["joined"],
    }


def _networks() -> list[dict]:
    """Return every network with its accounts, connected or not."""
    accounts = list(NetworkAccount.objects.all())
    return [
        {"network": network, "accounts": [account for account in accounts if account.network == slug]}
        for slug, network in NETWORKS.items()
    ]


def _active_runs() -> list[tuple[ImportRun, progress.Progress]]:
    runs = ImportRun.objects.filter(state__in=ACTIVE).select_related("user")[:RUNS_SHOWN]
    return [(run, progress.of_run(run)) for run in runs]
