"""Note who wrote what stands in the fields of a product (`catalog.lib.provenance`)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from catalog.lib.merge import FIELDS, Decision, State
from catalog.lib.provenance import after_decision, after_edit, moved_fields
from catalog.models import Product
from catalog.queries.pictures import find_picture_keys
from catalog.services.rows import update_rows
from events.actor import current_actor


def value_of(product: Product, field: str) -> Any:
    """Return what stands in a field, as the feed's words are compared with it."""
    if field == "brand":
        return product.brand.name if product.brand else ""
    if field == "images":
        return find_picture_keys([product.pk]).get(product.pk, [])
    if field == "category_ids":
        return sorted(product.category_ids)
    return getattr(product, field)


def note_written(product: Product, fields: Iterable[str]) -> list[str]:
    """Note on a locked product, which is saved next, that these fields were written; return what to save.

    What stands there now is the product's own; what the feed says is read anew.
    """
    stored = Product.objects.filter(pk=product.pk).values_list("imported", "provenance").first()
    if stored is None:
        return []
    product.imported, product.provenance = stored
    return ["provenance", "moved_fields"] if _note(product, fields) else []


def note_many_written(product_ids: Iterable[int], field: str) -> None:
    """Note that a field of these locked products was written; those that no feed fills are left out."""
    rows = Product.objects.filter(pk__any=list(product_ids), imported__has_key=field).order_by("pk")
    columns = ["id", "imported", "provenance", *([field] if field not in ("brand", "images") else [])]
    rows = rows.select_related("brand") if field == "brand" else rows.only(*columns)
    changed = [(row.pk, row) for row in rows if _note(row, [field])]
    update_rows(Product, changed, ("provenance", "moved_fields"))


def note_adopted(values: Mapping[int, Any], field: str) -> None:
    """Note what is said of a field of these locked products, by id, and that it stands there now."""
    changed = []
    for row in Product.objects.filter(pk__any=list(values)).only("id", "imported", "provenance"):
        value = values[row.pk]
        row.provenance = after_decision(row.provenance, field, Decision(value, value, State.FOLLOWS), value)
        row.imported = row.imported | {field: value}
        row.moved_fields = moved_fields(row.provenance)
        changed.append((row.pk, row))
    update_rows(Product, changed, ("imported", "provenance", "moved_fields"))


def _note(product: Product, fields: Iterable[str]) -> bool:
    before, actor, now = product.provenance, current_actor(), timezone.now()
    for field in fields:
        if field in FIELDS and field in product.imported:
            ours = value_of(product, field)
            product.provenance = after_edit(
                product.provenance, product.imported, field, ours, by=actor, at=now
            )
    product.moved_fields = moved_fields(product.provenance)
    return product.provenance != before
