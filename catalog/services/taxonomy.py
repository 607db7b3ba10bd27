"""Categories and brands."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from catalog.models import Brand, Category, Product
from catalog.services.errors import CatalogError
from catalog.services.ids import Ids, ids_of
from catalog.services.slugs import unique_slug


def set_categories(products: Ids, *, categories: Iterable[Category], replace: bool = True) -> None:
    """Give products exactly these categories, or add them where `replace` is off."""
    ids = ids_of(products)
    through = Product.categories.through
    categories = list(categories)
    with transaction.atomic():
        if replace:
            through.objects.filter(product_id__in=ids).exclude(category__in=categories).delete()
        through.objects.bulk_create(
            [
                through(product_id=pk, category_id=category.pk)
                for pk in Product.objects.filter(pk__in=ids).values_list("pk", flat=True)
                for category in categories
            ],
            ignore_conflicts=True,
            batch_size=5_000,
        )


def get_or_create_category(name: str, *, parent: Category | None = None) -> Category:
    """Return the category of this name below `parent`, whatever its case; make it where there is none."""
    return _get_or_create(Category, name, parent=parent)


def get_or_create_brand(name: str) -> Brand:
    """Return the brand of this name, whatever its case; make it where there is none."""
    return _get_or_create(Brand, name)


def update_category(category: Category, *, name: str, parent: Category | None) -> None:
    """Rename or move a category; refuse to put it below itself.

    The tree is locked meanwhile: two moves at once could otherwise make a circle.
    """
    with transaction.atomic():
        parents = dict(Category.objects.select_for_update().order_by("pk").values_list("pk", "parent_id"))
        above = parent.pk if parent else None
        while above is not None:
            if above == category.pk:
                raise CatalogError("A category cannot be inside itself.")
            above = parents.get(above)
        category.name, category.parent = name, parent
        category.save(update_fields=["name", "parent"])


def delete_category(category: Category) -> None:
    """Delete a category. Its products stay, and the categories in it move up one level."""
    try:
        with transaction.atomic():
            category.children.update(parent=category.parent_id)
            category.delete()
    except IntegrityError:
        raise CatalogError(
            "A category inside this one has the name of one outside. Rename one of them first."
        ) from None


def merge_brands(brand: Brand, *, into: Brand) -> None:
    """Give the products of a brand to another and delete it."""
    with transaction.atomic():
        brand.products.update(brand=into)
        brand.delete()


def _get_or_create(model: type, name: str, **where):
    name = " ".join(name.split())[:120]
    found = model.objects.filter(name__iexact=name, **where).first()
    if found:
        return found
    try:
        with transaction.atomic():
            return model.objects.create(name=name, slug=unique_slug(name, model=model), **where)
    except IntegrityError:
        # Somebody made it just now.
        return model.objects.get(name__iexact=name, **where)
