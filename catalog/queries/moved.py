"""Where things went that had an address: they have another one now, or are part of another thing."""

from typing import Any, TypeVar

from django.db.models import Model

from catalog.models import (
    Brand,
    BrandAlias,
    Category,
    CategoryRedirect,
    OldAddress,
    Product,
    Shop,
    ShopAlias,
    SlugRedirect,
)

# Of each: the rows that keep addresses which lead to it, and what they call it.
MOVED: dict[type[Model], tuple[type[Any], str]] = {
    Product: (SlugRedirect, "product"),
    Category: (CategoryRedirect, "category"),
    Brand: (BrandAlias, "brand"),
    Shop: (ShopAlias, "shop"),
}
Thing = TypeVar("Thing", bound=Model)


def find_successor(model: type[Thing], slug: str) -> Thing | None:
    """Return what the address of a thing that is not there any more leads to."""
    rows, name = MOVED[model]
    row = rows.objects.select_related(name).filter(slug=slug).first()
    return getattr(row, name) if row else None


def find_merged(model: type[Thing], pk: int) -> tuple[str, Thing] | None:
    """Return the name that a brand or shop had which became part of another, and the other."""
    rows, name = MOVED[model]
    row = rows.objects.select_related(name).filter(merged_id=pk).first()
    return (row.name, getattr(row, name)) if row else None


def find_at_old_address(path: str) -> Product | None:
    """Return the published product that had this address, whatever its last slash, on the site before."""
    spellings = {path, path.rstrip("/"), f"{path.rstrip('/')}/"} - {"", "/"}
    if len(path) > 300 or not spellings or "\0" in path:
        return None
    row = OldAddress.objects.select_related("product").filter(path__in=spellings).first()
    return row.product if row and row.product.is_published else None
