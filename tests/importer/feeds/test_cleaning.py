"""Removed accounts, and items that are gone for long, are deleted little by little; nothing else is."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings as site_settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from catalog.models import Offer, Product
from importer import feed_index, tasks
from importer.accounts.accounts import network_of
from importer.feed_index import delete
from importer.feeds.cleaning import (
    delete_gone_items,
    delete_removed_accounts,
    has_removed_accounts,
    remove_account,
)
from importer.feeds.schedule import due_feeds, sync_now
from importer.http.errors import NetworkError
from importer.imports.runs import cancel_run, start_import
from importer.models import Feed, FeedItem, ImportItem, ImportRun, NetworkAccount, Program, SyncRun
from importer.networks.query import ItemQuery
from importer.search.hits import search_index
from tests.importer.make import item_data, make_account, make_feed, make_item, make_items
from tests.importer.run import import_items
from tests.importer.test_tasks import wait_for
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def mirrored(account=None, **values):
    return make_feed(account, is_mirrored=True, synced_at=timezone.now(), **values)


# --- Accounts ----------------------------------------------------------------------------------------
def test_a_removed_account_is_nowhere_to_be_seen(admin_client):
    feed = mirrored(name="Summer shoes", next_sync_at=timezone.now())
    account = feed.account
    make_items(feed, 3)
    sync = sync_now(feed)
    before = admin_client.get(reverse("importer:network-feeds", args=[account.network]))
    assert "Summer shoes" in before.content.decode()
    remove_account(account)
    assert not NetworkAccount.objects.exists()
    assert list(due_feeds()) == []
    assert search_index(ItemQuery()).page.total == 0
    sync.refresh_from_db()
    assert (sync.state, str(sync.message)) == ("cancelled", "The account was removed.")
    page = admin_client.get(reverse("importer:network-feeds", args=[account.network]))
    assert "Summer shoes" not in page.content.decode()
    for url in (
        reverse("importer:feed-detail", args=[feed.pk]),
        reverse("importer:sync-progress", args=[sync.pk]),
        reverse("importer:account-edit", args=[account.network, account.pk]),
    ):
        assert admin_client.get(url).status_code == 404
    assert admin_client.get("/dashboard/").status_code == 200


def test_the_credentials_go_at_once():
    account = make_account()
    remove_account(account)
    stored = NetworkAccount.all_objects.get()
    assert stored.get_credentials() == {}
    with pytest.raises(NetworkError, match="^credentials_missing fields=\\['token'\\]"):
        network_of(stored)


def test_an_account_of_the_same_name_can_be_connected_at_once():
    account = make_account()
    remove_account(account)
    again = NetworkAccount(network=account.network, label=account.label)
    again.set_credentials({"token": "t"})
    again.full_clean()
    again.save()
    with pytest.raises(Exception, match="already"):
        NetworkAccount(network=account.network, label=account.label).full_clean(exclude=["link_domains"])


def test_all_of_a_removed_account_is_deleted_and_products_and_others_stay(monkeypatch):
    monkeypatch.setattr(delete, "BATCH", 4)
    account, other = make_account(), make_account()
    items = make_items(mirrored(account), 10)
    kept = make_items(mirrored(other), 3)
    import_items(*items, *kept)
    remove_account(account)
    assert delete_removed_accounts(seconds=60)
    assert list(NetworkAccount.all_objects.all()) == [other]
    assert set(FeedItem.objects.all()) == set(kept)
    assert (Product.objects.count(), Offer.objects.count(), ImportItem.objects.count()) == (13, 13, 3)
    assert not Program.objects.filter(account_id=account.pk).exists()
    assert not has_removed_accounts()


def test_deleting_goes_on_where_it_was_stopped(monkeypatch):
    monkeypatch.setattr(delete, "BATCH", 4)
    feed = mirrored()
    make_items(feed, 10)
    remove_account(feed.account)
    assert not delete_removed_accounts(seconds=0)
    assert FeedItem.objects.count() == 6
    assert has_removed_accounts()
    assert delete_removed_accounts(seconds=60)
    assert not Feed.objects.exists()


def test_two_workers_may_delete_at_once(monkeypatch):
    monkeypatch.setattr(delete, "BATCH", 5)
    feed = mirrored()
    import_items(*make_items(feed, 200))
    remove_account(feed.account)
    at_once(*[lambda: delete_removed_accounts(seconds=60)] * 3)
    assert not NetworkAccount.all_objects.exists()
    assert (FeedItem.objects.count(), Offer.objects.count()) == (0, 200)


def test_items_that_are_written_while_their_account_goes_are_not_left_behind():
    feed = mirrored()
    remove_account(feed.account)
    is_written, answers = threading.Event(), []

    def write() -> None:
        with transaction.atomic():
            feed_index.store_hits({feed.external_id: feed}, [item_data(feed_id=feed.external_id)])
            is_written.set()
            wait_for(lambda: is_waited_for(), seconds=10)

    def remove() -> None:
        is_written.wait(10)
        answers.append(delete_removed_accounts(seconds=60))

    at_once(write, remove)
    assert answers == [False]
    assert FeedItem.objects.count() == 1
    assert delete_removed_accounts(seconds=60)
    assert not FeedItem.objects.exists()
    assert not NetworkAccount.all_objects.exists()


def is_waited_for() -> bool:
    """Tell whether another session waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_the_worker_deletes_what_a_person_removed(worker, admin_client):
    account = make_feed(make_account("adtraction")).account
    make_items(account.feeds.get(), 30)
    url = reverse("importer:account-remove", args=[account.network, account.pk])
    assert admin_client.post(url).status_code == 302
    wait_for(lambda: not NetworkAccount.all_objects.exists())
    assert not FeedItem.objects.exists()


