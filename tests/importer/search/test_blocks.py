"""What is blocked: in searches, live and mirrored, in imports, and taken back."""

from contextlib import suppress
from decimal import Decimal
from importlib import import_module

import pytest
from django.core.exceptions import ValidationError

from events.models import Event
from importer import feed_index
from importer.feed_index import FIRST_PAGE, find_blocks, search
from importer.feed_index.samples import refresh_samples
from importer.imports import apply
from importer.imports.follow import start_update
from importer.imports.runs import claim_collecting, collect_matches, start_import_of_matches
from importer.models import Block, Feed, FeedItem
from importer.networks.query import ItemQuery
from importer.search import blocks
from importer.search.blocks import add_block, choices_of, find_blocks_like, remove_block
from importer.search.hits import count_blocked, search_index
from importer.search.joining import group_of
from tests.importer.make import change_item, item_data, make_account, make_feed, make_item
from tests.importer.run import import_items

pytestmark = pytest.mark.django_db
GTIN = "4006381333931"


@pytest.fixture
def feed():
    return make_feed(make_account("adtraction"), language="de")


@pytest.fixture
def shelf(feed):
    """Six items, each of which another block hits."""
    rows = {
        "ean": {"gtin": GTIN, "title": "Trail boot"},
        "own": {"title": "Trail sock"},
        "shop": {"shop_name": "Müller Sport", "title": "Trail cap"},
        "brand": {"brand": "Ecco", "title": "Trail shoe"},
        "words": {"title": "Trail coat, second-hand, gebrauchter Zustand"},
        "free": {"title": "Trail hat"},
    }
    return {name: make_item(feed, external_id=name, **values) for name, values in rows.items()}


def found(**query) -> set[str]:
    return {item.external_id for item in search(ItemQuery(**query)).items}


BLOCKS = [
    pytest.param("gtin", "04006381333931", {"ean"}, id="an EAN, in any spelling"),
    pytest.param("shop", "müller sport", {"shop"}, id="a shop, in any case"),
    pytest.param("brand", "ECCO", {"brand"}, id="a brand"),
    pytest.param("words", "gebrauchter", {"words"}, id="a word"),
    pytest.param("words", "gebraucht*", {"words"}, id="a beginning"),
    pytest.param("words", "gebraucht", {"words"}, id="a word of which it is a form"),
    pytest.param("words", "gebrau", set(), id="a word is not its beginning"),
    pytest.param("words", "second-hand", {"words"}, id="words that stand together"),
    pytest.param("words", '"hand second"', set(), id="a phrase the other way round"),
    pytest.param("words", "hand coat", {"words"}, id="every word"),
    pytest.param("words", "coat boot", set(), id="not one of several words"),
    pytest.param("words", "ecco", {"brand"}, id="words are looked for in the brand"),
]


@pytest.mark.parametrize(("kind", "key", "expected"), BLOCKS)
@pytest.mark.parametrize(
    "keywords", ["", "trail", "tra", '"trail coat" -x'], ids=["all", "word", "begin", "phrase"]
)
def test_no_search_shows_what_is_blocked(shelf, kind, key, expected, keywords):
    before = found(keywords=keywords)
    add_block(kind, key)
    assert found(keywords=keywords) == before - expected
    assert search(ItemQuery(keywords=keywords)).total == len(before - expected)
    assert found(keywords=keywords, blocked=True) == before & expected
    assert count_blocked(ItemQuery(keywords=keywords)) == (len(before & expected), False)


@pytest.mark.parametrize(("kind", "key", "expected"), BLOCKS)
def test_an_item_is_found_blocked_exactly_where_searches_hide_it(shelf, kind, key, expected):
    block = add_block(kind, key)
    hidden = find_blocks([item.pk for item in shelf.values()])
    assert {FeedItem.objects.get(pk=pk).external_id for pk in hidden} == expected
    assert set(hidden.values()) <= {block}


def test_facets_and_counts_leave_out_what_is_blocked(shelf):
    add_block("brand", "Ecco")
    page = search(ItemQuery(keywords="trail"))
    assert page.total == 5
    assert [facet.value for facet in page.facets["brand"]] == ["Nordfjell"]
    assert sum(facet.count for facet in page.facets["feed"]) == 5


def test_an_estimate_leaves_it_out_too(feed, monkeypatch):
    results = import_module("importer.feed_index.results")
    for name, value in (("MAX_READ", 20), ("SURELY_MANY", 3), ("STEPS", 30)):
        monkeypatch.setattr(results, name, value)
    monkeypatch.setattr("importer.feed_index.lexemes.is_sample", lambda external_id: True)
    rows = [
        item_data(feed_id=feed.external_id, title="Trail shoe", brand="Ecco" if n % 2 else "Rieker", gtin="")
        for n in range(100)
    ]
    feed_index.store_hits({feed.external_id: feed}, rows)
    refresh_samples(feed.pk)
    Feed.objects.update(item_count=None)
    unblocked = search(ItemQuery(keywords="trail"))
    add_block("brand", "Ecco")
    page = search(ItemQuery(keywords="trail"))
    assert unblocked.is_estimate
    assert page.is_estimate
    assert page.total * 2 == unblocked.total
    assert {item.brand for item in page.items} == {"Rieker"}
    assert len(page.items) == FIRST_PAGE.limit
    assert count_blocked(ItemQuery(keywords="trail")) == (page.total, True)


def test_all_variants_of_a_model_are_blocked_in_their_shop(feed):
    values = {"title": "Runner", "attributes": {"item_group_id": "g1"}}
    several = [make_item(feed, **values, external_id=name) for name in "ab"]
    other = make_item(feed, title="Runner")
    assert group_of(several[0]) == group_of(several[1]) != ""
    choice = choices_of(several[0], with_variants=True)["product"]
    add_block(choice.kind, choice.key)
    assert found() == {other.external_id}
    assert set(find_blocks([item.pk for item in (*several, other)])) == {item.pk for item in several}


