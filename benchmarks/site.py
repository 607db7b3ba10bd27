"""A site to measure: its servers, its rows, and how a figure is taken."""

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path


@contextmanager
def running_site() -> Iterator:
    """Start PostgreSQL and Redis in a temporary folder and migrate; yield their supervisor, and clean up."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from affiliate_site.run import servers
    from affiliate_site.run.supervisor import Supervisor

    supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
    try:
        supervisor.start(servers.postgres(settings.VAR_DIR))
        supervisor.start(servers.redis_server(settings.VAR_DIR))
        supervisor.wait_until_ready()
        call_command("migrate", verbosity=0)
        yield supervisor
    finally:
        supervisor.stop()
        shutil.rmtree(Path(os.environ["BENCHMARK_DIR"]), ignore_errors=True)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_seconds(work: Callable[[], object], times: int) -> float:
    return statistics.median(seconds(work) for _ in range(times))


def own_backend():
    """Return the process of this connection's PostgreSQL session."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return psutil.Process(cursor.fetchone()[0])


def processor_seconds(processes: Iterable) -> float:
    """Return what the main threads of the processes have used so far; those that ended count nothing.

    A session of PostgreSQL has no other thread. To the nanosecond on Linux, elsewhere to a hundredth.
    """
    import psutil

    total = 0.0
    for process in {process.pid: process for process in processes}.values():
        with suppress(psutil.Error):
            try:
                total += int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
            except (FileNotFoundError, ProcessLookupError):
                total += sum(process.cpu_times()[:2])
    return total


def say(name: str, value: str, goal: str = "") -> None:
    print(f"  {name:58} {value:>16}   {goal}")
    sys.stdout.flush()


def make_feed(network: str = "tradedoubler"):
    """Return a feed of a new account."""
    from importer.models import Feed, NetworkAccount

    account = NetworkAccount(network=network, label=f"Benchmark {NetworkAccount.objects.count()}")
    account.set_credentials({"token": "none"})
    account.save()
    return Feed.objects.create(account=account, external_id="31105", name="Benchmark", currency="EUR")


def item_rows(count: int, start: int = 0, turn: int = 0) -> Iterator:
    """Yield believable items: 30 shops, 200 brands, two pictures, a description of 400 letters.

    `turn`: the same products at other shops and prices.
    """
    from importer.networks.contract import ItemData

    text = "<p>" + "Light, warm and made to last for many winters in the mountains. " * 6 + "</p>"
    for number in range(start, start + count):
        yield ItemData(
            feed_id="31105",
            external_id=f"TR{turn}-{number}",
            program_id=str((number + turn) % 30),
            shop_name=f"Shop {(number + turn) % 30}",
            title=f"Nordfjell {number % 200} Trail shoe number {number} waterproof",
            description=text,
            brand=f"Brand {number % 200}",
            category="Shoes > Trail",
            price=Decimal(10 + turn + number % 500) + Decimal("0.90"),
            old_price=Decimal(20 + turn + number % 500) if number % 3 == 0 else None,
            shipping=Decimal("4.90"),
            currency="EUR",
            gtin=f"{4_000_000_000_000 + number}",
            in_stock=True,
            product_url=f"https://shop.example/{number}",
            tracking_url=f"https://pdt.tradedoubler.com/click?a(1)p(2)product(31105-TR{turn}-{number})ttid(3)",
            image_urls=(f"https://img.example/{number}.jpg", f"https://img.example/{number}-b.jpg"),
            attributes={"colour": "red", "size": str(36 + number % 10), "sole": "grip"},
        )


def make_items(feed, count: int, start: int = 0, turn: int = 0) -> list[int]:
    """Store items in the feed as a sync does; return their ids."""
    from importer import feed_index
    from importer.models import FeedItem

    batch = 50_000
    for first in range(start, start + count, batch):
        rows = list(item_rows(min(batch, start + count - first), first, turn))
        feed_index.store_hits({feed.external_id: feed}, rows)
    keys = [f"TR{turn}-{number}" for number in range(start, start + count)]
    return list(
        FeedItem.objects.filter(feed=feed, external_id__any=keys).order_by("id").values_list("id", flat=True)
    )
