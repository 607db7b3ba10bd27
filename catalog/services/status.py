"""Draft, published, trashed: the only doors between them. All work on many, and repeating one is harmless."""

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import Product
from catalog.services.ids import Ids, ids_of


def publish(products: Ids) -> int:
    """Publish these products; return how many were not published before. `published_at` is set once."""
    now = timezone.now()
    return (
        Product.objects.filter(pk__in=ids_of(products))
        .exclude(status=Product.Status.PUBLISHED)
        .update(
            status=Product.Status.PUBLISHED,
            published_at=Coalesce(F("published_at"), Value(now)),
            updated_at=now,
        )
    )


def unpublish(products: Ids) -> int:
    """Make drafts of published products; return how many. Trashed ones stay in the trash."""
    return _move(products, Product.Status.DRAFT, came_from=[Product.Status.PUBLISHED])


def trash(products: Ids) -> int:
    """Put products into the trash; return how many. The rows stay, so that no import brings them back."""
    return _move(products, Product.Status.TRASHED, came_from=[Product.Status.DRAFT, Product.Status.PUBLISHED])


def restore(products: Ids) -> int:
    """Take products out of the trash, as drafts; return how many."""
    return _move(products, Product.Status.DRAFT, came_from=[Product.Status.TRASHED])


def delete_permanently(products: Ids) -> int:
    """Delete those of the products that are in the trash; return how many."""
    _, counts = Product.objects.filter(pk__in=ids_of(products), status=Product.Status.TRASHED).delete()
    return counts.get("catalog.Product", 0)


def _move(products: Ids, status: str, *, came_from: list[str]) -> int:
    return Product.objects.filter(pk__in=ids_of(products), status__in=came_from).update(
        status=status, updated_at=timezone.now()
    )
