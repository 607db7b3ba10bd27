"""For operators and their programs: no page of the dashboard leads here."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from affiliate_site.health import beat_ticks, database_answers
from affiliate_site.observe import page_times
from affiliate_site.observe.access import is_operator
from affiliate_site.redis import redis_answers
from dashboard.operations import missing_migrations, read_numbers


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, which brings METRICS_TOKEN; for anybody else there is nothing here."""
    if not is_operator(request):
        raise Http404
    registry = CollectorRegistry()
    page_times.add_to(registry)
    registry.register(_Site())
    return HttpResponse(
        generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


@login_not_required
@require_safe
def deep_health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the whole site works, else 503 with a sentence for each problem; to operators alone.

    Not for what restarts processes: a queue that waits is no reason to take a web server out (`healthz`).
    """
    if not is_operator(request):
        raise Http404
    stores = {"database": database_answers(), "redis": redis_answers()}
    problems = [f"{name.capitalize()} does not answer." for name, answers in stores.items() if not answers]
    found: dict[str, Any] = {**stores, "beat": stores["redis"] and beat_ticks()}
    if stores["redis"] and not found["beat"]:
        problems.append("Beat has been silent for a minute: nothing starts by itself.")
    if stores["database"]:
        numbers = read_numbers()
        missing = missing_migrations()
        problems += [*numbers.problems, *(f"Migration {name} was not applied." for name in missing)]
        found |= asdict(numbers)
    return JsonResponse(
        {**found, "problems": problems},
        status=503 if problems else 200,
        headers={"Cache-Control": "no-store"},
    )


class _Site(Collector):
    """The site's own numbers, read from its stores when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        numbers = read_numbers()
        age = GaugeMetricFamily(
            "affiliate_queue_age_seconds", "Wait of the oldest work that could be done now.", labels=["queue"]
        )
        for name, seconds in numbers.queue_ages.items():
            age.add_metric([name], seconds)
        yield age
        if numbers.messages is not None:
            messages = GaugeMetricFamily(
                "affiliate_queue_messages", "Messages in a queue of Redis.", labels=["queue"]
            )
            for name, count in numbers.messages.items():
                messages.add_metric([name], count)
            yield messages
        items = CounterMetricFamily(
            "affiliate_imported_items",
            "Items that imports worked, by what became of them.",
            labels=["verdict"],
        )
        for verdict, count in numbers.items.items():
            items.add_metric([verdict], count)
        yield items
        yield GaugeMetricFamily("affiliate_feeds_mirrored", "Mirrored feeds.", value=numbers.mirrored)
        yield GaugeMetricFamily("affiliate_feeds_overdue", "Feeds whose sync is late.", value=numbers.overdue)
        yield GaugeMetricFamily("affiliate_feeds_held", "Feeds that wait for a person.", value=numbers.held)
        yield GaugeMetricFamily(
            "affiliate_sync_lag_seconds", "How late the latest feed is.", value=numbers.sync_lag
        )
        if numbers.offers is not None:
            yield GaugeMetricFamily("affiliate_offers", "Offers that are listed.", value=numbers.offers)
            yield GaugeMetricFamily(
                "affiliate_offers_fresh", "Those checked within the promise.", value=numbers.fresh_offers
            )
        yield GaugeMetricFamily(
            "affiliate_disk_free_bytes", "Left on the disk of var/.", value=numbers.disk_free
        )
