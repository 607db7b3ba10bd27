"""A round of checks over unchanged offers, against the unchanged sync of a feed of that size.

`python -m benchmarks refresh`; `REFRESH_OFFERS=20000` for a quick look. A mirrored feed's round is its sync,
the search for what differs and the note on every offer that it was checked. For items that are read by
themselves the network answers out of memory: what is measured is ours, for the network sets the pace.
"""

import os
import statistics
from datetime import timedelta
from pathlib import Path

from benchmarks.feed_sync import cost
from benchmarks.feeds import items_of, write_feed
from benchmarks.site import make_feed, running_site, say

OFFERS = int(os.environ.get("REFRESH_OFFERS", "100_000"))
TIMES = 3


def main() -> None:
    print(f"A round of {OFFERS:,} unchanged offers")
    with running_site():
        path = write_feed(Path(os.environ["BENCHMARK_DIR"]) / "feed.json.gz", OFFERS)
        feed = make_feed()
        feed.language, feed.is_mirrored = "de", True
        feed.save()
        cost("first sync", lambda: sync(feed, path))
        alone = median("sync, unchanged", lambda: sync(feed, path))
        import_all(feed)
        rounds = median(
            "round: sync, and each offer noted as checked", lambda: mirrored(feed, path), grow_old
        )
        soon = median("the same within the hour: nothing to note", lambda: mirrored(feed, path))
        single = by_themselves(feed, path)
    say("a round against an unchanged sync", f"{rounds / alone:.2f}x", "goal: at most 1.5x")
    say("the same within the hour", f"{soon / alone:.2f}x")
    say("a round against the same within the hour", f"{rounds / soon:.2f}x")
    say("read by themselves, of our own, a second", f"{OFFERS / single:,.0f}")


def median(name: str, work, before=lambda: None) -> float:
    taken = []
    for _ in range(TIMES):
        before()
        taken.append(cost(name, work))
    return statistics.median(taken)


def sync(feed, path: Path, on_written=lambda tally, written: None) -> None:
    from importer import feed_index
    from importer.networks.contract import FeedWatch

    watch = FeedWatch()
    feed_index.replace_feed(feed, items_of(path, watch), watch=watch, on_written=on_written)


def mirrored(feed, path: Path) -> None:
    """Do what a sync does besides reading: see `importer.feeds.syncs`."""
    from importer.imports.follow import confirm_offers, start_update

    sync(feed, path, lambda tally, written: start_update(feed))
    confirm_offers(feed)


def import_all(feed) -> None:
    from importer.imports import apply
    from importer.imports.runs import start_import
    from importer.models import FeedItem

    ids = list(FeedItem.objects.filter(feed=feed).order_by("id").values_list("id", flat=True))
    run = start_import(ids, kind="bulk")
    cost("import", lambda: apply.work(run))


def grow_old() -> None:
    from django.db import connection
    from django.utils import timezone

    from catalog.models import Offer, OfferCheck

    for model in (Offer, OfferCheck):
        model.objects.update(checked_at=timezone.now() - timedelta(hours=30))
    with connection.cursor() as cursor:  # as between two rounds of a day
        cursor.execute("VACUUM ANALYZE catalog_offer, catalog_offercheck, importer_feeditem")


def by_themselves(feed, path: Path) -> float:
    from django.utils import timezone

    from importer.freshness import rereads
    from importer.freshness.responsibility import take_responsibility
    from importer.models import ItemCheck
    from importer.networks import NETWORKS
    from importer.networks.contract import FeedWatch

    said = {item.external_id: item for item in items_of(path, FeedWatch())}
    network = NETWORKS[feed.account.network]
    network.look_up = lambda self, feed, items: ((i.external_id, said.get(i.external_id)) for i in items)
    feed.is_mirrored = False
    feed.save()
    take_responsibility([feed.pk])
    grow_old()
    ItemCheck.objects.update(due_at=timezone.now())
    return cost("read by themselves, 50 at once, the network aside", lambda: rereads.work(feed.account))


if __name__ == "__main__":
    main()
