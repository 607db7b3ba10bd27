"""When two words are the same, and how many typos lie between two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.lib.words import key_of, near_keys, stored_near_keys, typos_allowed, typos_between


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Grün", "gruen"),
        ("GRÜN", "grun"),
        ("Straße", "strasse"),
        ("smørrebrød", "smoerrebroed"),
        ("Crème", "creme"),
    ],
)
def test_spellings_of_a_word_share_a_key(one, other):
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("typed", "meant", "typos"),
    [
        ("lampe", "lampe", 0),
        ("lmape", "lampe", 1),
        ("lmpe", "lampe", 1),
        ("laampe", "lampe", 1),
        ("lanpe", "lampe", 1),
        ("waserkoxher", "wasserkocher", 2),
        ("lampe", "tische", 3),
        ("a", "abcdef", 3),
    ],
)
def test_typos_are_counted(typed, meant, typos):
    assert typos_between(typed, meant, 2) == typos_between(meant, typed, 2) == typos


@pytest.mark.parametrize(
    ("word", "typos"), [("4711", 0), ("wh1000", 0), ("tee", 0), ("lampe", 1), ("kaffeemaschine", 2)]
)
def test_numbers_and_short_words_have_no_typos(word, typos):
    assert typos_allowed(word) == typos


@given(
    st.text("abcde", min_size=4, max_size=14),
    st.lists(st.tuples(st.integers(0, 13), st.sampled_from(["drop", "add", "swap", "change"])), max_size=2),
)
def test_words_with_as_many_typos_as_allowed_share_what_is_left_of_them(word, typos):
    typed = word
    for place, kind in typos[: typos_allowed(word)]:
        place %= len(typed)
        head, letter, tail = typed[:place], typed[place], typed[place + 1 :]
        match kind:
            case "drop":
                typed = head + tail
            case "add":
                typed = head + "x" + letter + tail
            case "swap" if tail:
                typed = head + tail[0] + letter + tail[1:]
            case "change":
                typed = head + "x" + tail
    if typos_between(typed, word, 2) <= typos_allowed(typed):
        assert near_keys(typed, typos_allowed(typed)) & stored_near_keys(word)
    assert len(stored_near_keys(word)) <= 29
