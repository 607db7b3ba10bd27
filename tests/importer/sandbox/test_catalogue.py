"""The computed catalogue: the same for ever, believable, and odd where it should be."""

from collections import Counter, defaultdict

import pytest
from stdnum import ean

from importer.sandbox.catalogue.families import FAMILIES
from importer.sandbox.catalogue.gtins import read_gtin
from importer.sandbox.catalogue.item import format_cents
from importer.sandbox.catalogue.items import Catalogue
from importer.sandbox.catalogue.matching import Query, Searcher, split_words
from importer.sandbox.catalogue.oddities import FILLER_EAN, HABITS, LONG_TITLE_BYTES, ODDITIES
from importer.sandbox.catalogue.shops import FEEDS, MARKETS, SHOPS, network_feeds

ODD_EANS = {"zero_ean", "upc", "wrong_check_digit", "no_ean", "filler_ean", "in_store_code"}


@pytest.fixture(scope="module")
def items():
    catalogue = Catalogue(3000)
    return [catalogue.item(number) for number in range(catalogue.size)]


def test_the_same_number_is_the_same_item_in_another_catalogue_object(items):
    other = Catalogue(3000)
    assert [other.item(number) for number in (0, 7, 1500, 2999)] == [items[n] for n in (0, 7, 1500, 2999)]


def test_item_does_not_depend_on_what_was_asked_before():
    one, other = Catalogue(1_000_000), Catalogue(1_000_000)
    for number in range(500):
        one.item(number)
    assert one.item(777_777) == other.item(777_777)


def test_every_item_has_a_feed_and_every_feed_has_items(items):
    counts = Counter(item.feed.key for item in items)
    assert set(counts) == {feed.key for feed in FEEDS}
    assert sum(counts.values()) == 3000


@pytest.mark.parametrize("number", [-1, 3000])
def test_numbers_outside_the_catalogue_are_refused(number):
    with pytest.raises(IndexError):
        Catalogue(3000).item(number)


def test_thirty_shops_and_six_markets_with_otto_on_two_networks():
    assert len(SHOPS) >= 30
    assert len(MARKETS) == 6
    networks = {feed.network for feed in FEEDS if feed.shop.name == "OTTO"}
    assert networks == {"tradedoubler", "tradetracker"}
    assert len({family.slug for family in FAMILIES}) == len(FAMILIES)


def test_gtins_have_valid_check_digits(items):
    assert all(ean.is_valid(item.gtin) for item in items if item.oddity not in ODD_EANS)


def test_books_carry_an_isbn(items):
    books = [item for item in items if item.family.slug == "book" and item.oddity not in ODD_EANS]
    assert books
    assert all(item.gtin.startswith("978") for item in books)


def test_gtin_tells_its_family_and_article(items):
    for item in items[:300]:
        if item.oddity not in ODD_EANS:
            assert read_gtin(item.gtin) == (item.family, item.article)


def test_one_gtin_is_one_article(items):
    articles = defaultdict(set)
    for item in items:
        if item.oddity not in ODD_EANS:
            articles[item.gtin].add((item.family.slug, item.article))
    assert all(len(found) == 1 for found in articles.values())


def test_articles_are_sold_on_several_networks_at_different_prices(items):
    offers = defaultdict(set)
    for item in items:
        if item.feed.shop.market.code == "DE" and not item.oddity:
            offers[item.gtin].add((item.feed.network, item.cents))
    shared = [found for found in offers.values() if len({network for network, _ in found}) == 3]
    assert len(shared) >= 20
    assert sum(len({cents for _, cents in found}) > 1 for found in shared) > len(shared) / 2


def test_a_shop_asks_the_same_on_both_networks():
    catalogue = Catalogue(3000)
    one, other = (feed for feed in FEEDS if feed.shop.name == "OTTO")
    for index in range(100):
        first, second = catalogue.row(one, index), catalogue.row(other, index)
        if not first.oddity and not second.oddity:
            assert (first.title, first.gtin, first.price) == (second.title, second.gtin, second.price)


def test_two_items_in_25_are_odd_and_every_oddity_occurs(items):
    counts = Counter(item.oddity for item in items)
    normal = counts.pop("")
    assert set(counts) == {*ODDITIES, *HABITS}
    assert normal == 3000 * 23 / 25
    assert sum(counts[name] for name in HABITS) == 3000 / 25