def test_a_deletion_whose_worker_died_is_taken_up_again(worker):
    feed = mirrored()
    make_items(feed, 30)
    remove_account(feed.account)  # and the message was lost
    tasks.resume()
    wait_for(lambda: not NetworkAccount.all_objects.exists())


KILLED = """
import django
django.setup()
from importer.feeds.cleaning import delete_removed_accounts
from importer.feed_index import delete
delete.BATCH = 10
delete_removed_accounts(seconds=600)
"""


def test_killed_in_the_middle_nothing_is_half_deleted():
    feed = mirrored()
    import_items(*make_items(feed, 3_000))
    remove_account(feed.account)
    address = os.environ["DATABASE_URL"].replace("/affiliate?", f"/{connection.settings_dict['NAME']}?")
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "affiliate_site.settings", "DATABASE_URL": address}
    worker = subprocess.Popen([sys.executable, "-c", KILLED], env=env, cwd=site_settings.BASE_DIR)
    deadline = time.monotonic() + 60
    while FeedItem.objects.count() == 3_000:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    left = FeedItem.objects.count()
    assert 0 < left < 3_000
    assert ImportItem.objects.count() == left
    assert delete_removed_accounts(seconds=60)
    assert (FeedItem.objects.count(), Product.objects.count()) == (0, 3_000)


# --- Items that are gone -----------------------------------------------------------------------------
def gone(days: float, *items: FeedItem) -> None:
    missing_at = timezone.now() - timedelta(days=days)
    FeedItem.objects.filter(pk__in=[item.pk for item in items]).update(missing_at=missing_at)


def test_items_that_are_gone_for_long_are_deleted_unless_imported(settings, monkeypatch):
    monkeypatch.setattr(delete, "BATCH", 2)
    feed = mirrored()
    live, young, *old = make_items(feed, 10)
    imported = old[:3]
    import_items(*imported)
    gone(29.9, young)
    gone(30.1, *old)
    assert delete_gone_items(seconds=60)
    assert set(FeedItem.objects.all()) == {live, young, *imported}
    settings.GONE_ITEM_DAYS = 20
    assert delete_gone_items(seconds=60)
    assert set(FeedItem.objects.all()) == {live, *imported}
    Offer.objects.all().delete()
    assert delete_gone_items(seconds=60)
    assert set(FeedItem.objects.all()) == {live}


def test_an_item_in_a_run_that_is_under_way_is_not_deleted():
    item = make_item(mirrored())
    gone(100, item)
    run = start_import([item.pk], kind="bulk")
    delete_gone_items(seconds=60)
    assert FeedItem.objects.count() == 1
    cancel_run(run)
    delete_gone_items(seconds=60)
    assert (FeedItem.objects.count(), ImportItem.objects.count()) == (0, 0)


def test_out_of_time_it_says_so_and_goes_on(monkeypatch):
    monkeypatch.setattr(delete, "BATCH", 2)
    gone(100, *make_items(mirrored(), 5))
    assert not delete_gone_items(seconds=0)
    assert FeedItem.objects.count() == 3
    sent = []
    monkeypatch.setattr(tasks, "CLEANING_SECONDS", 0)
    monkeypatch.setattr(tasks.delete_gone_items, "delay", lambda: sent.append(1))
    tasks.delete_gone_items()
    assert sent == [1]


def test_what_somebody_else_has_locked_is_not_waited_for():
    gone(100, *make_items(mirrored(), 5))
    first = FeedItem.objects.order_by("id").first()
    locked, done = threading.Event(), threading.Event()

    def lock():
        with transaction.atomic():
            FeedItem.objects.select_for_update().get(pk=first.pk)
            locked.set()
            assert done.wait(20)

    def delete_others():
        assert locked.wait(10)
        try:
            assert delete_gone_items(seconds=60)
            assert FeedItem.objects.get() == first
        finally:
            done.set()

    at_once(lock, delete_others)


def test_update_runs_are_forgotten_after_30_days():
    feed = mirrored()
    (item,) = make_items(feed, 1)
    import_items(item)
    ended = [timezone.now() - timedelta(days=days) for days in (29, 31)]
    for at in ended:
        run = ImportRun.objects.create(kind="update", feed=feed, state="done", finished_at=at)
        ImportItem.objects.create(run=run, feed_item=item, verdict="unchanged")
    ImportRun.objects.filter(kind="bulk").update(finished_at=ended[1])
    delete_gone_items(seconds=60)
    assert set(ImportRun.objects.values_list("kind", "finished_at")) == {
        ("update", ended[0]),
        ("bulk", ended[1]),
    }
    assert ImportItem.objects.count() == 2
    assert not SyncRun.objects.exists()
