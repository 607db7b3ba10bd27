"""The category tree as a flat list, top down."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count

from catalog.models import Category


def flatten(categories: Iterable[Category]) -> list[Category]:
    """Return the categories in the order of their tree, each with its `depth` (0 at the top) and its
    neighbours on that level, `above` and `below` (None at the ends)."""
    children = defaultdict(list)
    for category in categories:
        children[category.parent_id].append(category)
    rows: list[Category] = []

    def add(parent_id: int | None, depth: int) -> None:
        level = children[parent_id]
        for category, above, below in zip(level, [None, *level], [*level[1:], None], strict=False):
            category.depth, category.above, category.below = depth, above, below
            rows.append(category)
            add(category.pk, depth + 1)

    add(None, 0)
    return rows


def read_tree() -> list[Category]:
    """Return all categories in the order of their tree, each with its `product_count`."""
    # Counting drops the model's own order.
    counted = Category.objects.annotate(product_count=Count("products")).order_by(*Category._meta.ordering)
    return flatten(counted.select_related("parent"))


def with_descendants(categories: Iterable[Category], root_id: int) -> list[int]:
    """Return the ids of a category and of everything below it."""
    found, parents = [], {category.pk: category.parent_id for category in categories}
    todo = [root_id] if root_id in parents else []
    while todo:
        found.append(todo.pop())
        todo.extend(pk for pk, parent in parents.items() if parent == found[-1])
    return found
