"""Whose word stands in each field of a product, as the dashboard shows it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from catalog.lib.merge import FIELDS, State, same
from catalog.lib.provenance import base_of, is_locked, source_of, state_of
from catalog.lib.word_diff import Piece, compare_words, plain_text
from catalog.models import Category, Product

NAMES = {
    "title": "Title",
    "description": "Description",
    "brand": "Brand",
    "gtin": "EAN",
    "images": "Pictures",
    "attributes": "Properties",
    "category_ids": "Categories",
}
WORDS = {
    State.FOLLOWS: "Follows the feed",
    State.EDITED: "Edited",
    State.LOCKED: "Locked",
    State.MOVED: "Edited, and the feed moved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldState:
    """A field that a feed fills. `base`, `theirs` and `ours` are texts; the pieces lead from one to the next.

    `is_locked`: by a person; a policy may keep a field, too (`state` LOCKED).
    """

    field: str
    name: str
    state: State
    words: str
    is_locked: bool
    differs: bool
    by: str
    at: datetime | None
    base: str
    theirs: str
    ours: str
    source_key: str | None

    @property
    def moved(self) -> bool:
        return self.state == State.MOVED

    @property
    def feed_pieces(self) -> list[Piece]:
        """What the feed changed since it was last adopted."""
        return compare_words(self.base, self.theirs)

    @property
    def own_pieces(self) -> list[Piece]:
        """What a person made of the feed's words."""
        return compare_words(self.theirs, self.ours)


def get_field_states(
    product: Product, *, pictures: Sequence[str | int], category_ids: Iterable[int]
) -> dict[str, FieldState]:
    """Return the fields that a feed fills, by name; {} of a product made by hand.

    `pictures` as `find_picture_keys` has them. One query at most for the names of people, one for those of
    categories, where there are any to name.
    """
    imported, provenance = product.imported, product.provenance
    ours: dict[str, Any] = {
        "title": product.title,
        "description": product.description,
        "brand": product.brand.name if product.brand else "",
        "gtin": product.gtin,
        "images": list(pictures),
        "attributes": product.attributes,
        "category_ids": sorted(category_ids),
    }
    people = _names_of_people(entry.get("by", "") for entry in provenance.values())
    categories = _names_of_categories(imported, provenance, ours["category_ids"])
    states = {}
    for field in FIELDS:
        if field not in imported:
            continue
        state = state_of(field, provenance, imported, ours[field])
        entry = provenance.get(field, {})
        at = entry.get("at")
        texts = {
            name: _as_text(field, value, categories)
            for name, value in (
                ("base", base_of(provenance, imported, field)),
                ("theirs", imported[field]),
                ("ours", ours[field]),
            )
        }
        by_hand = is_locked(provenance, field)
        states[field] = FieldState(
            field=field,
            name=NAMES[field],
            state=state,
            words="Kept by a policy" if state == State.LOCKED and not by_hand else WORDS[state],
            is_locked=by_hand,
            differs=not same(field, ours[field], imported[field]),
            by=people.get(entry.get("by", ""), ""),
            at=datetime.fromisoformat(at) if at else None,
            source_key=source_of(provenance, imported, field),
            **texts,
        )
    return states


def _as_text(field: str, value: Any, categories: Mapping[int, str]) -> str:
    if field == "description":
        return plain_text(value or "")
    if field == "images":
        return "\n".join(each if isinstance(each, str) else "Your own picture" for each in value or ())
    if field == "attributes":
        return "\n".join(f"{key}: {_plain(each)}" for key, each in sorted((value or {}).items()))
    if field == "category_ids":
        return "\n".join(sorted(categories.get(pk, "Deleted category") for pk in value or ()))
    return value or ""


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _names_of_people(actors: Iterable[str]) -> dict[str, str]:
    ids = {actor: actor.partition(":")[2] for actor in actors if actor.startswith("user:")}
    if not ids:
        return {}
    users = get_user_model().objects.in_bulk([int(pk) for pk in ids.values() if pk.isdecimal()])
    return {
        actor: users[int(pk)].get_username()
        for actor, pk in ids.items()
        if pk.isdecimal() and int(pk) in users
    }


def _names_of_categories(
    imported: Mapping[str, Any], provenance: Mapping[str, Any], ours: Iterable[int]
) -> dict[int, str]:
    if "category_ids" not in imported:
        return {}
    base = provenance.get("category_ids", {}).get("base") or ()
    ids = {*imported["category_ids"], *base, *ours}
    return dict(Category.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
