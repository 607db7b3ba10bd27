"""A guide with 20 products, made anew; and a kept product page against a static file of the same size, from
the same server.

The second part needs `wrk` (apt-get install wrk).
"""

import gzip
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from benchmarks.bulk_import import import_run, make_category
from benchmarks.site import make_feed, make_items, running_site, say

PRODUCTS = int(os.environ.get("PRODUCTS", 100_000))
CONNECTIONS = 64
SECONDS = 8


def main() -> None:
    print(f"Public pages at {PRODUCTS:,} products, {CONNECTIONS} connections")
    with running_site():
        from django.db import connection
        from django.urls import reverse

        from catalog.models import Product
        from importer.imports import apply

        apply.work(import_run(make_items(make_feed(), PRODUCTS), make_category()))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        product = Product.objects.order_by("id")[PRODUCTS // 2]
        measure_guide()
        if not shutil.which("wrk"):
            sys.exit("The rest needs wrk: apt-get install wrk")
        measure_kept(reverse("public:product", args=[product.slug]))


def measure_guide() -> None:
    """Make a guide with 20 product boxes, and one with lists, a table and prices besides."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from catalog.models import Category, Product
    from pages.services import create_post

    step = max(PRODUCTS // 20, 1)
    ids = list(Product.objects.order_by("id").values_list("pk", flat=True)[::step][:20])
    category = Category.objects.order_by("id").first()
    boxes = "".join(f"<p>Words about it.</p><p>[product {pk}]</p>" for pk in ids)
    lists = "".join(
        f"<p>[top category={category.slug} max={limit} sort={sort}]</p>"
        for limit, sort in ((50, "price"), (100, "-price"), (200, "newest"))
    )
    compared = " ".join(map(str, ids[:6]))
    rest = f"{lists}<p>[compare {compared}]</p>" + "".join(f"<p>[price {pk}] [button {pk}]</p>" for pk in ids)
    client = Client(SERVER_NAME="127.0.0.1")
    for name, text in (("20 boxes", boxes), ("20 boxes, 3 lists, a table, 40 more", boxes + rest)):
        path = create_post(kind="guide", title=name, text=text, status="published").get_absolute_url()
        times = []
        for _ in range(11):
            began = perf_counter()
            # A parameter that no page reads: the page is made anew each time.
            assert client.get(f"{path}?anew=1").status_code == 200
            times.append(perf_counter() - began)
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{path}?anew=1")
        took = f"{statistics.median(times) * 1000:.0f} ms (best {min(times) * 1000:.0f})"
        say(f"guide, {name}", f"{took}, {len(queries)} queries", "goal: at most 60 ms and 12 queries")


def measure_kept(path: str) -> None:
    from django.test import Client

    body = Client(SERVER_NAME="127.0.0.1").get(path).content
    static = make_static_file(body)
    say("product page", f"{len(body):,} bytes", "goal: at most 60 kB")
    with running_web() as base:
        for encoding in ("identity", "gzip"):
            rates = [load(base + address, encoding) for address in (static, path)]
            for name, (rate, p99) in zip(
                ("static file of these bytes", "product page, kept"), rates, strict=True
            ):
                say(f"{name}, {encoding}", f"{rate:,.0f}/s", f"p99 {p99:.1f} ms")
            say("ratio", f"{rates[1][0] / rates[0][0]:.2f}", "goals: at least 0.5, p99 under 20 ms")


@contextmanager
def running_web() -> Iterator[str]:
    """Start the web server as `manage.py up` does, on a free port; give its address."""
    from django.conf import settings

    from affiliate_site.run import processes
    from affiliate_site.run.supervisor import Supervisor

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
    try:
        env = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
        supervisor.start(processes.web("127.0.0.1", port, f"{base}/healthz", env))
        supervisor.wait_until_ready()
        yield base
    finally:
        supervisor.stop()


def make_static_file(content: bytes) -> str:
    """Write a file under STATIC_ROOT with its compressed copy, as collectstatic does; return its path."""
    from django.conf import settings

    name = "benchmark.html"
    (settings.STATIC_ROOT / name).write_bytes(content)
    (settings.STATIC_ROOT / f"{name}.gz").write_bytes(gzip.compress(content))
    return f"/{settings.STATIC_URL.strip('/')}/{name}"


def load(url: str, encoding: str) -> tuple[float, float]:
    """Ask with wrk; return requests per second and the 99th percentile in milliseconds."""
    command = ["wrk", "--latency", "-t1", f"-c{CONNECTIONS}", "-H", f"Accept-Encoding: {encoding}"]
    for seconds in (2, SECONDS):  # the first warms up
        out = subprocess.run(
            [*command, f"-d{seconds}s", url], capture_output=True, text=True, check=True
        ).stdout
    assert "Non-2xx" not in out, out
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", out).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


if __name__ == "__main__":
    main()
