"""Plan how a change of a product is taken back: pure, from its revisions and what stands there now.

What nobody touched since goes back to what it was; what somebody changed since is kept, and the plan says so.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from catalog.lib.merge import AMOUNTS

State = dict[str, Any]
Pair = tuple[Any, Any]  # before and after
TRASHED, DRAFT = "trashed", "draft"
# What goes back together or not at all: a price never travels without its currency.
TOGETHER = (
    ("status", "published_at", "publish_at", "joined_into"),
    (*AMOUNTS, "currency"),
)
# The feed's own word stays: what is taken back stays so until the feed says something new.
OF_THE_FEED = frozenset({"imported", "provenance", "moved_fields"})
OFFER_SAYS_ITSELF = frozenset({"source_digest", "changed_at", "created_at"})
# Of these kinds of causes a person looked at each product: whatever they changed counts as touched.
BY_HAND = ("", "bulk", "merge", "join", "move", "split", "restore")
LABELS = {
    "gtin": "EAN",
    "slug": "address",
    "category_ids": "categories",
    "joined_into": "status",
    "meta_title": "title for search engines",
    "meta_description": "description for search engines",
    "attributes": "properties",
    "published_at": "status",
    "publish_at": "status",
    "addresses": "addresses",
    "tracking_url": "link",
    "tracking_template": "link",
    "old_price": "price",
    "currency": "price",
    "in_stock": "stock",
    "expired_at": "availability",
    "is_main": "main offer",
    "shop_id": "shop",
}


class Verdict(StrEnum):
    """What becomes of a product when a change is taken back."""

    TAKEN_BACK = "taken_back"
    PARTLY = "partly"
    KEPT = "kept"  # it was edited since
    IMPOSSIBLE = "impossible"
    NOTHING = "nothing"  # it is as it was already


@dataclass(frozen=True, slots=True)
class Change:
    """A revision of the product, as planning reads it. Both are None where there was, or is, no product."""

    before: State | None
    after: State | None
    cause: str = ""


@dataclass(slots=True)
class Known:
    """What is where now, of all that the changes of a chunk name: read once for all of its products."""

    places: Mapping[int, int] = field(default_factory=dict)  # product of each offer that is there
    brands: Collection[int] = ()
    shops: Collection[int] = ()
    categories: Collection[int] = ()
    gtins: Mapping[str, int] = field(default_factory=dict)  # whose they are
    slugs: Mapping[str, int] = field(default_factory=dict)
    source_keys: Collection[str] = ()
    files: Collection[int] = ()  # of pictures
    products: Collection[int] = ()


@dataclass(slots=True)
class Plan:
    """What is to be written of one product, and what is not, with the reason.

    `offers` are columns by offer; `returns` go back to this product, `comes_again` are made anew of the rows
    given, `leaves` came with the change and go to the trash, each as a product of its own.
    """

    product_id: int
    fields: dict[str, Any] = field(default_factory=dict)
    offers: dict[int, dict[str, Any]] = field(default_factory=dict)
    returns: list[int] = field(default_factory=list)
    comes_again: dict[int, State] = field(default_factory=dict)
    leaves: list[int] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        if self.taken:
            return Verdict.PARTLY if self.kept or self.lost else Verdict.TAKEN_BACK
        if self.kept:
            return Verdict.KEPT
        return Verdict.IMPOSSIBLE if self.lost else Verdict.NOTHING

    @property
    def message(self) -> str:
        """What a person reads of it: one line."""
        parts = []
        if self.taken:
            parts.append(f"{_sentence(self.taken)}.")
        parts += [f"{reason}." for reason in dict.fromkeys((*self.kept, *self.lost))]
        return " ".join(parts) or "It is as it was before already."


def _sentence(words: Iterable[str]) -> str:
    text = ", ".join(dict.fromkeys(words))
    return f"{text[:1].upper()}{text[1:]}"


def label_of(name: str) -> str:
    """Return the word that people read for a field."""
    return LABELS.get(name, name.replace("_", " "))


def is_here(offer: Mapping[str, Any] | None) -> bool:
    """Tell whether an offer of a revision is on the product itself."""
    return offer is not None and "product_id" not in offer


@dataclass(frozen=True, slots=True)
class Folded:
    """(before, after) of several changes at once: of each field, and of each offer by its id."""

    fields: dict[str, Pair] = field(default_factory=dict)
    offers: dict[str, Pair] = field(default_factory=dict)


def fold(changes: Sequence[Change]) -> Folded:
    """Return several changes, oldest first, as one.

    Where somebody else wrote in between, only what came after that counts.
    """
    folded = Folded()
    for change in changes:
        before, after = dict(change.before or {}), dict(change.after or {})
        old, new = before.pop("offers", {}), after.pop("offers", {})
        for name in dict.fromkeys((*before, *after)):
            pair = before.get(name), after.get(name)
            folded.fields[name] = _fold_pair(folded.fields.get(name), pair)
        for key in dict.fromkeys((*old, *new)):
            folded.offers[key] = _fold_offer(folded.offers.get(key), (old.get(key), new.get(key)))
    return folded


def _fold_pair(old: Pair | None, new: Pair) -> Pair:
    return (old[0], new[1]) if old is not None and old[1] == new[0] else new


def _fold_offer(old: Pair | None, new: Pair) -> Pair:
    if old is None:
        return new
    if not all(map(is_here, (*old, *new))):
        return old[0], new[1]
    before, after = dict(old[0]), dict(old[1])
    for name in new[0].keys() | new[1].keys():
        pair = (before[name], after[name]) if name in before else None
        before[name], after[name] = _fold_pair(pair, (new[0].get(name), new[1].get(name)))
    return before, after


def plan_product(
    product_id: int,
    changes: Sequence[Change],
    now: State | None,
    *,
    known: Known,
    later: Sequence[Change] = (),
) -> Plan:
    """Return how `changes`, all revisions of one cause, oldest first, are taken back.

    `now` is the product as it stands, None where it is gone; `later` are the revisions of other causes since,
    which are asked only of a product that the cause made.
    """
    plan = Plan(product_id)
    if now is None:
        since = "" if changes[-1].after is None else " since"
        plan.lost.append(f"It was deleted for good{since}")
    elif changes[0].before is None:
        _trash(plan, now, later)
    else:
        folded = fold(changes)
        _take_back_fields(plan, folded.fields, now, known)
        for key, pair in folded.offers.items():
            _take_back_offer(plan, int(key), pair, now["offers"].get(key), known)
    return plan


def _trash(plan: Plan, now: State, later: Sequence[Change]) -> None:
    if now["joined_into"]:
        plan.kept.append("It is part of another product since")
    elif now["status"] == TRASHED:
        return
    elif touched := _find_touched(later, now):
        plan.kept.append(f"Edited since: {', '.join(touched)}")
    else:
        plan.fields = {"status": TRASHED, "publish_at": None}
        plan.taken.append("to the trash")


def _find_touched(later: Sequence[Change], now: State) -> list[str]:
    """Return what people changed of a product since it was made, as far as it still stands."""
    touched = []
    by_hand = fold([change for change in later if _is_by_hand(change)])
    for name, (was, _) in by_hand.fields.items():
        if name not in OF_THE_FEED and now.get(name, was) != was:
            touched.append(label_of(name))
    if not touched and "provenance" in by_hand.fields:
        was, _ = by_hand.fields["provenance"]
        touched += ["whose word holds"] if now["provenance"] != was else []
    for key, (was, became) in fold(later).offers.items():
        if not is_here(was) and key in now["offers"]:
            touched.append("it has an offer more")
        elif is_here(was) and not is_here(became) and key not in now["offers"]:
            touched.append("an offer was taken away")
        elif is_here(became) and "is_main" in became and now["offers"].get(key, {}).get("is_main"):
            touched.append("its main offer was chosen")
    return list(dict.fromkeys(touched))


def _is_by_hand(change: Change) -> bool:
    return change.cause.partition(":")[0] in BY_HAND


def _take_back_fields(plan: Plan, folded: Mapping[str, Pair], now: State, known: Known) -> None:
    pairs = {name: pair for name, pair in folded.items() if name not in OF_THE_FEED}
    for group in _groups(pairs):
        changed = [name for name in group if now[name] != pairs[name][0]]
        if not changed:
            continue  # as it was
        word = label_of(group[0])
        values = {name: take_back(name, pairs[name][1], now[name], pairs[name][0]) for name in changed}
        if None in values.values() or all(now[name] == value[0] for name, value in values.items() if value):
            plan.kept.append(f"The {word} was changed since")
            continue
        fields = {name: value[0] for name, value in values.items() if value}
        if reason := why_not(plan.product_id, fields, known):
            plan.lost.append(reason)
            continue
        plan.fields |= fields
        plan.taken.append(word)


def _groups(names: Iterable[str]) -> list[list[str]]:
    """Return the names in groups that go back together."""
    left = list(names)
    groups = []
    while left:
        together = next((group for group in TOGETHER if left[0] in group), (left[0],))
        groups.append([name for name in left if name in together])
        left = [name for name in left if name not in together]
    return groups


def take_back(name: str, after: Any, now: Any, before: Any) -> tuple[Any] | None:
    """Return (what the field is to be,), or None where it was changed since and stays.

    Of categories only what the change added or removed is taken back.
    """
    if now == after:
        return (before,)
    if name in ("category_ids", "addresses"):
        added, removed = set(after) - set(before), set(before) - set(after)
        return (sorted((set(now) - added) | removed),)
    return None


def why_not(product_id: int, fields: Mapping[str, Any], known: Known) -> str:
    """Return why these values cannot be written any more; "" where they can."""
    if (brand := fields.get("brand")) and brand not in known.brands:
        return "Its brand is not there any more"
    if (gtin := fields.get("gtin")) and known.gtins.get(gtin, product_id) != product_id:
        return "Another product has its EAN now"
    if (slug := fields.get("slug")) and known.slugs.get(slug, product_id) != product_id:
        return "Another product has its address now"
    if (into := fields.get("joined_into")) and into not in known.products:
        return "The product that it was part of is not there any more"
    pictures = fields.get("pictures") or ()
    if any(not each["url"] and each["stored"] not in known.files for each in pictures):
        return "A picture that was uploaded is gone, with its file"
    if "category_ids" in fields and set(fields["category_ids"]) - set(known.categories):
        return "A category is not there any more"
    return ""


def _take_back_offer(plan: Plan, pk: int, pair: Pair, now: State | None, known: Known) -> None:
    before, after = pair
    if is_here(before) and is_here(after):
        _take_back_columns(plan, pk, pair, now, known)
    elif is_here(after):  # it came; one that came from another product goes back with that one
        if before is None and now is not None:
            plan.leaves.append(pk)
            plan.taken.append("the offer that joined")
        elif before is None and pk in known.places:
            plan.kept.append("The offer that joined is on another product since")
    elif not is_here(before) or now is not None:
        return
    elif after is None and pk not in known.places:
        if before["source_key"] in known.source_keys:
            plan.lost.append("A removed offer was imported again since")
        elif before["shop_id"] not in known.shops:
            plan.lost.append("The shop of a removed offer is not there any more")
        else:
            plan.comes_again[pk] = before
            plan.taken.append("a removed offer")
    elif after is not None and known.places.get(pk) == after["product_id"]:
        plan.returns.append(pk)
        plan.taken.append("offers that were moved")
    elif pk in known.places:
        plan.kept.append("An offer is on another product since")
    else:
        plan.lost.append("An offer was removed since")


def _take_back_columns(plan: Plan, pk: int, pair: Pair, now: State | None, known: Known) -> None:
    if now is None:
        if pk in known.places:
            plan.kept.append("Its offer is on another product since")
        else:
            plan.lost.append("Its offer was removed since")
        return
    before, after = pair
    names = [name for name in after if name not in OFFER_SAYS_ITSELF]
    for group in _groups(names):
        changed = [name for name in group if now[name] != before[name]]
        if not changed:
            continue
        word = label_of(group[0])
        if any(now[name] != after[name] for name in changed):
            plan.kept.append(f"The {word} of its offer was changed since")
        elif "shop_id" in changed and before["shop_id"] not in known.shops:
            plan.lost.append("The shop of its offer is not there any more")
        else:
            plan.offers.setdefault(pk, {}).update({name: before[name] for name in changed})
            plan.taken.append(word)
