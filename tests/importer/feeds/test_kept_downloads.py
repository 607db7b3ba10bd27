"""A sync that must try again reads the download that was kept, and does not ask the network for another."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.conf import settings as site_settings
from django.db import connection, transaction
from django.utils import timezone

from importer.accounts.accounts import connect_account, refresh_account
from importer.feed_files import KeptFile
from importer.feeds.schedule import set_mirrored, sync_now
from importer.feeds.syncs import accept_held, discard_held, kept_download, sync_feed, work_on_sync
from importer.http.client import Http
from importer.http.errors import NetworkError, NetworkUnavailable
from importer.models import Feed, FeedItem, SyncRun
from importer.networks.contract import FeedUnchanged, FeedWatch
from importer.networks.downloads import download_rows
from importer.sandbox.credentials import DEMO_CREDENTIALS

GIB = 2**30


# --- Tradedoubler allows three downloads of a version in a day -------------------------------------
@pytest.fixture
def control(sandbox):
    def ask(name, method="POST", **values):
        url = f"{sandbox.url}/_control/{name}"
        data = json.dumps(values).encode() if method == "POST" else None
        request = urllib.request.Request(url, data=data, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 our own address
            return json.load(answer)

    return ask


@pytest.fixture
def feed(transactional_db, control, settings, tmp_path):
    settings.DOWNLOADS_DIR = tmp_path / "downloads"
    control("options", unlimited_wait_seconds=0.05)
    account = connect_account("tradedoubler", credentials=DEMO_CREDENTIALS["tradedoubler"], label="Mine")
    refresh_account(account)
    Feed.objects.filter(external_id="31101").update(is_mirrored=True)
    return Feed.objects.get(external_id="31101")


@pytest.fixture
def downloads(control):
    """Return how often the feed's file was downloaded."""

    def count() -> int:
        asked = control("requests", "GET")
        return sum("/files/" in entry["target"] and entry["status"] == 200 for entry in asked)

    return count


def files(settings) -> list[str]:
    folder = settings.DOWNLOADS_DIR
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_sync_that_ends_well_keeps_nothing(feed, settings, downloads):
    assert sync_feed(feed).state == "done"
    assert downloads() == 1
    assert files(settings) == []


