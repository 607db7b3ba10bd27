"""Syncs of feeds with rows that cannot be read: nothing is gone that may be among them."""

import pytest

from events.kinds import Kind
from events.models import Event
from importer.feed_files import BadRow
from importer.feeds.syncs import sync_feed
from importer.http.errors import NetworkUnavailable
from importer.models import Feed, FeedItem
from importer.networks import NETWORKS
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.http_server import Server, reply
from tests.importer.make import item_data, make_account, make_feed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feed():
    account = make_account("tradetracker")
    account.set_credentials(DEMO_CREDENTIALS["tradetracker"])
    account.save()
    return make_feed(account, "1", synced_at=None, language="de")


@pytest.fixture
def send(feed, monkeypatch):
    """Sync a feed of the items i0 to i99 without some, and with these texts as rows that cannot be read."""

    def send(missing=(), unread=(), nameless=0):
        def fetch_items(self, feed, watch):
            for text in unread:
                watch.note_bad(BadRow.of("is broken", text))
            yield from (item_data(external_id=f"i{n}") for n in range(100) if n not in missing)
            yield from (item_data(external_id="", problem="It has no id.") for _ in range(nameless))

        monkeypatch.setattr(NETWORKS["tradetracker"], "fetch_items", fetch_items)
        return sync_feed(feed)

    send()
    return send


def gone(feed):
    items = FeedItem.objects.filter(feed=feed, missing_at__isnull=False)
    return sorted(items.values_list("external_id", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        '<product ID="i7"><name>x',
        "<product><ID><![CDATA[i7]]></ID>",
        '{"ID":"i7","name":',
        "i7;x;5;1",
        '"a"\t"i7"\t"b',
    ],
)
def test_the_item_of_an_unread_row_is_not_gone(feed, send, text):
    run = send(missing={7, 8, 9}, unread=[text])
    assert (run.state, run.bad_count, run.gone_count) == ("done", 1, 2)
    assert gone(feed) == ["i8", "i9"]


def test_nothing_is_gone_while_no_more_is_missing_than_could_not_be_read(feed, send):
    assert send(missing={7, 8}, unread=["<name>x", "<name>y"]).gone_count == 0
    assert send(missing={7, 8}, nameless=2).gone_count == 0
    assert gone(feed) == []
    assert send(missing={7, 8}).gone_count == 2


def test_more_missing_items_than_unread_rows_are_gone(feed, send):
    assert send(missing={7, 8, 9}, unread=["<name>x"]).gone_count == 3
    assert gone(feed) == ["i7", "i8", "i9"]


def product(number, text="Tekst"):
    return (
        f'<product ID="{number}"><name>Lamp {number}</name><price currency="EUR">19.95</price>'
        f"<URL>https://tc.tradetracker.net/?c=2&amp;m=1&amp;a=3&amp;u=https%3A%2F%2Fs.example%2F{number}</URL>"
        f"<description>{text}</description></product>\n"
    )


FILE = "<products>\n" + "".join(map(product, range(100))) + "</products>\n"
WHOLE = {
    "a tag in a CDATA": FILE.replace(product(85), product(85, "<![CDATA[Zet <product> in de lijst]]>")),
    "an end in a comment": FILE.replace(product(85), product(85, "x<!-- </product> -->")),
}
BROKEN = {
    "no end": FILE.replace(product(85), product(85).replace("</product>", "")),
    "an open CDATA": FILE.replace(product(85), product(85, "<![CDATA[Tekst")),
    "no beginning": FILE.replace(product(85), product(85).replace("<product ", "<p")),
}


@pytest.fixture
def files(feed):
    """A server of feed files; each is sent once, and the last again and again."""
    sent = []
    server = Server(
        lambda connection, number: connection.sendall(reply(body=sent[min(number, len(sent)) - 1]))
    )
    feed.url = f"{server.url}/feed"
    feed.save()
    yield sent
    server.socket.close()


def sync_again(feed):
    """Sync without what was remembered of the last file: no service is there to say that it is another."""
    Feed.objects.filter(pk=feed.pk).update(network_state={})
    feed.refresh_from_db()
    return sync_feed(feed)


@pytest.mark.parametrize(
    ("text", "bad"),
    [*((text, 0) for text in WHOLE.values()), *((text, 1) for text in BROKEN.values())],
    ids=[*WHOLE, *BROKEN],
)
def test_no_item_is_gone_because_the_reader_lost_its_place(feed, files, text, bad):
    files += [FILE.encode(), text.encode()]
    assert sync_feed(feed).new_count == 100
    run = sync_again(feed)
    assert (run.state, run.item_count, run.bad_count, run.gone_count) == ("done", 100, bad, 0)
    assert len(run.bad_samples) == bad


def test_a_feed_of_another_count_than_it_says_is_held_for_a_person(feed, files):
    files += [FILE.encode(), FILE.encode() + b"<!-- Total number of products: 116 -->"]
    sync_feed(feed)
    run = sync_again(feed)
    assert run.state == "held"
    assert str(run.message).startswith("The feed says that it has 116 products, but 100 came. It may be cut")
    event = Event.objects.filter(kind=Kind.FEED_HELD).latest("pk")
    assert event.after["reason"] == run.message.to_json()


CSV_FILE = '"product ID";"name";"price";"currency"\n' + "".join(
    f'"i{number}";"Lamp {number}";"19.95";"EUR"\n' for number in range(100)
)


@pytest.mark.parametrize(
    ("cut", "more"),
    [(FILE.encode()[: len(FILE) // 2], b"</name>"), (CSV_FILE.encode()[:-12], b'"')],
    ids=["xml", "csv"],
)
def test_a_file_that_is_cut_at_the_same_place_again_is_said_to_be_cut_at_its_source(feed, files, cut, more):
    files += [cut, cut, cut, cut + more]
    for _ in range(4):
        with pytest.raises(NetworkUnavailable):
            sync_again(feed)
    first, again, third, other = map(str, said := feed.syncs.order_by("pk").values_list("message", flat=True))
    assert "Try again in a few minutes" in first
    assert again == third
    assert "the file is cut where it is made" in again
    assert "Try again" not in again
    assert "Try again in a few minutes" in other
    # What people read in the log is what the feed's page says.
    events = Event.objects.filter(kind=Kind.SYNC_FAILED).order_by("pk")
    assert [event.after["error"] for event in events] == [reason.to_json() for reason in said]
