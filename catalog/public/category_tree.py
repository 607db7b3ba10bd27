"""The whole category tree, read once per page: it is small, and every page shows some of it."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Subquery

from catalog.models import Category, Product

Membership = Product.categories.through


class CategoryTree:
    """Categories by parent. `product`, where given, is marked on the categories it is in."""

    def __init__(self, product: Product | None = None):
        shown = Membership.objects.filter(category=OuterRef("pk"), product__status=Product.Status.PUBLISHED)
        categories = Category.objects.annotate(
            # Not Exists(): PostgreSQL would read every membership there is, to ask it once per category.
            used=Subquery(shown.values("pk")[:1]),
            holds_product=Exists(Membership.objects.filter(category=OuterRef("pk"), product=product)),
        )
        self._children: dict[int | None, list[Category]] = defaultdict(list)
        self._by_id: dict[int, Category] = {}
        for category in categories:
            self._children[category.parent_id].append(category)
            self._by_id[category.pk] = category

    @property
    def categories(self) -> list[Category]:
        return list(self._by_id.values())

    def find(self, slug: str) -> Category | None:
        return next((category for category in self._by_id.values() if category.slug == slug), None)

    def children(self, category: Category | None) -> list[Category]:
        """Return the categories directly below one (or the top ones) that have something to show."""
        below = self._children[category.pk if category else None]
        return [child for child in below if any(each.used for each in self.subtree(child))]

    def roots(self) -> list[Category]:
        return self.children(None)

    def subtree(self, category: Category) -> list[Category]:
        """Return a category and everything below it."""
        found = [category]
        for each in found:
            found.extend(child for child in self._children[each.pk] if child not in found)
        return found

    def path(self, category: Category) -> list[Category]:
        """Return the way from the top down to a category, itself included."""
        path = [category]
        while (parent := self._by_id.get(path[0].parent_id)) and parent not in path:
            path.insert(0, parent)
        return path

    def put_product(self, category_ids: Collection[int]) -> None:
        """Mark the product on these categories, whatever is stored."""
        for category in self._by_id.values():
            category.holds_product = category.pk in category_ids

    def path_of_product(self) -> list[Category]:
        """Return the longest way down to a category of the product; empty where it has none."""
        holding = [category for category in self._by_id.values() if category.holds_product]
        return max(map(self.path, holding), key=len, default=[])