def test_oddities_are_what_their_names_say(items):
    first = {}
    for item in items:
        first.setdefault(item.oddity, item)
    assert first["no_name"].title is None
    assert first["no_price"].price is None
    assert " " in first["price_with_space_and_comma"].price
    assert "," in first["price_with_comma"].price
    assert first["price_with_unit"].price.endswith(first["price_with_unit"].currency)
    assert first["negative_price"].price.startswith("-")
    assert len(first["several_images"].images) == 3
    assert len(first["upc"].gtin) == 12
    assert ean.is_valid("0" + first["upc"].gtin)
    assert not ean.is_valid(first["wrong_check_digit"].gtin)
    assert len(first["long_title"].title.encode()) >= LONG_TITLE_BYTES
    assert first["script_link"].link.startswith("javascript:")
    assert "<script>" in first["script_in_description"].description
    assert "\x00" in first["nul_byte"].description
    assert " " in first["spaced_id"].sku
    assert first["filler_ean"].gtin == FILLER_EAN
    assert first["in_store_code"].gtin.startswith("20")
    assert ean.is_valid(first["in_store_code"].gtin)
    assert first["counted_stock"].stock_words in (
        f"{first['counted_stock'].stock} in stock",
        "Niet op voorraad (0)",
    )
    assert first["variant"].group_id


def test_a_double_id_is_that_of_another_row_of_the_same_feed():
    catalogue = Catalogue(3000)
    doubles = [item for item in map(catalogue.item, range(3000)) if item.oddity == "same_id_as_before"]
    ids = defaultdict(Counter)
    for feed in FEEDS:
        ids[feed.number].update(item.sku for item in catalogue.rows(feed))
    assert any(ids[item.feed.number][item.sku] == 2 for item in doubles)


# --- search ------------------------------------------------------------------------------------


def find(catalogue, limit=None, offset=0, network="tradedoubler", **query):
    total, found = Searcher(catalogue).find(Query(feeds=network_feeds(network), **query), offset, limit)
    return total, list(found)


@pytest.mark.parametrize(
    "words",
    [
        "kaffeemaschine",
        "trail",
        "klangwerk schwarz",
        "nordfjell trailschuh",
        "lautsprecher meerblau",
        "OTT-0400",
    ],
)
def test_search_finds_what_reading_every_title_finds(words, items):
    catalogue = Catalogue(3000)
    total, found = find(catalogue, words=split_words(words))
    wanted = {
        item.number
        for item in items
        if item.feed.network == "tradedoubler"
        and not item.oddity
        and all(
            word in f"{item.title} {item.category} {item.sku} {item.description}".lower()
            for word in words.lower().split()
        )
    }
    assert wanted
    assert {item.number for item in found if not item.oddity} == wanted
    assert total == len(found)


def test_pages_of_a_search_are_its_whole_without_gaps_or_doubles():
    catalogue = Catalogue(3000)
    total, whole = find(catalogue, words=("tischlampe",))
    pages = [
        item.number
        for offset in range(0, total, 7)
        for item in find(catalogue, 7, offset, words=("tischlampe",))[1]
    ]
    assert pages == [item.number for item in whole]


def test_full_title_finds_the_item():
    catalogue = Catalogue(3000)
    item = next(item for item in catalogue.rows(FEEDS[0]) if not item.oddity)
    _, found = find(catalogue, words=split_words(item.title))
    assert item.number in {hit.number for hit in found}


def test_gtin_finds_the_article_in_every_shop(items):
    catalogue = Catalogue(3000)
    item = next(i for i in items if not i.oddity and i.feed.network == "tradedoubler" and i.feed.number)
    _, found = find(catalogue, gtins=(item.gtin,))
    wanted = {i.number for i in items if i.gtin == item.gtin and i.feed.network == "tradedoubler"}
    assert {hit.number for hit in found} == wanted


@pytest.mark.parametrize("gtin", ["", "abc", "0000000000000", "123", "9" * 40])
def test_foreign_gtins_find_nothing(gtin):
    assert find(Catalogue(3000), gtins=(gtin,)) == (0, [])


def test_prices_bound_and_sort_the_hits():
    _, found = find(Catalogue(3000), words=("monitor",), min_cents=20_000, max_cents=60_000, sort="price")
    prices = [item.cents for item in found if not item.oddity]
    assert prices
    assert prices == sorted(prices)
    assert all(20_000 <= cents <= 60_000 for cents in prices)


@pytest.mark.parametrize(("cents", "text"), [(0, "0.00"), (5, "0.05"), (129_900, "1299.00"), (-250, "-2.50")])
def test_format_cents(cents, text):
    assert format_cents(cents) == text
