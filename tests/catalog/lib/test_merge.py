"""Whose word stands: the rule that the importer, the editor and undo share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.lib.merge import DEFAULTS, FIELDS, OFFER_FIELDS, Decision, Policy, State, decide, policy_of

ALWAYS, UNLESS_EDITED, NEVER = Policy.ALWAYS, Policy.UNLESS_EDITED, Policy.NEVER
FOLLOWS, EDITED, LOCKED, MOVED = State.FOLLOWS, State.EDITED, State.LOCKED, State.MOVED


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "policy", "is_locked", "expected"),
    [
        pytest.param("A", "A", "A", UNLESS_EDITED, False, ("A", "A", FOLLOWS), id="nothing happened"),
        pytest.param("A", "A", "B", UNLESS_EDITED, False, ("B", "B", FOLLOWS), id="the feed moved"),
        pytest.param("A", "M", "A", UNLESS_EDITED, False, ("M", "A", EDITED), id="a person edited"),
        pytest.param("A", "M", "B", UNLESS_EDITED, False, ("M", "A", MOVED), id="both"),
        pytest.param("A", "B", "B", UNLESS_EDITED, False, ("B", "B", FOLLOWS), id="both wrote the same"),
        pytest.param("A", "", "A", UNLESS_EDITED, False, ("", "A", EDITED), id="a person emptied it"),
        pytest.param("A", "", "B", UNLESS_EDITED, False, ("", "A", MOVED), id="emptied, and the feed moved"),
        pytest.param("", "", "B", UNLESS_EDITED, False, ("B", "B", FOLLOWS), id="the feed says it at last"),
        pytest.param("A", "A", "", UNLESS_EDITED, False, ("", "", FOLLOWS), id="the feed took it back"),
        pytest.param("A", "M", "B", ALWAYS, False, ("B", "B", FOLLOWS), id="always"),
        pytest.param("A", "M", "A", ALWAYS, False, ("A", "A", FOLLOWS), id="always, and nothing new"),
        pytest.param("A", "A", "B", NEVER, False, ("A", "A", LOCKED), id="never"),
        pytest.param("A", "M", "B", NEVER, False, ("M", "A", LOCKED), id="never, and edited"),
        pytest.param("A", "A", "B", ALWAYS, True, ("A", "A", LOCKED), id="a lock goes before always"),
        pytest.param("A", "M", "B", UNLESS_EDITED, True, ("M", "A", LOCKED), id="locked, no alarm"),
    ],
)
def test_a_text_is_taken_or_left_whole(base, ours, theirs, policy, is_locked, expected):
    assert decide("title", base, ours, theirs, policy, is_locked=is_locked) == Decision(*expected)


def test_another_spelling_of_a_brand_is_the_same_brand():
    assert decide("brand", "NIKE", "Nike", "NIKE", UNLESS_EDITED) == Decision("Nike", "NIKE", FOLLOWS)
    assert decide("brand", "NIKE", "Nike", "Puma", UNLESS_EDITED) == Decision("Puma", "Puma", FOLLOWS)
    assert decide("title", "NIKE", "Nike", "Puma", UNLESS_EDITED).state == MOVED


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "policy", "value", "state"),
    [
        pytest.param("abc", "abc", "abc", UNLESS_EDITED, "abc", FOLLOWS, id="nothing happened"),
        pytest.param("abc", "abc", "abcd", UNLESS_EDITED, "abcd", FOLLOWS, id="one more"),
        pytest.param("abc", "abc", "ac", UNLESS_EDITED, "ac", FOLLOWS, id="one less"),
        pytest.param("abc", "abc", "cab", UNLESS_EDITED, "cab", FOLLOWS, id="another order"),
        pytest.param("abc", "abc", "dab", UNLESS_EDITED, "dab", FOLLOWS, id="another main picture"),
        pytest.param("abc", "", "abc", UNLESS_EDITED, "", EDITED, id="a person removed all"),
        pytest.param(
            "abc", "ac", "abcd", UNLESS_EDITED, "acd", EDITED, id="removed by a person: it stays away"
        ),
        pytest.param("abc", "cab", "abcd", UNLESS_EDITED, "cabd", EDITED, id="a person's order stays"),
        pytest.param("abc", "abcX", "bd", UNLESS_EDITED, "bXd", EDITED, id="an own one stays where it was"),
        pytest.param("abc", "Xabc", "bd", UNLESS_EDITED, "Xbd", EDITED, id="an own main picture stays main"),
        pytest.param("ab", "aXb", "", UNLESS_EDITED, "X", EDITED, id="all go but the own one"),
        pytest.param("abc", "Xca", "abcd", ALWAYS, "Xabcd", EDITED, id="always: all but the own ones"),
        pytest.param("abc", "abc", "abd", NEVER, "abc", LOCKED, id="never"),
    ],
)
def test_pictures_follow_as_a_declared_set(base, ours, theirs, policy, value, state):
    decision = decide("images", list(base), list(ours), list(theirs), policy)
    assert ("".join(decision.value), decision.state) == (value, state)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        pytest.param({"c": "red"}, {"c": "red"}, {"c": "blue"}, ({"c": "blue"}, {"c": "blue"}, FOLLOWS)),
        pytest.param({"c": "red"}, {"c": "red"}, {}, ({}, {}, FOLLOWS)),
        pytest.param({}, {}, {"s": "L"}, ({"s": "L"}, {"s": "L"}, FOLLOWS)),
        pytest.param(
            {"c": "red"}, {"c": "pink"}, {"c": "red", "s": "L"},
            ({"c": "pink", "s": "L"}, {"c": "red", "s": "L"}, EDITED),
        ),
        pytest.param({"c": "red"}, {"c": "pink"}, {"c": "blue"}, ({"c": "pink"}, {"c": "red"}, MOVED)),
        pytest.param({"c": "red"}, {}, {"c": "blue"}, ({}, {"c": "red"}, MOVED)),
        pytest.param({"c": "red"}, {"c": "blue"}, {"c": "blue"}, ({"c": "blue"}, {"c": "blue"}, FOLLOWS)),
    ],
)  # fmt: skip
def test_attributes_are_merged_key_by_key(base, ours, theirs, expected):
    assert decide("attributes", base, ours, theirs, UNLESS_EDITED) == Decision(*expected)


def test_a_product_goes_before_its_account_and_that_before_the_default():
    assert policy_of("title", {"title": "never"}, {"title": "always"}) == NEVER
    assert policy_of("title", {}, {"title": "always"}) == ALWAYS
    assert policy_of("title", {}, {}) == UNLESS_EDITED
    assert set(DEFAULTS) == {*FIELDS, *OFFER_FIELDS}
    assert all(policy_of(field) == ALWAYS for field in OFFER_FIELDS)


texts = st.sampled_from(["", "A", "B", "C"])
sets = st.lists(st.sampled_from("abcdXY"), unique=True, max_size=6)
maps = st.dictionaries(st.sampled_from("kls"), st.sampled_from("123"), max_size=3)
values = {"title": texts, "brand": texts, "images": sets, "category_ids": sets, "attributes": maps}
cases = st.sampled_from(sorted(values)).flatmap(
    lambda field: st.tuples(st.just(field), values[field], values[field], values[field])
)


@given(cases, st.sampled_from(Policy), st.booleans())
def test_whatever_is_decided_is_decided_the_same_again(case, policy, is_locked):
    field, base, ours, theirs = case
    first = decide(field, base, ours, theirs, policy, is_locked=is_locked)
    again = decide(field, first.base, first.value, theirs, policy, is_locked=is_locked)
    assert again == first


@given(cases, st.sampled_from(Policy))
def test_what_nobody_wrote_is_the_feeds_and_what_is_locked_is_ours(case, policy):
    field, base, ours, theirs = case
    assert decide(field, base, ours, theirs, policy, is_locked=True).value == ours
    assert decide(field, base, ours, theirs, NEVER).value == ours
    assert decide(field, base, base, theirs, UNLESS_EDITED) == Decision(theirs, theirs, FOLLOWS)
    assert decide(field, base, ours, base, UNLESS_EDITED).value == ours


@given(sets, sets, sets, st.sampled_from([ALWAYS, UNLESS_EDITED]))
def test_no_merge_loses_an_own_picture_or_brings_a_removed_one_back(base, ours, theirs, policy):
    value = decide("images", base, ours, theirs, policy).value
    assert len(set(value)) == len(value)
    assert set(value) >= set(ours) - set(base) - set(theirs)
    assert set(value) <= {*ours, *theirs}
    if policy == UNLESS_EDITED:
        assert not set(value) & (set(base) - set(ours))
        assert not set(value) & (set(base) - set(theirs))
