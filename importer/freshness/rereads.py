"""Read items by themselves that are due: claimed, asked for at their network, and settled in one transaction.

A worker killed at any line leaves its items claimed for `HELD`; then they are read again. Nothing of what the
network answered counts before all of it does.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from catalog.services import show_checked_prices
from catalog.site.settings import get_settings
from importer.accounts.accounts import network_of, record_failure
from importer.accounts.windows import get_closed_accounts, works_now
from importer.feed_index import mark_items_gone
from importer.feeds.syncs import feed_data
from importer.freshness.evidence import Evidence, is_doubtful
from importer.freshness.schedule import GONE_AGAIN, MISSED_AGAIN, intervals
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.imports.follow import start_update
from importer.imports.stale import confirm_offers
from importer.models import ASKED, Feed, ItemCheck, NetworkAccount
from importer.networks.contract import ItemData, KnownItem, Network
from importer.reasons import Reason
from importer.search.hits import store_hits

HELD = timedelta(minutes=2)  # longer than a network may take for a batch
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=2)  # of a network out of reach
REFUSED_REST = timedelta(hours=1)  # trying again does not help before a person did something
# What is refused to the account as a whole, not for a feed of it.
OF_ACCOUNT = {
    *("token_refused", "credentials_refused", "passphrase_refused", "sign_in_again"),
    *("credentials_missing", "credentials_unreadable", "login_page"),
}
_SQL = read_statements(__file__)


class Claimed(NamedTuple):
    """An item that this worker reads, as it is stored."""

    item_id: int
    feed_id: int
    external_id: str
    title: str
    price: Any


@dataclass(slots=True)
class Tally:
    """What a round did. `is_left`: more is due, and nothing stands against going on."""

    seen: int = 0
    missed: int = 0
    gone: int = 0
    is_left: bool = False
    rests_for: Reason | None = None  # why it stopped


def find_due_accounts() -> list[int]:
    """Return the accounts with items that are due and may be read now."""
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    due = ItemCheck.objects.filter(free, account=OuterRef("pk"), due_at__lte=now)
    due = due.exclude(feed__rests_until__gt=now, due_at__gt=ASKED)
    asked = due.filter(due_at__lte=ASKED)
    resting = Q(rests_until__gt=now)
    accounts = NetworkAccount.objects.exclude(resting).annotate(has_asked=Exists(asked))
    closed = Q(pk__in=get_closed_accounts(now))
    return list(accounts.filter(Q(has_asked=True) | ~closed & Exists(due)).values_list("pk", flat=True))


def work(account: NetworkAccount, *, seconds: float = math.inf) -> Tally:
    """Read what is due of the account, oldest first, for so many seconds; may run twice, also at once.

    Within its window and its share of the requests; what a person asked for also outside of its window. What
    a network refuses, or cannot answer, changes nothing: it is noted, and tried again later.
    """
    tally, ends_at = Tally(), time.monotonic() + seconds
    try:
        network = network_of(account)
    except NetworkError as error:
        _rest(account, None, error, tally)
        return tally
    network.http.leaves_to_people = True
    while network.lookup_size and _work_batch(account, network, tally):
        if time.monotonic() > ends_at:
            tally.is_left = True
            break
    show_checked_prices()
    return tally


def _work_batch(account: NetworkAccount, network: Network, tally: Tally) -> bool:
    claim = uuid4()
    claimed = _claim(account, claim, network.lookup_size)
    if not claimed:
        return False
    feed = Feed.objects.select_related("account", "program").get(pk=claimed[0].feed_id)
    wanted = [KnownItem(external_id=row.external_id, title=row.title, price=row.price) for row in claimed]
    try:
        found = dict(network.look_up(feed_data(feed), wanted))
    except NetworkError as error:
        failure = error
    else:
        _settle(account, network, feed, claimed, claim, found, tally)
        return True
    _let_go(claim)
    _rest(account, feed, failure, tally)
    return tally.rests_for is None


def _claim(account: NetworkAccount, claim: UUID, size: int) -> list[Claimed]:
    now = timezone.now()
    params: dict[str, Any] = {
        "account": account.pk,
        "due": now if works_now(account, now) else ASKED,
        "asked": ASKED,
        "now": now,
        "until": now + HELD,
        "claim": claim,
        "size": size,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL["claim"], params)
        return [Claimed(*row) for row in cursor.fetchall()]


def _let_go(claim: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SQL["let_go"], {"claim": claim})


@transaction.atomic
def _settle(
    account: NetworkAccount,
    network: Network,
    feed: Feed,
    claimed: Sequence[Claimed],
    claim: UUID,
    found: Mapping[str, ItemData | None],
    tally: Tally,
) -> None:
    """Store what came, weigh what did not, and start the update of the offers that differ."""
    now = timezone.now()
    ours = _hold(claimed, claim)
    rows = [row for row in claimed if row.item_id in ours]
    items = [item for row in rows if (item := found.get(row.external_id))]
    seen = [row.item_id for row in rows if found.get(row.external_id)]
    missed = [row.item_id for row in rows if row.external_id in found and not found[row.external_id]]
    unsure = [row.item_id for row in rows if row.external_id not in found]
    store_hits(account, items, network)
    gone = _note(account, feed, now, seen=seen, missed=missed, unsure=unsure)
    mark_items_gone(feed.pk, gone)
    start_update(feed, [*seen, *gone])
    confirm_offers(feed, at=now, before=now, item_ids=seen)
    if account.rests_for:
        account.rest_count, account.rests_until, account.rests_for = 0, None, ""
        account.save(update_fields=["rest_count", "rests_until", "rests_for"])
    tally.seen += len(seen)
    tally.missed += len(missed)
    tally.gone += len(gone)


def _hold(claimed: Sequence[Claimed], claim: UUID) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL["hold"], {"claim": claim, "items": [row.item_id for row in claimed]})
        return {pk for (pk,) in cursor.fetchall()}


def _note(
    account: NetworkAccount,
    feed: Feed,
    now: datetime,
    *,
    seen: list[int],
    missed: list[int],
    unsure: list[int],
) -> list[int]:
    """Note when each is due again; return what is gone for sure."""
    target = timedelta(hours=get_settings().fresh_for_hours)
    params: dict[str, Any] = {"now": now, "intervals": intervals(target), "again": MISSED_AGAIN}
    with connection.cursor() as cursor:
        if seen:
            cursor.execute(_SQL["note_seen"], params | {"items": seen})
        if unsure:
            cursor.execute(_SQL["put_off"], params | {"items": unsure})
        gone = []
        if missed:
            cursor.execute(_SQL["note_missed"], params | {"items": missed})
            for item_id, seen_at, misses, missed_at in cursor.fetchall():
                evidence = Evidence(seen_at=seen_at, misses=misses, missed_at=missed_at)
                if evidence.is_gone(now, misses=account.gone_after_misses, hours=account.gone_after_hours):
                    gone.append(item_id)
        doubt = _doubt(feed) if missed else None
        if gone and not doubt:
            cursor.execute(_SQL["put_off"], params | {"items": gone, "again": GONE_AGAIN})
    Feed.objects.filter(pk=feed.pk).exclude(rests_for=doubt or "").update(
        rests_for=doubt or "", rests_until=None
    )
    return [] if doubt else gone


def _doubt(feed: Feed) -> Reason | None:
    """Return why nothing of the feed is taken for gone: too much of it is missed at once."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL["count_missed"], {"feed": feed.pk})
        listed, missed = cursor.fetchone()
    if is_doubtful(missed, listed, feed.max_shrink_percent):
        return Reason("many_missed", {"missed": missed, "listed": listed})
    return None


