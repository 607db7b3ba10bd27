"""Where the value of a field comes from: what `Product.provenance` keeps, and how it changes. Pure.

`Product.imported` holds what the feed says now, by field. `provenance` holds, by field and only where there
is something to say: `base`, what the feed said when it was last adopted, where that is something else; `by`
and `at`, who wrote what stands there and when; `locked`; `moved`, where the feed says something else under an
edit; `source_key`, the offer that feeds the field in place of the one that the product was made of. So a
product that nobody touched has none.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from catalog.lib.merge import FIELDS, Decision, Policy, State, decide, same

Entries = dict[str, dict[str, Any]]


def base_of(provenance: Mapping[str, Any], imported: Mapping[str, Any], field: str) -> Any:
    """Return what the feed said when it was last adopted; None where it never said anything."""
    return provenance.get(field, {}).get("base", imported.get(field))


def is_locked(provenance: Mapping[str, Any], field: str) -> bool:
    return bool(provenance.get(field, {}).get("locked"))


def source_of(provenance: Mapping[str, Any], imported: Mapping[str, Any], field: str) -> str | None:
    """Return the key of the offer that feeds the field; None where no feed does."""
    return provenance.get(field, {}).get("source_key") or imported.get("source_key")


def fields_of(source_key: str, provenance: Mapping[str, Any], imported: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that this offer feeds."""
    if not provenance:
        return FIELDS if imported.get("source_key") == source_key else ()
    return tuple(field for field in FIELDS if source_of(provenance, imported, field) == source_key)


def state_of(field: str, provenance: Mapping[str, Any], imported: Mapping[str, Any], ours: Any) -> State:
    """Return what the field does as it stands: LOCKED also by a policy; EDITED where no feed fills it."""
    if is_locked(provenance, field):
        return State.LOCKED
    if field not in imported:
        return State.EDITED
    base, theirs = base_of(provenance, imported, field), imported[field]
    decision = decide(field, base, ours, theirs, Policy.UNLESS_EDITED)
    # It could follow and does not: a policy keeps it.
    is_kept = decision.state == State.FOLLOWS and not same(field, ours, theirs)
    return State.LOCKED if is_kept else decision.state


def moved_fields(provenance: Mapping[str, Any]) -> list[str]:
    """Return the fields under whose edit the feed moved, as `Product.moved_fields` keeps them."""
    return sorted(field for field, entry in provenance.items() if entry.get("moved"))


def after_decision(provenance: Entries, field: str, decision: Decision, theirs: Any) -> Entries:
    """Return the entries after a decision about what the feed says now."""
    changed: dict[str, Any] = {
        "base": decision.base if decision.base != theirs else None,
        "moved": decision.state == State.MOVED or None,
    }
    if decision.state == State.FOLLOWS:
        changed |= {"by": None, "at": None}
    return _with(provenance, field, changed)


def after_edit(
    provenance: Entries, imported: Mapping[str, Any], field: str, ours: Any, *, by: str, at: datetime
) -> Entries:
    """Return the entries after somebody wrote `ours`; nothing is noted of a field that no feed fills."""
    if field not in imported:
        return provenance
    state = state_of(field, _with(provenance, field, {"locked": None}), imported, ours)
    follows = state == State.FOLLOWS
    changed = {
        "by": None if follows else by,
        "at": None if follows else at.isoformat(timespec="seconds"),
        "moved": (state == State.MOVED and not is_locked(provenance, field)) or None,
    }
    if follows:
        changed["base"] = None
    return _with(provenance, field, changed)


def after_keeping(provenance: Entries, field: str) -> Entries:
    """Return the entries after a person said that theirs stays, whatever the feed said since."""
    return _with(provenance, field, {"base": None, "moved": None})


def after_locking(
    provenance: Entries, imported: Mapping[str, Any], field: str, ours: Any, *, locked: bool
) -> Entries:
    """Return the entries after a field was locked or unlocked."""
    unlocked = _with(provenance, field, {"locked": None})
    has_moved = not locked and state_of(field, unlocked, imported, ours) == State.MOVED
    return _with(unlocked, field, {"locked": locked or None, "moved": has_moved or None})


def after_choosing(provenance: Entries, field: str, source_key: str | None) -> Entries:
    """Return the entries after an offer was chosen to feed the field; None: the one it was made of."""
    return _with(provenance, field, {"source_key": source_key})


def written(provenance: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields of which it is known who wrote them."""
    return (field for field, entry in provenance.items() if "by" in entry)


def _with(provenance: Entries, field: str, changed: Mapping[str, Any]) -> Entries:
    """Return the entries with these values of a field; None takes one away."""
    entry = provenance.get(field, {}) | dict(changed)
    entry = {name: value for name, value in entry.items() if value is not None}
    others = {name: other for name, other in provenance.items() if name != field}
    return others | {field: entry} if entry else others
