"""The history of a product, as its page shows it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from catalog.causes import Cause, describe_causes
from catalog.lib.merge import AMOUNTS
from catalog.lib.money import format_money
from catalog.lib.undoing import OFFER_SAYS_ITSELF, is_here, label_of
from catalog.lib.word_diff import Piece, compare_words, plain_text
from catalog.models import Brand, Category, Offer, Product, Revision, Shop

PER_PAGE = 20
# What people did not do, and pages do not show.
UNSEEN = {"imported", "provenance", "moved_fields", "tracking_template", *OFFER_SAYS_ITSELF}
# As the editor has them; PostgreSQL keeps keys in an order of its own.
ORDER = (
    *("title", "slug", "description", "brand", "gtin", "category_ids", "attributes", "pictures"),
    *("verdict", "pros", "cons"),
    *("meta_title", "meta_description", "status", "published_at", "publish_at", "joined_into", "addresses"),
    *("offers", "imported", "provenance", "moved_fields"),
)
TIMES = {"published_at", "publish_at", "expired_at"}


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change did to one field: its name and what differs, word by word."""

    label: str
    pieces: Sequence[Piece]


@dataclass(slots=True)
class Entry:
    """A line of a history: who, why, when, and what differs. `title` sums it up."""

    pk: int
    at: datetime
    title: str
    who: str
    cause_key: str
    cause: Cause | None
    differences: list[Difference] = field(default_factory=list)
    is_made: bool = False


def find_history(product_id: int, page: Any) -> Page:
    """Return a page of a product's history, newest first; a handful of queries, however many entries."""
    revisions = Revision.objects.filter(product_id=product_id).order_by("-pk")
    found: Page[Any] = Paginator(revisions, PER_PAGE).get_page(page)
    found.object_list = describe(list(found.object_list))
    return found


def describe(revisions: Sequence[Revision]) -> list[Entry]:
    """Return revisions as people read them."""
    causes = describe_causes([revision.cause for revision in revisions if revision.cause])
    people = name_people(revision.actor for revision in revisions)
    names = Names.of(revisions)
    return [
        Entry(
            pk=revision.pk,
            at=revision.at,
            title=_title_of(revision),
            who=people.get(revision.actor, ""),
            cause_key=revision.cause,
            cause=causes.get(revision.cause),
            differences=find_differences(revision.before or {}, revision.after or {}, names),
            is_made=revision.before is None,
        )
        for revision in revisions
    ]


def _title_of(revision: Revision) -> str:
    if revision.before is None:
        return "Made"
    if revision.after is None:
        return "Deleted for good"
    status = revision.after.get("status")
    if status and status != revision.before.get("status"):
        return {"published": "Published", "trashed": "Moved to the trash", "draft": "Made a draft"}[status]
    return "Changed"


def name_people(actors: Iterable[str]) -> dict[str, str]:
    """Return the names of those of the actors who are people, by their keys."""
    ids = {actor: int(actor[5:]) for actor in actors if actor.startswith("user:") and actor[5:].isdecimal()}
    users = get_user_model().objects.in_bulk(set(ids.values()))
    return {actor: users[pk].get_username() for actor, pk in ids.items() if pk in users}


@dataclass(slots=True)
class Names:
    """What the ids in revisions are called."""

    brands: Mapping[int, str] = field(default_factory=dict)
    categories: Mapping[int, str] = field(default_factory=dict)
    shops: Mapping[int, str] = field(default_factory=dict)
    products: Mapping[int, str] = field(default_factory=dict)
    offers: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, revisions: Iterable[Revision]) -> "Names":
        """Return the names of all that the revisions mention; a query for each kind that there is."""
        return cls.of_states(state for each in revisions for state in (each.before, each.after) if state)

    @classmethod
    def of_states(cls, states: Iterable[Mapping[str, Any]]) -> "Names":
        ids: dict[str, set[int]] = defaultdict(set)
        for state in states:
            ids["brand"].update(filter(None, [state.get("brand")]))
            ids["product"].update(filter(None, [state.get("joined_into")]))
            ids["category"].update(state.get("category_ids") or ())
            for key, offer in (state.get("offers") or {}).items():
                ids["offer"].add(int(key))
                ids["shop"].update(filter(None, [(offer or {}).get("shop_id")]))
                ids["product"].update(filter(None, [(offer or {}).get("product_id")]))
        offers = Offer.objects.filter(pk__any=list(ids["offer"])).order_by().values_list("pk", "shop__name")
        return cls(
            brands=_names(Brand, ids["brand"]),
            categories=_names(Category, ids["category"]),
            shops=_names(Shop, ids["shop"]),
            products=_names(Product, ids["product"], "title"),
            offers=dict(offers) if ids["offer"] else {},
        )


