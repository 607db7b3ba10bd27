from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from importer import feed_index
from importer.feed_index import lexemes, sync
from importer.feed_index import rows as rows_module
from importer.models import Feed, FeedItem, IndexedWord
from importer.networks.contract import NetworkUnavailable
from importer.networks.variants import variant_key
from tests.importer.make import item_data, make_feed, make_item

pytestmark = pytest.mark.django_db


def replace(feed, *items):
    written = feed_index.replace_feed(feed, items)
    return written.new, written.changed, written.unchanged, written.gone


def test_a_sync_counts_new_changed_unchanged_and_gone():
    feed = make_feed()
    a, b, c = (item_data(feed_id=feed.external_id, external_id=name) for name in "abc")
    assert replace(feed, a, b) == (2, 0, 0, 0)
    assert replace(feed, a, b) == (0, 0, 2, 0)
    cheaper = item_data(feed_id=feed.external_id, external_id="b", price=Decimal("1"))
    assert replace(feed, a, cheaper, c) == (1, 1, 1, 0)
    assert replace(feed, c) == (0, 0, 1, 2)
    assert replace(feed, a, c) == (0, 1, 1, 0)  # a came back
    assert set(FeedItem.objects.filter(missing_at=None).values_list("external_id", flat=True)) == {"a", "c"}


def test_an_unchanged_item_is_not_written_again():
    feed = make_feed()
    item = item_data(feed_id=feed.external_id)
    replace(feed, item)
    before = FeedItem.objects.values_list("pk", "seen_at").get()
    replace(feed, item)
    assert FeedItem.objects.values_list("pk", "seen_at").get() == before


def test_the_last_of_several_rows_with_one_id_counts():
    feed = make_feed()
    rows = [
        item_data(feed_id=feed.external_id, external_id="x", title=title) for title in ("one", "two", "three")
    ]
    assert replace(feed, *rows) == (1, 0, 0, 0)
    assert FeedItem.objects.get().title == "three"


def test_a_feed_that_breaks_off_leaves_the_index_as_it_was(monkeypatch):
    monkeypatch.setattr(sync, "BATCH", 2)
    feed = make_feed()
    rows = [item_data(feed_id=feed.external_id) for _ in range(5)]
    replace(feed, *rows)

    def broken():
        yield item_data(feed_id=feed.external_id, external_id="new")
        yield from rows[:3]
        raise NetworkUnavailable("cut")

    with pytest.raises(NetworkUnavailable):
        feed_index.replace_feed(feed, broken())
    assert FeedItem.objects.filter(missing_at=None).count() == 5
    assert not FeedItem.objects.filter(external_id="new").exists()
    assert replace(feed, *rows) == (0, 0, 5, 0)


def test_progress_is_told_after_every_batch(monkeypatch):
    monkeypatch.setattr(sync, "BATCH", 2)
    feed = make_feed()
    rows = [item_data(feed_id=feed.external_id, problem="bad" if n == 0 else "") for n in range(5)]
    told = []
    feed_index.replace_feed(feed, iter(rows), on_progress=lambda tally: told.append((tally.rows, tally.bad)))
    assert told == [(2, 1), (4, 1), (5, 1), (5, 1)]


def test_two_feeds_with_the_same_ids_do_not_touch_each_other():
    first, second = make_feed(), make_feed()
    replace(first, item_data(feed_id=first.external_id, external_id="1"))
    replace(second, item_data(feed_id=second.external_id, external_id="1"))
    assert FeedItem.objects.filter(missing_at=None).count() == 2


def test_hits_come_back_in_order_and_once():
    feed = make_feed()
    rows = [item_data(feed_id=feed.external_id, external_id=name) for name in ("b", "a", "b", "c")]
    stored = feed_index.store_hits({feed.external_id: feed}, rows)
    assert [item.external_id for item in stored] == ["b", "a", "c"]


