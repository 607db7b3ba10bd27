"""What the product list does to many products at once, each with its revision."""

from django.db import transaction
from django.utils import timezone

from catalog.lib.merge import FIELDS, OFFER_FIELDS, Policy
from catalog.locks import lock
from catalog.models import Brand, Offer, Product
from catalog.services.errors import CatalogError
from catalog.services.ids import Ids, ids_of
from catalog.services.provenance import note_many_written
from catalog.services.revisions import revising
from catalog.services.rows import update_rows
from events.kinds import Kind
from events.record import keys, record


def set_brand(products: Ids, *, brand: Brand | None) -> int:
    """Give these products a brand, or take theirs away; return how many had another one."""
    with transaction.atomic():
        ids = lock(Product.objects.filter(pk__in=ids_of(products)))
        brand_id = brand.pk if brand else None
        rows = Product.objects.filter(pk__any=ids).order_by("pk").values_list("pk", "brand_id")
        had = {pk: old for pk, old in rows if old != brand_id}
        if had:
            with revising(had, "brand", "provenance", "moved_fields"):
                Product.objects.filter(pk__any=list(had)).update(brand=brand, updated_at=timezone.now())
                note_many_written(had, "brand")
            record(
                Kind.PRODUCT_EDITED,
                keys("product", list(had)),
                before={"brand": list(had.values())},
                after={"brand": brand_id},
            )
    return len(had)


def set_policy(products: Ids, *, field: str, policy: str) -> int:
    """Let feeds change one field of these products by this policy, "" as their accounts say.

    Return how many had another one. Their offers are looked at again by the next sync.
    """
    if field not in (*FIELDS, *OFFER_FIELDS):
        raise CatalogError("There is no such field.")
    if policy:
        Policy(policy)
    with transaction.atomic():
        ids = lock(Product.objects.filter(pk__in=ids_of(products)))
        changed = []
        for row in Product.objects.filter(pk__any=ids).only("id", "policies").order_by("pk"):
            if row.policies.get(field, "") != policy:
                others = {name: chosen for name, chosen in row.policies.items() if name != field}
                row.policies = others | ({field: policy} if policy else {})
                changed.append((row.pk, row))
        if not changed:
            return 0
        update_rows(Product, changed, ("policies",))
        changed_ids = [pk for pk, _ in changed]
        # What was left alone so far may follow now.
        Offer.objects.filter(product_id__any=changed_ids).exclude(source_digest=None).update(
            source_digest=None
        )
        record(
            Kind.PRODUCT_EDITED,
            keys("product", changed_ids),
            after={"policies": {field: policy}},
        )
    return len(changed)
