"""Pages of hits where a filter is ours: full pages, an honest total, and no more requests than they need."""

from importer.feed_index import lexemes
from importer.feed_index.rows import RowMaker
from importer.networks.contract import ItemData
from importer.networks.pages import fill_page


def numbered(*numbers):
    return [ItemData(feed_id="f", external_id=str(n), title="t", tracking_url="https://a/") for n in numbers]


def ids(page):
    return [int(item.external_id) for item in page.items]


def is_even(item):
    return int(item.external_id) % 2 == 0


def test_a_page_fills_up_from_as_many_batches_as_it_needs():
    asked = []

    def batches():
        for start in range(0, 100, 4):
            asked.append(start)
            yield numbered(*range(start, start + 4))

    page = fill_page(batches(), is_even, page=2, page_size=3, most=1_000)

    assert ids(page) == [6, 8, 10]
    assert (page.total, page.has_next, page.is_cut) == (None, True, False)
    assert asked == [0, 4, 8, 12]


def test_the_last_page_knows_the_total():
    page = fill_page([numbered(1, 2, 3), numbered(4, 5)], is_even, page=1, page_size=25, most=1_000)
    assert (ids(page), page.total, page.has_next, page.is_cut) == ([2, 4], 2, False, False)


def test_a_page_beyond_the_last_is_empty_and_knows_the_total_all_the_same():
    page = fill_page([numbered(1, 2, 3)], is_even, page=9, page_size=25, most=1_000)
    assert (ids(page), page.total, page.has_next) == ([], 1, False)


def test_what_is_not_looked_through_is_said():
    page = fill_page([numbered(1, 2), numbered(3, 4)], is_even, page=1, page_size=25, most=2)
    assert (ids(page), page.total, page.has_next, page.is_cut) == ([2], None, False, True)


def test_nothing_is_an_empty_page():
    assert fill_page([], is_even, page=1, page_size=25, most=2) == ((), 0, False, False)


def test_live_searches_and_the_index_agree_on_what_is_in_stock():
    """The index gives the same items its token."""
    for in_stock in (True, False, None):
        item = ItemData(feed_id="f", external_id="1", title="", tracking_url="", in_stock=in_stock)
        maker = object.__new__(RowMaker)
        maker._feed_tokens, maker._brands, maker._categories = "", {"": ""}, {"": ""}
        assert (lexemes.IN_STOCK in maker._lexemes(item, [], {}).split()) is item.is_available
