"""What the dashboard says of a feed: its state, its newest sync, and the last one that counted."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from importer.feeds.progress import SyncProgress, of_sync
from importer.models import Feed, SyncRun
from importer.models.runs import ACTIVE

State = SyncRun.State
WORDS = {
    "off": "Not mirrored",
    "new": "Not synced yet",
    "queued": "Waiting",
    "running": "Syncing",
    "stalled": "Stalled",
    "held": "Held",
    "failed": "Failed",
    "done": "Up to date",
}
# What the list can be narrowed down to.
FILTERS = {
    "mirrored": "Mirrored",
    "off": "Not mirrored",
    "active": "Syncing now",
    "attention": "Held or failed",
}


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed with its newest sync, and the newest that brought the index up to date."""

    feed: Feed
    run: SyncRun | None
    done: SyncRun | None

    @property
    def name(self) -> str:
        """One of the keys of `WORDS`."""
        if self.run and self.run.is_active:
            return "stalled" if self.progress.stalled else self.run.state
        if not self.feed.is_mirrored:
            return "off"
        if self.run and self.run.state in (State.HELD, State.FAILED):
            return self.run.state
        return "done" if self.feed.synced_at else "new"

    @property
    def words(self) -> str:
        return WORDS[self.name]

    @property
    def is_active(self) -> bool:
        return bool(self.run and self.run.is_active)

    @property
    def progress(self) -> SyncProgress:
        """How far the newest sync is. Only where there is one."""
        assert self.run is not None
        return of_sync(self.run)


def get_states(feeds: Iterable[Feed]) -> list[FeedState]:
    """Return the states of the feeds, in their order. Two queries, whatever their number."""
    feeds = list(feeds)
    by_id = {feed.pk: feed for feed in feeds}
    runs = SyncRun.objects.filter(feed__in=by_id).defer("bad_samples").order_by("feed_id", "-id")
    newest = {run.feed_id: run for run in runs.distinct("feed_id")}
    counted = runs.filter(state__in=(State.DONE, State.UNCHANGED)).distinct("feed_id")
    done = {run.feed_id: run for run in counted}
    for run in (*newest.values(), *done.values()):
        run.feed = by_id[run.feed_id]
    return [FeedState(feed, newest.get(feed.pk), done.get(feed.pk)) for feed in feeds]


def get_state(feed: Feed) -> FeedState:
    """Return the state of one feed."""
    return get_states([feed])[0]


def active_syncs() -> QuerySet[SyncRun]:
    """Return the syncs that wait or run."""
    return SyncRun.objects.filter(state__in=ACTIVE)


def troubled_syncs() -> QuerySet[SyncRun]:
    """Return the syncs that a person should look at: held ones, and failed ones that none followed."""
    newer = SyncRun.objects.filter(feed=OuterRef("feed"), pk__gt=OuterRef("pk"))
    troubled = SyncRun.objects.filter(state__in=(State.HELD, State.FAILED), feed__is_mirrored=True)
    return troubled.filter(~Exists(newer))


def filter_feeds(feeds: QuerySet[Feed], name: str) -> QuerySet[Feed]:
    """Narrow the feeds down to those of a state in `FILTERS`; any other name keeps them all."""
    match name:
        case "mirrored":
            return feeds.filter(is_mirrored=True)
        case "off":
            return feeds.filter(is_mirrored=False)
        case "active":
            return feeds.filter(pk__in=active_syncs().values("feed"))
        case "attention":
            return feeds.filter(pk__in=troubled_syncs().values("feed"))
    return feeds
