"""What became of a sale, read after read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sales.models import Sale


@dataclass(frozen=True, slots=True)
class Step:
    """What was seen to be otherwise at a time: (name of the field, before, after)."""

    at: datetime
    changes: Sequence[tuple[str, str, str]]


def read_history(sale: Sale) -> list[Step]:
    """Return the changes of a sale, the newest first; one query."""
    return [
        Step(
            change.seen_at,
            [
                (_word(name), _said(change.before.get(name)), _said(change.after.get(name)))
                for name in {**change.before, **change.after}
            ],
        )
        for change in sale.changes.order_by("-pk")
    ]


def _word(name: str) -> str:
    try:
        return str(Sale._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]
    except LookupError:
        return name.replace("_", " ").capitalize()


def _said(value: object) -> str:
    return "" if value is None else str(value)
