"""Differences of texts, word by word."""

import time

import pytest

from catalog.lib.word_diff import MAX_WORDS, diff_words, plain_text

CASES = [
    ("", "", []),
    ("Boot", "Boot", [("same", "Boot")]),
    ("", "Boot", [("added", "Boot")]),
    ("Red boot", "Blue boot", [("removed", "Red"), ("added", "Blue"), ("same", " boot")]),
    ("Boot 38", "Boot 39", [("same", "Boot "), ("removed", "38"), ("added", "39")]),
    ("Light, warm", "Light and warm", None),
    ("Schön größer", "Schöner größer", None),
    ("a\nb", "a\nc\nb", None),
    ("<b>", "<i>", None),
]


@pytest.mark.parametrize(("old", "new", "pieces"), CASES)
def test_both_texts_can_be_read_from_the_pieces(old, new, pieces):
    found = diff_words(old, new)
    assert pieces is None or found == pieces
    assert "".join(text for change, text in found if change != "added") == old
    assert "".join(text for change, text in found if change != "removed") == new


def test_long_texts_take_no_longer_than_a_person_waits():
    old = " ".join(f"w{number}" for number in range(MAX_WORDS * 5))
    new = f"{old} end".replace("w7 ", "other ")
    began = time.monotonic()
    found = diff_words(old, new)
    assert time.monotonic() - began < 20
    assert "".join(text for change, text in found if change != "removed") == new


def test_html_is_compared_as_people_read_it():
    html = "<p>Light &amp; <strong>warm</strong>.</p><ul><li>One</li><li>Two</li></ul>Line<br>break"
    assert plain_text(html) == "Light & warm.\nOne\nTwo\nLine\nbreak"
