"""Which category is proposed, how sure, and in which words: a table."""

import pytest

from importer.imports.category_names import key_of, words_of
from importer.imports.category_scores import LEAST, Evidence, propose

PATHS = {1: "Lamps > Table lamps", 2: "Lamps", 3: "Sale", 4: "Chairs"}


def of(kind, total, **counts):
    return Evidence(kind, total, {int(name[1:]): count for name, count in counts.items()})


# evidence, the proposed categories, per cent
CASES = [
    ("most products of the shop", [of("shop", 7, c1=6, c2=1)], (1,), 70),
    ("all of many", [of("shop", 20, c1=20)], (1,), 90),
    ("a single one", [of("shop", 1, c1=1)], (1,), 48),
    ("one of two", [of("shop", 2, c1=1, c4=1)], (1,), 24),
    ("one of many", [of("shop", 9, c1=1, c4=1)], None, 0),
    ("other shops' products of the EANs", [of("ean", 4, c4=4)], (4,), 68),
    ("the same words elsewhere", [of("words", 2, c4=2)], (4,), 47),
    ("our own name", [of("name", 1, c4=1)], (4,), 25),
    ("two that agree", [of("shop", 1, c1=1), of("words", 1, c1=1)], (1,), 66),
    ("two that do not", [of("shop", 5, c1=5), of("words", 5, c4=5)], (1,), 79),
    ("most are in two", [of("shop", 10, c1=10, c3=9)], (1, 3), 86),
    ("few are in a second", [of("shop", 10, c1=10, c3=3)], (1,), 86),
    ("never certain", [of("shop", 900, c1=900), of("ean", 900, c1=900)], (1,), 99),
    ("a category that is gone", [of("shop", 9, c77=9)], None, 0),
    ("nothing", [], None, 0),
]


@pytest.mark.parametrize(
    ("evidence", "ids", "confidence"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_what_earlier_choices_speak_for(evidence, ids, confidence):
    found = propose(evidence, shop="OTTO", name="Lampen > Tisch", paths=PATHS)
    if ids is None:
        assert found is None
    else:
        assert (found.category_ids, found.confidence) == (ids, confidence)
        assert found.confidence >= LEAST


def test_a_proposal_says_where_it_comes_from():
    evidence = [of("words", 3, c1=2), of("shop", 7, c1=6)]
    assert propose(evidence, shop="OTTO", name="Lampen > Tisch", paths=PATHS).reason == (
        "6 of 7 products of OTTO in “Lampen > Tisch” went to Lamps > Table lamps; "
        "2 of 3 categories of other shops with the same words went to Lamps > Table lamps."
    )


def test_what_speaks_for_another_category_is_not_given_as_the_reason():
    evidence = [of("shop", 5, c1=5), of("words", 5, c4=5)]
    assert "words" not in propose(evidence, shop="OTTO", name="Tisch", paths=PATHS).reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lampen > Tisch", "LAMPEN > tisch"),
        ("Möbel & Wohnen > Tische", "Möbel, Wohnen > Tische"),
        ("Kategorie > Café", "kategorie > CAFE\u0301"),
        ("Straße > Räder", "STRASSE > Räder"),
        ("Дом > Кофе", "ДОМ > кофе"),
        ("Home >  > Tools", "Home > Tools"),
    ],
)
def test_spellings_of_one_path_are_one_line(one, other):
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("A > B", "B > A"), ("A > B", "A B"), ("Men > Shoes", "Women > Shoes"), ("1", "2")]
)
def test_other_paths_are_other_lines(one, other):
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize("text", ["", "&&&", " > ", "—"])
def test_what_has_no_words_is_no_category(text):
    assert key_of(text) == ""


def test_words_are_those_of_the_last_level_without_plurals():
    assert words_of("Home & Living > Table Lamps") == words_of("Lights > table lamp") == {"table", "lamp"}
    assert words_of("Glass") == {"glass"}
    assert words_of("Alle > Sale") == frozenset()
