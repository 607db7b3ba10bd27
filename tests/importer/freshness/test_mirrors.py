"""Mirrored feeds: how many syncs decide, and what no failure changes on any page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Offer, Product
from importer.feeds.syncs import sync_feed
from importer.freshness.promise import count_freshness, explain
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.imports import apply
from importer.imports.follow import find_update
from importer.models import Feed, FeedItem, ImportRun, NetworkAccount
from importer.networks.contract import FeedUnchanged
from tests.importer.feeds import test_syncs
from tests.importer.feeds.test_syncs import rows, send
from tests.importer.make import set_checked
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db(transaction=True)
feed = test_syncs.feed


def sync(feed):
    """Sync as a worker does, whatever comes of it, with the update that follows."""
    feed.refresh_from_db()
    try:
        run = sync_feed(feed)
    except NetworkError:
        run = feed.syncs.first()
    if update := find_update(feed.pk):
        apply.work(update)
    return run.state


def imported(feed, monkeypatch, *answers):
    send(monkeypatch, *answers)
    assert sync(feed) == "done"
    import_items(*FeedItem.objects.filter(feed=feed).order_by("id"), status="published")


def listed() -> set[str]:
    return {offer.source_key.rpartition(":")[2] for offer in Offer.objects.filter(expired_at=None)}


def on_pages():
    return list(Offer.objects.order_by("id").values()), list(Product.objects.order_by("id").values())


def cut(watch):
    yield from rows(5)
    raise NetworkUnavailable("feed_cut")


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        pytest.param(NetworkUnavailable("unreachable", host="x"), "failed", "sync_failed", id="network down"),
        pytest.param(
            NetworkUnavailable("server_problem", who="x", status=503, said=""),
            "failed",
            "sync_failed",
            id="503",
        ),
        pytest.param(cut, "failed", "sync_failed", id="cut feed"),
        pytest.param([], "held", "sync_held", id="held: empty"),
        pytest.param(rows(3), "held", "sync_held", id="held: shrunken"),
        pytest.param(rows(20, currency="SEK"), "held", "sync_held", id="held: currency"),
        pytest.param(
            NetworkError("token_refused", network="x", said=""), "failed", "sync_failed", id="refused token"
        ),
    ],
)
def test_what_fails_or_is_held_changes_nothing_on_any_page(feed, monkeypatch, answer, state, code):
    imported(feed, monkeypatch, rows(20), *[answer] * 3)
    set_checked(timezone.now() - timedelta(hours=30))
    before = on_pages()
    for _ in range(3):
        assert sync(feed) == state
    assert on_pages() == before
    assert not ImportRun.objects.filter(kind="update").exists()
    (line,) = explain(count_freshness().feeds)
    assert (line.counted.late, line.why.code) == (20, code), "it is late, and says why"


@pytest.mark.parametrize(
    ("wanted", "syncs"), [(1, ["gone"]), (2, ["listed", "gone"]), (3, ["listed", "listed", "gone"])]
)
def test_so_many_whole_syncs_without_an_item_decide(feed, monkeypatch, wanted, syncs):
    Feed.objects.update(gone_after_syncs=wanted)
    imported(feed, monkeypatch, rows(20), *[rows(19, brand=str(number)) for number in range(len(syncs))])
    for expected in syncs:
        assert sync(feed) == "done"
        assert ("i19" in listed()) == (expected == "listed")


def test_an_item_that_is_back_before_it_is_gone_was_never_gone(feed, monkeypatch):
    Feed.objects.update(gone_after_syncs=2)
    whole = rows(20)
    imported(feed, monkeypatch, whole, whole[:19], whole, whole[:19])
    before = on_pages()
    for _ in range(3):
        sync(feed)
    assert "i19" in listed()
    assert on_pages() == before


def test_a_feed_that_did_not_change_is_no_further_evidence_but_time_is(feed, monkeypatch):
    Feed.objects.update(gone_after_syncs=3)
    imported(feed, monkeypatch, rows(20), rows(19), *[FeedUnchanged()] * 3)
    for _ in range(3):
        sync(feed)
    assert "i19" in listed()
    NetworkAccount.objects.update(gone_after_hours=5)
    FeedItem.objects.exclude(missing_at=None).update(missing_at=timezone.now() - timedelta(hours=6))
    sync(feed)
    assert "i19" not in listed()


def test_failed_and_held_syncs_are_no_evidence(feed, monkeypatch):
    Feed.objects.update(gone_after_syncs=2)
    down = NetworkUnavailable("unreachable", host="x")
    imported(feed, monkeypatch, rows(20), rows(19), down, [], down)
    for _ in range(4):
        sync(feed)
    assert "i19" in listed()
