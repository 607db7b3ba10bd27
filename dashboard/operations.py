"""How the work of the site stands, in numbers: for Prometheus and the deep health check."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from affiliate_site.queues import QUEUES
from affiliate_site.redis import RedisError, get_redis
from catalog.models import ProductImage
from importer.freshness.promise import get_freshness
from importer.models import Feed, ImportItem, ImportRun, SyncRun
from mail.models import Mail

LONG_WAIT = 15 * 60  # seconds that nothing waits for a worker on a site that works
LEAST_DISK = 500 * 10**6  # bytes


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Ages are seconds, 0 where nothing waits. `messages`: None while Redis is away."""

    queue_ages: dict[str, float]
    messages: dict[str, int] | None
    items: dict[str, int]  # what became of imported items, by verdict
    mirrored: int
    overdue: int  # mirrored feeds whose sync is late
    sync_lag: float  # of the one that is latest
    held: int
    offers: int | None  # as last counted; None before that
    fresh_offers: int | None  # checked within the site's promise
    disk_free: int
    problems: list[str] = field(default_factory=list)


def read_numbers() -> Numbers:
    """Return how the work stands now; six queries and one look at Redis."""
    now = timezone.now()
    ages = dict(_queue_ages(now))
    feeds = Feed.objects.filter(is_mirrored=True).aggregate(
        mirrored=Count("pk"),
        overdue=Count("pk", filter=Q(next_sync_at__lt=now)),
        next=Min("next_sync_at", filter=Q(next_sync_at__lt=now)),
    )
    freshness = get_freshness()
    sums = {verdict: Coalesce(Sum(f"{verdict}_count"), 0) for verdict in ImportItem.Verdict.values}
    numbers = Numbers(
        queue_ages=ages,
        messages=_messages(),
        items=ImportRun.objects.aggregate(**sums),
        mirrored=feeds["mirrored"],
        overdue=feeds["overdue"],
        sync_lag=_age(feeds["next"], now),
        held=SyncRun.objects.filter(state=SyncRun.State.HELD).values("feed").distinct().count(),
        offers=freshness.offers if freshness else None,
        fresh_offers=freshness.fresh if freshness else None,
        disk_free=shutil.disk_usage(settings.VAR_DIR).free,
    )
    numbers.problems.extend(_problems(numbers))
    return numbers


def missing_migrations() -> list[str]:
    """Return the migrations that this code has and the database has not."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _queue_ages(now: datetime) -> Iterator[tuple[str, float]]:
    """Yield for how long the oldest work of each queue waits that could be done now."""
    due = Q(waits_until=None) | Q(waits_until__lte=now)
    for name, model in (("imports", ImportRun), ("feeds", SyncRun)):
        waiting = model.objects.filter(due, state="queued")
        yield name, _age(waiting.aggregate(oldest=Min("created_at"))["oldest"], now)
    pictures = ProductImage.objects.filter(state=ProductImage.State.WAITING, try_at__lte=now)
    yield "images", _age(pictures.aggregate(oldest=Min("try_at"))["oldest"], now)
    mails = Mail.objects.filter(state=Mail.State.WAITING, try_at__lte=now)
    yield "mail", _age(mails.aggregate(oldest=Min("try_at"))["oldest"], now)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _messages() -> dict[str, int] | None:
    try:
        client = get_redis()
        return {name: int(client.llen(name)) for name in QUEUES}
    except RedisError:
        return None


def _problems(numbers: Numbers) -> Iterator[str]:
    for name, age in numbers.queue_ages.items():
        # Pictures and mail wait for other people's servers, too.
        if name in ("imports", "feeds") and age > LONG_WAIT:
            yield f"The queue “{name}” has waited for a worker for {age / 60:.0f} minutes."
    if numbers.disk_free < LEAST_DISK:
        yield f"The disk has only {numbers.disk_free // 10**6} MB left."