def _names(model: Any, ids: set[int], column: str = "name") -> dict[int, str]:
    return dict(model.objects.filter(pk__any=list(ids)).order_by().values_list("pk", column)) if ids else {}


def find_differences(before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> list[Difference]:
    """Return what differs between two states of a product, field by field."""
    found = []
    for name in sorted(before.keys() | after.keys(), key=ORDER.index):
        if name == "offers":
            found += _offer_differences(before.get(name) or {}, after.get(name) or {}, names)
        elif name not in UNSEEN:
            texts = (say(name, state.get(name), names) for state in (before, after))
            found += _difference(label_of_field(name), *texts)
    return found


def label_of_field(name: str) -> str:
    """Return the name of a field as it stands over its difference."""
    if name == "published_at":
        return "First published"
    if name == "publish_at":
        return "Publish on"
    label = label_of(name)
    return label[:1].upper() + label[1:]


def _difference(label: str, old: str, new: str) -> list[Difference]:
    return [Difference(label, compare_words(old, new))] if old != new else []


def say(name: str, value: Any, names: Names) -> str:
    """Return the value of a field in words; "" where there is none."""
    if value in (None, "", [], {}):
        return ""
    if name == "description":
        return plain_text(value)
    if name == "brand":
        return names.brands.get(value, f"Brand {value}")
    if name == "joined_into":
        return names.products.get(value, f"Product {value}")
    if name == "category_ids":
        return ", ".join(sorted(names.categories.get(pk, f"Category {pk}") for pk in value))
    if name == "pictures":
        return "\n".join(_say_picture(picture) for picture in value)
    if name == "status":
        return str(Product.Status(value).label)
    if name in TIMES:
        at = parse_datetime(value) if isinstance(value, str) else value
        return date_format(timezone.localtime(at), "j M Y, H:i")
    if isinstance(value, dict):
        return "\n".join(f"{key}: {value[key]}" for key in sorted(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _say_picture(picture: Mapping[str, Any]) -> str:
    name = picture["url"].rpartition("/")[2] or f"upload {picture['id']}"
    return f"{name} ({picture['alt']})" if picture["alt"] else name


def _offer_differences(before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> list[Difference]:
    found = []
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        label = f"Offer of {_shop_of(key, old, new, names)}"
        if is_here(old) and is_here(new):
            for name, texts in _say_offer(old or {}, new or {}, names):
                found += _difference(f"{label}: {name}", *texts)
        else:
            found += _difference(label, _say_place(old, names), _say_place(new, names))
    return found


def _shop_of(key: str, old: Any, new: Any, names: Names) -> str:
    row: Mapping[str, Any] = next((each for each in (new, old) if each and "shop_id" in each), {})
    return names.shops.get(row.get("shop_id", 0)) or names.offers.get(int(key), "a shop")


def _say_offer(old: Mapping[str, Any], new: Mapping[str, Any], names: Names):
    seen = set()
    for name in dict.fromkeys((*old, *new)):
        label = label_of(name)
        if name in UNSEEN or label in seen or name == "currency":
            continue
        seen.add(label)
        yield label, [_say_offer_value(name, state, names) for state in (old, new)]


def _say_offer_value(name: str, offer: Mapping[str, Any], names: Names) -> str:
    value = offer.get(name)
    if name == "shop_id":
        return names.shops.get(value, "") if value else ""
    if name in AMOUNTS and value is not None:
        currency = offer.get("currency", "")
        return format_money(Decimal(value), currency) if currency else str(value)
    if name == "in_stock":
        return {True: "in stock", False: "sold out", None: "unknown"}[value]
    if name == "expired_at":
        return f"no longer listed since {say(name, value, names)}" if value else "listed"
    return say(name, value, names)


def _say_place(offer: Mapping[str, Any] | None, names: Names) -> str:
    if offer is None:
        return ""
    if is_here(offer):
        return f"here, {_say_offer_value('price', offer, names)}" if offer.get("price") else "here"
    return f"on “{names.products.get(offer['product_id'], 'a product that is gone')}”"


@dataclass(frozen=True, slots=True)
class Restorable:
    """A field of an earlier state that differs from now. `is_ticked`: it comes back unless they say no."""

    name: str
    label: str
    pieces: Sequence[Piece]
    is_ticked: bool


def find_restorable(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[Restorable]:
    """Return how an earlier state differs from what stands there: what would change, field by field."""
    names = Names.of_states([now, then])
    found = []
    for name in now:
        if now[name] != then[name]:
            old, new = (say(name, state[name], names) for state in (now, then))
            # Whether visitors see it is another question than what it says.
            found.append(Restorable(name, label_of_field(name), compare_words(old, new), name != "status"))
    return found
