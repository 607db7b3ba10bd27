"""The files of Tradedoubler: made on demand, counted, and read whole or not at all."""

from dataclasses import replace

import pytest
from django.core.cache import cache

from importer.networks.contract import FeedData, NetworkError, NetworkUnavailable


@pytest.mark.parametrize("status", [202, 200])
def test_a_file_in_the_making_is_waited_for(connect, control, status):
    network = connect("tradedoubler")
    control("options", unlimited_wait_seconds=0.5, unlimited_wait_status=status)
    feed = next(network.fetch_feeds())

    assert len(list(network.fetch_items(feed))) == feed.item_count


@pytest.mark.usefixtures("impatient")
def test_a_file_that_takes_long_is_for_later(connect, control):
    network = connect("tradedoubler")
    feed = next(network.fetch_feeds())
    control("options", unlimited_wait_seconds=60)

    with pytest.raises(NetworkUnavailable, match="^still_preparing") as caught:
        next(network.fetch_items(feed))
    assert caught.value.retry_after == 60


@pytest.mark.usefixtures("impatient")
def test_the_quota_of_downloads_is_reported(connect):
    network = connect("tradedoubler")
    feed = next(network.fetch_feeds())
    for _ in range(3):
        list(network.fetch_items(feed))
    cache.clear()  # what we counted ourselves

    with pytest.raises(NetworkUnavailable, match="^download_refused .*Request Quota exceeded"):
        list(network.fetch_items(feed))


def files_asked_for(control):
    return [one for one in control("requests") if "productsUnlimited.json" in one["target"]]


def test_a_fourth_download_in_a_day_is_never_asked_for(connect, control):
    feed = next(connect("tradedoubler").fetch_feeds())
    for _ in range(3):
        list(connect("tradedoubler").fetch_items(feed))
    asked = len(files_asked_for(control))

    with pytest.raises(NetworkUnavailable, match="^downloads_spent") as caught:
        list(connect("tradedoubler").fetch_items(feed))
    assert 86_000 < caught.value.retry_after <= 86_400
    assert len(files_asked_for(control)) == asked
    control("catalogue", feed=f"tradedoubler:{feed.external_id}", price_factor=0.9)
    assert list(connect("tradedoubler").fetch_items(feed))  # another version, another allowance


@pytest.mark.usefixtures("impatient")
def test_what_gave_no_file_is_not_counted_as_a_download(connect, control, fault):
    feed = next(connect("tradedoubler").fetch_feeds())
    for kind in ({"status": 500}, {"status": 200, "body": "html"}, {"status": 400, "body": "{}"}):
        fault(path="/tradedoubler/1.0/productsUnlimited.json", times=1, **kind)
        with pytest.raises(NetworkError):
            list(connect("tradedoubler").fetch_items(feed))

    for _ in range(3):
        assert list(connect("tradedoubler").fetch_items(feed))


def test_a_cut_download_is_counted(connect, fault):
    feed = next(connect("tradedoubler").fetch_feeds())
    for _ in range(3):
        fault(path="/tradedoubler/1.0/files/", cut_after=900, times=1)
        with pytest.raises(NetworkUnavailable, match="^(packed|answer)_cut"):
            list(connect("tradedoubler").fetch_items(feed))

    with pytest.raises(NetworkUnavailable, match="^downloads_spent"):
        list(connect("tradedoubler").fetch_items(feed))


def test_the_token_does_not_follow_to_the_file(connect, control):
    network = connect("tradedoubler")
    list(network.fetch_items(next(network.fetch_feeds())))
    targets = [one["target"] for one in control("requests") if "/files/" in one["target"]]

    assert targets
    assert not [target for target in targets if network.credentials["token"] in target]


def test_an_unknown_feed_is_refused(connect):
    with pytest.raises(NetworkError, match="^feed_not_connected|^credentials_refused|feed"):
        list(connect("tradedoubler").fetch_items(FeedData(external_id="999999", name="x")))


@pytest.mark.parametrize(
    ("body", "count"),
    [
        pytest.param(
            '{"products":[\n{"name":"a","offers":[{}]},\n{"name":"b","offers":[{}]},\n]}\n', 2, id="comma"
        ),
        pytest.param('{"products":[\n{"name":"a","offers":[{}]}\n]}', 1, id="no comma"),
        pytest.param('{"products":[\n]}', 0, id="empty"),
        pytest.param('{"products":[\n{"name":"a","offers":[{}]},\n', None, id="cut between products"),
        pytest.param('{"products":[\n{"name":"a","offers":[{}]}]', None, id="cut before the last brace"),
        pytest.param('{"products":[\n{"name":"a","of', None, id="cut inside a product"),
    ],
)
def test_a_file_counts_only_when_it_ends(connect, fault, body, count):
    network = connect("tradedoubler")
    feed = replace(next(network.fetch_feeds()), currency="SEK")
    fault(path="/tradedoubler/1.0/productsUnlimited.json", body=body, status=200)

    if count is None:
        with pytest.raises(NetworkUnavailable, match="^feed_cut_or_not_json"):
            list(network.fetch_items(feed))
    else:
        assert len(list(network.fetch_items(feed))) == count
