"""How long pages take, counted by each web process into a folder that all of them share.

Nothing is counted unless METRICS_TOKEN says that somebody reads it.
"""

import shutil
from functools import cache

from django.conf import settings
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def observe(path: str, seconds: float, status: int, *, is_kept: bool) -> None:
    """Count a page that was answered; `is_kept`: out of the kept pages."""
    kind = "kept" if is_kept else "made"
    _histogram().labels(_area(path), kind, f"{status // 100}xx").observe(seconds)


def add_to(registry: CollectorRegistry) -> None:
    """Let the registry tell what all web processes of this machine counted."""
    _histogram()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))


def forget() -> None:
    """Drop what earlier processes counted: call it before the first web process starts."""
    shutil.rmtree(settings.METRICS_DIR, ignore_errors=True)


@cache
def _histogram() -> Histogram:
    settings.METRICS_DIR.mkdir(parents=True, exist_ok=True)
    return Histogram(
        "affiliate_page_seconds",
        "Seconds of the server for a page.",
        ("area", "kind", "status"),
        buckets=BUCKETS,
        registry=None,
    )


def _area(path: str) -> str:
    """Return one of few words: a label that a visitor could make up would grow without bound."""
    if path.startswith("/dashboard/"):
        return "dashboard"
    if path.startswith("/go/"):
        return "out"
    if path.startswith(("/picture/", "/media/", "/static/")):
        return "files"
    return "operators" if path.startswith(("/healthz", "/metrics")) else "public"
