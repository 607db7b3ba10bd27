"""Bring back an earlier state of a product: another edit, by the same rules."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.lib.undoing import Plan, State, why_not
from catalog.models import Product, Revision
from catalog.services.errors import CatalogError
from catalog.services.products import lock_product
from catalog.services.revisions import as_kept, read_states
from catalog.services.undo import look_around
from catalog.services.writing_back import write_plans
from events.actor import cause

# What a person may bring back. Prices, stock and links are the shops' word, as old as it is now.
RESTORABLE = (
    *("title", "slug", "description", "brand", "gtin", "category_ids", "pictures", "attributes"),
    *("verdict", "pros", "cons", "meta_title", "meta_description", "status"),
)


def state_at(revision: Revision) -> tuple[State, State]:
    """Return the RESTORABLE fields as they were after that revision, and as they are now.

    Raises CatalogError where the product is gone.
    """
    found = read_states([revision.product_id], RESTORABLE)
    if revision.product_id not in found:
        raise CatalogError("This product was deleted for good.")
    now = as_kept(found[revision.product_id])
    then = dict(now)
    later = Revision.objects.filter(product_id=revision.product_id, pk__gt=revision.pk).order_by("-pk")
    for before in later.values_list("before", flat=True).iterator():
        then.update((name, value) for name, value in (before or {}).items() if name in now)
    return then, now


def restore_state(revision: Revision, *, fields: Iterable[str], version: datetime) -> list[str]:
    """Give a product these fields as they were after that revision; return which of them differed.

    Raises EditConflict where somebody saved the product since `version` (its `updated_at`), CatalogError
    where one of the fields cannot be had any more: then nothing is written.
    """
    with transaction.atomic(), cause(f"restore:{revision.pk}"):
        product = lock_product(revision.product_id, version=version)
        then, now = state_at(revision)
        wanted = {name: then[name] for name in RESTORABLE if name in set(fields) and then[name] != now[name]}
        if not wanted:
            return []
        if now["status"] == Product.Status.TRASHED and "status" not in wanted:
            raise CatalogError("This product is in the trash. Restore it first.")
        plan = Plan(product.pk, fields=wanted | _of_status(product, wanted))
        if reason := why_not(product.pk, wanted, look_around({product.pk: wanted})):
            raise CatalogError(f"{reason}.")
        state = read_states([product.pk], [*plan.fields, *(("addresses",) if "slug" in wanted else ())])
        write_plans([plan], {product.pk: as_kept(state[product.pk])})
    return list(wanted)


def _of_status(product: Product, wanted: State) -> dict[str, Any]:
    """Return what goes with a status: a product that is published was so from the first time on."""
    if "status" not in wanted:
        return {}
    values: dict[str, Any] = {"publish_at": None, "joined_into": None}
    if wanted["status"] == Product.Status.PUBLISHED and product.published_at is None:
        values["published_at"] = product.updated_at
    return values
