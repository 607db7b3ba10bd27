"""Saved searches at a network that is not mirrored here: what its first pages have that this site never saw.

A network tells nobody what is new. What it finds is stored, as always, and knows when it was first seen: so
new is what no sync and no search of this site had met before. Nothing is added by itself: of all matches only
the first are known.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import count as counting

from django.db.models import Q
from django.utils import timezone

from catalog.models import Offer
from importer.feed_index import find_blocks
from importer.http.errors import NetworkError
from importer.models import FeedItem, NetworkAccount, SavedSearch
from importer.networks import NETWORKS
from importer.networks.query import ItemQuery, QueryError
from importer.reasons import Reason
from importer.search.hits import search
from importer.search.unobeyed import explain_unobeyed

PAGES, PAGE = 4, 50  # hits of a look: the first two hundred
HELD = timedelta(minutes=10)  # longer than a look takes; one that was killed is due again then


def find_account(query: ItemQuery) -> NetworkAccount | None:
    """Return the account whose network is asked, where it is still connected."""
    return NetworkAccount.objects.filter(pk=query.account_id or 0).first()


def explain(query: ItemQuery, account: NetworkAccount) -> str:
    """Return what the network cannot do of the search, in a sentence; "" where it obeys it all."""
    network = NETWORKS[account.network]
    return explain_unobeyed(network, network.unobeyed(replace(query, account_id=account.pk)))


def look_live(saved: SavedSearch) -> None:
    """Ask the network for the first pages, where that is due, and keep what came. No transaction is open.

    An error is said in its outcome, and what was found before stays.
    """
    now = timezone.now()
    free = Q(pk=saved.pk, next_run_at__lte=now)
    if not SavedSearch.objects.filter(free).update(next_run_at=now + HELD):
        return
    saved.refresh_from_db()
    interval = SavedSearch.Schedule(saved.schedule).interval
    values = {"outcome": _ask(saved), "ran_at": now, "next_run_at": now + interval if interval else None}
    SavedSearch.objects.filter(pk=saved.pk).update(found_ids=saved.found_ids, **values)


def _ask(saved: SavedSearch) -> Reason:
    try:
        query = ItemQuery.from_json(saved.query)
    except QueryError as error:
        return Reason("saved_unreadable", {"said": str(error)})
    account = find_account(query)
    if account is None:
        return Reason("saved_no_account")
    found: dict[int, None] = {}
    try:
        for number in counting(1):
            answer = search(account, query, number, PAGE)
            found |= dict.fromkeys(hit.item.pk for hit in answer.hits)
            if not answer.has_next or number == PAGES:
                break
    except NetworkError as error:
        return error.reason
    saved.found_ids = list(found)
    return Reason("saved_asked", {"count": len(found)})


def get_new(saved: SavedSearch) -> list[FeedItem]:
    """Return what the last look found that this site saw first since then; not imported, not blocked."""
    items = FeedItem.objects.filter(
        pk__any=saved.found_ids, first_seen_at__gt=saved.seen_at, missing_at=None
    ).select_related("feed__account", "feed__program")
    blocked = find_blocks([item.pk for item in items])
    keys = [item.source_key for item in items]
    imported = set(Offer.objects.filter(source_key__any=keys).order_by().values_list("source_key", flat=True))
    place = {pk: number for number, pk in enumerate(saved.found_ids)}
    new = [item for item in items if item.pk not in blocked and item.source_key not in imported]
    return sorted(new, key=lambda item: place[item.pk])
