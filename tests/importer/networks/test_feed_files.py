"""Whole feeds over HTTP: files in every format, what was not changed, and what the caller can watch."""

import re
import threading
import time
from dataclasses import replace
from datetime import UTC

import pytest

from importer.http import client as http_module
from importer.http.client import Http
from importer.http.leases import Lease, connection
from importer.networks import NETWORKS
from importer.networks.contract import FeedUnchanged, FeedWatch, NetworkError, NetworkUnavailable

TRADETRACKER_TYPES = ("xml", "xml-v2", "xml-v2-simple", "json", "csv")
SAME = ("title", "price", "old_price", "currency", "brand", "gtin", "in_stock", "problem")
ADTRACTION_FORMATS = {
    "xml": "&format=XML",
    "csv, comma": "&format=CSV&cdelim=comma&tdelim=singlequote",
    "csv, tab": "&format=CSV&cdelim=tab&tdelim=singlequote",
    "zip": "&format=CSV&cdelim=comma&tdelim=singlequote&zip=1",
}


def first_feed(network):
    return next(network.fetch_feeds())


def by_id(items):
    """Of an id that comes twice, the service leaves out the second."""
    return {item.external_id: item for item in reversed(list(items))}


def requests_for(control, path):
    return [one for one in control("requests") if path in one["target"]]


# --- TradeTracker ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", TRADETRACKER_TYPES)
def test_each_tradetracker_format_gives_what_the_service_gives(connect, control, kind):
    network = connect("tradetracker")
    feed = first_feed(network)
    file_feed = replace(feed, url=re.sub(r"type=[\w-]+", f"type={kind}", feed.url))
    from_file = by_id(network.fetch_items(file_feed))
    from_service = by_id(network.fetch_items(replace(feed, url="")))

    assert f"type={kind}" in requests_for(control, "/pf")[-1]["target"]
    assert from_file.keys() == from_service.keys()
    for external_id, item in from_file.items():
        other = from_service[external_id]
        if not other.attributes:
            continue  # the service leaves them all out for some (docs/networks/tradetracker.md 5)
        for name in (*SAME, "shop_name"):
            assert getattr(item, name) == getattr(other, name), (external_id, name)
        assert item.tracking_url == other.tracking_url
        assert item.image_urls[:1] == other.image_urls[:1]


def test_a_tradetracker_file_that_cannot_be_had_comes_from_the_service(connect, control):
    network = connect("tradetracker")
    feed = first_feed(network)
    missing = replace(feed, url=feed.url.replace(f"fid={feed.external_id}", "fid=1"))

    assert by_id(network.fetch_items(missing)).keys() == by_id(network.fetch_items(feed)).keys()
    assert requests_for(control, "fid=1&") or requests_for(control, "fid=1")


def test_a_cut_tradetracker_file_is_a_failure(connect, fault):
    network = connect("tradetracker")
    feed = first_feed(network)
    fault(path="/tradetracker/pf", cut_after=5000, times=1)

    with pytest.raises(NetworkUnavailable, match="^(feed|packed|answer)_\\w*cut|^feed_last_tag_missing"):
        list(network.fetch_items(feed))


# --- Adtraction ------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ADTRACTION_FORMATS.values(), ids=ADTRACTION_FORMATS)
def test_each_adtraction_file_gives_what_the_api_gives(connect, fault, form):
    network = connect("adtraction")
    feed = first_feed(network)
    from_api = by_id(network.fetch_items(feed))
    base = re.sub(r"&(?:format|cdelim|tdelim|zip)=[^&]*", "", feed.url)
    fault(path="/adtraction/v3/partner/products/feed/", status=403, body='{"message":"Not approved"}')
    from_file = by_id(network.fetch_items(replace(feed, url=base + form)))

    assert from_file.keys() == from_api.keys()
    for external_id, item in from_file.items():
        other = from_api[external_id]
        for name in (*SAME, "category"):
            assert getattr(item, name) == getattr(other, name), (external_id, name)
        assert item.attributes == other.attributes


def test_the_reason_of_the_api_is_told_when_there_is_no_file_either(connect, fault):
    network = connect("adtraction")
    feed = first_feed(network)
    fault(path="/adtraction/v3/partner/products/feed/", status=403, body='{"message":"Not approved"}')

    for url in ("", re.sub(r"asid=\d+", "asid=1", feed.url)):
        with pytest.raises(NetworkError, match="^access_refused .*Not approved"):
            list(network.fetch_items(replace(feed, url=url)))


# --- Unchanged -------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", NETWORKS)
def test_an_unchanged_feed_is_not_read_again(connect, control, slug):
    watch = FeedWatch()
    feed = first_feed(connect(slug))
    assert list(connect(slug).fetch_items(feed, watch))
    assert watch.new_state["version"]

    with pytest.raises(FeedUnchanged):
        list(connect(slug).fetch_items(feed, FeedWatch(state=watch.new_state)))
    control("catalogue", feed=f"{slug}:{feed.external_id}", price_factor=0.9)
    assert list(connect(slug).fetch_items(feed, FeedWatch(state=watch.new_state)))


@pytest.mark.parametrize("slug", ["adtraction", "tradetracker"])
def test_two_spellings_of_one_instant_are_one_version(connect, slug):
    """The time is kept in UTC, and the network says it in its own zone."""
    watch = FeedWatch()
    feed = first_feed(connect(slug))
    stored = replace(feed, network_updated_at=feed.network_updated_at.astimezone(UTC))
    assert stored.network_updated_at.isoformat() != feed.network_updated_at.isoformat()
    assert list(connect(slug).fetch_items(stored, watch))

    with pytest.raises(FeedUnchanged):
        list(connect(slug).fetch_items(stored, FeedWatch(state=watch.new_state)))