def _rest(account: NetworkAccount, feed: Feed | None, error: NetworkError, tally: Tally) -> None:
    """Note why nothing is read for a while: through the account, or of the feed alone."""
    now = timezone.now()
    if isinstance(error, NetworkUnavailable) or feed is None or error.code in OF_ACCOUNT:
        is_new = account.rests_for != error.reason
        account.rest_count += 1
        account.rests_until = now + _rest_of(account.rest_count, error)
        account.rests_for = error.reason  # type: ignore[assignment]  # the field takes it
        account.save(update_fields=["rest_count", "rests_until", "rests_for"])
        tally.rests_for = error.reason
    else:
        is_new = feed.rests_for != error.reason
        Feed.objects.filter(pk=feed.pk).update(rests_until=now + REFUSED_REST, rests_for=error.reason)
        # What a person asked for was tried: it waits with the others.
        ItemCheck.objects.filter(feed=feed, due_at__lte=ASKED).update(due_at=now)
    if is_new and not isinstance(error, NetworkUnavailable):
        record_failure(account.network, "Reading products again", error, account=account)


def _rest_of(count: int, error: NetworkError) -> timedelta:
    """Return how long: as the network says, else twice as long as the last of `count` times."""
    if not isinstance(error, NetworkUnavailable):
        return REFUSED_REST
    if error.retry_after is not None:
        return timedelta(seconds=max(1.0, error.retry_after))
    return min(FIRST_REST * 2 ** min(count - 1, 10), LONGEST_REST)
