"""Read back what the network holds after a push: how many, whether it wrote the feed anew, and a sample."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation

from django.db import connection
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from desk.models import OwnFeed, PushRun
from desk.services import push
from desk.services.accounts import login_of
from importer.http.errors import NetworkError
from importer.networks.tradedoubler.advertiser_products import LOOKUP, TradedoublerProducts
from importer.reasons import Reason

# Whether the network shows at once what was pushed is not documented.
WAITS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
_SQL = read_statements(push.__file__)


def confirm(run_id: int) -> PushRun | None:
    """Compare what was pushed with what is held, and note it; again later where they differ."""
    run = PushRun.objects.filter(pk=run_id).exclude(check_at=None).select_related("feed__account").first()
    if run is None:
        return None
    try:
        problem = _find_difference(run, login_of(run.feed.account, TradedoublerProducts))
    except NetworkError as error:
        problem = error.reason
    now = timezone.now()
    found = PushRun.objects.filter(pk=run.pk).exclude(check_at=None)
    if problem is None:
        found.update(check_at=None, confirmed_at=now, check_message="")
        if not PushRun.objects.filter(feed=run.feed, pk__gt=run.pk, state=PushRun.State.DONE).exists():
            OwnFeed.objects.filter(pk=run.feed_id).update(confirmed_at=now)
    else:
        wait = WAITS[run.check_count] if run.check_count < len(WAITS) else None
        found.update(
            check_at=now + wait if wait else None, check_count=run.check_count + 1, check_message=problem
        )
    run.refresh_from_db()
    return run


def refresh(feed: OwnFeed) -> None:
    """Store how many products and unmapped categories the network counts. Raises NetworkError."""
    _store_counts(feed, login_of(feed.account, TradedoublerProducts))


def _store_counts(feed: OwnFeed, network: TradedoublerProducts) -> int | None:
    """Return how many products the network counts; None where it does not say."""
    data = network.find_feed(feed.external_id)
    if data is None:
        raise NetworkError("feed_of_another", said="")
    feed.held_count, feed.unmapped_count = data.product_count, data.unmapped_count
    OwnFeed.objects.filter(pk=feed.pk).update(
        held_count=data.product_count, unmapped_count=data.unmapped_count, name=data.name
    )
    return data.product_count


def _find_difference(run: PushRun, network: TradedoublerProducts) -> Reason | None:
    held = _store_counts(run.feed, network)
    values = {"run": run.pk, "feed": run.feed_id, "limit": LOOKUP}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["expected"], values)
        (sent,) = cursor.fetchone()
        cursor.execute(_SQL["sample"], values)
        sample = cursor.fetchall()
    is_short = held is not None and held < sent
    if is_short or (run.kind == PushRun.Kind.DELETE_ALL and held):
        return Reason("own_held_less", {"held": held, "sent": sent})
    if run.done_count and network.fetch_last_update(run.feed.external_id) == run.update_before:
        return Reason("own_file_other")
    found = network.find_products(run.feed.external_id, [key for key, _, _ in sample]) if sample else {}
    for key, name, price in sample:
        there = found.get(key)
        if there is None or there.name != name or not _is_same(there.price, price):
            return Reason("own_held_other", {"id": key})
    return None


def _is_same(one: str, other: str) -> bool:
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False
