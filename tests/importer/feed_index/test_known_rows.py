"""A sync that knows its feed's rows ends with the same table as one that reads them all."""

import csv
import io
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

import pytest
import time_machine

from importer import feed_index
from importer.feed_files import FeedFile, KnownRows
from importer.feed_index import known as known_module
from importer.http.client import Http
from importer.models import Feed, FeedItem, FeedRows
from importer.networks import items as items_module
from importer.networks.contract import FeedData, FeedWatch
from importer.networks.downloads import read_rows
from importer.networks.items import make_item, read_items
from importer.networks.tradedoubler.products import parse_product
from importer.normalise import FeedProfile
from tests.fuzzing import SEEDS
from tests.importer.feed_files.reading import Pieces
from tests.importer.make import item_data, make_account, make_feed
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db
FORMATS = ("json", "json lines", "json by line", "json walked", "xml", "csv")
SAMPLE_ROWS = 60
COLUMNS = ("id", "name", "description", "price", "sale", "from", "link")
# Rows before these are read in any case, to learn how the feed writes prices.
FIRST = [
    {"id": f"first{n}", "name": "First", "price": f"{n},50", "link": "https://a.example/1"}
    for n in range(SAMPLE_ROWS)
]


@pytest.fixture(autouse=True)
def _few_samples(monkeypatch):
    monkeypatch.setattr(items_module, "SAMPLE_ROWS", SAMPLE_ROWS)


# --- A feed of a made-up network in any format ------------------------------------------------------
def written(rows, form):
    """Return the bytes of a feed; a text in place of a row stands there as it is."""
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            if isinstance(row, str):
                out.write(f"{row}\n")
            else:
                writer.writerow([row.get(name, "") for name in COLUMNS])
        return out.getvalue().encode()
    if form == "xml":
        parts = [row if isinstance(row, str) else element(row) for row in rows]
        return ("<products>\n" + "\n".join(parts) + "\n</products>").encode()
    parts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    if form == "json lines":
        return ("\n".join(parts) + "\n").encode()
    if form == "json by line":
        return ('{"products": [\n' + ",\n".join(parts) + "\n]}").encode()
    if form == "json walked":
        return ('{"products": [' + ", ".join(parts) + "]}").encode()
    return (
        json.dumps({"products": rows}).encode() if all(map(dict_like, rows)) else written(rows, "json walked")
    )


def element(row):
    cells = "".join(f"<{name}>{escape(row.get(name, ''))}</{name}>" for name in COLUMNS)
    return f"<product>{cells}</product>"


def dict_like(row):
    return isinstance(row, dict)


def parse(row, feed):
    yield make_item(
        feed_id=feed.external_id,
        external_id=row.get("id"),
        title=row.get("name"),
        description=row.get("description"),
        price=row.get("price"),
        sale_price=row.get("sale"),
        sale_dates=[row["from"], ""] if row.get("from") else (),
        link=row.get("link"),
        feed=feed,
    )


class Counted:
    """Count the rows that are parsed."""

    count = 0

    def __call__(self, row, feed):
        self.count += 1
        return parse(row, feed)


def sync(feed, data, parse=parse, **values):
    """Sync the feed from the bytes; return what was written, and the profile that was learnt."""
    feed = Feed.objects.get(pk=feed.pk)
    watch = FeedWatch(profile=FeedProfile.from_json(feed.profile))
    stream = Pieces(data, 4096)
    stream.headers, stream.bytes_total, stream.bytes_read = {}, len(data), 0
    rows = read_rows(stream, Http(name="Net"), watch)
    data_of_feed = FeedData(**{"external_id": feed.external_id, "name": "x", "currency": "EUR"} | values)
    done = feed_index.replace_feed(feed, read_items(rows, parse, data_of_feed, watch), watch=watch)
    learnt = replace(watch.profile, example="")
    Feed.objects.filter(pk=feed.pk).update(profile=learnt.to_json())
    return done, learnt


