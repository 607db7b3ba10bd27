"""Visitors first: 64 connections on public pages, alone and while a feed syncs for the first time.

`FEED_ITEMS=20000 python -m benchmarks visitors` for a quick look. Needs `wrk` (apt-get install wrk).
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.bulk_import import import_run, make_category
from benchmarks.feeds import write_feed
from benchmarks.public_pages import CONNECTIONS, running_web
from benchmarks.site import make_feed, make_items, running_site, say

ITEMS = int(os.environ.get("FEED_ITEMS", "200_000"))
PRODUCTS = 2_000
ALONE = 10  # seconds
# As the feed worker does it, with the priority that the site gives to it.
SYNC = """
import sys, django
from pathlib import Path
django.setup()
from benchmarks.search import mirror_feed
mirror_feed(Path(sys.argv[1]))
"""
# Every page in turn.
SCRIPT = """
local paths, number = {%s}, 0
request = function()
    number = number %% #paths + 1
    return wrk.format("GET", paths[number], {["Accept-Encoding"] = "gzip"})
end
"""


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("visitors needs wrk: apt-get install wrk")
    print(f"{CONNECTIONS} connections on public pages, while a feed of {ITEMS:,} syncs")
    with running_site():
        import requests

        from affiliate_site.run import processes
        from importer.imports import apply

        apply.work(import_run(make_items(make_feed(), PRODUCTS), make_category()))
        folder = Path(os.environ["BENCHMARK_DIR"])
        feed = write_feed(folder / "feed.json.gz", ITEMS)
        paths = find_paths()
        script = folder / "pages.lua"
        script.write_text(SCRIPT % ", ".join(f'"{path}"' for path in paths))
        with running_web() as base:
            for path in paths:  # the first visit makes the page
                requests.get(base + path, timeout=60).raise_for_status()
            report("alone", stop(start(base, script), after=ALONE))
            wrk, started = start(base, script), time.perf_counter()
            nice = ("nice", "-n", str(processes.BEHIND["niceness"]))
            subprocess.run([*nice, sys.executable, "-c", SYNC, feed], check=True)
            say("the sync", f"{time.perf_counter() - started:.0f} s")
            report("while it syncs", stop(wrk), "goal: 99 % within 150 ms")
    say("load of the machine", f"{os.getloadavg()[0]:.1f}")


def find_paths() -> list[str]:
    from django.urls import reverse

    from catalog.models import Product

    slugs = Product.objects.order_by("id").values_list("slug", flat=True)[:100]
    products = [reverse("public:product", args=[slug]) for slug in slugs]
    return [reverse("public:home"), reverse("public:category", args=["shoes"]), *products]


def start(base: str, script: Path) -> subprocess.Popen:
    command = ["wrk", "--latency", "-t1", f"-c{CONNECTIONS}", "-d3600s", "-s", str(script), base]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def stop(wrk: subprocess.Popen, after: float = 0) -> str:
    """Return what wrk saw until now."""
    time.sleep(after)
    wrk.send_signal(signal.SIGINT)
    return wrk.communicate(timeout=60)[0]


def report(when: str, out: str, goal: str = "") -> None:
    assert "Non-2xx" not in out, out
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    half, most = (re.search(rf"{share}%\s+(\S+)", out)[1] for share in (50, 99))
    say(when, f"{rate:,.0f}/s", f"50 % within {half}, 99 % within {most}   {goal}")


if __name__ == "__main__":
    main()
