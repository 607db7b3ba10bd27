"""Draft, published, trashed: the only transitions. All work on many, and repeating one is harmless."""

from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.locks import lock, lock_to_delete
from catalog.models import Offer, Product, ProductImage
from catalog.services.clicks import add_waiting_clicks
from catalog.services.ids import Ids, ids_of
from catalog.services.pictures import delete_files_after
from catalog.services.revisions import revising
from events.kinds import Kind
from events.record import keys, record

# What a change of status ends: the time that was set for publishing, the preview links given out, and that
# the product stands for another one, which got its offers.
_ENDS: dict[str, Any] = {
    "publish_at": None,
    "preview_key": "",
    "joined_into": None,
    "status_before_gone": "",
}
# What a policy does is undone when the product is back: it ends nothing, and notes where it came from.
_KEEPS: dict[str, Any] = {name: F(name) for name in ("publish_at", "preview_key", "joined_into")}
_GONE: dict[str, Any] = _KEEPS | {
    "status_before_gone": Case(
        When(status_before_gone="", then=F("status")), default=F("status_before_gone")
    ),
}


def publish(products: Ids) -> int:
    """Publish these products; return how many were not published before. `published_at` is set once."""
    now = timezone.now()
    return _change(
        Product.objects.filter(pk__in=ids_of(products)).exclude(status=Product.Status.PUBLISHED),
        status=Product.Status.PUBLISHED,
        published_at=Coalesce(F("published_at"), Value(now)),
        updated_at=now,
    )


def publish_due() -> int:
    """Publish the drafts whose `publish_at` has come; return how many."""
    due = Product.objects.filter(status=Product.Status.DRAFT, publish_at__lte=timezone.now())
    # Asked first: a write of no rows would tell the caches of a change.
    ids = list(due.values_list("pk", flat=True))
    return publish(Product.objects.filter(pk__in=ids, status=Product.Status.DRAFT)) if ids else 0


def unpublish(products: Ids) -> int:
    """Make drafts of published products; return how many. Trashed ones stay in the trash."""
    return _move(products, Product.Status.DRAFT, came_from=[Product.Status.PUBLISHED])


def trash(products: Ids) -> int:
    """Put products into the trash; return how many. The rows stay, so that no import brings them back."""
    return _move(products, Product.Status.TRASHED, came_from=[Product.Status.DRAFT, Product.Status.PUBLISHED])


def unpublish_gone(products: Ids) -> int:
    """Make drafts of published products whose last offer went, by policy (`catalog.services.gone`)."""
    rows = Product.objects.filter(pk__in=ids_of(products), status=Product.Status.PUBLISHED)
    return _change(rows, status=Product.Status.DRAFT, updated_at=timezone.now(), **_GONE)


def trash_gone(products: Ids) -> int:
    """Put products whose last offer went into the trash, by policy."""
    rows = Product.objects.filter(pk__in=ids_of(products)).exclude(status=Product.Status.TRASHED)
    return _change(rows, status=Product.Status.TRASHED, updated_at=timezone.now(), **_GONE)


def return_gone(products: Ids) -> int:
    """Give products back the status that a policy took from them; return how many."""
    rows = Product.objects.filter(pk__in=ids_of(products)).exclude(status_before_gone="")
    now, count = timezone.now(), 0
    for status in (Product.Status.DRAFT, Product.Status.PUBLISHED):
        alike = rows.filter(status_before_gone=status)
        count += _change(alike, status=status, updated_at=now, **_KEEPS)
    return count


def restore(products: Ids) -> int:
    """Take products out of the trash, as drafts; return how many."""
    return _move(products, Product.Status.DRAFT, came_from=[Product.Status.TRASHED])


def delete_permanently(products: Ids) -> int:
    """Delete those of the products that are in the trash, with their pictures; return how many."""
    trashed = Product.objects.filter(pk__in=ids_of(products), status=Product.Status.TRASHED)
    add_waiting_clicks()
    with transaction.atomic():
        ids = lock_to_delete(trashed)
        lock_to_delete(Offer.objects.filter(product__any=ids))
        trashed = Product.objects.filter(pk__any=ids)
        titles = dict(trashed.values_list("pk", "title"))
        delete_files_after(ProductImage.objects.filter(product__in=trashed))
        with revising(ids, "title"):
            _, counts = trashed.delete()
        record(Kind.PRODUCT_DELETED, keys("product", ids), before={"title": [titles[pk] for pk in ids]})
    return counts.get("catalog.Product", 0)


def _move(products: Ids, status: str, *, came_from: list[str]) -> int:
    # What a policy brought into this status stays there now when it is back: a person says so.
    by_policy = Q(status=status) & ~Q(status_before_gone="")
    rows = Product.objects.filter(Q(status__in=came_from) | by_policy, pk__in=ids_of(products))
    return _change(rows, status=status, updated_at=timezone.now())


@transaction.atomic
def _change(rows: QuerySet[Product], **fields: Any) -> int:
    ids = lock(rows)
    locked = Product.objects.filter(pk__any=ids)
    before = dict(locked.order_by("pk").values_list("pk", "status"))
    with revising(ids, "status", "published_at", "publish_at", "joined_into"):
        locked.update(**_ENDS | fields)
    for status in sorted(set(before.values()) - {fields["status"]}):
        ids = [pk for pk, old in before.items() if old == status]
        after = {"status": str(fields["status"])}
        record(Kind.PRODUCT_STATUS_CHANGED, keys("product", ids), before={"status": status}, after=after)
    return sum(status != fields["status"] for status in before.values())
