"""Sync feeds with one record broken at a random place: it alone is bad, and no item is gone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.feeds.syncs import sync_feed
from importer.models import Feed, FeedItem
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.fuzzing import ROWS, fuzzed
from tests.http_server import Server, reply
from tests.importer.feed_files.test_one_broken_record import INSERTED, break_record
from tests.importer.make import make_account, make_feed

pytestmark = pytest.mark.django_db(transaction=True)
COUNT = ROWS


def link(number):
    return f"https://tc.tradetracker.net/?c=2&m=1&a=3&u=https%3A%2F%2Fs.example%2F{number}"


def as_xml(number):
    return (
        f'<product ID="id-{number:05}"><name>Lamp {number}</name><price currency="EUR">19.95</price>'
        f"<URL>{link(number).replace('&', '&amp;')}</URL>"
        f"<description><![CDATA[Hout & staal]]></description></product>\n"
    )


def as_json(number):
    row = {"ID": f"id-{number:05}", "name": f"Lamp {number}", "price": {"currency": "EUR", "amount": "19.95"}}
    return json.dumps({**row, "URL": link(number), "properties": {"kleur": ["rood", "wit"]}})


def as_csv(number):
    return f'"id-{number:05}";"Lamp {number}";"19.95";"EUR";"{link(number)}";"Hout, staal"\n'


# Format -> what stands before the records, the records, what stands between two, and what stands behind them.
FEEDS = {
    "xml": ("<products>\n", list(map(as_xml, range(COUNT))), "", "</products>\n"),
    "json": ('{"products":[\n', list(map(as_json, range(COUNT))), ",\n", "\n]}\n"),
    "csv": (
        '"product ID";"name";"price";"currency";"productURL";"description"\n',
        list(map(as_csv, range(COUNT))),
        "",
        "",
    ),
}


@pytest.fixture
def sent():
    """What the server of the feed sends, by its only key."""
    sent = {}
    server = Server(lambda connection, number: connection.sendall(reply(body=sent["feed"].encode())))
    account = make_account("tradetracker")
    account.set_credentials(DEMO_CREDENTIALS["tradetracker"])
    account.save()
    make_feed(account, "1", synced_at=None, language="nl", url=f"{server.url}/feed")
    yield sent
    server.socket.close()


def sync(sent, form, number=None, broken=""):
    before, records, between, behind = FEEDS[form]
    records = [broken if place == number else record for place, record in enumerate(records)]
    sent["feed"] = before + between.join(records) + behind
    # No service is there to say that the file is another than the last.
    Feed.objects.update(network_state={})
    return sync_feed(Feed.objects.get())


@pytest.mark.parametrize("form", FEEDS)
@given(data=st.data())
@fuzzed(6)
def test_a_broken_record_is_bad_at_most_and_no_item_is_gone(form, data, sent):
    run = sync(sent, form)
    assert (run.state, run.item_count, run.bad_count) == ("done", COUNT, 0)
    number = data.draw(st.integers(1, COUNT - 1), label="record")
    record = FEEDS[form][1][number]
    size = len(record.rstrip("\n"))
    place = data.draw(st.integers(0, size - 1), label="place")
    inserted = data.draw(st.sampled_from(["", *INSERTED]), label="inserted")
    length = 0 if inserted else data.draw(st.integers(0, min(12, size - place)), label="length")
    broken = break_record(record, place, length, inserted)

    run = sync(sent, form, number, broken)

    identity = f"id-{number:05}"
    # Where a line is a row, a line end makes two of one.
    assert run.state == "done"
    assert run.bad_count <= 1 + (form == "csv" and inserted == "\n")
    gone = set(FeedItem.objects.filter(missing_at__isnull=False).values_list("external_id", flat=True))
    others = {gone_id for gone_id in gone if gone_id.startswith("id-") and gone_id[3:].isdigit()} - {identity}
    assert not others, (number, broken)
    # Its own item is gone only where the id itself was broken, and a row of another id came instead: in CSV
    # also where a character stands before the quote of the id.
    if identity in gone:
        assert identity not in broken or broken.endswith(record[place:]) and not place
        assert run.new_count == 1
    live = FeedItem.objects.filter(missing_at=None).exclude(external_id=identity)
    assert live.filter(external_id__regex=r"^id-\d{5}$").count() >= COUNT - 1