def table(feed):
    left_out = ("id", "feed_id", "seen_at", "first_seen_at", "missing_at", "source_key", "search")
    names = [field.attname for field in FeedItem._meta.fields if field.attname not in left_out]
    rows = FeedItem.objects.filter(feed=feed).order_by("external_id")
    return [(row.missing_at is not None, *(getattr(row, name) for name in names)) for row in rows]


def row(number, **values):
    return {
        "id": f"i{number}",
        "name": f"Shoe {number}",
        "description": f'A "fine" one;\nno. {number}',
        "price": f"{10 + number},95",
        "link": f"https://a.example/{number}",
    } | values


def changed_at_random(rows, chance):
    """Return the rows as the next version of a feed may have them."""
    rows = [dict(one) if isinstance(one, dict) else one for one in rows]
    for _ in range(chance.randrange(12)):
        number = chance.randrange(60)
        at = chance.randrange(len(rows)) if rows else 0
        is_row = rows and isinstance(rows[at], dict)
        match chance.randrange(11):
            case 0 if rows:
                del rows[at]
            case 1:
                rows.insert(at, row(number))  # perhaps a second of its id
            case 2 if is_row:
                rows[at]["id"] = f"i{number}"  # the id of another row
            case 3 if is_row:
                rows[at]["price"] = chance.choice(["", "free", f"{number},00", "9999,00", "1 EUR"])
            case 4 if rows:
                rows.insert(chance.randrange(len(rows)), rows[at])  # doubled
            case 5:
                rows.insert(
                    at,
                    chance.choice(
                        ["<product><id>i1</id><name></product>", "i3;x", '{"id": "i2", "name" "x"}']
                    ),
                )
            case 6 if is_row:
                rows[at]["id"] = ""
            case 7 if is_row:
                rows[at] |= {"sale": "3,95", "from": chance.choice(["2000-01-01", "2099-01-01"])}
            case 8:
                chance.shuffle(rows)
            case 9 if len(rows) > 1:
                rows[at], rows[at - 1] = rows[at - 1], rows[at]
            case 10 if is_row:
                rows[at]["name"] = ""
    return rows


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_quick_way_ends_with_the_same_table_as_the_full_way(form, seed):
    chance = random.Random(f"{form} {seed}")
    quick, full = (make_feed(make_account(), external_id="f") for _ in range(2))
    rows = [row(number) for number in range(30)]
    for turn in range(7):
        data = written([*FIRST, *rows], form)
        hit = item_data(feed_id="f", external_id="i4", title="From a search")
        ways = {}
        for feed, way in ((quick, "quick"), (full, "full")):
            if way == "full":
                FeedRows.objects.filter(feed=feed).delete()
            if turn == 3:  # a search stores what differs from the feed
                feed_index.store_hits({"f": feed}, [hit])
            written_now, profile = sync(feed, data)
            ways[way] = (written_now, profile, table(feed))
        assert ways["quick"] == ways["full"], f"turn {turn}"
        rows = changed_at_random(rows, chance)


# --- What is known ---------------------------------------------------------------------------------
@pytest.mark.parametrize("form", FORMATS)
def test_only_rows_that_differ_are_read(form):
    feed = make_feed()
    rows = [row(number) for number in range(200)]
    sync(feed, written([*FIRST, *rows], form))
    rows[50]["price"] = "11,00"
    counted = Counted()
    done, _ = sync(feed, written([*FIRST, *rows], form), counted)
    assert (done.new, done.changed, done.gone) == (0, 1, 0)
    # The first rows are read in any case, to learn from them; the last of a list ends it, too.
    assert counted.count - SAMPLE_ROWS in (1, 2)


def test_all_is_read_anew_where_a_row_may_mean_something_else(monkeypatch):
    feed = make_feed()
    data = written([*FIRST, *(row(number) for number in range(100))], "json lines")

    def read_again(**values):
        counted = Counted()
        sync(feed, data, counted, **values)
        return counted.count - SAMPLE_ROWS

    sync(feed, data)
    assert read_again() == 0
    assert read_again(currency="SEK") == 100
    assert read_again(currency="SEK") == 0
    assert read_again(currency="SEK", program_id="5") == 100
    Feed.objects.filter(pk=feed.pk).update(language="fr")
    assert read_again(currency="SEK", program_id="5") == 100
    monkeypatch.setattr(known_module, "_reader_version", lambda: "another")
    assert read_again(currency="SEK", program_id="5") == 100