def mirrored_feed(**values):
    return make_feed(**{"is_mirrored": True, "synced_at": timezone.now(), "schedule": "hourly"} | values)


def test_a_hit_leaves_a_mirrored_row_as_the_feed_says_it():
    feed = mirrored_feed()
    row = item_data(feed_id=feed.external_id, external_id="x")
    feed_index.replace_feed(feed, [row])
    hit = item_data(feed_id=feed.external_id, external_id="x", title="Shorter", price=Decimal("1"))
    (stored,) = feed_index.store_hits({feed.external_id: feed}, [hit])
    assert (stored.title, stored.price) == (row.title, row.price)
    assert replace(feed, row) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"synced_at": timezone.now() - timedelta(hours=2, minutes=1)}, id="two syncs missed"),
        pytest.param({"synced_at": None}, id="never synced"),
        pytest.param({"is_mirrored": False}, id="not mirrored"),
    ],
)
def test_a_hit_is_newer_than_a_mirror_that_is_not_current(values):
    feed = mirrored_feed(**values)
    feed_index.replace_feed(feed, [item_data(feed_id=feed.external_id, external_id="x")])
    hit = item_data(feed_id=feed.external_id, external_id="x", price=Decimal("1"))
    (stored,) = feed_index.store_hits({feed.external_id: feed}, [hit])
    assert stored.price == Decimal("1")


def test_a_hit_that_the_mirror_lacks_or_lost_is_stored():
    feed = mirrored_feed()
    row = item_data(feed_id=feed.external_id, external_id="x")
    replace(feed, row)
    replace(feed)
    new = item_data(feed_id=feed.external_id, external_id="y")
    stored = feed_index.store_hits({feed.external_id: feed}, [row, new])
    assert [(item.external_id, item.missing_at) for item in stored] == [("x", None), ("y", None)]


def test_a_search_marks_nothing_as_gone():
    feed = make_feed()
    make_item(feed)
    make_item(feed)
    assert FeedItem.objects.filter(missing_at=None).count() == 2


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "",
        r"\N",
        r"\.",
        "a\tb",
        "a\nb\r\nc",
        "back\\slash",
        '"quoted"',
        "{a,b}",
        "NULL",
        "Größe 🙂 ½",
    ],
)
def test_every_text_is_stored_as_it_is(text):
    feed = make_feed()
    item = item_data(
        feed_id=feed.external_id,
        external_id=text or "x",
        title=text,
        description=text,
        brand=text,
        category=text,
        product_url=text,
        image_urls=(text, "https://img.example/1.jpg", text),
        attributes={text: text, "size": "42"},
        price=None,
        in_stock=None,
    )
    assert replace(feed, item) == (1, 0, 0, 0)
    stored = FeedItem.objects.get()
    for name in (
        "title",
        "description",
        "brand",
        "category",
        "product_url",
        "attributes",
        "price",
        "in_stock",
    ):
        assert getattr(stored, name) == getattr(item, name)
    assert stored.external_id == item.external_id
    assert stored.source_key == f"tradedoubler:{feed.external_id}:{item.external_id}"
    assert stored.image_urls == list(item.image_urls)
    assert replace(feed, item) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"title": "a", "description": "b"}, {"title": "", "description": "ab"}),
        ({"attributes": {"a": "b"}}, {"attributes": {"b": "a"}}),
        ({"attributes": {}}, {"attributes": {"": ""}}),
        ({"image_urls": ("a", "b")}, {"image_urls": ("ab",)}),
        ({"price": None}, {"price": Decimal(0)}),
        ({"in_stock": None}, {"in_stock": False}),
        ({"gtin": "4006381333931"}, {"gtin": ""}),
    ],
)
def test_any_difference_is_a_change(one, other):
    feed = make_feed()
    replace(feed, item_data(feed_id=feed.external_id, external_id="x", **one))
    assert replace(feed, item_data(feed_id=feed.external_id, external_id="x", **other))[1] == 1


