from decimal import Decimal

import pytest

from importer.normalise.likeness import Article, are_alike, feed_of, is_as_near, likeness
from tests.importer.normalise.likeness_cases import CASES, ONE_FEED
from tests.importer.normalise.number_cases import ONE_ARTICLE, OTHER_NUMBERS


def article(title, brand, price, currency, feed=""):
    return Article(title, brand, None if price is None else Decimal(str(price)), currency, feed)


@pytest.mark.parametrize(
    ("is_doubtful", "one", "other"),
    [pytest.param(*case, id=f"{case[1][0]} / {case[2][0]}") for case in CASES],
)
def test_rows_of_one_ean_join_or_are_doubted(is_doubtful, one, other):
    found = likeness(article(*one), article(*other))

    assert found.is_doubtful == is_doubtful, found
    assert likeness(article(*other), article(*one)).points == found.points
    assert not is_doubtful or found.reason


@pytest.mark.parametrize(("one", "other"), OTHER_NUMBERS)
def test_titles_with_other_numbers_are_doubted(one, other):
    found = of_titles(one, other)

    assert found.is_doubtful
    assert "One says" in found.reason or "The models are" in found.reason
    assert of_titles(other, one).points == found.points


@pytest.mark.parametrize(("one", "other"), ONE_ARTICLE)
def test_numbers_that_one_title_writes_otherwise_or_leaves_out_are_harmless(one, other):
    assert not of_titles(one, other).is_doubtful
    assert not of_titles(other, one).is_doubtful


def of_titles(one, other):
    """All else speaks for one article."""
    return likeness(article(one, "Brand", 20, "EUR"), article(other, "Brand", 22, "EUR"))


@pytest.mark.parametrize(("is_doubtful", "one", "other"), ONE_FEED)
def test_in_one_feed_titles_have_one_language(is_doubtful, one, other):
    found = likeness(article(*one, "tt:1"), article(*other, "tt:1"))

    assert found.is_doubtful == is_doubtful, found


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["Trail shoe 42", "Trail shoe 43"], True),
        (["Orange juice 500 ml", "Orange juice 1 l"], True),
        (["Summer dress, red, M", "Summer dress, navy blue, XL"], True),
        (["Red bucket", "Bicycle"], False),
        (["Trail shoe 42", "Trail shoe 43", "Candle"], False),
        (["500 ml", "1 l"], True),
    ],
)
def test_titles_of_variants_are_alike(titles, expected):
    assert are_alike(titles) is expected


def test_a_source_key_names_its_feed():
    assert feed_of("tradedoubler:31105:a:b") == "tradedoubler:31105"
    assert feed_of("by hand") == ""


@pytest.mark.parametrize(
    "title", ["", "Red bucket 5 l", "iPhone 15 128GB", "Gries", "6 x 500 ml", "23", "0 ml"]
)
@pytest.mark.parametrize("brand", ["", "Gries", "Acme GmbH"])
def test_nothing_outweighs_one_title_at_nearly_one_price(title, brand):
    one, other = article(title, "Gries", 10, "EUR", "tt:1"), article(title, brand, 20, "EUR", "tt:1")

    assert is_as_near(one, other)
    assert not likeness(one, other).is_doubtful
    assert not is_as_near(one, article(title, brand, 21, "EUR"))
    assert not is_as_near(one, article(title, brand, 10, "XXX"))
    assert not is_as_near(one, article(f"{title} x", brand, 10, "EUR"))


@pytest.mark.parametrize(
    "title",
    [
        *("", "💥", "x" * 10_000, "1" * 300, "9.9.9.9 l", "0 ml", "3 x", "½ l"),
        *("9" * 400, "²⁄₃ 1⁄0 1/0", "ii", "12/13/14-15-16", "1.1.1,1"),
    ],
)
def test_no_title_is_too_strange(title):
    likeness(article(title, "", 1, "EUR", "f"), article("iPhone 15", "", 0, "SEK", "f"))
    likeness(article(title, "", 1, "EUR"), article("Red bucket 5 l", "Gries", 0, "SEK"))