# --- What of an item -----------------------------------------------------------------------------
def test_a_product_is_blocked_by_its_ean_in_every_shop(shelf):
    choice = choices_of(shelf["ean"])["product"]
    other = make_item(
        make_feed(make_account("tradedoubler"), is_mirrored=True, synced_at=shelf["ean"].seen_at), gtin=GTIN
    )
    add_block(choice.kind, choice.key, label=choice.label)
    assert other.external_id not in found()
    assert Block.objects.get().label == "Trail boot"


def test_a_product_without_an_ean_that_tells_is_blocked_by_its_shops_id(shelf, feed):
    assert choices_of(shelf["own"])["product"].kind == "item"
    feed.shared_codes = [GTIN]
    feed.save()
    item = FeedItem.objects.select_related("feed").get(external_id="ean")
    choice = choices_of(item)["product"]
    assert (choice.kind, choice.key) == ("item", item.source_key)
    add_block(choice.kind, choice.key)
    assert "ean" not in found()
    assert len(found()) == 5


def test_what_says_nothing_is_not_blocked(db):
    for kind, key in (("words", " - "), ("words", '""'), ("shop", ""), ("gtin", "123"), ("gtin", "")):
        with pytest.raises(ValidationError):
            add_block(kind, key)
    with pytest.raises(ValidationError, match="too long"):
        add_block("words", "word " * 100)
    assert not Block.objects.exists()


@pytest.mark.parametrize("key", ["'; DROP TABLE", "a:*b & !c | (", "\\", "% %s", "<script>", "ß⁄é"])
def test_odd_words_are_words(shelf, key):
    with suppress(ValidationError):
        add_block("words", key)
    assert len(found(keywords="trail")) == 6


def test_blocking_twice_is_one_block_and_one_event(shelf, editor):
    first = add_block("shop", "OTTO", reason="Slow.", user=editor)
    assert add_block("shop", " otto ") == first
    assert Event.objects.filter(kind="block.added").count() == 1


def test_there_is_a_limit_to_what_every_search_compares(monkeypatch, shelf):
    monkeypatch.setattr(blocks, "MAX_NAMES", 2)
    for word in ("one", "two"):
        add_block("words", word)
    with pytest.raises(ValidationError, match="no room"):
        add_block("brand", "three")
    assert Block.objects.count() == 2


# --- Imports --------------------------------------------------------------------------------------
def test_an_import_of_what_is_blocked_says_who_and_why(shelf, editor):
    add_block("brand", "Ecco", reason="They asked us to", user=editor)
    blocked, free = import_items(shelf["brand"], shelf["free"])
    assert (blocked.verdict, free.verdict) == ("blocked", "created")
    assert blocked.message.startswith("Blocked by editor on ")
    assert blocked.message.endswith("the brand “Ecco”. They asked us to.")
    assert blocked.product is None


def test_all_matches_of_a_search_are_imported_without_what_is_blocked(shelf):
    add_block("words", "second-hand")
    run = start_import_of_matches(ItemQuery(keywords="trail"))
    assert claim_collecting(run)
    collect_matches(run)
    apply.work(run)
    run.refresh_from_db()
    assert (run.total_count, run.created_count + run.joined_count) == (5, 5)


def test_what_was_blocked_after_the_run_began_is_not_imported(shelf):
    run = start_import_of_matches(ItemQuery(keywords="trail"))
    assert claim_collecting(run)
    collect_matches(run)
    add_block("words", "second-hand")
    apply.work(run)
    run.refresh_from_db()
    assert (run.total_count, run.blocked_count) == (6, 1)


def test_what_is_on_the_site_follows_its_feed_though_it_is_blocked(shelf):
    (done,) = import_items(shelf["brand"])
    add_block("brand", "Ecco")
    change_item(shelf["brand"], price=Decimal("12.50"))
    run = start_update(Feed.objects.get())
    apply.work(run)
    run.refresh_from_db()
    assert run.updated_count == 1
    assert done.product.offers.get().price == Decimal("12.50")


# --- Taking it back ------------------------------------------------------------------------------
def test_what_is_unblocked_comes_up_again(shelf, editor):
    block = add_block("shop", "Müller Sport", reason="Slow.", user=editor)
    assert len(found()) == 5
    remove_block(block)
    remove_block(block)
    assert len(found()) == 6
    event = Event.objects.get(kind="block.removed")
    assert event.before == {"kind": "shop", "label": "Müller Sport", "reason": "Slow."}


def test_a_block_outlives_who_made_it(shelf, editor):
    add_block("brand", "Ecco", user=editor)
    editor.delete()
    hit = search_index(ItemQuery(blocked=True)).hits[0]
    assert blocks.describe(hit.block).startswith("Blocked on ")


def test_blocks_are_found_by_what_they_say(shelf):
    add_block("brand", "Ecco", reason="They asked us to")
    add_block("gtin", GTIN, label="Trail boot")
    assert [block.label for block in find_blocks_like("asked")] == ["Ecco"]
    assert [block.label for block in find_blocks_like(GTIN)] == ["Trail boot"]
    assert [block.label for block in find_blocks_like(kind="product")] == ["Trail boot"]


def test_nothing_blocked_costs_one_small_query(shelf, django_assert_num_queries):
    ids = [item.pk for item in shelf.values()]
    with django_assert_num_queries(1):
        assert find_blocks(ids) == {}
    with django_assert_num_queries(0):
        assert find_blocks([]) == {}
