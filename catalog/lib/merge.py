"""Whose word stands in a field: the feed's or a person's. A three-way merge, pure.

Of each field there are three values: `base`, what the feed said when it was last adopted; `ours`, what stands
on the page; `theirs`, what the feed says now. The importer, the editor and undo all ask `decide`.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

TEXTS = ("title", "description", "brand", "gtin")
SETS = ("images", "category_ids")
MAPS = ("attributes",)
# The fields of a product that may follow a feed.
FIELDS = (*TEXTS, *SETS, *MAPS)
# What an offer takes of its feed; nobody edits it.
AMOUNTS = ("price", "old_price", "shipping")  # in its currency, without which none of them says anything
OFFER_FIELDS = (*AMOUNTS, "stock", "link")


class Policy(StrEnum):
    """When a field takes what the feed says."""

    ALWAYS = "always"
    UNLESS_EDITED = "unless_edited"
    NEVER = "never"


DEFAULTS = dict.fromkeys(OFFER_FIELDS, Policy.ALWAYS) | dict.fromkeys(FIELDS, Policy.UNLESS_EDITED)


class State(StrEnum):
    """What a field does. LOCKED: by a person, or by a policy that never lets the feed in."""

    FOLLOWS = "follows"
    EDITED = "edited"
    LOCKED = "locked"
    MOVED = "moved"  # edited, and the feed says something else since


@dataclass(frozen=True, slots=True)
class Decision:
    """What a field holds from now on, the base to compare with next time, and what it does."""

    value: Any
    base: Any
    state: State


def policy_of(field: str, *levels: Mapping[str, str]) -> Policy:
    """Return the policy of the first level that has one for the field: product, account; else the default."""
    for level in levels:
        if chosen := level.get(field):
            return Policy(chosen)
    return DEFAULTS[field]


def decide(
    field: str, base: Any, ours: Any, theirs: Any, policy: str, *, is_locked: bool = False
) -> Decision:
    """Return what becomes of a field.

    Texts are taken or left whole. Pictures and categories are sequences without doubles: what the feed added
    and removed is done to ours, and what is in neither `base` nor `theirs` is a person's own and stays,
    whatever the policy. Attributes are merged key by key.
    """
    if is_locked or policy == Policy.NEVER:
        return Decision(ours, base, State.LOCKED)
    if field in SETS:
        return _decide_set(base, ours, theirs, policy)
    if field in MAPS:
        return _decide_map(base, ours, theirs, policy)
    if policy == Policy.ALWAYS or same(field, ours, base) or same(field, ours, theirs):
        # Another spelling of the same is ours to choose.
        value = ours if same(field, ours, theirs) else theirs
        return Decision(value, theirs, State.FOLLOWS)
    return Decision(ours, base, State.EDITED if same(field, base, theirs) else State.MOVED)


def same(field: str, one: Any, other: Any) -> bool:
    """Tell whether two values of a field say the same: a brand in capitals is the brand."""
    if field == "brand":
        return (one or "").casefold() == (other or "").casefold()
    if field in SETS:
        return list(one or ()) == list(other or ())
    return (one or "") == (other or "")


def _decide_set(
    base: Sequence[Hashable], ours: Sequence[Hashable], theirs: Sequence[Hashable], policy: str
) -> Decision:
    theirs = list(dict.fromkeys(theirs))
    known = {*base, *theirs}
    from_feed = [each for each in ours if each in known]
    if policy == Policy.ALWAYS or from_feed == [each for each in base if each in set(from_feed)]:
        # Nobody put them into another order: the feed's holds.
        kept = theirs if policy == Policy.ALWAYS else _merged(base, from_feed, theirs)
        ordered = [each for each in theirs if each in set(kept)]
    else:
        ordered = _merged(base, from_feed, theirs)
    value = _with_own(ordered, ours, known)
    return Decision(value, theirs, State.FOLLOWS if value == theirs else State.EDITED)


def _merged(base: Sequence[Hashable], ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> list[Hashable]:
    """Return ours without what the feed dropped, then what it added."""
    had, has = set(base), set(theirs)
    kept = [each for each in ours if each in has]
    return kept + [each for each in theirs if each not in had and each not in set(kept)]


def _with_own(ordered: list[Hashable], ours: Sequence[Hashable], known: set[Hashable]) -> list[Hashable]:
    """Put what is a person's own behind what it stood behind; in front where that is gone."""
    value = list(ordered)
    place = 0
    for each in ours:
        if each in known:
            place = value.index(each) + 1 if each in value else place
        else:
            value.insert(place, each)
            place += 1
    return value


_NONE = object()


def _decide_map(
    base: Mapping[str, Any], ours: Mapping[str, Any], theirs: Mapping[str, Any], policy: str
) -> Decision:
    if policy == Policy.ALWAYS:
        return Decision(dict(theirs), dict(theirs), State.FOLLOWS)
    value, new_base = dict(ours), dict(theirs)
    has_moved = False
    for key in dict.fromkeys((*base, *ours, *theirs)):
        was, mine, now = (each.get(key, _NONE) for each in (base, ours, theirs))
        if mine in (was, now):
            _put(value, key, now)
        elif was != now:
            has_moved = True
            _put(new_base, key, was)
    if has_moved:
        return Decision(value, new_base, State.MOVED)
    return Decision(value, new_base, State.FOLLOWS if value == theirs else State.EDITED)


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    if value is _NONE:
        values.pop(key, None)
    else:
        values[key] = value
