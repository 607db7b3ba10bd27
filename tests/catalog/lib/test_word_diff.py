"""Differences of texts, word by word."""

import time

import pytest

from catalog.lib.word_diff import MAX_WORDS, compare_words, plain_text

CASES = [
    ("", "", []),
    ("Boot", "Boot", [("same", "Boot")]),
    ("", "Boot", [("new", "Boot")]),
    ("Boot", "", [("gone", "Boot")]),
    ("Red boot", "Blue boot", [("gone", "Red"), ("new", "Blue"), ("same", " boot")]),
    ("Boot 38", "Boot 39", [("same", "Boot"), ("gone", " 38"), ("new", " 39")]),
    ("Light, warm", "Light and warm", None),
    ("a a a", "a a", None),
    ("a\nb", "a\nc\nb", None),
    ("  a ", " a", None),
    ("<b>", "<i>", None),
]


@pytest.mark.parametrize(("one", "other", "pieces"), CASES)
def test_both_texts_can_be_read_from_the_pieces(one, other, pieces):
    found = compare_words(one, other)
    assert pieces is None or found == pieces
    assert "".join(text for kind, text in found if kind != "gone") == other
    assert "".join("".join(text for kind, text in found if kind != "new").split()) == "".join(one.split())


def test_long_texts_take_no_longer_than_a_person_waits():
    one = " ".join(f"w{number}" for number in range(MAX_WORDS * 5))
    other = f"{one} end".replace("w7 ", "other ")
    began = time.monotonic()
    found = compare_words(one, other)
    assert time.monotonic() - began < 20
    assert "".join(text for kind, text in found if kind != "gone") == other


def test_html_is_compared_as_people_read_it():
    html = "<p>Light &amp; <strong>warm</strong>.</p><ul><li>One</li><li>Two</li></ul>Line<br>break"
    assert plain_text(html) == "Light & warm.\nOne\nTwo\nLine\nbreak"
