"""How long work stands still when something dies or hangs: a whole site with the demo networks.

Imports, collecting, syncs and clicks, each under a `kill -9` and a `kill -STOP` of what does them. Times are
from the blow until the work is seen to go on. Nothing may be lost or doubled.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.site import say

ROOT = Path(__file__).resolve().parents[1]
ITEMS = int(os.environ.get("BENCHMARK_ITEMS", 30_000))
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}
GIVE_UP = 180  # seconds
WORKER, FEEDS, POSTGRES, REDIS = "--queues imports", "--queues feeds", "bin/postgres -D", "valkey-server"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition: Callable[[], object]) -> float:
    """Return the seconds until it holds. What asks the database may fail meanwhile: that is the point."""
    from django.db import Error, connection

    started = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - started
        except Error:
            connection.close()
        assert time.monotonic() - started < GIVE_UP, "it never went on"
        time.sleep(0.02)


class Site:
    def __init__(self, var_dir: Path) -> None:
        self.var_dir, self.port = var_dir, free_port()
        self.log = (var_dir.parent / "output").open("w")
        options = ["--demo", "--port", str(self.port), "--sandbox-port", str(free_port())]
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", *options, "--items", str(ITEMS)],
            cwd=ROOT,
            env=os.environ,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def wait_until_up(self) -> None:
        path = Path(self.log.name)
        while "Ctrl-C stops it." not in path.read_text():
            assert self.process.poll() is None, path.read_text()
            time.sleep(0.1)

    def main_process(self, words: str) -> psutil.Process:
        found = []
        for process in psutil.process_iter(["environ", "cmdline"]):
            command = " ".join(process.info["cmdline"] or ())
            environ = process.info["environ"] or {}
            if words in command and str(self.var_dir) in f"{environ.get('VAR_DIR')} {command}":
                found.append(process)
        return min(found, key=lambda process: process.create_time())

    def strike(self, words: str, number: int, *, pool_only: bool = False) -> None:
        main = self.main_process(words)
        victims = main.children(recursive=True)
        for process in victims if pool_only else [main, *victims]:
            process.send_signal(number)

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:  # noqa: S310
            return answer.status

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


BLOWS = [
    ("pool killed", None, signal.SIGKILL, True),
    ("worker killed", None, signal.SIGKILL, False),
    ("worker hung", None, signal.SIGSTOP, False),
    ("PostgreSQL killed", POSTGRES, signal.SIGKILL, False),
    ("PostgreSQL hung", POSTGRES, signal.SIGSTOP, False),
    ("Redis killed", REDIS, signal.SIGKILL, False),
]


def imports(site: Site, ids: list[int]) -> None:
    from catalog.models import Offer, Product
    from importer.imports.runs import start_import
    from importer.models import ImportRun
    from importer.tasks import run_import

    part = len(ids) // len(BLOWS)
    for turn, (name, victim, number, pool_only) in enumerate(BLOWS):
        run = start_import(ids[turn * part : (turn + 1) * part], kind=ImportRun.Kind.QUICK)
        run_import.delay(run.pk)

        def done(pk: int = run.pk) -> int:
            return ImportRun.objects.get(pk=pk).done_count

        wait_for(lambda: done() > 0)  # noqa: B023
        before = done()
        site.strike(victim or WORKER, number, pool_only=pool_only)
        struck_at = time.monotonic()
        time.sleep(0.1)  # what was on its way to its COMMIT
        if victim != POSTGRES:
            before = done()
        wait_for(lambda: done() > before)  # noqa: B023
        seconds = time.monotonic() - struck_at
        wait_for(lambda: not ImportRun.objects.get(pk=run.pk).is_active)  # noqa: B023
        run.refresh_from_db()
        assert run.state == "done", run.message
        assert run.done_count == run.total_count == part
        assert run.failed_count == 0, run.counts
        say(f"import, {name}", f"{seconds:.1f} s", "10 s where it died")
    assert Offer.objects.count() == Offer.objects.values("source_key").distinct().count()
    assert Product.objects.count() <= Offer.objects.count()


def syncs(site: Site) -> None:
    from importer.feeds.schedule import sync_now
    from importer.models import Feed, FeedItem, SyncRun
    from importer.tasks import sync_feed

    feeds = Feed.objects.filter(account__network="tradetracker")  # which counts no downloads
    feed = max(feeds, key=lambda feed: FeedItem.objects.filter(feed=feed).count())
    count = FeedItem.objects.filter(feed=feed).count()
    for name, victim, number, pool_only in BLOWS:
        forget(feed)
        run = sync_now(feed)
        sync_feed.delay(run.pk)

        def seen(pk: int = run.pk) -> SyncRun:
            return SyncRun.objects.get(pk=pk)

        wait_for(lambda: seen().item_count > 0)
        claim = seen().claim
        site.strike(victim or FEEDS, number, pool_only=pool_only)
        struck_at = time.monotonic()
        wait_for(lambda: not (now := seen()).is_active or (now.claim != claim and now.item_count))  # noqa: B023
        seconds = time.monotonic() - struck_at
        wait_for(lambda: not seen().is_active)
        assert seen().state in ("done", "unchanged"), seen().message
        assert FeedItem.objects.filter(feed=feed, missing_at=None).count() == count
        say(f"sync of {count:,} items, {name}", f"{seconds:.1f} s", "10 s where it died")


def forget(feed) -> None:
    """Let the next sync of the feed read every row."""
    from importer.models import Feed, FeedRows

    FeedRows.objects.filter(feed=feed).delete()
    Feed.objects.filter(pk=feed.pk).update(network_state={})


def clicks(site: Site) -> None:
    from django.db.models import Sum

    from catalog.models import DailyClicks, Offer, Product

    Product.objects.update(status="published", published_at="2026-01-01T00:00Z")
    offers = list(Offer.objects.filter(expired_at=None).order_by("pk")[:200])
    opener = urllib.request.build_opener(StayHere)
    for name, victim, number, pool_only in (BLOWS[1], BLOWS[3]):
        before = DailyClicks.objects.aggregate(sum=Sum("count"))["sum"] or 0
        for offer in offers:
            address = f"http://127.0.0.1:{site.port}{offer.get_absolute_url()}"
            with suppress(urllib.error.HTTPError):  # 302: we do not follow it
                opener.open(urllib.request.Request(address, headers=BROWSER), timeout=10)  # noqa: S310
        site.strike(victim or WORKER, number, pool_only=pool_only)
        struck_at = time.monotonic()
        wait_for(lambda: DailyClicks.objects.aggregate(sum=Sum("count"))["sum"] == before + len(offers))  # noqa: B023
        say(
            f"{len(offers)} clicks counted, {name}", f"{time.monotonic() - struck_at:.1f} s", "20 s by itself"
        )


class StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="recovery-"))
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {"VAR_DIR": str(folder / "var"), "DJANGO_SETTINGS_MODULE": "affiliate_site.settings"}
    import django

    django.setup()
    print(f"Recovery, {ITEMS:,} products in the demo networks")
    site = Site(folder / "var")
    try:
        site.wait_until_up()
        from importer.feeds.schedule import set_mirrored
        from importer.models import Feed, FeedItem, SyncRun
        from importer.tasks import sync_feed

        wait_for(lambda: Feed.objects.values("account").distinct().count() == 3)
        for feed in Feed.objects.filter(is_mirrored=False):
            sync_feed.delay(set_mirrored(feed, True).pk)
        wait_for(lambda: not SyncRun.objects.filter(finished_at=None).exists())
        ids = list(FeedItem.objects.filter(missing_at=None).order_by("pk").values_list("pk", flat=True))
        print(f"  {len(ids):,} items are mirrored")
        imports(site, ids)
        syncs(site)
        clicks(site)
    finally:
        site.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
