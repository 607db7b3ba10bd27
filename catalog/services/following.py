"""Whose word stands in the fields of a product: lock, keep, take the feed's, choose who feeds.

The importer does the same to many at once, by the same rules (`catalog.lib.merge`, `catalog.lib.provenance`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from catalog.lib.gone import KEY as GONE
from catalog.lib.gone import MAIL_KEY, Gone
from catalog.lib.merge import FIELDS, MAPS, SETS, TEXTS, Decision, Policy, State, decide, same
from catalog.lib.provenance import (
    Entries,
    after_choosing,
    after_decision,
    after_keeping,
    after_locking,
    base_of,
    is_locked,
    moved_fields,
)
from catalog.locks import lock
from catalog.models import Category, Product
from catalog.services.bulk import get_brand_ids
from catalog.services.errors import CatalogError
from catalog.services.ids import Ids, ids_of
from catalog.services.pictures_of_feeds import set_pictures
from catalog.services.provenance import value_of
from catalog.services.revisions import revising
from catalog.services.taxonomy import set_categories
from catalog.sources import find_item
from events.kinds import Kind
from events.record import keys, record


def lock_field(product: Product, *, field: str) -> None:
    """Let no feed write this field until it is unlocked, whatever the policy."""
    _change_entries(
        product,
        field,
        lambda row: after_locking(row.provenance, row.imported, field, value_of(row, field), locked=True),
    )


def unlock_field(product: Product, *, field: str) -> None:
    """Let the policy decide about this field again."""
    _change_entries(
        product,
        field,
        lambda row: after_locking(row.provenance, row.imported, field, value_of(row, field), locked=False),
    )


def keep_field(product: Product, *, field: str) -> None:
    """Note that what stands there is kept although the feed moved: until it moves again, nobody is told."""
    _change_entries(product, field, lambda row: after_keeping(row.provenance, field))


def _change_entries(product: Product, field: str, change: Callable[[Product], Entries]) -> None:
    _check(field)
    with transaction.atomic():
        row = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        entries = change(row)
        if entries == row.provenance:
            return
        row.provenance, row.moved_fields = entries, moved_fields(entries)
        with revising([row.pk], "provenance"):
            row.save(update_fields=["provenance", "moved_fields"])
        was = product.provenance.get(field, {})
        record(
            Kind.PRODUCT_EDITED,
            f"product:{row.pk}",
            before={"provenance": {field: was}},
            after={"provenance": {field: entries.get(field, {})}},
        )
    product.provenance, product.moved_fields = row.provenance, row.moved_fields


def take_feed(products: Ids, *, field: str) -> int:
    """Put what the feed says now into a field of these products; return how many were changed.

    A lock stays on the field, for what the feed says next. Left out is what no feed fills, and an EAN that
    another product has.
    """
    _check(field)
    with transaction.atomic():
        ids = lock(Product.objects.filter(pk__in=ids_of(products), imported__has_key=field))
        rows = Product.objects.filter(pk__any=ids).select_related("brand").order_by("pk")
        changed = []
        with revising(ids, *_PARTS.get(field, (field,)), "provenance"):
            brands = get_brand_ids(row.imported[field] for row in rows) if field == "brand" else {}
            taken = _taken(list(rows)) if field == "gtin" else set()
            for row in rows:
                if field == "gtin" and row.imported[field] in taken:
                    continue
                if _take(row, field, brands):
                    changed.append(row.pk)
                    taken.add(row.imported[field]) if field == "gtin" else None
        record(Kind.PRODUCT_EDITED, keys("product", changed), after={"taken_from_feed": field})
    return len(changed)


_PARTS: Mapping[str, tuple[str, ...]] = {"images": ("pictures",)}


def _take(row: Product, field: str, brands: Mapping[str, int]) -> bool:
    """Adopt what the feed says; tell whether that changed anything."""
    ours, theirs, entries = value_of(row, field), row.imported[field], row.provenance
    base = base_of(entries, row.imported, field) if field in SETS else ours
    decision = decide(field, base, ours, theirs, Policy.ALWAYS)
    row.provenance = after_decision(entries, field, decision, theirs)
    row.moved_fields = moved_fields(row.provenance)
    columns = ["provenance", "moved_fields", "updated_at"]
    if field == "brand":
        row.brand_id = brands.get(theirs.lower())
        columns.append("brand")
    elif field in TEXTS or field in MAPS:
        setattr(row, field, decision.value)
        columns.append(field)
    is_changed = decision.value != ours or row.provenance != entries
    if is_changed:
        row.save(update_fields=columns)
        if field == "category_ids":
            set_categories([row.pk], categories=Category.objects.filter(pk__in=decision.value))
        elif field == "images" and decision.value != ours:
            linked = [row.pk] if _links_pictures(row) else []
            set_pictures({row.pk: decision.value}, linked=linked)
    return is_changed


def _links_pictures(row: Product) -> bool:
    item = find_item(row.imported.get("source_key", ""))
    return bool(item and item.links_pictures)


def _taken(rows: Sequence[Product]) -> set[str]:
    wanted = {row.imported["gtin"]: row.pk for row in rows}
    found = Product.objects.filter(gtin__any=list(wanted)).exclude(gtin="").values_list("gtin", "pk")
    return {gtin for gtin, pk in found if wanted[gtin] != pk}


def choose_feeder(product: Product, *, field: str, offer_id: int | None) -> None:
    """Let an offer feed a field from now on, in place of the one that the product was made of (None).

    What that one says is taken at once, unless the field is edited or locked. Raises CatalogError where the
    offer is not on the product any more, or nobody knows what its feed says.
    """
    _check(field)
    with transaction.atomic():
        row = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        key = row.imported.get("source_key")
        if offer_id is not None:
            key = row.offers.filter(pk=offer_id).values_list("source_key", flat=True).first()
        item = find_item(key) if key else None
        if key is None or item is None:
            raise CatalogError("This offer is not here any more. Choose another.")
        chosen = None if key == row.imported.get("source_key") else key
        if chosen == row.provenance.get(field, {}).get("source_key"):
            return
        row.provenance = after_choosing(row.provenance, field, chosen)
        follows = field in item.said and _hear(row, field, item.said[field])
        row.moved_fields = moved_fields(row.provenance)
        with revising([row.pk], "provenance", "moved_fields", "imported"):
            row.save(update_fields=["provenance", "moved_fields", "imported"])
        record(Kind.PRODUCT_EDITED, f"product:{row.pk}", after={"fed_by": {field: key}})
        if follows:
            take_feed([row.pk], field=field)


def _hear(row: Product, field: str, said: Any) -> bool:
    """Note on the row what its new feed says of a field; tell whether the field follows it."""
    ours, locked = value_of(row, field), is_locked(row.provenance, field)
    base = base_of(row.provenance, row.imported, field)
    base = ours if base is None else base
    row.imported = row.imported | {field: said}
    follows = not locked and same(field, base, ours)
    state = State.LOCKED if locked else State.FOLLOWS if follows else State.MOVED
    row.provenance = after_decision(row.provenance, field, Decision(ours, base, state), said)
    return follows


def set_policies(product: Product, *, policies: Mapping[str, Any]) -> None:
    """Let these policies go before those of the account; {} leaves all to the account."""
    policies = dict(policies)
    for name, chosen in policies.items():
        if name == GONE:
            Gone(chosen)
        elif name != MAIL_KEY:
            Policy(chosen)
    with transaction.atomic():
        row = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        if row.policies == policies:
            return
        before, row.policies = row.policies, policies
        row.save(update_fields=["policies"])
        # What was left alone so far may follow now: the next sync looks at its offers again.
        row.offers.update(source_digest=None)
        record(
            Kind.PRODUCT_EDITED,
            f"product:{row.pk}",
            before={"policies": before},
            after={"policies": policies},
        )
    product.policies = policies


def _check(field: str) -> None:
    if field not in FIELDS:
        raise CatalogError("There is no such field.")
