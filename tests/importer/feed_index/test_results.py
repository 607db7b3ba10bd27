"""The search over the index: words, filters, order, pages and counts."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.utils import timezone

from importer import feed_index
from importer.feed_index import Paging, lexemes, search
from importer.imports import apply
from importer.imports.runs import claim_collecting, collect_matches, start_import, start_import_of_matches
from importer.models import Feed, FeedItem, IndexedWord, SampleItem
from importer.networks.query import SORTS, ItemQuery
from importer.search import hits
from importer.search.hits import fetch_categories
from tests.importer.make import item_data, make_account, make_feed, make_item, make_items

pytestmark = pytest.mark.django_db
search_module = import_module("importer.feed_index.results")
query_module = import_module("importer.feed_index.query")


def mirror(account=None, **values):
    return make_feed(account, is_mirrored=True, synced_at=timezone.now(), **values)


def found(cursor="", **query) -> list[str]:
    return [item.external_id for item in search(ItemQuery(**query), Paging(cursor=cursor)).items]


@pytest.fixture
def shoes():
    account = make_account("adtraction")
    german = mirror(account, language="de")
    swedish = mirror(language="sv")
    make_item(
        german,
        external_id="boots",
        title="Warme Winterstiefel für Kinder",
        brand="Fjällräven",
        price=Decimal("120"),
        old_price=Decimal("160"),
        category="Schuhe > Stiefel",
        in_stock=True,
    )
    make_item(
        german,
        external_id="shoes",
        title="Laufschuhe leicht",
        shop_name="Zalando",
        price=Decimal("80"),
        in_stock=False,
        category="Schuhe",
        image_urls=(),
    )
    make_item(
        german,
        external_id="laces",
        title="Schnürsenkel, 120 cm",
        price=Decimal("5"),
        gtin="4006381333931",
        category="Zubehör",
    )
    make_item(
        swedish,
        external_id="kniv",
        title="Knivar av rostfritt stål",
        price=Decimal("300"),
        currency="SEK",
        category="Kök",
    )
    return german


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param({}, {"boots", "shoes", "laces", "kniv"}, id="everything"),
        pytest.param({"keywords": "winterstiefel kinder"}, {"boots"}, id="every word"),
        pytest.param({"keywords": "kinder WINTERSTIEFEL"}, {"boots"}, id="any order and case"),
        pytest.param({"keywords": "laufsch"}, {"shoes"}, id="the last word may be a beginning"),
        pytest.param({"keywords": "laufsch leicht"}, set(), id="only the last"),
        pytest.param({"keywords": "laufschuh leicht"}, {"shoes"}, id="German word forms"),
        pytest.param({"keywords": "kniven"}, {"kniv"}, id="Swedish word forms"),
        pytest.param({"keywords": "schnursenkel"}, {"laces"}, id="accents left out"),
        pytest.param({"keywords": "FJÄLLRAVEN"}, {"boots"}, id="accents half left out"),
        pytest.param({"keywords": '"winterstiefel für"'}, {"boots"}, id="a phrase"),
        pytest.param({"keywords": '"kinder winterstiefel"'}, set(), id="a phrase has an order"),
        pytest.param(
            {"keywords": '"kinder fjällräven"'}, set(), id="no phrase from the title into the brand"
        ),
        pytest.param({"keywords": "schuhe -stiefel"}, {"shoes"}, id="a word excluded"),
        pytest.param(
            {"keywords": '-"warme winterstiefel"'}, {"shoes", "laces", "kniv"}, id="a phrase excluded"
        ),
        pytest.param(
            {"keywords": "& | ! ( :* ' \\ \" laufschuhe"}, {"shoes"}, id="operators are no operators"
        ),
        pytest.param({"keywords": "=stock"}, set(), id="tokens are no words"),
        pytest.param({"keywords": "靴"}, set(), id="another script"),
        pytest.param({"keywords": "4006381333931"}, {"laces"}, id="an EAN as text"),
        pytest.param({"ids": ("04006381333931", "kniv", "nothing")}, {"laces", "kniv"}, id="a pasted list"),
        pytest.param({"networks": ("adtraction",)}, {"boots", "shoes", "laces"}, id="a network"),
        pytest.param({"networks": ("none",)}, set(), id="no such network"),
        pytest.param({"shops": ("Zalando",)}, {"shoes"}, id="a shop"),
        pytest.param({"shops": ("Zalando", "OTTO")}, {"boots", "shoes", "laces", "kniv"}, id="two shops"),
        pytest.param({"brands": ("fjallraven",)}, {"boots"}, id="a brand in any spelling"),
        pytest.param({"categories": ("Schuhe",)}, {"boots", "shoes"}, id="a category and what is below"),
        pytest.param({"categories": ("Schuhe > Stiefel",)}, {"boots"}, id="a category path"),
        pytest.param({"min_price": 80, "currency": "EUR"}, {"boots", "shoes"}, id="from a price"),
        pytest.param({"max_price": 80, "currency": "EUR"}, {"shoes", "laces"}, id="up to a price"),
        pytest.param({"on_sale": True}, {"boots"}, id="on sale"),
        pytest.param({"in_stock": True}, {"boots", "laces", "kniv"}, id="not known to be sold out"),
        pytest.param({"has_picture": True}, {"boots", "laces", "kniv"}, id="with a picture"),
        pytest.param({"has_gtin": True}, {"laces"}, id="with an EAN"),
        pytest.param({"keywords": "schuhe", "in_stock": True, "max_price": 130}, {"boots"}, id="together"),
    ],
)
def test_what_is_found(shoes, query, expected):
    assert set(found(**query)) == expected
    assert search(ItemQuery(**query)).total == len(expected)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("price", ["laces", "shoes", "boots", "kniv"]),
        ("-price", ["kniv", "boots", "shoes", "laces"]),
        ("discount", ["boots", "kniv", "laces", "shoes"]),
        ("newest", ["kniv", "laces", "shoes", "boots"]),
    ],
)
def test_the_order(shoes, sort, expected):
    assert found(sort=sort) == expected
    pages, cursor = [], ""
    while True:
        page = search(ItemQuery(sort=sort), Paging(limit=1, cursor=cursor))
        pages += [item.external_id for item in page.items]
        cursor = page.next_cursor
        if not cursor:
            break
    assert pages == expected


def test_a_word_in_the_title_counts_more_than_in_the_category():
    feed = mirror()
    make_item(feed, external_id="category", title="Something", category="Lamp")
    make_item(feed, external_id="title", title="Lamp")
    make_item(feed, external_id="category too", title="Else", category="Lamp")
    assert found(keywords="lamp")[0] == "title"
    first = search(ItemQuery(keywords="lamp"), Paging(limit=1))
    rest = search(ItemQuery(keywords="lamp"), Paging(limit=5, cursor=first.next_cursor))
    assert [item.external_id for item in rest.items] == ["category too", "category"]


@pytest.mark.parametrize("cursor", ["x", "price|1", "price|NaNa|1", "price|1|x", "newest|5|5", "||||"])
def test_an_unreadable_cursor_is_the_first_page(shoes, cursor):
    assert found(sort="price", cursor=cursor)[0] == "laces"


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    "value",
    ["NaN", "-nan", "sNaN", "Infinity", "-inf", "1e400", "1E+999999", "9" * 30, "9" * 5000, "\0", "", "1_x"],
)
def test_a_cursor_that_is_no_number_is_the_first_page(shoes, sort, value):
    text = "schuhe" if sort == "relevance" else ""
    first = found(keywords=text, sort=sort)
    assert first
    assert found(keywords=text, sort=sort, cursor=f"{sort}|{value}|1") == first
    assert found(keywords=text, sort=sort, cursor=f"{sort}|1|{value or -1}") == first


def test_the_smallest_of_numbers_is_a_cursor(shoes):
    assert found(sort="price", cursor="price|1e-999999|0")[0] == "laces"
    assert found(keywords="schuhe", cursor="relevance|1e-320|5") == []


def test_facets_count_what_was_found(shoes):
    page = search(ItemQuery(keywords="schuhe"))
    assert {facet.value: facet.count for facet in page.facets["category"]} == {
        "Schuhe": 1,
        "Schuhe > Stiefel": 1,
    }
    assert {facet.value: facet.count for facet in page.facets["shop"]} == {"OTTO": 1, "Zalando": 1}
    assert [(facet.value, facet.count) for facet in page.facets["feed"]] == [(shoes.pk, 2)]
    assert page.flags == {"on_sale": 1, "in_stock": 1, "has_picture": 1, "has_gtin": 0}


def test_what_is_gone_or_not_mirrored_is_not_found(shoes):
    make_item(make_feed(), title="Laufschuhe")
    FeedItem.objects.filter(external_id="boots").update(missing_at=timezone.now())
    assert set(found()) == {"shoes", "laces", "kniv"}


def test_not_imported_yet(shoes):
    apply.work(start_import([FeedItem.objects.get(external_id="boots").pk], kind="single"))
    assert set(found(keywords="schuhe", not_imported=True)) == {"shoes"}


@pytest.fixture
def many(monkeypatch):
    """A thousand items, a quarter of them samples; more than sixty of these count as many."""
    monkeypatch.setattr(search_module, "MAX_READ", 100)
    monkeypatch.setattr(lexemes, "SAMPLED", 4)
    feed = mirror()
    rows = [
        item_data(
            feed_id=feed.external_id,
            external_id=f"{n:04}",
            title=f"{'red' if n % 2 else 'blue'} lamp",
            price=Decimal(n * 7919 % 1000 + 1) if n % 3 else Decimal("9.90"),
            old_price=Decimal(2000) if n % 4 == 0 else None,
        )
        for n in range(1000)
    ]
    feed_index.replace_feed(feed, rows)
    return feed


@pytest.mark.parametrize(("claimed", "reads"), [(5, 2), (1_000, 1), (None, 1)])
def test_a_network_that_counts_wrongly_costs_a_reading_more_and_no_match(many, claimed, reads, monkeypatch):
    Feed.objects.update(item_count=claimed)
    taken = []
    fetch_page = search_module.fetch_page
    monkeypatch.setattr(
        search_module, "fetch_page", lambda *args, **kwargs: taken.append(1) or fetch_page(*args, **kwargs)
    )
    page = search(ItemQuery(keywords="lamp"), Paging(limit=10))
    assert (len(page.items), page.is_estimate, len(taken)) == (10, True, reads)
    assert page.total > 100


@pytest.mark.parametrize("sort", ["price", "-price", "discount", "newest"])
@pytest.mark.parametrize("steps", [1000, 60, 0])
def test_pages_of_many_matches_are_the_same_as_one_list(many, sort, steps, monkeypatch):
    monkeypatch.setattr(search_module, "STEPS", steps)
    column, falls = {"price": ("price", ""), "-price": ("price", "-")}.get(sort, (sort, "-"))
    column = "id" if column == "newest" else column
    expected = list(
        FeedItem.objects.filter(title="red lamp")
        .order_by(f"{falls}{column}", f"{falls}id")
        .values_list("external_id", flat=True)
    )
    pages, cursor = [], ""
    while True:
        page = search(ItemQuery(keywords="red", sort=sort), Paging(cursor=cursor, limit=37, max_facets=0))
        pages += [item.external_id for item in page.items]
        cursor = page.next_cursor
        if not cursor:
            break
    assert pages == expected


def test_many_matches_are_estimated_and_shown_newest_first(many):
    page = search(ItemQuery(keywords="red"))
    assert page.is_estimate
    assert page.sort == "newest"
    assert 200 < page.total < 900
    assert page.items[0].external_id == "0999"
    second = search(ItemQuery(keywords="red"), Paging(cursor=page.next_cursor))
    assert second.items[0].external_id == "0949"
    skipped = search(ItemQuery(keywords="red"), Paging(offset=25))
    assert [item.pk for item in skipped.items] == [item.pk for item in second.items]


@pytest.mark.parametrize("sample", ["none", "out of date"])
def test_matches_are_found_whatever_the_samples_say(many, sample):
    """Items that came from a search are in no sample until the next sync."""
    if sample == "none":
        SampleItem.objects.all().delete()
    else:
        FeedItem.objects.filter(search="red", price__gt=500).delete()
    expected = list(
        FeedItem.objects.filter(title="red lamp")
        .order_by("price", "id")
        .values_list("external_id", flat=True)
    )
    page = search(ItemQuery(keywords="red", sort="price"), Paging(limit=40))
    assert [item.external_id for item in page.items] == expected[:40]
    assert page.is_estimate
    assert page.total >= 100


def test_samples_follow_the_feed(many):
    other = mirror()
    feed_index.replace_feed(other, [item_data(feed_id=other.external_id, external_id="other")])
    rows = [
        item_data(feed_id=many.external_id, external_id=f"{n:04}", title="green lamp") for n in range(900)
    ]
    feed_index.replace_feed(many, rows)
    expected = {f"{n:04}" for n in range(900) if lexemes.is_sample(f"{n:04}")}
    of_feed = SampleItem.objects.filter(feed=many)
    assert set(of_feed.values_list("external_id", flat=True)) == expected
    assert of_feed.filter(search="green").count() == len(expected) > 100
    before = list(SampleItem.objects.extra(select={"at": "ctid::text"}).values_list("at", flat=True))
    feed_index.replace_feed(many, rows)
    after = list(SampleItem.objects.extra(select={"at": "ctid::text"}).values_list("at", flat=True))
    assert before == after  # nothing changed, nothing written


@pytest.mark.parametrize("text", ["lamp re", "red la", '"red lamp" la', "-blue lam"])
def test_a_beginning_finds_the_same_in_the_index_and_in_rows(many, text, monkeypatch):
    monkeypatch.setattr(query_module, "MAX_ENDINGS", 0)
    monkeypatch.setattr(search_module, "SURELY_MANY", 10_000)
    monkeypatch.setattr(search_module, "MAX_READ", 10_000)
    for counts in ((1, 100), (100, 1)):
        monkeypatch.setattr(search_module, "count_apart", lambda condition, counts=counts: counts)
        page = search(ItemQuery(keywords=text), Paging(limit=1000))
        assert {item.title for item in page.items} == {"red lamp"}
        assert (page.total, page.is_estimate) == (500, False)


def test_facets_are_the_most_frequent_then_by_name(shoes):
    for number, category in enumerate(["Zubehör", "Hausschuhe", "Hausschuhe", "Abendschuhe"]):
        make_item(shoes, external_id=f"more{number}", title="Schuhe", category=category)
    facets = search(ItemQuery(keywords="schuhe"), Paging(max_facets=3)).facets["category"]
    assert [(facet.value, facet.count) for facet in facets] == [
        ("Hausschuhe", 2),
        ("Abendschuhe", 1),
        ("Schuhe", 1),
    ]


def test_a_total_up_to_the_limit_is_exact(many):
    page = search(ItemQuery(ids=tuple(f"{n:04}" for n in range(50))))
    assert (page.total, page.is_estimate) == (50, False)


def test_the_search_of_an_account_asks_its_mirror(shoes):
    result = hits.search(shoes.account, ItemQuery(keywords="schuhe"), page_size=1, page=2)
    assert (len(result.hits), result.total, result.has_next, result.is_live) == (1, 2, False, False)
    assert fetch_categories(shoes.account) == ["Schuhe", "Schuhe > Stiefel", "Zubehör"]


def test_all_matches_become_items_of_a_run(shoes):
    make_items(shoes, 30, title="Wanderschuhe")
    run = start_import_of_matches(ItemQuery(keywords="wanderschuhe", max_price=Decimal("100.50")))
    assert claim_collecting(run)
    collect_matches(run)
    collect_matches(run)  # a message that came twice
    run.refresh_from_db()
    assert (run.state, run.total_count, run.items.count()) == ("queued", 30, 30)


@pytest.mark.parametrize("most", [30, 2, 0])
def test_a_beginning_finds_every_word_whether_they_are_named_or_not(most, monkeypatch):
    monkeypatch.setattr(query_module, "MAX_ENDINGS", most)
    feed = mirror(language="de")
    titles = ["Lampe rot", "Lampen", "Lampenschirm", "Lam", "Klampe", "Rote Lampions", "LÄMPCHEN", "Lämmer"]
    for title in titles:
        make_item(feed, external_id=title, title=title, brand="", category="")
    assert set(found(keywords="lamp")) == {"Lampe rot", "Lampen", "Lampenschirm", "Rote Lampions", "LÄMPCHEN"}
    assert set(found(keywords="rot lamp")) == {"Lampe rot", "Rote Lampions"}
    assert set(found(keywords="lampensch")) == {"Lampenschirm"}
    assert found(keywords="lampz") == []
    FeedItem.objects.filter(external_id="Lampen").update(missing_at=timezone.now())
    assert "Lampen" not in found(keywords="lampe")


def test_words_of_a_later_sync_are_found_by_their_beginning():
    feed = mirror()
    rows = [item_data(feed_id=feed.external_id, external_id="a", title="Alpha")]
    feed_index.replace_feed(feed, rows)
    assert found(keywords="omeg") == []
    rows.append(item_data(feed_id=feed.external_id, external_id="b", title="Omega alphabet"))
    feed_index.replace_feed(feed, rows)
    assert found(keywords="omeg") == ["b"]
    assert set(found(keywords="alph")) == {"a", "b"}
    assert IndexedWord.objects.filter(text__in=["alpha", "omega", "alphabet"]).count() == 3
