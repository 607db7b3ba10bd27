"""How far it is kept that each price is checked in time: counted in the background, shown by feed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from catalog.site.settings import get_settings
from importer.accounts.windows import works_now
from importer.feeds.state import FeedState, get_states
from importer.freshness.responsibility import feeds_to_ask_about
from importer.models import Feed, FeedItem, ItemCheck, SyncRun
from importer.networks import NETWORKS
from importer.reasons import Reason

KEY = "freshness"
KEPT_SECONDS = 24 * 3_600
# Of one article in several accounts' feeds, the one that checks it counts.
_COUNT = """
    SELECT offer.source, split_part(offer.source_key, ':', 2), count(*),
           count(*) FILTER (WHERE greatest(offer.checked_at, later.checked_at) >= %(fresh)s),
           count(*) FILTER (WHERE greatest(offer.checked_at, later.checked_at) < %(hidden)s),
           min(greatest(offer.checked_at, later.checked_at)), min(offer.source_key)
    FROM catalog_offer AS offer
    LEFT JOIN catalog_offercheck AS later ON later.offer_id = offer.id
    JOIN catalog_product AS product ON product.id = offer.product_id AND product.status <> 'trashed'
    WHERE offer.expired_at IS NULL AND offer.source <> 'own'
    GROUP BY 1, 2
"""
_DUE = """
    SELECT feed_id, count(*) FROM importer_itemcheck WHERE due_at <= %(now)s GROUP BY feed_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The offers of a feed: how many, how many were checked in time, how many prices are not shown any more.

    `feed_id` is None where the feed is not here any more.
    """

    network: str
    feed_id: int | None
    offers: int
    fresh: int
    hidden: int
    oldest: datetime
    due: int = 0  # items that wait to be read by themselves

    @property
    def late(self) -> int:
        return self.offers - self.fresh

    @property
    def percent(self) -> int:
        """How many of a hundred are fresh; 100 only where all are."""
        return self.fresh * 100 // self.offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What was counted at `counted_at`, by feed, most late offers first."""

    counted_at: datetime
    target: timedelta
    feeds: Sequence[Counted]
    asks: bool = False  # a person is asked whether to mirror a feed

    @property
    def offers(self) -> int:
        return sum(counted.offers for counted in self.feeds)

    @property
    def fresh(self) -> int:
        return sum(counted.fresh for counted in self.feeds)

    @property
    def late(self) -> int:
        return self.offers - self.fresh

    @property
    def hidden(self) -> int:
        return sum(counted.hidden for counted in self.feeds)

    @property
    def oldest(self) -> datetime | None:
        return min((counted.oldest for counted in self.feeds), default=None)

    @property
    def percent(self) -> int:
        """How many of a hundred are fresh; 100 only where all are, or there are none."""
        return self.fresh * 100 // self.offers if self.offers else 100

    @property
    def hours(self) -> int:
        return round(self.target.total_seconds() / 3_600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A feed with what was counted, and why some of it is late; `why` is None where nothing is."""

    counted: Counted
    feed: Feed | None
    why: Reason | None


def count_freshness() -> Freshness:
    """Count all offers for `get_freshness`: it reads every one, which a page must not."""
    now, site = timezone.now(), get_settings()
    target = timedelta(hours=site.fresh_for_hours)
    params = {"now": now, "fresh": now - target, "hidden": now - timedelta(hours=site.prices_shown_hours)}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, params)
        rows = cursor.fetchall()
        cursor.execute(_DUE, params)
        due = dict(cursor.fetchall())
    ids = _find_feeds({(source, name): key for source, name, *_, key in rows})
    feeds = [
        Counted(
            network=source,
            feed_id=(feed_id := ids.get((source, name))),
            offers=offers,
            fresh=fresh,
            hidden=hidden,
            oldest=oldest,
            due=due.get(feed_id, 0),
        )
        for source, name, offers, fresh, hidden, oldest, _ in rows
    ]
    feeds.sort(key=lambda counted: (-counted.late, counted.oldest, counted.network, counted.feed_id or 0))
    asks = bool(feeds_to_ask_about())
    freshness = Freshness(counted_at=now, target=target, feeds=feeds, asks=asks)
    cache.set(KEY, freshness, KEPT_SECONDS)
    return freshness


def get_freshness() -> Freshness | None:
    """Return what was counted last; None where nothing was yet."""
    return cache.get(KEY)


def explain(counted: Sequence[Counted]) -> list[Line]:
    """Return the feeds with the reasons why some of their offers are late, as things are now."""
    feeds = Feed.objects.select_related("account", "program").in_bulk(
        [each.feed_id for each in counted if each.feed_id]
    )
    states = {state.feed.pk: state for state in get_states(feeds.values())}
    target = timedelta(hours=get_settings().fresh_for_hours)
    return [
        Line(
            counted=each,
            feed=feeds.get(each.feed_id or 0),
            why=why_late(each, states.get(each.feed_id or 0), target) if each.late else None,
        )
        for each in counted
    ]


def why_late(counted: Counted, state: FeedState | None, target: timedelta) -> Reason:
    """Return why offers of a feed were not checked in time."""
    if state is None:
        return Reason("feed_not_here")
    feed, account = state.feed, state.feed.account
    window = Reason("waits_for_window", _window(feed)) if not works_now(account) else None
    if feed.is_mirrored:
        return _why_sync_late(state, target) or window or Reason("next_sync")
    if not NETWORKS[account.network].lookup_size:
        return Reason("not_mirrored_not_read")
    for said in (account.rests_for, feed.rests_for):
        if isinstance(said, Reason):
            return said
    if window:
        return window
    if counted.due:
        return Reason("waits_for_turn", {"count": counted.due})
    unseen = ItemCheck.objects.filter(feed=feed, seen_at=None, misses__gt=0).count()
    return Reason("not_found_by_itself", {"count": unseen}) if unseen else Reason("next_read")


def _why_sync_late(state: FeedState, target: timedelta) -> Reason | None:
    feed, run = state.feed, state.run
    if run and run.state in (SyncRun.State.HELD, SyncRun.State.FAILED):
        said = run.message if isinstance(run.message, Reason) else None
        return Reason("sync_held" if run.state == SyncRun.State.HELD else "sync_failed", {}, said)
    if run and run.is_active:
        return Reason("sync_runs")
    if Feed.Schedule(feed.schedule).interval > target:
        return Reason("synced_seldom", {"schedule": Feed.Schedule(feed.schedule).label.lower()})
    return None


def _window(feed: Feed) -> dict[str, Any]:
    return {"start": f"{feed.account.works_from:%H:%M}", "end": f"{feed.account.works_to:%H:%M}"}


def _find_feeds(samples: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    """Return the feeds by network and the network's id; of several accounts the one that is mirrored.

    A row may name another feed than the one it came in: then the item of a sample key tells.
    """
    feeds = Feed.objects.filter(
        account__removed_at=None,
        account__network__in={network for network, _ in samples},
        external_id__in={name for _, name in samples},
    )
    rows = feeds.order_by("is_mirrored", "-pk").values_list("account__network", "external_id", "pk")
    found = {(network, name): pk for network, name, pk in rows}
    keys = {key: names for names, key in samples.items() if names not in found}
    items = FeedItem.objects.filter(source_key__any=list(keys), feed__account__removed_at=None)
    for key, pk in items.order_by("feed__is_mirrored", "-feed").values_list("source_key", "feed"):
        found[keys[key]] = pk
    return found
