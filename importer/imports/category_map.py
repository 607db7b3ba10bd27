"""The category map: look up what a merchant's category is of ours, and remember what a person says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from catalog.models import Category
from catalog.services.edits import key_of as subject_of
from events.kinds import Kind
from events.record import changes, record
from importer.imports.category_names import key_of
from importer.models import CategoryMapping, FeedItem

Decision = CategoryMapping.Decision
# Of the categories only those that are there: one may have been deleted a moment ago.
_FIND = """
    SELECT program_key, key, decision,
           ARRAY(SELECT id FROM catalog_category WHERE id = ANY(category_ids) ORDER BY id)
    FROM importer_categorymapping
    WHERE decision <> '' AND program_key = ANY(%s::text[]) AND key = ANY(%s::text[])
"""


def find_mapped(
    categories: Collection[tuple[str, str]], *, only: CategoryMapping | None = None
) -> dict[tuple[str, str], list[int]]:
    """Return our categories, by id, of each (program key, merchant's category) that the map has.

    An empty list is "none, on purpose". One query for any number. `only`: of this line alone.
    """
    keys = {pair: (pair[0], key_of(pair[1])) for pair in categories if pair[1]}
    if only is not None:
        keys = {pair: key for pair, key in keys.items() if key == (only.program_key, only.key)}
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(set(column)) for column in zip(*keys.values(), strict=True)])
        mapped = {
            (program_key, key): ids
            for program_key, key, decision, ids in cursor.fetchall()
            if ids or decision == Decision.NONE
        }
    return {pair: mapped[key] for pair, key in keys.items() if key in mapped}


def map_items(items: Iterable[FeedItem]) -> dict[tuple[str, str], list[int]]:
    """Return the same for what feed items say of themselves."""
    return find_mapped({(item.program_key, item.category) for item in items})


def find_mapping(item: FeedItem) -> CategoryMapping | None:
    """Return the line of the map that an item's category is, decided or not."""
    key = key_of(item.category)
    return CategoryMapping.objects.filter(program_key=item.program_key, key=key).first() if key else None


def is_open(mapping: CategoryMapping | None) -> bool:
    """Tell whether a line waits for a person and something is proposed for it."""
    return mapping is not None and not mapping.decision and bool(mapping.proposed_ids)


# --- What a person says ---------------------------------------------------------------------------
def decide_mapping(mapping: CategoryMapping, *, category_ids: Sequence[int], user: Any = None) -> None:
    """Remember that products of this merchant's category go into these of ours; with none, into none."""
    _save(
        mapping,
        decision=Decision.MAPPED if category_ids else Decision.NONE,
        category_ids=sorted(set(category_ids)),
        decided_by=user,
        decided_at=timezone.now(),
    )


def forget_mapping(mapping: CategoryMapping) -> None:
    """Let nobody have said anything about this category. Products stay where they are."""
    _save(mapping, decision="", category_ids=[], decided_by=None, decided_at=None)


def remember_choice(
    item: FeedItem, *, category_ids: Sequence[int], user: Any = None
) -> CategoryMapping | None:
    """Remember that products of the item's category go where a person put this one; None if it has none."""
    key = key_of(item.category)
    if not key:
        return None
    mapping, _ = CategoryMapping.objects.get_or_create(
        program_key=item.program_key,
        key=key,
        defaults={"name": item.category, "shop_name": item.shop_name, "item_count": 1},
    )
    decide_mapping(mapping, category_ids=category_ids, user=user)
    return mapping


def _save(mapping: CategoryMapping, **values: Any) -> None:
    names = ("decision", "category_ids")
    with transaction.atomic():
        stored = CategoryMapping.objects.select_for_update(no_key=True).get(pk=mapping.pk)
        changed = changes(
            {name: getattr(stored, name) for name in names}, {name: values[name] for name in names}
        )
        for name, value in values.items():
            setattr(mapping, name, value)
        if not changed:
            return
        mapping.save(update_fields=list(values))
        changed["after"] |= {"name": str(mapping)}
        record(Kind.CATEGORY_MAPPED, subject_of(mapping), **changed)


def say_decision(mapping: CategoryMapping) -> str:
    """Return what was decided about a line, as a sentence."""
    if mapping.decision == Decision.MAPPED:
        return f"“{mapping.name}” goes to {', '.join(names_of(mapping.category_ids, category_paths()))}."
    if mapping.decision == Decision.NONE:
        return f"“{mapping.name}” goes to no category."
    return f"“{mapping.name}” waits again."


# --- What pages show ------------------------------------------------------------------------------
def mappings(*, decision: str = "", text: str = "", program_key: str = "") -> QuerySet[CategoryMapping]:
    """Return the lines of the map with one decision ("": none yet), those with most items first."""
    found = CategoryMapping.objects.filter(decision=decision).order_by("-item_count", "id")
    if program_key:
        found = found.filter(program_key=program_key)
    for word in key_of(text).split():
        found = found.filter(key__contains=word)
    return found


def count_by_decision() -> dict[str, int]:
    """Return how many lines have each decision; one that none has is left out."""
    rows = CategoryMapping.objects.order_by().values_list("decision").annotate(count=Count("*"))
    return dict(rows)


def category_paths(categories: Iterable[Category] | None = None) -> dict[int, str]:
    """Return the path of each of our categories by id, as "Home > Lamps"; a query where none are given."""
    if categories is None:
        categories = Category.objects.only("id", "name", "parent_id")
    found: dict[int, Category] = {category.pk: category for category in categories}
    paths: dict[int, str] = {}

    def path_of(category: Category) -> str:
        if category.pk not in paths:
            above = found.get(category.parent_id) if category.parent_id else None
            paths[category.pk] = f"{path_of(above)} > {category.name}" if above else category.name
        return paths[category.pk]

    for category in found.values():
        path_of(category)
    return paths


def names_of(ids: Iterable[int], paths: Mapping[int, str]) -> list[str]:
    """Return the paths of categories that are there, in order."""
    return [paths[pk] for pk in ids if pk in paths]
