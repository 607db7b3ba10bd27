"""The progress of a sync, and one that is held."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from importer.feeds.syncs import cancel_sync
from importer.models import Feed, SyncRun
from tests.importer.make import make_feed
from tests.importer.pages import HTMX, is_part, text_of
from tests.importer.views import test_feeds
from tests.importer.views.test_feeds import act, list_page, make_sync

pytestmark = pytest.mark.django_db
account = test_feeds.account
feed = test_feeds.feed


# --- Progress ----------------------------------------------------------------------------------
def progress_of(client, run: SyncRun, **query) -> str:
    response = client.get(reverse("importer:sync-progress", args=[run.pk]), query, headers=HTMX)
    assert is_part(response)
    return text_of(response)


def test_progress_asks_again_while_the_sync_is_active_and_then_draws_the_row(editor_client, feed):
    run = make_sync(feed, "running", heartbeat_at=timezone.now())
    own = f'hx-get="{reverse("importer:sync-progress", args=[run.pk])}'
    assert own in progress_of(editor_client, run, row=1)
    cancel_sync(run)
    ended = progress_of(editor_client, run, row=1)
    assert own not in ended
    assert reverse("importer:feed-row", args=[feed.pk]) in ended
    row = text_of(editor_client.get(reverse("importer:feed-row", args=[feed.pk]), headers=HTMX))
    assert "hx-get" not in row


def test_progress_tells_bytes_items_rate_and_time_left(editor_client, feed):
    now = timezone.now()
    run = make_sync(
        feed,
        "running",
        started_at=now - timedelta(seconds=10),
        heartbeat_at=now,
        item_count=1000,
        byte_count=1024 * 1024,
        total_bytes=4 * 1024 * 1024,
    )
    with time_machine.travel(now, tick=False):
        page = progress_of(editor_client, run)
    for text in ("1,000 of about 4,000 products", "100 per second", "30 seconds left"):
        assert text in page
    assert "1.0\xa0MB of 4.0\xa0MB" in page


def test_where_no_size_is_known_the_networks_count_is_what_is_expected(editor_client, account):
    feed = make_feed(account, is_mirrored=True, item_count=500)
    run = make_sync(feed, "running", heartbeat_at=timezone.now(), item_count=700)
    assert "700 of 700 products" in progress_of(editor_client, run)
    Feed.objects.update(item_count=None)
    assert "700 products" in progress_of(editor_client, run)


@pytest.mark.parametrize(
    ("state", "answers", "words"),
    [
        ("running", False, "No worker answers."),
        ("running", True, "Another one takes it up"),
        ("queued", True, "Every worker is busy"),
    ],
)
def test_a_sync_that_stands_still_says_why(editor_client, feed, state, answers, words):
    cache.set("importer:worker-answers", answers, 30)
    run = make_sync(feed, state, heartbeat_at=timezone.now() - timedelta(minutes=3))
    page = progress_of(editor_client, run)
    assert "Stalled" in page
    assert "3 minutes" in page
    assert words in page


def test_what_a_sync_waits_for_is_said(editor_client, feed):
    run = make_sync(feed, "running", heartbeat_at=timezone.now(), message="Waiting for a free connection.")
    assert "Waiting for a free connection." in progress_of(editor_client, run)


def test_cancelling_stops_the_sync_and_twice_is_harmless(editor_client, feed):
    run = make_sync(feed, "running", heartbeat_at=timezone.now())
    for _ in range(2):
        assert "Up to date" in text_of(act(editor_client, "sync-cancel", run.pk))
    run.refresh_from_db()
    assert run.state == "cancelled"


# --- Held --------------------------------------------------------------------------------------
def test_a_held_sync_is_accepted_by_syncing_again_without_questions(
    admin_client, feed, django_capture_on_commit_callbacks
):
    run = make_sync(feed, "held", message="900 of 1,000 products would be gone.")
    page = text_of(list_page(admin_client))
    assert "900 of 1,000 products would be gone." in page
    assert reverse("importer:sync-discard", args=[run.pk]) in page
    with django_capture_on_commit_callbacks() as sent:
        assert "Waiting" in text_of(act(admin_client, "sync-accept", run.pk))
    assert len(sent) == 1
    newest = feed.syncs.first()
    assert (newest.state, newest.is_accepted) == ("queued", True)
    act(admin_client, "sync-accept", run.pk)
    assert feed.syncs.count() == 2


def test_a_held_sync_is_discarded_and_the_index_stays(admin_client, feed):
    run = make_sync(feed, "held", message="Empty.")
    page = text_of(act(admin_client, "sync-discard", run.pk))
    assert "Held" not in page
    assert "Up to date" in page
    run.refresh_from_db()
    assert run.state == "discarded"
