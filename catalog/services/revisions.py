"""Keep what becomes of products: every service that changes one says so here (`catalog.models.Revision`)."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.utils import timezone

from catalog.lib.merge import AMOUNTS
from catalog.models import Offer, Product, ProductImage, Revision, SlugRedirect
from catalog.services.bulk_data import OFFER_FIELDS, VARIANT_FIELDS
from catalog.services.rows import copy_rows
from events.actor import current_actor, current_cause

# Of a product, by the names that services give; what follows from its offers is no part of its history.
COLUMNS = {
    **{name: name for name in ("title", "slug", "description", "gtin", "status", "imported", "attributes")},
    **{name: name for name in ("published_at", "publish_at", "meta_title", "meta_description")},
    **{name: name for name in ("provenance", "moved_fields", "verdict", "pros", "cons")},
    "brand": "brand_id",
    "joined_into": "joined_into_id",
    "category_ids": "category_ids",
}
# Of an offer: all but when it was checked, which is no change.
OFFER_COLUMNS = (
    *("shop_id", "source", "source_key", *OFFER_FIELDS, *VARIANT_FIELDS),
    *("is_main", "changed_at", "expired_at", "gone_policy", "created_at"),
)
PARTS = (*COLUMNS, "addresses", "pictures", "offers")
IGNORED = ("source_digest", "changed_at")  # of an offer: they say how others changed, and are no change alone
State = dict[str, Any]


@dataclass(slots=True)
class _Block:
    """What an open block has read of its products."""

    parts: frozenset[str]
    before: dict[int, State]
    created: set[int] = field(default_factory=set)

    def covers(self, pk: int, parts: Collection[str]) -> bool:
        return pk in self.created or (pk in self.before and self.parts.issuperset(parts))


_blocks: ContextVar[tuple[_Block, ...]] = ContextVar("blocks", default=())


@contextmanager
def revising(product_ids: Iterable[int], *parts: str) -> Iterator[None]:
    """Write a revision of each of these products that the block changes, in the caller's transaction.

    `parts` are those of PARTS that the block may change; none: all. The products are locked already. A block
    inside another that watches the same writes nothing of its own: one save is one revision. What fails
    writes none.
    """
    wanted = frozenset(parts or PARTS)
    outer = _blocks.get()
    ids = [pk for pk in dict.fromkeys(product_ids) if not any(block.covers(pk, wanted) for block in outer)]
    block = _Block(wanted, read_states(ids, wanted))
    token = _blocks.set((*outer, block))
    try:
        yield
    finally:
        _blocks.reset(token)
    after = read_states(ids, wanted)
    write_revisions([(pk, None, {}) for pk in sorted(block.created)])
    write_revisions(_find_changes(block.before, after))


def note_created(product_ids: Iterable[int]) -> None:
    """Note that products were made, with all that an open block gives them yet."""
    ids = list(product_ids)
    if blocks := _blocks.get():
        blocks[0].created.update(ids)
    else:
        write_revisions([(pk, None, {}) for pk in ids])


def write_revisions(rows: Iterable[tuple[int, State | None, State | None]]) -> None:
    """Write (product id, before, after) as revisions by whoever acts now; nothing where there are none."""
    rows = list(rows)
    if not rows:
        return
    at, actor, cause = timezone.now(), current_actor(), current_cause()
    copy_rows(
        Revision,
        ("product_id", "at", "actor", "cause", "before", "after"),
        ((pk, at, actor, cause, _json(before), _json(after)) for pk, before, after in rows),
    )


def _json(state: State | None) -> str | None:
    return None if state is None else orjson.dumps(state, default=str).decode()


def as_kept(state: State) -> State:
    """Return a state as a revision of it reads: prices and times are texts."""
    return orjson.loads(orjson.dumps(state, default=str))


def read_states(
    ids: Collection[int], parts: Collection[str] = PARTS, *, offer_columns: Sequence[str] = OFFER_COLUMNS
) -> dict[int, State]:
    """Return these parts of the products that are there, by id; four queries at most."""
    if not ids:
        return {}
    ids = list(ids)
    names = [name for name in COLUMNS if name in parts]
    rows = Product.objects.filter(pk__any=ids).order_by()
    columns = [COLUMNS[name] for name in names]
    states = {pk: dict(zip(names, values, strict=True)) for pk, *values in rows.values_list("pk", *columns)}
    for name, read in _READ.items():
        if name in parts:
            found = read(ids)
            for pk, state in states.items():
                state[name] = found.get(pk) or []
    if "offers" in parts:
        offers = _read_offers(ids, offer_columns)
        for pk, state in states.items():
            state["offers"] = offers.get(pk, {})
    return states


def _read_addresses(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = SlugRedirect.objects.filter(product_id__any=ids).order_by("slug")
    for product_id, slug in rows.values_list("product_id", "slug"):
        found.setdefault(product_id, []).append(slug)
    return found


def _read_pictures(ids: list[int]) -> dict[int, list[State]]:
    found: dict[int, list[State]] = {}
    images = ProductImage.objects.filter(product_id__any=ids).order_by("position", "id")
    for product_id, pk, url, alt, stored in images.values_list(
        "product_id", "id", "source_url", "alt", "stored_id"
    ):
        found.setdefault(product_id, []).append({"id": pk, "url": url, "alt": alt, "stored": stored})
    return found


def _read_offers(ids: list[int], columns: Sequence[str]) -> dict[int, dict[str, State]]:
    found: dict[int, dict[str, State]] = {}
    offers = Offer.objects.filter(product_id__any=ids).order_by("id")
    for product_id, pk, *values in offers.values_list("product_id", "id", *columns):
        found.setdefault(product_id, {})[str(pk)] = dict(zip(columns, values, strict=True))
    return found


_READ: Mapping[str, Callable[[list[int]], Mapping[int, list[Any]]]] = {
    "addresses": _read_addresses,
    "pictures": _read_pictures,
}


def _find_changes(
    before: dict[int, State], after: dict[int, State]
) -> Iterator[tuple[int, State | None, State | None]]:
    was_on = {key: pk for pk, state in before.items() for key in state.get("offers", ())}
    is_on = {key: pk for pk, state in after.items() for key in state.get("offers", ())}
    gone = [int(key) for key in was_on.keys() - is_on.keys()]
    if gone:  # to products that the block does not watch: made in it
        elsewhere = Offer.objects.filter(pk__any=gone).values_list("pk", "product_id")
        is_on |= {str(pk): product_id for pk, product_id in elsewhere}
    for pk in sorted(before):
        old, new = before[pk], after.get(pk)
        if new is None:
            yield pk, {"title": old["title"]} if "title" in old else {}, None
            continue
        changed = {name: differing(name, old[name], new[name]) for name in old if old[name] != new[name]}
        pairs = {name: pair for name, pair in changed.items() if pair is not None}
        if pairs:
            old_values = {name: was for name, (was, _) in pairs.items()}
            new_values = {name: now for name, (_, now) in pairs.items()}
            _place(old_values.get("offers", {}), was_on)
            _place(new_values.get("offers", {}), is_on)
            yield pk, old_values, new_values


def _place(offers: dict[str, State | None], places: dict[str, int]) -> None:
    """Say of offers that are not on the product on which they are, where they are at all."""
    for key, state in offers.items():
        if state is None and key in places:
            offers[key] = {"product_id": places[key]}


def differing(name: str, old: Any, new: Any) -> tuple[Any, Any] | None:
    """Return what differs of two values of a part, as a revision keeps it; None where nothing does."""
    if name == "offers":
        return _differing_offers(old, new)
    if name == "pictures" and list(map(_seen, old)) == list(map(_seen, new)):
        return None  # a worker copied one meanwhile
    return (old, new) if old != new else None


def _seen(picture: State) -> tuple[Any, ...]:
    return picture["id"], picture["url"], picture["alt"]


def with_currency(names: list[str]) -> list[str]:
    """Add the currency to the columns of an offer where there is a price among them."""
    return names if "currency" in names or set(AMOUNTS).isdisjoint(names) else [*names, "currency"]


def _differing_offers(old: dict[str, State], new: dict[str, State]) -> tuple[State, State] | None:
    before: State = {}
    after: State = {}
    for key in sorted(old.keys() | new.keys(), key=int):
        was, now = old.get(key), new.get(key)
        if was is None or now is None:
            before[key], after[key] = was, now
            continue
        names = with_currency([name for name in was if was[name] != now[name]])
        if set(names).difference(IGNORED):
            before[key], after[key] = ({name: state[name] for name in names} for state in (was, now))
    return (before, after) if before else None
