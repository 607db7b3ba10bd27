"""Bulk import of one run by one process and by two, in turns: the processor decides, so nothing else may run.

`RUN_ITEMS=5000 python -m benchmarks two_workers` for a quick look.
"""

import os
import statistics
import subprocess
import sys
import time

from benchmarks.bulk_import import import_run, make_category, warm_up
from benchmarks.site import make_feed, make_items, running_site, say

ITEMS = int(os.environ.get("RUN_ITEMS", "20_000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
# A worker process, ready to begin: what it has to load is no part of an import.
WORKER = """
import sys, django
django.setup()
from importer.imports import apply
from importer.models import ImportRun
run = ImportRun.objects.get(pk=int(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
apply.work(run)
"""


def main() -> None:
    print(f"One run of {ITEMS:,} items, by one process and by two")
    with running_site():
        feed, category = make_feed(), make_category()
        warm_up(make_items(feed, 1_000), category)
        taken: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(ROUNDS):
            for count in (1, 2) if turn % 2 else (2, 1):
                start = 1_000 + ITEMS * (2 * turn + count - 1)
                taken[count].append(run_seconds(import_run(make_items(feed, ITEMS, start), category), count))
    for count, seconds in taken.items():
        rates = ", ".join(f"{ITEMS / one:,.0f}" for one in seconds)
        say(f"{count} process{'es' * (count > 1)}", f"{ITEMS / statistics.median(seconds):,.0f}/s", rates)
    gains = [one / two for one, two in zip(taken[1], taken[2], strict=True)]
    say("two against one, median of the pairs", f"{statistics.median(gains):.2f}x", "goal: at least 1.6x")
    say("load of the machine", f"{os.getloadavg()[0]:.1f}")


def run_seconds(run, count: int) -> float:
    from importer.models import ImportRun

    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(run.pk)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    started = time.perf_counter()
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.wait() == 0
    taken = time.perf_counter() - started
    run.refresh_from_db()
    assert (run.state, run.created_count) == (ImportRun.State.DONE, ITEMS), run.counts
    return taken


if __name__ == "__main__":
    main()
