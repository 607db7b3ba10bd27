"""PostgreSQL is killed or hangs under a real web server: kept pages come, all else says to come back."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.db import connection

from affiliate_site.guarded_postgresql import base
from affiliate_site.run import embedded, processes, servers
from tests.own_servers import OwnServer, wait_until

# A page that nobody waits for in vain takes less; one that hangs takes for ever.
PATIENCE = 8
LOAD_SECONDS = 5
PAGES = ["/", "/?sort=price", "/product/trail-shoe/", "/about/", "/sitemap.xml"]
FILL = """
from decimal import Decimal
from django.utils import timezone
from catalog.models import Offer, Product, Shop
from catalog import services
shop = Shop.objects.create(name="OTTO", slug="otto")
product = Product.objects.create(
    title="Trail Shoe", slug="trail-shoe", status="published", published_at=timezone.now())
Offer.objects.create(product=product, shop=shop, price=Decimal(99), currency="EUR", in_stock=True,
    source="x", source_key="x:1:1", tracking_url="https://clk.example/", checked_at=timezone.now())
services.refresh_prices([product])
"""


class Site:
    """A web server in two processes, with a PostgreSQL of its own and the Redis of the tests."""

    def __init__(self, folder: Path, database: OwnServer) -> None:
        self.database = database
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "affiliate_site.settings",
            "VAR_DIR": str(folder),
            "DATABASE_URL": embedded.database_url(folder),
        }

    def manage(self, *arguments: str) -> None:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        subprocess.run(command, env=self.env, check=True, capture_output=True)

    def serve(self) -> subprocess.Popen:
        program = processes.web("127.0.0.1", self.port, f"{self.url}/healthz", {})
        web = subprocess.Popen(
            program.command,
            cwd=settings.BASE_DIR,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.status("/healthz") == 200)
        return web

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, timeout=PATIENCE, allow_redirects=False)

    def status(self, path: str) -> int:
        try:
            return self.get(path).status_code
        except requests.RequestException:
            return 0

    def sql(self, statement: str) -> None:
        self.manage("shell", "--no-imports", "-c", f"{IMPORT}; connection.cursor().execute({statement!r})")


IMPORT = "from django.db import connection"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def running():
    folder = Path(tempfile.mkdtemp(prefix="affiliate-away-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = OwnServer(servers.postgres(folder, servers.VOLATILE_SETTINGS))
        stack.callback(database.end)
        site = Site(folder, database)
        site.manage("migrate", "--no-input")
        site.manage("collectstatic", "--no-input")
        site.manage("shell", "--no-imports", "-c", FILL)
        web = site.serve()
        stack.callback(web.wait)
        stack.callback(web.terminate)
        yield site


@pytest.fixture
def site(running):
    """The site with everything well, each page of `PAGES` kept by both processes or at least by Redis."""
    wait_until(lambda: running.status("/search/?q=shoe") == 200)
    for path in PAGES:
        wait_until(lambda: running.status(path) == 200)  # noqa: B023
    return running


killed_and_hung = pytest.mark.parametrize(
    ("go_away", "come_back"),
    [
        pytest.param(OwnServer.kill, OwnServer.start, id="killed"),
        pytest.param(OwnServer.hang, OwnServer.go_on, id="hung"),
    ],
)


def load(site: Site, paths: list[str], seconds: float, threads: int = 8) -> list[tuple[str, int, float]]:
    """Ask for the paths again and again from several threads; return (path, status, seconds) of each."""
    ends_at = time.monotonic() + seconds

    def visit(number: int) -> list[tuple[str, int, float]]:
        answers = []
        while time.monotonic() < ends_at:
            path = paths[(number + len(answers)) % len(paths)]
            began = time.monotonic()
            answers.append((path, site.status(path), time.monotonic() - began))
        return answers

    with ThreadPoolExecutor(threads) as pool:
        return [answer for answers in pool.map(visit, range(threads)) for answer in answers]


@killed_and_hung
def test_kept_pages_come_all_the_while(site, go_away, come_back):
    with ThreadPoolExecutor(1) as pool:
        visits = pool.submit(load, site, PAGES, LOAD_SECONDS)
        time.sleep(0.5)  # under load already
        go_away(site.database)
        answers = visits.result()
    come_back(site.database)
    assert {status for _, status, _ in answers} == {200}
    assert max(seconds for *_, seconds in answers) < PATIENCE
    assert len(answers) > 100


@killed_and_hung
def test_what_is_not_kept_asks_to_come_back_and_does_not_hang(site, go_away, come_back):
    go_away(site.database)
    paths = ["/search/?q=shoe", "/nothing/", "/go/1/", "/dashboard/login/", "/?sort=nothing", "/healthz"]
    first = load(site, paths, LOAD_SECONDS)
    assert {status for _, status, _ in first} == {503}
    # The first may have waited; now everybody is told at once, save one who tries each second.
    quick = sorted(seconds for *_, seconds in load(site, paths, 2))
    assert quick[len(quick) // 2] < 1
    response = site.get("/search/?q=shoe")
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["Cache-Control"] == "no-store"
    assert "We will be right back" in response.text
    come_back(site.database)
    wait_until(lambda: {site.status(path) for path in paths} == {200, 404})


@killed_and_hung
def test_after_the_outage_a_change_is_seen(site, go_away, come_back):
    go_away(site.database)
    assert site.status("/product/trail-shoe/") == 200
    come_back(site.database)
    title = f"Shoe {time.time_ns()}"
    site.sql(f"UPDATE catalog_product SET title = '{title}'")  # noqa: S608 our own words
    wait_until(lambda: title in site.get("/product/trail-shoe/").text)


@killed_and_hung
def test_what_was_gone_before_the_outage_stays_gone(site, go_away, come_back):
    site.sql("UPDATE catalog_product SET status = 'trashed'")
    wait_until(lambda: site.status("/product/trail-shoe/") == 410)
    time.sleep(1.1)  # TRUSTED_SECONDS: now each process has seen it
    for _ in range(20):
        assert site.status("/product/trail-shoe/") == 410
    go_away(site.database)
    assert {site.status("/product/trail-shoe/") for _ in range(20)} == {503}
    come_back(site.database)
    wait_until(lambda: site.status("/product/trail-shoe/") == 410)
    site.sql("UPDATE catalog_product SET status = 'published'")
    wait_until(lambda: site.status("/product/trail-shoe/") == 200)


def test_a_slow_query_is_no_server_that_hangs(transactional_db, monkeypatch):
    monkeypatch.setattr(base, "PATIENCE", 0.3)
    monkeypatch.setattr(base, "ASK_AGAIN", 0.5)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'done', pg_sleep(2)")
        assert cursor.fetchone()[0] == "done"