def test_words_are_indexed_once_with_their_stems_at_the_same_place():
    feed = make_feed(language="de")
    feed_index.replace_feed(
        feed,
        [item_data(feed_id=feed.external_id, title="Rote Lampen und 2 Lampen", brand="Müller", category="")],
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT lexeme, positions, weights FROM importer_feeditem, unnest(search)")
        found = {
            lexeme: list(zip(places, weights, strict=True)) for lexeme, places, weights in cursor if places
        }
    assert found == {
        "rote": [(1, "A")],
        "rot": [(1, "A")],
        "lampen": [(2, "A"), (5, "A")],
        "lamp": [(2, "A"), (5, "A")],
        "und": [(3, "A")],
        "2": [(4, "A")],
        "muller": [(2001, "C")],
        "mull": [(2001, "C")],
    }


def test_words_that_are_kept_in_memory_only_for_a_while_are_indexed_the_same(monkeypatch):
    feed = make_feed(language="de")
    other = make_feed(feed.account, language="de")
    texts = [(f"Lampe {n % 7}", f"Marke {n % 5}", f"Wohnen > Licht {n % 3}") for n in range(40)]
    rows = [
        {"external_id": f"{n:02}", "title": title, "brand": brand, "category": category}
        for n, (title, brand, category) in enumerate(texts)
    ]
    feed_index.replace_feed(feed, [item_data(feed_id=feed.external_id, **row) for row in rows])
    known = set(IndexedWord.objects.values_list("text", flat=True))
    assert {"lampe", "lamp", "marke", "wohnen", "6"} < known
    IndexedWord.objects.all().delete()
    monkeypatch.setattr(sync, "BATCH", 3)
    monkeypatch.setattr(rows_module, "MAX_REPEATED", 4)
    feed_index.replace_feed(other, [item_data(feed_id=other.external_id, **row) for row in rows])
    assert set(IndexedWord.objects.values_list("text", flat=True)) == known
    assert lexemes_of(other) == lexemes_of(feed)


def lexemes_of(feed) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, ts_delete(search, %s)::text FROM importer_feeditem WHERE feed_id = %s",
            [lexemes.feed_token(feed.pk), feed.pk],
        )
        return dict(cursor.fetchall())


def test_nothing_is_written_of_a_feed_that_was_deleted():
    feed = make_feed()
    rows = [item_data(feed_id=feed.external_id)]
    Feed.objects.get(pk=feed.pk).delete()
    with pytest.raises(Feed.DoesNotExist):
        feed_index.replace_feed(feed, rows)
    with pytest.raises(Feed.DoesNotExist):
        feed_index.store_hits({feed.external_id: feed}, rows)
    assert not FeedItem.objects.exists()


def test_after_a_sync_no_search_has_to_read_what_waits_for_the_index():
    feed = make_feed()
    rows = [item_data(feed_id=feed.external_id) for _ in range(50)]
    with connection.cursor() as cursor:
        feed_index.store_hits({feed.external_id: feed}, rows)
        assert replace(feed, *rows, item_data(feed_id=feed.external_id))[0] == 1
        cursor.execute("SELECT gin_clean_pending_list('feed_item_search')")
        assert cursor.fetchone() == (0,)


def test_variants_of_an_article_have_one_key_in_the_index():
    feed = make_feed()
    titles = {"a": ("Shoe red 42", "42"), "b": ("Shoe red 43", "43"), "c": ("Boot red 43", "43")}
    rows = [
        item_data(feed_id=feed.external_id, external_id=pk, title=title, attributes={"size": size})
        for pk, (title, size) in titles.items()
    ]
    rows.append(item_data(feed_id=feed.external_id, external_id="d", title="Poster"))
    feed_index.replace_feed(feed, rows)

    keys = dict(FeedItem.objects.values_list("external_id", "variant_key"))
    assert keys["a"] == keys["b"] == variant_key(rows[0]) != ""
    assert keys["c"] not in ("", keys["a"])
    assert keys["d"] == ""
