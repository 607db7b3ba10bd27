"""Text -> the words that the index holds."""

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.lib.words import fold, words_of
from importer.feed_index.rows import MAX_WORDS
from importer.models import FeedItem


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Crème Brûlée", "creme brulee"),
        ("Straße", "strasse"),
        ("SMØRREBRØD", "smorrebrod"),
        ("Łódź", "lodz"),
        ("ﬁne ½", "fine 1/2"),
        ("İstanbul", "istanbul"),
        ("Ελλάδα", "ελλαδα"),
    ],
)
def test_letters_without_accents(text, folded):
    assert fold(text) == folded


def test_words_are_letters_and_digits():
    assert words_of("T-Shirt (2er-Pack), 1.5l_x 🙂 'quoted' \\") == (
        ["t", "shirt", "2er", "pack", "1", "5l", "x", "quoted"]
    )
    assert words_of(f"{'a' * 300} b") == ["a" * 200, "b"]
    assert words_of("㌖" * 190) == [("キロメートル" * 190)[:200]]


def test_no_text_has_more_words_than_places():
    longest = max(len(words_of(chr(code))) for code in range(sys.maxunicode + 1))
    assert longest * FeedItem._meta.get_field("title").max_length <= MAX_WORDS


@settings(deadline=None)
@given(st.text(max_size=10))
def test_words_are_those_of_the_folded_text(text):
    assert words_of(text) == re.findall(r"[^\W_]+", fold(text))
