"""Which products are probably one, and which are not: tables."""

from decimal import Decimal
from itertools import combinations

import pytest

from importer.normalise.doubles import Candidate, find_reason
from importer.normalise.likeness import Article

EAN, OTHER_EAN = "4006381333931", "5012345678900"


def of(title, brand="Sony", price=99, currency="EUR", *, feed="a:1", gtin="", mpn=""):
    return Candidate(
        Article(title, brand, Decimal(price), currency, feed),
        gtins=frozenset({gtin} - {""}),
        numbers=frozenset({mpn} - {""}),
        feeds=frozenset({feed} - {""}),
    )


def there(*args, **values):
    """The same at another shop."""
    return of(*args, **{"feed": "b:2"} | values)


DOUBLES = [
    ("number in both", of("Headphones black", mpn="WH-1000XM5"), there("Kopfhörer", mpn="WH1000XM5")),
    ("number and title",
     of("Headphones WH-1000XM5"),
     there("Kopfhörer schwarz", mpn="wh 1000 xm5", price=120)),
    ("number in the titles", of("Headphones WH-1000XM5 black"), there("WH1000XM5 headphones")),
    ("digits alone",
     of("Bit set", "Bosch", mpn="2607017164"),
     there("Bitsatz", "Bosch Professional", mpn="2 607 017 164")),
    ("number, one EAN", of("Drill GSR12V35", "Bosch", gtin=EAN), there("GSR12V35 drill", "Bosch")),
    ("box of several",
     of("Pens blue", "Stabilo", gtin=EAN),
     there("Pens, blue", "Stabilo", gtin="14006381333938")),
    ("wrong check digit",
     of("Pens blue", "Stabilo", gtin=EAN),
     there("Stifte", "Stabilo", gtin="4006381333930")),
    ("same title", of("Walking boots Terra brown", "Ecco"), there("Terra walking boots, brown", "ECCO")),
    ("four of five words",
     of("Walking boots Terra brown leather", "Ecco"),
     there("Walking boots Terra brown", "Ecco")),
    ("same amount",
     of("Espresso beans strong 500 g", "Lavazza"),
     there("Lavazza espresso beans strong, 500g", "Lavazza")),
    ("one with an EAN", of("Walking boots Terra", "Ecco", gtin=EAN), there("Walking boots Terra", "Ecco")),
    ("one feed, twice", of("Walking boots Terra", "Ecco"), of("Walking boots, Terra", "Ecco")),
    ("two EANs, all else alike",
     of("Headphones WH-1000XM5 black", gtin=EAN),
     there("WH-1000XM5 black headphones", gtin=OTHER_EAN)),
    ("another currency",
     of("Walking boots Terra", "Ecco"),
     there("Walking boots Terra", "Ecco", 1100, "SEK")),
]  # fmt: skip
NO_DOUBLES = [
    ("another brand", of("Headphones", mpn="WH1000XM5"), there("Headphones", "Bose", mpn="WH1000XM5")),
    ("another model", of("Headphones WH-1000XM4"), there("Headphones WH-1000XM5")),
    ("another amount",
     of("Espresso beans strong 500 g", "Lavazza"),
     there("Espresso beans strong 1 kg", "Lavazza")),
    ("amount in one alone",
     of("Espresso beans strong", "Lavazza"),
     there("Espresso beans strong 1 kg", "Lavazza")),
    ("another pack",
     of("Batteries AA Longlife 4 pack", "Varta"),
     there("Batteries AA Longlife 24 pack", "Varta")),
    ("another size", of("Walking boots Terra 42", "Ecco"), there("Walking boots Terra 43", "Ecco")),
    ("another generation",
     of("Galaxy phone S23 black", "Samsung"),
     there("Galaxy phone S24 black", "Samsung")),
    ("far price", of("Walking boots Terra", "Ecco"), there("Walking boots Terra", "Ecco", 999)),
    ("two EANs",
     of("Walking boots Terra", "Ecco", gtin=EAN),
     there("Walking boots Terra", "Ecco", gtin=OTHER_EAN)),
    ("two EANs, one number",
     of("WH-1000XM5 black", gtin=EAN),
     there("WH-1000XM5 silver edition", gtin=OTHER_EAN)),
    ("no brand", of("Walking boots Terra", ""), there("Walking boots Terra", "")),
    ("one word", of("Mug", "Bodum"), there("Mug", "Bodum")),
    ("variants of a feed", of("Dress Luna red", "Only"), of("Dress Luna blue", "Only")),
    ("variants of a feed by number",
     of("Shoe black", "Ecco", mpn="821001"),
     of("Shoe brown", "Ecco", mpn="821001")),
    ("a unit is no model", of("Monitor slim 1080p"), there("Projector home 1080p")),
    ("a year is no model", of("Calendar", mpn="2026"), there("Notebook", mpn="2026")),
    ("a chip in unlike titles",
     of("Omen laptop gaming RTX4070", "HP"),
     there("Victus desktop tower RTX4070", "HP")),
    ("number, unlike price", of("Printer", "HP", 9, mpn="CF259X"), there("Toner", "HP", 900, mpn="CF259X")),
    ("the same EAN is no double here",
     of("Pens blue", "Stabilo", gtin=EAN),
     there("Stifte", "Stabilo", gtin=EAN)),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in DOUBLES], ids=[case[0] for case in DOUBLES])
def test_products_that_are_probably_one(one, other):
    reason = find_reason(one, other)
    assert reason.endswith(".")
    assert bool(find_reason(other, one))
    assert one.keys & other.keys, "nobody would compare them"


@pytest.mark.parametrize(
    ("one", "other"), [case[1:] for case in NO_DOUBLES], ids=[case[0] for case in NO_DOUBLES]
)
def test_products_that_are_two(one, other):
    assert find_reason(one, other) == find_reason(other, one) == ""


def test_the_reason_is_said_in_words():
    assert find_reason(of("A", mpn="WH-1000XM5"), there("B", mpn="WH1000XM5")) == "Both are Sony WH1000XM5."
    assert "4006381333931 and 14006381333938" in find_reason(*DOUBLES[5][1:])
    assert find_reason(*DOUBLES[7][1:]).startswith("The same brand, Ecco,")


def test_nearly_the_same_titles_always_share_a_key():
    words = [f"word{'x' * (number * 5 % 7)}{chr(97 + number)}" for number in range(10)]
    for size in range(2, 10):
        for one in combinations(words[:9], size):
            for extra in (*one, words[9]):
                other = [word for word in one if word != extra] if extra in one else [*one, extra]
                mine, theirs = of(" ".join(one)), there(" ".join(other))
                both = mine.words & theirs.words
                if len(theirs.words) > 1 and len(both) >= 0.8 * len(mine.words | theirs.words):
                    assert mine.keys & theirs.keys, (one, other)


def test_a_product_has_few_keys():
    title = " ".join(f"word{chr(97 + number)}" for number in range(20))
    assert len(of(title, gtin=EAN, mpn="WH1000XM5").keys) <= 10
