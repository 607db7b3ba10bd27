"""What the history of products costs, and how long it takes to undo a run.

A bulk import and an update of changed offers: what they spend on writing revisions against all the rest that
they do, in the same runs, so that other work on the machine counts little. Then the undo of an import, and of
an update, against the run itself. Figures are processor seconds of this process and its PostgreSQL session.
"""

import os
import statistics
from collections.abc import Callable

import psutil

from benchmarks.bulk_import import import_run, make_category
from benchmarks.site import make_feed, make_items, own_backend, processor_seconds, running_site, say, seconds

ITEMS = int(os.environ.get("BENCHMARK_ITEMS", 10_000))
OFFERS = int(os.environ.get("BENCHMARK_OFFERS", 100_000))  # that an update changes
RUNS = 3


def main() -> None:
    print(f"History: {ITEMS:,} items imported and undone, {OFFERS:,} offers changed")
    with running_site():
        feed, category = make_feed(), make_category()
        importing(feed, make_items(feed, 1_000), category)()  # warms up
        imports = [
            share(importing(feed, make_items(feed, ITEMS, number * 1_000_000), category))
            for number in range(1, RUNS + 1)
        ]
        say("bulk import, with its history against without", said(imports), "goal: at most 1.10x")
        work(import_run(make_items(feed, OFFERS, 900_000_000), category))
        updates = [share(updating(feed)) for _ in range(RUNS)]
        say("update of changed offers, the same", said(updates), "goal: at most 1.15x")
        say_undo(feed, category)
    say("load of the machine meanwhile", f"{psutil.getloadavg()[1]:.1f}")


def say_undo(feed, category) -> None:
    """Undo an import of new products, and an update of the same."""
    from importer.imports.follow import start_update
    from importer.models import FeedItem

    ids = make_items(feed, ITEMS, 990_000_000)
    run = import_run(ids, category)
    imported = cost(lambda: work(run))
    change_prices(FeedItem.objects.filter(pk__in=ids))
    update = start_update(feed)
    updated = cost(lambda: work(update))
    for what, cause, run_cost in (("update", update, updated), ("import", run, imported)):
        undo_run, planned = planned_undo(f"run:{cause.pk}")
        undone = cost(lambda: carry_out(undo_run))  # noqa: B023 called at once
        say(f"undo of an {what} of {ITEMS:,}", f"{undone / run_cost:.2f}x", "goal: at most 1x the run")
        say("  its plan", f"{planned / run_cost:.2f}x")


def planned_undo(cause: str) -> tuple:
    from catalog.services import undo

    found = []

    def plan() -> None:
        found.append(undo.start_undo(cause))
        undo.work(found[0].pk)

    planned = cost(plan)
    return found[0], planned


def carry_out(run) -> None:
    from catalog.services import undo

    run.refresh_from_db()
    assert undo.carry_out(run)
    undo.work(run.pk)
    assert undo.count_verdicts(type(run).objects.get(pk=run.pk)) == {"taken_back": ITEMS}


def share(work: Callable[[], None]) -> float:
    """Return what the work costs with its history against what it costs without, measured within one run."""
    from importer.imports import apply

    write, spent = apply.write_revisions_of, 0.0
    processes = [psutil.Process(), own_backend()]

    def measured(*args, **kwargs) -> None:
        nonlocal spent
        before = processor_seconds(processes)
        write(*args, **kwargs)
        spent += processor_seconds(processes) - before

    apply.write_revisions_of = measured
    try:
        total = cost(work)
    finally:
        apply.write_revisions_of = write
    return total / (total - spent)


def said(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.3f}x"


def importing(feed, ids, category) -> Callable[[], None]:
    run = import_run(ids, category)
    return lambda: work(run)


def updating(feed) -> Callable[[], None]:
    """Change the price of every offer; return what brings them up to date."""
    from importer.imports.follow import start_update
    from importer.models import FeedItem

    change_prices(FeedItem.objects.filter(feed=feed, external_id__startswith="TR0-9000"))
    run = start_update(feed)
    assert run.total_count >= OFFERS, run.total_count
    return lambda: work(run)


def change_prices(items) -> None:
    from django.db import connection
    from django.db.models import F

    items.update(price=F("price") + 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def work(run) -> None:
    from importer.imports import apply

    apply.work(run)


def cost(work: Callable[[], None]) -> float:
    processes = [psutil.Process(), own_backend()]
    before = processor_seconds(processes)
    taken = seconds(work)
    used = processor_seconds(processes) - before
    say("", f"{used:.2f} s", f"{taken:.2f} s by the clock")
    return used


if __name__ == "__main__":
    main()
