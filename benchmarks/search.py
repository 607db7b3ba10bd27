"""Search over a million mirrored items: 200 mixed queries, facets included; alone, and while a feed syncs.

`python -m benchmarks search`. With `FEED_ITEMS=100000` it takes a tenth of the time. Times are the wall clock of
`services.search_index` in this process; beside it stands the processor time of both sides, which a busy machine
does not change.
"""

import os
import random
import statistics
import time
from decimal import Decimal

from benchmarks.feeds import ADJECTIVES, HALF, KINDS, SYLLABLES, brand_name, gtin
from benchmarks.site import load_feed, running_site, say

ITEMS = int(os.environ.get("FEED_ITEMS", "1_000_000"))
QUERIES = 200


def main() -> None:
    print(f"Search over {ITEMS:,} mirrored items, {QUERIES} mixed queries")
    with running_site():
        load_feed(ITEMS)
        measure()


def measure() -> None:
    queries = mixed_queries()
    run(queries)  # warms PostgreSQL up
    alone = run(queries)
    report("alone", alone)
    say("median", f"{statistics.median(alone):.1f} ms", "goal: at most 15 ms")
    say("95th percentile", f"{percentile(alone, 95):.1f} ms", "goal: at most 60 ms")
    say("worst", f"{max(alone):.0f} ms", "goal: at most 250 ms")
    syncing = run_while_syncing(queries)
    report("while a feed syncs", syncing)
    say(
        "median against alone",
        f"{statistics.median(syncing) / statistics.median(alone):.1f}x",
        "goal: at most 2x",
    )


def mixed_queries() -> list:
    """Return 200 queries of ten kinds; words from the most common to the rarest."""
    from importer.feed_index import IndexQuery

    chance = random.Random(3)
    any_of = chance.choice
    queries = []
    for number in range(QUERIES // 10):
        kind, adjective, brand = any_of(KINDS), any_of(ADJECTIVES), brand_name(int(chance.paretovariate(0.5)))
        rare = "".join(any_of(SYLLABLES) for _ in range(3))
        sort = ("relevance", "price", "-price", "discount", "newest")[number % 5]
        queries += [
            IndexQuery(text=HALF, sort=sort),
            IndexQuery(text=kind, sort=sort),
            IndexQuery(text=f"{kind} {adjective}"),
            IndexQuery(text=f"{brand} {kind} {adjective}", sort=sort),
            IndexQuery(text=rare),
            IndexQuery(text=kind[: 3 + number % 4], sort=sort),
            IndexQuery(text=f'"{brand} {kind}" -{adjective}'),
            IndexQuery(brands=(brand,), on_sale=True, sort=sort),
            IndexQuery(
                text=adjective,
                currency="EUR",
                min_price=Decimal(20 + number),
                max_price=Decimal(60 + number * 10),
                in_stock=True,
                sort=sort,
            ),
            IndexQuery(text=kind, ids=tuple(gtin(chance.randrange(ITEMS)) for _ in range(50)))
            if number % 2
            else IndexQuery(not_imported=True, has_picture=True, sort=sort),
        ]
    return queries


def run(queries) -> list[float]:
    """Return the milliseconds of each search."""
    from importer import services

    times = []
    for query in queries:
        started = time.perf_counter()
        services.search_index(query)
        times.append((time.perf_counter() - started) * 1000)
    return times


def report(name: str, times: list[float]) -> None:
    line = ", ".join(f"{share}%: {percentile(times, share):.1f}" for share in (50, 75, 90, 95, 99, 100))
    say(f"{name} (ms)", line)


def percentile(times: list[float], share: int) -> float:
    return sorted(times)[min(len(times) * share // 100, len(times) - 1)]


if __name__ == "__main__":
    main()
