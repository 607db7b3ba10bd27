"""How far the index of an account's feeds is, for networks that are searched here."""

from dataclasses import dataclass

from django.db.models import Sum

from importer.models import Feed, NetworkAccount, SyncRun
from importer.models.runs import ACTIVE
from importer.networks import NETWORKS


@dataclass(frozen=True, slots=True)
class IndexState:
    """Feeds to index, feeds that are searchable, items read by the syncs that run now."""

    feed_count: int
    ready_count: int
    is_active: bool
    item_count: int
    failures: list[str]  # "feed: why", of feeds that never came through

    @property
    def is_ready(self) -> bool:
        return not self.is_active and self.feed_count > 0 and self.ready_count == self.feed_count


def get_index_state(account: NetworkAccount) -> IndexState | None:
    """Return the state of the account's index; None where the network has a search of its own."""
    if NETWORKS[account.network].has_search:
        return None
    feeds = list(Feed.objects.filter(account=account, is_mirrored=True))
    active = SyncRun.objects.filter(feed__account=account, state__in=ACTIVE)
    item_count = active.aggregate(items=Sum("item_count", default=0))["items"]
    active_feeds = set(active.values_list("feed_id", flat=True))
    missing = [feed for feed in feeds if not feed.synced_at and feed.pk not in active_feeds]
    failed = {
        run.feed_id: run.message
        for run in SyncRun.objects.filter(feed__in=missing, state=SyncRun.State.FAILED).order_by("id")
    }
    return IndexState(
        feed_count=len(feeds),
        ready_count=sum(1 for feed in feeds if feed.synced_at),
        is_active=bool(active_feeds),
        item_count=item_count,
        failures=[f"{feed.name}: {failed[feed.pk]}" for feed in missing if feed.pk in failed],
    )