def test_a_sale_that_begins_is_seen_in_a_row_that_is_as_it_was():
    feed = make_feed()
    begins = datetime(2030, 1, 2, tzinfo=UTC)
    data = written([*FIRST, row(1, sale="3,95", **{"from": "2030-01-02"}), row(2)], "json lines")
    with time_machine.travel(begins - timedelta(days=1), tick=True):
        sync(feed, data)
        before = FeedItem.objects.get(feed=feed, external_id="i1").price
    with time_machine.travel(begins + timedelta(days=1), tick=True):
        sync(feed, data)
    after = FeedItem.objects.get(feed=feed, external_id="i1").price
    assert (str(before), str(after)) == ("11.95", "3.95")


def test_a_price_of_the_future_counts_when_its_day_comes():
    feed = make_feed()
    begins = datetime(2030, 1, 2, tzinfo=UTC)

    def product(number):
        prices = [
            {"price": {"value": "9.95", "currency": "EUR"}, "date": "2029-01-01T00:00:00Z"},
            {"price": {"value": "5.95", "currency": "EUR"}, "date": begins.isoformat()},
        ]
        offer = {"sourceProductId": f"p{number}", "productUrl": "https://a.example/", "priceHistory": prices}
        return {"name": "Shoe", "offers": [offer]}

    data = written([product(number) for number in range(SAMPLE_ROWS + 2)], "json lines")
    last = f"p{SAMPLE_ROWS + 1}"
    with time_machine.travel(begins - timedelta(days=5), tick=True):
        _, profile = sync(feed, data, parse_product)
        assert str(FeedItem.objects.get(external_id=last).price) == "9.95"
    with time_machine.travel(profile.changes_at, tick=True):
        sync(feed, data, parse_product)
    assert str(FeedItem.objects.get(external_id=last).price) == "5.95"


@pytest.mark.django_db(transaction=True)
def test_what_a_search_wrote_while_the_feed_was_read_is_found_by_the_next_sync():
    feed = make_feed()  # not mirrored: hits are written over what is stored
    rows = [*FIRST, *(row(number) for number in range(20))]
    sync(feed, written(rows, "json lines"))

    def parse_and_search(one, data):
        if one["id"] == "i19":
            hit = item_data(feed_id=feed.external_id, external_id="i3", title="From a search")
            at_once(lambda: feed_index.store_hits({feed.external_id: feed}, [hit]))
        return parse(one, data)

    rows[-1]["name"] = "Another"
    sync(feed, written(rows, "json lines"), parse_and_search)
    sync(feed, written(rows, "json lines"))
    assert FeedItem.objects.get(feed=feed, external_id="i3").title == "Shoe 3"


def test_what_is_known_takes_few_bytes_a_row():
    feed = make_feed()
    sync(feed, written([*FIRST, *(row(number) for number in range(500))], "csv"))
    stored = FeedRows.objects.filter(feed=feed, part__gt=0)
    assert sum(len(part.data) for part in stored) == 18 * (SAMPLE_ROWS + 500)


def test_nothing_is_stored_again_where_nothing_changed():
    feed = make_feed()
    data = written([*FIRST, *(row(number) for number in range(20))], "json lines")
    sync(feed, data)
    sync(feed, data)
    before = list(FeedRows.objects.filter(feed=feed).values_list("pk", "token"))
    sync(feed, data)
    assert list(FeedRows.objects.filter(feed=feed).values_list("pk", "token")) == before


def test_a_reader_without_knowledge_yields_rows():
    file = FeedFile(Pieces(written(FIRST, "csv")), Http(name="Net"), known=KnownRows())
    assert len([one for one in file if isinstance(one, dict)]) == SAMPLE_ROWS
