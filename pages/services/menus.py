"""The entries of menus. Whoever changes a menu holds it, so that two people make no circle."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from events.kinds import Kind
from events.record import record
from pages.models import MenuItem

MAX_ITEMS = 100  # of one menu
FIELDS = ("label", "post", "category", "url", "parent")


class MenuError(Exception):
    """A sentence for the user about what cannot be done."""


@transaction.atomic
def add_item(menu: str, **values: Any) -> MenuItem:
    """Put an entry at the end of a menu, or below another entry. Raises MenuError."""
    items = _hold(menu)
    if len(items) >= MAX_ITEMS:
        raise MenuError(f"A menu has no more than {MAX_ITEMS} entries.")
    item = MenuItem(menu=menu, position=_end_of(items))
    _set(item, values, items)
    item.save()
    _record(menu, after={"added": _said(item)})
    return item


@transaction.atomic
def change_item(item: MenuItem, **values: Any) -> MenuItem:
    """Change an entry, also where it stands below another. Raises MenuError, for a circle, too."""
    items = _hold(item.menu)
    if item.pk not in items:
        raise MenuError("Somebody removed this entry meanwhile.")
    item = items[item.pk]
    before, old_parent = _said(item), item.parent_id
    _set(item, values, items)
    if item.parent_id != old_parent:
        item.position = _end_of(items)
    item.save()
    _record(item.menu, before={"changed": before}, after={"changed": _said(item)})
    return item


@transaction.atomic
def move_item(item: MenuItem, *, by: int) -> None:
    """Move an entry up (-1) or down (1) among those beside it; at the end it stays where it is."""
    items = _hold(item.menu)
    if item.pk not in items:
        return
    beside = [each for each in items.values() if each.parent_id == items[item.pk].parent_id]
    place = next(number for number, each in enumerate(beside) if each.pk == item.pk)
    other = place + (1 if by > 0 else -1)
    if not 0 <= other < len(beside):
        return
    beside[place], beside[other] = beside[other], beside[place]
    for position, each in enumerate(beside):
        each.position = position
    MenuItem.objects.bulk_update(beside, ["position"])
    _record(item.menu, after={"order": [each.pk for each in beside]})


@transaction.atomic
def delete_item(item: MenuItem) -> None:
    """Remove an entry, with those below it."""
    items = _hold(item.menu)
    if item.pk in items:
        MenuItem.objects.filter(pk=item.pk).delete()
        _record(item.menu, before={"removed": _said(items[item.pk])})


def _hold(menu: str) -> dict[int, MenuItem]:
    """Lock a menu until the transaction ends; return its entries in order."""
    # The whole table: it is small, and an empty menu has no row to be held by.
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE pages_menuitem IN SHARE ROW EXCLUSIVE MODE")
    return {item.pk: item for item in MenuItem.objects.filter(menu=menu)}


def _set(item: MenuItem, values: Mapping[str, Any], items: Mapping[int, MenuItem]) -> None:
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"not fields of a menu entry: {sorted(unknown)}")
    for name, value in values.items():
        setattr(item, name, value)
    parent = items.get(item.parent_id) if item.parent_id else None
    if item.parent_id is None:
        return
    if parent is None:
        raise MenuError("The entry above was removed meanwhile, or is in the other menu.")
    if parent.pk == item.pk or _is_below(parent, item, items):
        raise MenuError("An entry cannot stand below itself.")
    if parent.parent_id is not None:
        raise MenuError(f"“{parent}” stands below another entry: nothing can stand below it.")
    if item.pk and any(each.parent_id == item.pk for each in items.values()):
        raise MenuError("Entries stand below this one, so it stays at the top.")


def _is_below(item: MenuItem, other: MenuItem, items: Mapping[int, MenuItem]) -> bool:
    seen: set[int] = set()
    while item.parent_id and item.parent_id not in seen:
        if item.parent_id == other.pk:
            return True
        seen.add(item.parent_id)
        if item.parent_id not in items:
            return False
        item = items[item.parent_id]
    return False


def _end_of(items: Mapping[int, MenuItem]) -> int:
    return max((item.position for item in items.values()), default=-1) + 1


def _said(item: MenuItem) -> dict[str, Any]:
    return {
        "label": item.label,
        "post": item.post_id,
        "category": item.category_id,
        "url": item.url,
        "parent": item.parent_id,
    }


def _record(menu: str, **values: Any) -> None:
    record(Kind.MENU_EDITED, f"menu:{menu}", **values)
