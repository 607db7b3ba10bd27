"""A model in several variants is one hit: the first of them, on one page alone."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from importer import feed_index
from importer.feed_index import Paging, ids_of_model, search
from importer.feed_index.samples import refresh_samples
from importer.feed_index.variants import MAX_VARIANTS
from importer.models import FeedItem
from importer.networks.query import SORTS, ItemQuery
from tests.importer.make import item_data, make_feed, make_items

search_module = import_module("importer.feed_index.results")
pytestmark = pytest.mark.django_db
GROUPED = Paging(is_grouped=True)


@pytest.fixture
def feed():
    return make_feed(is_mirrored=True, synced_at=timezone.now())


def store(feed, *rows) -> list[FeedItem]:
    items = [item_data(feed_id=feed.external_id, **row) for row in rows]
    return feed_index.store_hits({feed.external_id: feed}, items)


def model(name, sizes, price=50):
    """Return rows of one shoe, the dearer the larger."""
    return [
        {"title": f"{name} {size}", "attributes": {"size": str(size)}, "price": Decimal(price + size)}
        for size in sizes
    ]


def walk(limit=25, **query) -> list[list[str]]:
    """Return the titles of every page, one after the other."""
    pages, cursor = [], ""
    for _ in range(50):
        page = search(ItemQuery(**query), Paging(is_grouped=True, cursor=cursor, limit=limit))
        pages.append([item.title for item in page.items])
        cursor = page.next_cursor
        if not cursor:
            return pages
    raise AssertionError("the pages do not end")


def test_a_model_is_one_hit_that_says_how_many_it_has_and_from_which_price(feed):
    store(feed, *model("Trail runner", range(36, 48)), {"title": "Trail socks"})
    page = search(ItemQuery(keywords="trail", sort="price"), GROUPED)

    assert [item.title for item in page.items] == ["Trail runner 36", "Trail socks"]
    variants = page.variants[page.items[0].pk]
    assert (variants.count, variants.price, variants.currency) == (12, Decimal("86.00"), "EUR")
    assert page.total == 13
    assert not page.variants.keys() - {page.items[0].pk}


def test_what_matches_leads_though_others_of_its_model_do_not(feed):
    store(feed, *model("Trail runner", range(36, 48)))
    page = search(ItemQuery(keywords="runner 43"), GROUPED)

    assert [item.title for item in page.items] == ["Trail runner 43"]
    assert page.variants[page.items[0].pk].count == 12


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("many", [False, True], ids=["all looked at", "in order"])
@pytest.mark.parametrize("limit", [3, 10])
def test_every_model_is_on_one_page_once(feed, monkeypatch, sort, many, limit):
    if many:
        monkeypatch.setattr(search_module, "MAX_READ", 20)
        monkeypatch.setattr(search_module, "_are_small", lambda feeds: False)
        monkeypatch.setattr(search_module, "SURELY_MANY", -1)
    names = ["Trail runner", "Trail boot", "Trail sandal", "Trail clog"]
    rows = [row for name in names for row in model(name, range(36, 50), price=len(name))]
    store(feed, *rows, *({"title": f"Trail sock {letter}", "price": Decimal(77)} for letter in "abcdefgh"))
    refresh_samples(feed.pk)
    shown = [title for page in walk(keywords="trail", sort=sort, limit=limit) for title in page]

    assert sorted(title.rstrip("0123456789 ") for title in shown if "sock" not in title) == sorted(names)
    assert sum("sock" in title for title in shown) == 8


def test_pages_go_on_where_a_model_has_more_variants_than_are_read_for_one(feed):
    store(feed, *model("Trail runner", range(30, 30 + 150)), {"title": "Trail sock"})
    pages = walk(keywords="trail", sort="-price", limit=2)

    assert [title for page in pages for title in page] == ["Trail runner 179", "Trail sock"]


def test_a_group_that_a_shop_gives_to_all_it_sells_is_no_model(feed):
    names = ("Red bucket", "Bicycle", "Garden hose")
    store(feed, *({"title": name, "attributes": {"item_group_id": "default"}} for name in names))
    store(feed, *({"title": "Poster", "attributes": {"item_group_id": "x"}} for _ in range(MAX_VARIANTS + 1)))
    page = search(ItemQuery(), Paging(is_grouped=True, limit=300))

    assert len(page.items) == 3 + MAX_VARIANTS + 1
    assert page.variants == {}


def test_gone_variants_do_not_count(feed):
    items = store(feed, *model("Trail runner", range(36, 40)))
    FeedItem.objects.filter(pk__in=[item.pk for item in items[1:]]).update(missing_at=timezone.now())
    page = search(ItemQuery(), GROUPED)

    assert (len(page.items), page.variants) == (1, {})


def test_prices_in_two_currencies_have_no_lowest(feed):
    rows = model("Trail runner", (36, 37))
    store(feed, rows[0], rows[1] | {"currency": "SEK"})
    page = search(ItemQuery(), GROUPED)

    assert page.variants[page.items[0].pk].price is None


def test_the_variants_of_one_model_can_be_listed(feed):
    items = store(feed, *model("Trail runner", range(36, 40)), *model("Trail boot", range(36, 40)))
    page = search(ItemQuery(variants_of=items[5].pk, sort="price"))

    assert [item.pk for item in page.items] == [item.pk for item in items[4:]]
    assert ids_of_model(items[6].pk) == [items[pos].pk for pos in (6, 4, 5, 7)]
    assert search(ItemQuery(variants_of=2**62)).items == []


def test_what_has_no_variants_is_asked_for_no_group(feed):
    make_items(feed, count=30)
    counts = []
    for is_grouped in (False, True):
        with CaptureQueriesContext(connection) as queries:
            search(ItemQuery(), Paging(is_grouped=is_grouped))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_model_of_another_feed_is_another_hit(feed):
    other = make_feed(is_mirrored=True, synced_at=timezone.now())
    rows = model("Trail runner", (36, 37))
    store(feed, *rows)
    store(other, *rows)

    assert len(search(ItemQuery(), GROUPED).items) == 2
