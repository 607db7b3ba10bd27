"""How far the index of an account's feeds is, for networks that are searched here."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from importer.models import Feed, NetworkAccount, SyncRun
from importer.networks import NETWORKS


@dataclass(frozen=True, slots=True)
class IndexState:
    """How many feeds there are, how many can be searched, and what is read of the others."""

    feed_count: int
    ready_count: int
    item_count: int  # read so far by the syncs that run now
    is_active: bool
    failures: list[str]  # "feed: why", of feeds that never came through

    @property
    def is_ready(self) -> bool:
        return 0 < self.feed_count == self.ready_count

    @property
    def is_changing(self) -> bool:
        """Is it worth asking again?"""
        return self.is_active or not (self.is_ready or self.failures)


def _mirrored(**filters) -> Exists:
    return Exists(Feed.objects.filter(account=OuterRef("pk"), is_mirrored=True, **filters))


# An account's feeds can be searched, all of them: there is no state to ask for.
IS_INDEXED = _mirrored() & ~_mirrored(is_searchable=False)


def get_accounts(network: str) -> list[NetworkAccount]:
    """Return the accounts of a network, each with `is_indexed`."""
    return list(NetworkAccount.objects.filter(network=network).annotate(is_indexed=IS_INDEXED))


def get_index_state(account: NetworkAccount) -> IndexState | None:
    """Return the state of the account's index; None where the network has a search of its own."""
    if NETWORKS[account.network].has_search:
        return None
    feeds = list(Feed.objects.filter(account=account, is_mirrored=True))
    missing = {feed.pk: feed for feed in feeds if not feed.is_searchable}
    # The newest run of each feed that nobody can search yet.
    latest = {run.feed_id: run for run in SyncRun.objects.filter(feed__in=missing).order_by("id")}
    active = [run for run in latest.values() if run.is_active]
    return IndexState(
        feed_count=len(feeds),
        ready_count=len(feeds) - len(missing),
        item_count=sum(run.item_count for run in active),
        is_active=bool(active),
        failures=[
            f"{missing[feed].name}: {run.message}"
            for feed, run in latest.items()
            if run.state == SyncRun.State.FAILED
        ],
    )
