"""Products and what hangs on them, as a person edits them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from catalog.locks import lock, lock_to_delete
from catalog.models import Product
from catalog.services import status as transitions
from catalog.services.edits import record_of, values_of
from catalog.services.moved import leave_address
from catalog.services.prices import refresh_prices
from catalog.services.provenance import note_written
from catalog.services.revisions import note_created, revising
from catalog.services.slugs import unique_slug
from events.kinds import Kind
from events.record import changes, keys, record

EDITABLE = (
    *("title", "slug", "description", "brand", "gtin", "attributes"),
    *("meta_title", "meta_description", "publish_at"),
    *("verdict", "pros", "cons"),
)
SLUG_ATTEMPTS = 10
TRANSITIONS = {
    Product.Status.DRAFT: (transitions.restore, transitions.unpublish),
    Product.Status.PUBLISHED: (transitions.publish,),
    Product.Status.TRASHED: (transitions.trash,),
}


class EditConflict(Exception):
    """The product was saved by somebody else since `version`; nothing was written."""

    def __init__(self, product: Product) -> None:
        super().__init__("Somebody else saved this product in the meantime.")
        self.product = product


def create_product(*, title: str, slug: str = "", **fields: Any) -> Product:
    """Make a draft with a title and, if given, other of the EDITABLE fields.

    Without a slug it gets one from its title, also where others take the same one at this moment.
    Raises IntegrityError where the given slug or the EAN is another product's.
    """
    attempts = 1 if slug else SLUG_ATTEMPTS
    while True:
        attempts -= 1
        try:
            with transaction.atomic():
                product = Product.objects.create(title=title, slug=slug or unique_slug(title), **fields)
                note_created([product.pk])
                record_of(Kind.PRODUCT_CREATED, product, after={"status": product.status})
                return product
        except IntegrityError as error:
            if not attempts or "slug" not in str(error):
                raise


def lock_product(product_id: int, *, version: datetime) -> Product:
    """Lock a product for an edit that began at `version` (its `updated_at`), inside a transaction.

    Raises EditConflict where it was saved since.
    """
    product = Product.objects.select_for_update(no_key=True).get(pk=product_id)
    if product.updated_at != version:
        raise EditConflict(product)
    return product


def update_product(product: Product, **fields: Any) -> None:
    """Write the EDITABLE fields that are given; `updated_at` moves, so that other open editors notice.

    Where visitors knew the product under another slug, that address leads on to the new one.
    """
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not editable: {sorted(unknown)}")
    old_slug, old = product.slug, values_of(product, fields)
    for name, value in fields.items():
        setattr(product, name, value)
    changed = changes(old, values_of(product, fields))
    with transaction.atomic():
        lock(Product.objects.filter(pk=product.pk))
        noted = note_written(product, changed.get("after", ()))
        with revising([product.pk], *fields, *noted):
            product.save(update_fields=[*fields, *noted, "updated_at"])
        if changed:
            record(Kind.PRODUCT_EDITED, f"product:{product.pk}", **changed)
        if product.slug != old_slug and product.published_at:
            leave_address(old_slug, to=product)


def change_status(product: Product, *, status: str) -> None:
    """Bring a product to a status by the transition that leads there."""
    for change in TRANSITIONS[Product.Status(status)]:
        change([product.pk])
    product.refresh_from_db(fields=["status", "published_at", "publish_at", "preview_key", "updated_at"])


def remove_offers(product: Product, *, offer_ids: Iterable[int]) -> int:
    """Remove offers from a product and recompute its price; return how many there were.

    Whoever does so for good calls `add_waiting_clicks` before, outside of the transaction.
    """
    with transaction.atomic():
        lock(Product.objects.filter(pk=product.pk))
        offers = product.offers.filter(pk__in=list(offer_ids))
        lock_to_delete(offers)
        rows = list(offers.order_by("pk").values_list("pk", "source_key", "price", "currency"))
        with revising([product.pk], "offers"):
            _, counts = offers.delete()
        refresh_prices([product.pk])
        record(
            Kind.OFFER_REMOVED,
            keys("offer", [pk for pk, *_ in rows]),
            before={
                "product": product.pk,
                "source_key": [key for _, key, *_ in rows],
                "price": [(price, currency) for *_, price, currency in rows],
            },
        )
    return counts.get("catalog.Offer", 0)