def test_an_unchanged_tradetracker_file_is_not_downloaded(connect, control):
    watch = FeedWatch()
    feed = first_feed(connect("tradetracker"))
    assert list(connect("tradetracker").fetch_items(feed, watch))
    before = len(requests_for(control, "/pf"))

    with pytest.raises(FeedUnchanged):
        list(connect("tradetracker").fetch_items(feed, FeedWatch(state=watch.new_state)))
    assert len(requests_for(control, "/pf")) == before


def test_a_half_read_feed_leaves_no_state(connect, fault):
    watch = FeedWatch()
    feed = first_feed(connect("tradedoubler"))
    fault(path="/tradedoubler/1.0/files/", cut_after=900)

    with pytest.raises(NetworkUnavailable):
        list(connect("tradedoubler").fetch_items(feed, watch))
    assert watch.new_state == {}


def test_validators_are_remembered_and_sent(connect, control, fault):
    network, watch = connect("tradetracker"), FeedWatch()
    feed = first_feed(network)
    fault(
        path="/tradetracker/pf",
        headers={"ETag": '"v1"', "Last-Modified": "Wed, 21 Oct 2026 07:28:00 GMT"},
        times=1,
    )
    list(network.fetch_items(feed, watch))
    fault(path="/tradetracker/pf", status=304, times=1)

    assert watch.new_state.pop("version")
    assert watch.new_state == {"etag": '"v1"', "last_modified": "Wed, 21 Oct 2026 07:28:00 GMT"}
    with pytest.raises(FeedUnchanged):
        list(network.fetch_items(feed, FeedWatch(state=watch.new_state)))


# --- The watch -------------------------------------------------------------------------------------
@pytest.mark.parametrize("slug", NETWORKS)
def test_bytes_are_watched(connect, slug):
    seen = []
    watch = FeedWatch(on_progress=lambda watch: seen.append(watch.bytes_read))
    network = connect(slug)
    items = list(network.fetch_items(first_feed(network), watch))

    assert seen == sorted(seen)
    assert watch.bytes_read > 50 * len(items)
    assert (watch.bad_count, watch.bad_rows) == (0, [])


def test_bad_rows_are_counted_and_a_few_are_kept(connect, fault):
    watch = FeedWatch()
    network = connect("tradedoubler")
    feed = first_feed(network)
    bad = '{"name":"x" "y"},\n' * 50
    body = '{"products":[\n{"name":"a","offers":[{}]},\n' + bad + '{"name":"b","offers":[{}]}\n]}'
    fault(path="/tradedoubler/1.0/productsUnlimited.json", body=body, status=200)

    assert [item.title for item in network.fetch_items(feed, watch)] == ["a", "b"]
    assert watch.bad_count == 50
    assert len(watch.bad_rows) == 20
    assert watch.bad_rows[0].sample == '{"name":"x" "y"}'
    assert watch.is_whole


class Cancelled(Exception):
    pass


def test_the_caller_can_stop_a_wait(connect, control):
    control("options", unlimited_wait_seconds=60)
    network = connect("tradedoubler")
    feed = first_feed(network)
    began = time.monotonic()

    def cancel_after_a_second(watch):
        if time.monotonic() - began > 1:
            raise Cancelled(watch.waiting_for)

    with pytest.raises(Cancelled, match="waits_for_file"):
        list(network.fetch_items(feed, FeedWatch(on_progress=cancel_after_a_second)))
    assert time.monotonic() - began < 4


# --- Slots -----------------------------------------------------------------------------------------
def test_two_connections_to_a_host_are_shared_by_all(sandbox):
    http, watch = Http(name="Net"), FeedWatch(patience=0.6)
    with connection(http, "https://a.example/1", watch), connection(http, "https://a.example/2", watch):
        with connection(http, "https://b.example/1", watch):
            pass
        with (
            pytest.raises(NetworkUnavailable, match="^host_busy"),
            connection(http, "https://a.example/3", watch),
        ):
            pass
    with connection(http, "https://a.example/4", watch):
        pass


def test_the_place_of_a_killed_worker_is_free_after_a_while(sandbox):
    assert Lease("x", 1, 1).take()
    assert not Lease("x", 1, 1).take()
    time.sleep(1.1)
    assert Lease("x", 1, 1).take()


def test_a_place_that_was_lost_is_not_given_back(sandbox):
    late, next_one = Lease("x", 1, 1), Lease("x", 1, 60)
    assert late.take()
    time.sleep(1.1)
    assert next_one.take()
    late.free()
    assert not Lease("x", 1, 60).take()


def test_without_a_cache_feeds_are_read_all_the_same(connect, settings):
    network = connect("tradetracker")
    feed = first_feed(network)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert list(network.fetch_items(feed))


# --- Slow servers ----------------------------------------------------------------------------------
def test_a_server_that_drips_is_left(monkeypatch):
    import socket

    monkeypatch.setattr(http_module, "SLOW_AFTER", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            for _ in range(100):
                try:
                    client.sendall(b"[")
                except OSError:
                    return
                time.sleep(0.1)

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with (
        listener,
        pytest.raises(NetworkUnavailable, match="^sends_too_slowly"),
        Http().stream("GET", url) as stream,
    ):
        stream.read(-1)
    assert time.monotonic() - began < 5