def test_accepting_a_held_sync_costs_no_second_download(feed, settings, control, downloads):
    sync_feed(feed)
    live = FeedItem.objects.filter(missing_at=None).count()
    control("catalogue", feed="tradedoubler:31101", remove=list(range(live // 2)))
    held = sync_feed(Feed.objects.get(pk=feed.pk))
    assert held.state == "held"
    assert files(settings) == [f"feed-{feed.pk}.json", f"feed-{feed.pk}.packed"]
    packed = (settings.DOWNLOADS_DIR / f"feed-{feed.pk}.packed").read_bytes()
    assert packed[:2] == b"\x1f\x8b"  # as it came
    before = downloads()
    done = work_on_sync(accept_held(held))
    assert (done.state, done.gone_count > 0, downloads()) == ("done", True, before)
    assert done.byte_count == len(packed)
    assert files(settings) == []


def test_discarding_a_held_sync_discards_its_download(feed, settings, control):
    sync_feed(feed)
    live = FeedItem.objects.filter(missing_at=None).count()
    control("catalogue", feed="tradedoubler:31101", remove=list(range(live // 2)))
    held = sync_feed(Feed.objects.get(pk=feed.pk))
    assert discard_held(held)
    assert files(settings) == []


def test_a_newer_version_is_downloaded(feed, control, downloads, monkeypatch):
    lose_the_merge(feed, monkeypatch)
    control("catalogue", feed="tradedoubler:31101", price_factor=0.5)
    assert sync_feed(feed).state == "done"
    assert downloads() == 2


def test_a_kept_file_that_is_damaged_is_dropped_and_fetched_again(feed, settings, downloads, monkeypatch):
    lose_the_merge(feed, monkeypatch)
    path = settings.DOWNLOADS_DIR / f"feed-{feed.pk}.packed"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    with pytest.raises(NetworkUnavailable, match="cut|damaged"):
        sync_feed(feed)
    assert files(settings) == []
    assert FeedItem.objects.count() == 0
    assert sync_feed(feed).state == "done"
    assert downloads() == 2


def lose_the_merge(feed, monkeypatch) -> None:
    """Let a sync read its feed whole and then fail."""
    with monkeypatch.context() as patch:
        patch.setattr("importer.feed_index.sync.merge_rows", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sync_feed(feed)
    assert SyncRun.objects.latest("pk").state == "failed"


WORKER = """
import sys
import django
django.setup()
from pathlib import Path
from django.conf import settings
settings.DOWNLOADS_DIR = Path(sys.argv[1])
from importer.feeds.syncs import work_on_sync
from importer.models import SyncRun
work_on_sync(SyncRun.objects.get())
"""


def test_killed_in_its_merge_the_sync_goes_on_from_the_kept_file(feed, settings, downloads):
    run = sync_now(feed)
    address = os.environ["DATABASE_URL"].replace("/affiliate?", f"/{connection.settings_dict['NAME']}?")
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "affiliate_site.settings", "DATABASE_URL": address}
    deadline = time.monotonic() + 60
    with transaction.atomic():
        with connection.cursor() as cursor:  # the merge waits here until its worker is killed
            cursor.execute("LOCK TABLE importer_feeditem IN SHARE MODE")
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(settings.DOWNLOADS_DIR)], env=env, cwd=site_settings.BASE_DIR
        )
        while f"feed-{feed.pk}.json" not in files(settings):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert downloads() == 1
    SyncRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=1))
    assert work_on_sync(run).state == "done"
    assert downloads() == 1
    assert FeedItem.objects.filter(missing_at=None).count() > 50
    assert files(settings) == []


def test_without_room_on_disk_nothing_is_kept_and_the_sync_does_not_mind(feed, settings, monkeypatch):
    for size in (0, 1_000):
        settings.DOWNLOADS_MAX_BYTES = size
        lose_the_merge(feed, monkeypatch)
        assert files(settings) == []
    settings.DOWNLOADS_DIR = settings.DOWNLOADS_DIR / "file"
    settings.DOWNLOADS_DIR.parent.mkdir(exist_ok=True)
    settings.DOWNLOADS_DIR.write_text("no folder")
    settings.DOWNLOADS_MAX_BYTES = GIB
    assert sync_feed(feed).state == "done"


def test_a_feed_that_is_mirrored_no_longer_leaves_no_file(feed, settings, monkeypatch):
    lose_the_merge(feed, monkeypatch)
    assert kept_download(feed).version
    set_mirrored(feed, False)
    assert files(settings) == []


# --- Files with an ETag --------------------------------------------------------------------------------
ROWS = json.dumps([{"id": str(n), "name": "x" * 100} for n in range(1_000)]).encode()


class Shop(BaseHTTPRequestHandler):
    """Serves one file with an ETag, and answers 304 to who has it."""

    def do_GET(self) -> None:
        server = self.server
        if self.headers.get("If-None-Match") == server.etag:
            self.send_response(304)
            self.end_headers()
            return
        server.sent += 1
        self.send_response(200)
        self.send_header("ETag", server.etag)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.body, server.etag, server.sent = gzip.compress(ROWS), '"1"', 0
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def read(shop, tmp_path):
    """Read the feed as a sync does; return how many rows it has, and the watch."""

    def read(state=None):
        kept = KeptFile(tmp_path, "feed-1", GIB)
        watch = FeedWatch(kept=kept, state=state or {})
        url = f"http://127.0.0.1:{shop.server_port}/feed"
        return sum(1 for _ in download_rows(Http(name="Shop"), url, watch)), watch

    return read


def test_a_file_the_server_calls_unchanged_is_read_from_disk(shop, read):
    (count, first), (again, second) = read({"etag": '"0"'}), read({"etag": '"0"'})
    assert (count, again, shop.sent) == (1_000, 1_000, 1)
    assert first.new_state == second.new_state == {"etag": '"1"'}
    assert second.bytes_read == len(shop.body)
    assert second.is_whole
    shop.etag = '"2"'
    read()
    assert shop.sent == 2
    second.kept.drop()
    with pytest.raises(FeedUnchanged):
        read({"etag": '"2"'})


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(ROWS, id="not packed"),
        pytest.param(gzip.compress(ROWS)[:-20], id="cut off"),
        pytest.param(gzip.compress(ROWS[:-9]), id="ends too early"),
        pytest.param(gzip.compress(b"<html>Be right back</html>"), id="no feed"),
    ],
)
def test_only_packed_files_that_were_read_to_their_end_are_kept(shop, read, tmp_path, body):
    shop.body = body
    try:
        count, _ = read()
    except NetworkError:
        count = 0
    assert count in (0, 1_000) or body != ROWS
    assert list(tmp_path.iterdir()) == []


def test_what_is_too_old_is_deleted_and_counts_no_longer(shop, read, tmp_path):
    old = tmp_path / "feed-9.packed"
    old.write_bytes(b"x")
    os.utime(old, (time.time() - 3 * 24 * 3600,) * 2)
    read()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed-1.json", "feed-1.packed"]
