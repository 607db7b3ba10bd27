"""What a cause is: its name, its page, and whether it is still at work. The catalogue has only its key; who
acts under a kind of cause says the rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Cause:
    """What people read of a cause, and where it leads; `is_at_work`: it may still change something."""

    label: str
    url: str = ""
    is_at_work: bool = False


_LABELS = {
    "bulk": "Action on several products",
    "merge": "Products joined",
    "join": "Products joined",
    "move": "Offers moved",
    "split": "Offers split off",
    "policy": "Policy",
    "mapping": "Category map",
    "restore": "Earlier state restored",
    "wordpress": "Import from WordPress",
}
_find: dict[str, Callable[[Sequence[str]], dict[str, Cause]]] = {}


def name_causes(kind: str, find: Callable[[Sequence[str]], dict[str, Cause]]) -> None:
    """Take what is known of the causes of a kind from `find`, which gets what stands behind the colon."""
    _find[kind] = find


def describe_causes(keys: Sequence[str]) -> dict[str, Cause]:
    """Return what people read of each of these causes; one query for each kind."""
    found: dict[str, Cause] = {}
    by_kind: dict[str, dict[str, str]] = {}
    for key in keys:
        kind, _, name = key.partition(":")
        by_kind.setdefault(kind, {})[name] = key
    for kind, names in by_kind.items():
        known = _find[kind](list(names)) if kind in _find else {}
        found |= {key: known.get(name) or Cause(_LABELS.get(kind, key)) for name, key in names.items()}
    return found


def is_at_work(key: str) -> bool:
    """Tell whether what had this cause may still change something."""
    return describe_causes([key])[key].is_at_work


def _undo_runs(names: Sequence[str]) -> dict[str, Cause]:
    from catalog.models import UndoRun
    from catalog.models.undo import ACTIVE

    ids = [int(name) for name in names if name.isdecimal()]
    runs = UndoRun.objects.filter(pk__in=ids).values_list("pk", "state")
    return {
        str(pk): Cause(f"Undo {pk}", reverse("catalog:undo-detail", args=[pk]), state in ACTIVE)
        for pk, state in runs
    }


name_causes("undo", _undo_runs)
