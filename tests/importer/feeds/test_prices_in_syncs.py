"""Prices over whole syncs with the network's own files: held ones, and sales that begin or end in between."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from catalog.models import Offer
from importer import feed_index
from importer.accounts.accounts import connect_account, refresh_account
from importer.feeds.schedule import due_feeds
from importer.feeds.syncs import cancel_sync, start_sync, sync_feed, work_on_sync
from importer.imports import follow
from importer.models import Feed
from importer.normalise import FeedProfile
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.http_server import Server, reply
from tests.importer.make import make_account, make_feed
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mirrored(sandbox, settings, tmp_path):
    settings.DOWNLOADS_DIR = tmp_path / "downloads"
    tell(sandbox, "options", unlimited_wait_seconds=0.05)
    account = connect_account("tradedoubler", credentials=DEMO_CREDENTIALS["tradedoubler"], label="Mine")
    refresh_account(account)
    Feed.objects.filter(external_id="31101").update(is_mirrored=True)
    return Feed.objects.get(external_id="31101")


def tell(sandbox, name, **values):
    request = urllib.request.Request(  # noqa: S310 our own address
        f"{sandbox.url}/_control/{name}", data=json.dumps(values).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own address
        return json.load(answer)


def test_a_held_price_holds_in_a_real_sync_and_no_offer_takes_it(mirrored, sandbox):
    assert mirrored.max_price_factor > 0
    sync_feed(mirrored)
    item = mirrored.items.exclude(price=None).filter(problem="", missing_at=None).order_by("pk")[0]
    import_items(item)
    offer = Offer.objects.get()
    before = offer.price

    # A lost separator: every price a hundred times what it was.
    tell(sandbox, "catalogue", feed="tradedoubler:31101", price_factor=100)
    assert sync_feed(Feed.objects.get(pk=mirrored.pk)).state == "done"

    item.refresh_from_db()
    assert item.price == before
    assert item.held_price > before * 50
    follow.start_update(mirrored)
    offer.refresh_from_db()
    assert (offer.price, follow.find_update(mirrored.pk)) == (before, None)

    feed_index.accept_held_prices(mirrored.pk, [item.pk])
    item.refresh_from_db()
    assert (item.price > before * 50, item.held_price) == (True, None)


# --- Sales ---------------------------------------------------------------------------------------
@pytest.fixture
def sale():
    """A feed whose one product is on sale for a while: its server, and the ends of the sale."""
    ends = {}

    def row():
        return (
            '"product ID";"name";"price";"currency";"productURL";'
            '"sale_price";"sale_start_date";"sale_end_date"\n'
            '"1";"Lamp";"19.95";"EUR";"https://tc.tradetracker.net/?c=2&m=1&a=3&u=https%3A%2F%2Fs.example%2F1";'
            f'"14.95";"{ends["start"].isoformat()}";"{ends["end"].isoformat()}"\n'
        ).encode()

    # The file does not change, and its server says so.
    def answer(connection, number):
        if "body" in ends:
            connection.sendall(reply(body=ends["body"]))
            return
        is_known = "if-none-match" in server.requests[-1].lower()
        tag = 'ETag: "one"'
        connection.sendall(reply(304, headers=[tag]) if is_known else reply(body=row(), headers=[tag]))

    server = Server(answer)
    account = make_account("tradetracker")
    account.set_credentials(DEMO_CREDENTIALS["tradetracker"])
    account.save()
    ends["feed"] = make_feed(
        account, "1", synced_at=None, language="nl", url=f"{server.url}/feed", schedule="daily"
    )
    yield ends
    server.socket.close()


def plan(sale, start, end):
    now = datetime.now(UTC)
    sale["start"], sale["end"] = now + timedelta(hours=start), now + timedelta(hours=end)


def let_pass(feed):
    """Let the time come at which the sale changes: it is remembered as past."""
    feed.refresh_from_db()
    feed.profile = feed.profile | {"changes_at": (timezone.now() - timedelta(seconds=1)).isoformat()}
    feed.save()


@pytest.mark.parametrize(
    ("then", "now", "prices"),
    [((2, 8), (-1, 5), ("19.95", "14.95")), ((-5, 3), (-9, -1), ("14.95", "19.95"))],
    ids=["begins", "ends"],
)
def test_a_sale_that_changes_between_two_syncs_is_read_again_in_time(sale, then, now, prices):
    feed = sale["feed"]
    plan(sale, *then)
    assert sync_feed(feed).state == "done"
    feed.refresh_from_db()
    first = str(feed.items.get().price)
    changes_at = FeedProfile.from_json(feed.profile).changes_at
    wait = feed.next_sync_at - timezone.now()
    # Planned for when the sale changes, which is before the feed is due.
    assert abs(changes_at - feed.next_sync_at) < timedelta(minutes=5)
    assert wait < timedelta(hours=4)

    # Until then, an unchanged file is not read again.
    assert sync_feed(feed).state == "unchanged"
    assert str(feed.items.get().price) == first
    feed.refresh_from_db()
    assert abs(changes_at - feed.next_sync_at) < timedelta(minutes=5)

    plan(sale, *now)
    let_pass(feed)
    assert sync_feed(feed).state == "done"
    assert (first, str(feed.items.get().price)) == prices


@pytest.mark.parametrize("how", ["cancelled", "held"])
def test_a_sync_that_comes_to_nothing_does_not_forget_when_a_sale_changes(sale, how):
    feed = sale["feed"]
    plan(sale, 2, 8)
    sync_feed(feed)
    feed.refresh_from_db()
    changes_at = FeedProfile.from_json(feed.profile).changes_at
    run = start_sync(feed)
    if how == "cancelled":
        assert cancel_sync(run)
    else:
        sale["body"] = b'"product ID";"name";"price";"currency"\n'
        assert work_on_sync(run).state == "held"
    feed.refresh_from_db()
    assert abs(changes_at - feed.next_sync_at) < timedelta(minutes=5)


def test_a_feed_is_due_when_its_sale_changes(sale):
    feed = sale["feed"]
    plan(sale, 2, 8)
    sync_feed(feed)
    assert not due_feeds()
    Feed.objects.update(is_mirrored=True, next_sync_at=timezone.now() - timedelta(seconds=1))
    assert list(due_feeds()) == [feed]
