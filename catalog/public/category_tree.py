"""The whole category tree: it is small, and every page shows some of it."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import OuterRef, Subquery

from catalog.models import Category, Product
from catalog.site.shared import Shared

Membership = Product.categories.through


class CategoryTree:
    """Categories by parent, as they are when it is made: visitors share it (`shared_tree`)."""

    def __init__(self) -> None:
        shown = Membership.objects.filter(category=OuterRef("pk"), product__status=Product.Status.PUBLISHED)
        categories = Category.objects.annotate(
            # Not Exists(): PostgreSQL would read every membership there is, to ask it once per category.
            used=Subquery(shown.values("pk")[:1]),
        )
        self._children: dict[int | None, list[Category]] = defaultdict(list)
        self._by_id: dict[int, Category] = {}
        for category in categories:
            self._children[category.parent_id].append(category)
            self._by_id[category.pk] = category
        self._shown = {each.pk for used in self.categories if used.used for each in self.path(used)}

    @property
    def categories(self) -> list[Category]:
        return list(self._by_id.values())

    def find(self, slug: str) -> Category | None:
        return next((category for category in self._by_id.values() if category.slug == slug), None)

    def children(self, category: Category | None) -> list[Category]:
        """Return the categories directly below one (or the top ones) that have something to show."""
        below = self._children.get(category.pk if category else None, ())
        return [child for child in below if child.pk in self._shown]

    def roots(self) -> list[Category]:
        return self.children(None)

    def subtree(self, category: Category) -> list[Category]:
        """Return a category and everything below it."""
        found = [category]
        for each in found:
            found.extend(child for child in self._children.get(each.pk, ()) if child not in found)
        return found

    def path(self, category: Category) -> list[Category]:
        """Return the way from the top down to a category, itself included."""
        path = [category]
        while (parent := self._by_id.get(path[0].parent_id or 0)) and parent not in path:
            path.insert(0, parent)
        return path

    def facets_of(self, category: Category) -> list[str]:
        """Return the properties that a category is filtered by: its own, else those of the nearest above."""
        return next((each.facets for each in reversed(self.path(category)) if each.facets), [])

    def longest_path(self, category_ids: Collection[int]) -> list[Category]:
        """Return the longest way down to one of the categories; empty where there is none."""
        found = [category for category in self.categories if category.pk in category_ids]
        return max(map(self.path, found), key=len, default=[])


shared_tree = Shared(CategoryTree)
