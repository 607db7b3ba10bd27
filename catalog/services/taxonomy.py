"""Categories and brands."""

from collections.abc import Collection, Iterable, Mapping

from django.db import IntegrityError, transaction
from django.db.models import Max

from catalog.locks import lock, take_turn
from catalog.models import Brand, Category, Product
from catalog.services.edits import record_of
from catalog.services.errors import CatalogError, again_on_deadlock
from catalog.services.ids import Ids, ids_of
from catalog.services.moved import hand_over_addresses
from catalog.services.provenance import note_adopted, note_many_written
from catalog.services.revisions import revising
from catalog.services.slugs import unique_slug
from events.kinds import Kind
from events.record import keys, record


def set_categories(products: Ids, *, categories: Iterable[Category], replace: bool = True) -> None:
    """Give products exactly these categories, or add them where `replace` is off."""
    ids = ids_of(products)
    through = Product.categories.through
    categories = list(categories)
    with transaction.atomic():
        ids = lock(Product.objects.filter(pk__in=ids))  # a trigger writes to them
        old = dict(Product.objects.filter(pk__any=ids).order_by("pk").values_list("pk", "category_ids"))
        with revising(ids, "category_ids", "provenance", "moved_fields"):
            if replace:
                through.objects.filter(product_id__any=ids).exclude(category__in=categories).delete()
            through.objects.bulk_create(
                [through(product_id=pk, category_id=category.pk) for pk in ids for category in categories],
                ignore_conflicts=True,
                batch_size=5_000,
            )
            note_many_written(ids, "category_ids")
        chosen = {category.pk for category in categories}
        _record_categories(old, {pk: chosen if replace else chosen | set(had) for pk, had in old.items()})


def remove_from_categories(products: Ids, *, categories: Iterable[Category]) -> int:
    """Take products out of these categories; return how many were in one of them. Their others stay."""
    gone = {category.pk for category in categories}
    through = Product.categories.through
    with transaction.atomic():
        ids = lock(Product.objects.filter(pk__in=ids_of(products)))  # a trigger writes to them
        old = dict(
            Product.objects.filter(pk__any=ids, category_ids__overlap=list(gone))
            .order_by("pk")
            .values_list("pk", "category_ids")
        )
        with revising(old, "category_ids", "provenance", "moved_fields"):
            through.objects.filter(product_id__any=list(old), category_id__any=list(gone)).delete()
            note_many_written(old, "category_ids")
        _record_categories(old, {pk: set(had) - gone for pk, had in old.items()})
    return len(old)


def adopt_categories(chosen: Mapping[int, Collection[int]]) -> None:
    """Give products, by id, exactly these categories, by id, as what is said of them where they come from.

    `Product.imported` keeps them, too: categories that differ from it were chosen by a person. A constant
    number of queries. Raises IntegrityError where a category is gone.
    """
    through = Product.categories.through
    with transaction.atomic():
        ids = lock(Product.objects.filter(pk__any=list(chosen)))  # a trigger writes to them
        old = dict(Product.objects.filter(pk__any=ids).order_by("pk").values_list("pk", "category_ids"))
        wanted = {(pk, category_id) for pk in ids for category_id in chosen[pk]}
        with revising(ids, "category_ids", "imported", "provenance", "moved_fields"):
            held = through.objects.filter(product_id__any=ids).values_list("pk", "product_id", "category_id")
            gone = [pk for pk, *pair in held if tuple(pair) not in wanted]
            through.objects.filter(pk__any=gone).delete()
            through.objects.bulk_create(
                [through(product_id=pk, category_id=category_id) for pk, category_id in sorted(wanted)],
                ignore_conflicts=True,
                batch_size=5_000,
            )
            note_adopted({pk: sorted(chosen[pk]) for pk in ids}, "category_ids")
        _record_categories(old, chosen)


def _record_categories(old: Mapping[int, Collection[int]], new: Mapping[int, Collection[int]]) -> None:
    """Note the products that have other categories now, those alike together."""
    alike: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
    for pk, had in old.items():
        if set(had) != set(new[pk]):
            alike.setdefault((tuple(sorted(had)), tuple(sorted(new[pk]))), []).append(pk)
    for (had, has), ids in alike.items():
        record(
            Kind.PRODUCT_CATEGORIES_CHANGED,
            keys("product", ids),
            before={"category_ids": list(had)},
            after={"category_ids": list(has)},
        )


def get_or_create_category(name: str, *, parent: Category | None = None) -> Category:
    """Return the category of this name below `parent`, whatever its case; make it where there is none."""
    highest = Category.objects.filter(parent=parent).aggregate(Max("position"))["position__max"]
    # By name until a person has put them in order; then at the end.
    return _get_or_create(Category, name, defaults={"position": highest + 1 if highest else 0}, parent=parent)


def get_or_create_brand(name: str) -> Brand:
    """Return the brand of this name, whatever its case; make it where there is none."""
    return _get_or_create(Brand, name)


@again_on_deadlock
def merge_brands(brand: Brand, *, into: Brand) -> None:
    """Give the products of a brand to another and delete it; its address and imports of its name lead there.

    Raises CatalogError where one of the two is gone, or they are the same.
    """
    if brand.pk == into.pk:
        raise CatalogError("Choose another brand than this one.")
    with transaction.atomic():
        take_turn()
        ids = lock(Product.objects.filter(brand=brand))
        rows = Brand.objects.filter(pk__in=[brand.pk, into.pk]).order_by("pk").select_for_update()
        if len(rows) < 2:
            raise CatalogError("One of the two brands does not exist any more.")
        with revising(ids, "brand"):
            Product.objects.filter(pk__any=ids).update(brand=into)
        hand_over_addresses(brand, to=into, name=brand.name, merged_id=brand.pk)
        record_of(Kind.BRAND_MERGED, brand, after={"into": into.pk})
        brand.delete()


def delete_brand(brand: Brand) -> None:
    """Delete a brand. Its products stay, without one."""
    with transaction.atomic(), revising(lock(brand.products.all()), "brand"):
        record_of(Kind.BRAND_DELETED, brand)
        brand.delete()


def _get_or_create(model: type, name: str, *, defaults: dict | None = None, **where):
    name = " ".join(name.split())[:120]
    found = model.objects.filter(name__iexact=name, **where).first()
    if found:
        return found
    values = {"name": name, "slug": unique_slug(name, model=model)} | (defaults or {}) | where
    try:
        with transaction.atomic():
            made = model.objects.create(**values)
            record_of(Kind.BRAND_CREATED if model is Brand else Kind.CATEGORY_CREATED, made)
            return made
    except IntegrityError:
        # Somebody made it just now.
        return model.objects.get(name__iexact=name, **where)
