"""The category tree: move, order, merge. Whoever changes its shape holds the whole of it, so that two people
at once can neither make a circle nor lose a place."""

from collections.abc import Sequence

from django.db import IntegrityError, models, transaction

from catalog.locks import lock, take_turn
from catalog.models import Category, Product
from catalog.services.edits import record_of
from catalog.services.errors import CatalogError, again_on_deadlock
from catalog.services.moved import hand_over_addresses
from catalog.services.revisions import revising
from events.kinds import Kind
from events.record import changes


class Place(models.TextChoices):
    """Where a category goes, seen from another."""

    BEFORE = "before"
    AFTER = "after"
    INSIDE = "inside"  # as its last one


def move_category(category: Category, *, place: Place, target: Category) -> None:
    """Put a category, with all that is in it, before, after or inside another one.

    Raises CatalogError where it would be inside itself, where its name is taken there, and where one of the
    two has been removed meanwhile.
    """
    try:
        with transaction.atomic():
            tree = _Tree()
            moved, target = tree.get(category.pk), tree.get(target.pk)
            old = _place_of(moved)
            if place == Place.INSIDE:
                tree.put(moved, target.pk)
            elif moved != target:
                tree.put(moved, target.parent_id, place, target)
            if changed := changes(old, _place_of(moved)):
                record_of(Kind.CATEGORY_MOVED, moved, **changed)
    except IntegrityError:
        raise CatalogError(f"There is a category “{category.name}” there already.") from None


def update_category(
    category: Category, *, name: str, parent: Category | None, facets: Sequence[str] | None = None
) -> None:
    """Rename a category, or move it to the end of another parent. Raises CatalogError.

    `facets` are the properties that visitors filter it by, None where they stay.
    """
    try:
        with transaction.atomic():
            tree = _Tree()
            stored = tree.get(category.pk)
            old = {"name": stored.name, "parent": stored.parent_id, "facets": stored.facets}
            stored.name = name
            stored.facets = stored.facets if facets is None else list(facets)
            if stored.parent_id != (parent and parent.pk):
                tree.put(stored, parent and parent.pk)
            stored.save(update_fields=["name", "facets"])
            new = {"name": name, "parent": stored.parent_id, "facets": stored.facets}
            if changed := changes(old, new):
                record_of(Kind.CATEGORY_EDITED, stored, **changed)
    except IntegrityError:
        raise CatalogError(f"There is a category “{name}” there already.") from None


@again_on_deadlock
def delete_category(category: Category) -> None:
    """Delete a category. Its products stay, and the categories in it move up one level, to where it was."""
    try:
        with transaction.atomic():
            tree = _Tree()
            stored = tree.get(category.pk)
            for child in tree.children(stored.pk):
                tree.put(child, stored.parent_id, Place.BEFORE, stored)
            with revising(_lock_products(stored), "category_ids"):
                record_of(Kind.CATEGORY_DELETED, stored, before={"parent": stored.parent_id})
                stored.delete()
    except IntegrityError:
        raise CatalogError(
            "A category inside this one has the name of one outside. Rename one of them first."
        ) from None


@again_on_deadlock
def merge_categories(category: Category, *, into: Category) -> None:
    """Give products and inner categories to another category; the old address leads there (301).

    Inner categories of one name merge, too. Raises CatalogError where `into` is inside the category.
    """
    with transaction.atomic():
        tree = _Tree()
        tree.check_outside(tree.get(into.pk), tree.get(category.pk))
        with revising(_lock_products(*tree.inside(category.pk)), "category_ids"):
            _merge(tree, tree.get(category.pk), tree.get(into.pk))


def _lock_products(*categories: Category) -> list[int]:
    """Lock the products of categories that are about to lose them: a trigger writes to these. Return them."""
    held = Product.categories.through.objects.filter(category__in=categories)
    return lock(Product.objects.filter(pk__in=held.values("product")))


def _merge(tree: "_Tree", category: Category, into: Category) -> None:
    namesakes = {child.name.lower(): child for child in tree.children(into.pk)}
    for child in tree.children(category.pk):
        if namesake := namesakes.get(child.name.lower()):
            _merge(tree, child, namesake)
        else:
            tree.put(child, into.pk)
    through = Product.categories.through
    held = through.objects.filter(category=category)
    # A new row each, not a changed one: triggers keep `Product.category_ids` by rows that come and go.
    through.objects.bulk_create(
        [through(product_id=pk, category_id=into.pk) for pk in held.values_list("product_id", flat=True)],
        ignore_conflicts=True,
        batch_size=5_000,
    )
    hand_over_addresses(category, to=into)
    record_of(Kind.CATEGORY_MERGED, category, after={"into": into.pk})
    tree.remove(category)


def _place_of(category: Category) -> dict[str, int | None]:
    return {"parent": category.parent_id, "position": category.position}


class _Tree:
    """Every category, locked until the transaction ends, always in the same order."""

    def __init__(self) -> None:
        take_turn()
        lock(Category.objects.all())
        self._all = {each.pk: each for each in Category.objects.all()}  # in the order that pages show

    def get(self, pk: int) -> Category:
        if pk not in self._all:
            raise CatalogError("This category was removed meanwhile.")
        return self._all[pk]

    def children(self, parent_id: int | None) -> list[Category]:
        """Return the categories directly below one, as pages show them."""
        below = [each for each in self._all.values() if each.parent_id == parent_id]
        return sorted(below, key=lambda each: each.position)

    def inside(self, pk: int) -> list[Category]:
        """Return a category and all that are in it, however deep."""
        found = [self.get(pk)]
        for each in found:
            found += self.children(each.pk)
        return found

    def check_outside(self, category: Category | None, other: Category) -> None:
        """Raise CatalogError where `category` is `other` or inside it."""
        while category is not None:
            if category.pk == other.pk:
                raise CatalogError("A category cannot be inside itself.")
            category = self._all.get(category.parent_id)

    def put(
        self,
        category: Category,
        parent_id: int | None,
        place: Place = Place.INSIDE,
        target: Category | None = None,
    ) -> None:
        """Put the category below a parent, at the end or at a place seen from `target`; number them anew."""
        self.check_outside(self._all.get(parent_id), category)
        siblings = [each for each in self.children(parent_id) if each.pk != category.pk]
        index = len(siblings)
        if place != Place.INSIDE:
            index = siblings.index(target) + (place == Place.AFTER)
        siblings.insert(index, category)
        category.parent_id = parent_id
        for position, each in enumerate(siblings, 1):
            each.position = position
        Category.objects.bulk_update(siblings, ["name", "parent", "position"])

    def remove(self, category: Category) -> None:
        del self._all[category.pk]
        category.delete()
