"""\"Update now\": what a person asks for is read before everything else, at any time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from catalog.models import Offer
from importer.feeds.state import FeedState, get_states
from importer.feeds.syncs import start_sync
from importer.freshness import responsibility
from importer.models import ASKED, Feed, FeedItem, ImportRun, ItemCheck, NetworkAccount, SyncRun
from importer.models.runs import ACTIVE
from importer.networks import NETWORKS
from importer.reasons import Reason

_SQL = read_statements(responsibility.__file__)


@dataclass(slots=True)
class Asked:
    """What will be done: `syncs` to enqueue, `accounts` whose items are read, and offers nobody can check."""

    syncs: list[SyncRun] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    item_ids: list[int] = field(default_factory=list)
    read_feeds: list[int] = field(default_factory=list)  # whose items these are
    feeds: list[Feed] = field(default_factory=list)  # of the mirrored ones, also those that sync already
    unable: int = 0

    def __bool__(self) -> bool:
        return bool(self.feeds or self.item_ids)


def check_offers(offer_ids: Iterable[int]) -> Asked:
    """Have these offers checked now: mirrored feeds are synced, other items are read by themselves."""
    keys = list(Offer.objects.filter(pk__in=list(offer_ids)).order_by().values_list("source_key", flat=True))
    items = FeedItem.objects.filter(source_key__any=keys, feed__account__removed_at=None)
    # Of one article through several accounts, as its mirror has it, if one has.
    rows = items.order_by("source_key", "-feed__is_mirrored", "feed_id", "id").distinct("source_key")
    asked, feed_ids = Asked(), set()
    known = 0
    for item_id, feed_id, is_mirrored, network in rows.values_list(
        "id", "feed_id", "feed__is_mirrored", "feed__account__network"
    ):
        known += 1
        if is_mirrored:
            feed_ids.add(feed_id)
        elif NETWORKS[network].lookup_size:
            asked.item_ids.append(item_id)
        else:
            asked.unable += 1
    asked.unable += len(keys) - known
    return _ask(asked, feed_ids)


def check_feed(feed: Feed) -> Asked:
    """Have the offers of a feed checked now."""
    keys = feed.items.order_by().values("source_key")
    offers = Offer.objects.filter(source=feed.account.network, source_key__in=keys, expired_at=None)
    if feed.is_mirrored:
        return _ask(Asked(), {feed.pk})
    return check_offers(offers.order_by().values_list("pk", flat=True))


def check_product(product_id: int) -> Asked:
    """Have the offers of a product checked now."""
    return check_products([product_id])


def check_products(product_ids: Iterable[int]) -> Asked:
    """Have the offers of products checked now."""
    offers = Offer.objects.filter(product__in=list(product_ids)).order_by()
    return check_offers(offers.values_list("pk", flat=True))


@transaction.atomic
def _ask(asked: Asked, feed_ids: Iterable[int]) -> Asked:
    asked.feeds = list(Feed.objects.filter(pk__in=feed_ids).select_related("account", "program"))
    asked.syncs = [run for feed in asked.feeds if (run := start_sync(feed))]
    if asked.item_ids:
        with connection.cursor() as cursor:
            cursor.execute(_SQL["ask"], {"items": asked.item_ids, "asked": ASKED})
        checks = ItemCheck.objects.filter(item__in=asked.item_ids).order_by("account")
        asked.accounts = list(checks.values_list("account", flat=True).distinct())
        asked.read_feeds = sorted(set(checks.order_by().values_list("feed", flat=True)))
        # Whoever asks wants to know now whether it works again.
        NetworkAccount.objects.filter(pk__in=asked.accounts).update(rests_until=None)
    return asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Checking:
    """How far it is what a person asked for: feeds that are synced, and items that are read by themselves.

    `rests_for` says why the items that are left are not read now.
    """

    states: Sequence[FeedState]
    items: int
    left: int
    rests_for: Reason | None
    is_updating: bool  # what differs is being written

    @property
    def is_active(self) -> bool:
        is_reading = bool(self.left) and not self.rests_for
        return is_reading or self.is_updating or any(state.is_active for state in self.states)

    @property
    def items_read(self) -> int:
        return max(0, self.items - self.left)

    @property
    def synced(self) -> int:
        return sum(state.name == "done" for state in self.states)

    @property
    def troubled(self) -> list[FeedState]:
        return [state for state in self.states if state.name in ("held", "failed")]


def find_checking(feed_ids: Iterable[int], *, read_feeds: Iterable[int], items: int) -> Checking:
    """Tell how far a check is: of mirrored feeds, and of so many `items` of feeds that are read by item."""
    wanted, read = list(feed_ids), list(read_feeds)
    feeds = Feed.objects.filter(pk__in=[*wanted, *read]).select_related("account", "program").order_by("pk")
    by_id = {feed.pk: feed for feed in feeds}
    left = ItemCheck.objects.filter(feed__in=read, due_at__lte=ASKED).count() if read else 0
    updates = ImportRun.objects.filter(kind=ImportRun.Kind.UPDATE, feed__in=by_id, state__in=ACTIVE)
    return Checking(
        states=get_states(by_id[pk] for pk in wanted if pk in by_id),
        items=items,
        left=min(left, items),
        rests_for=next(filter(None, (_rests_for(by_id[pk]) for pk in read if pk in by_id)), None),
        is_updating=updates.exists(),
    )


def _rests_for(feed: Feed) -> Reason | None:
    """Return why the network is not asked for items of the feed right now."""
    for each in (feed.account, feed):
        if isinstance(each.rests_for, Reason) and each.rests_until and each.rests_until > timezone.now():
            return each.rests_for
    return None
