"""What became of a feed since the catalogue was made: prices, articles that are gone or new, other texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

FIRST_PUBLISHED = datetime(2026, 11, 1, 4, 5, 6, tzinfo=UTC)
# What a shop may write otherwise; `sku` is the id under which a row is listed.
EDITABLE = ("sku", "title", "description", "brand", "category", "gtin")

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """How a feed differs from its first version. Rows count from 0; those past the first ones are new.

    Another version is another `Change`: who reads a feed while it changes reads one of the two.
    """

    version: int = 0
    days: int = 0  # since the first version, besides an hour for each version
    added: int = 0
    price_factor: float = 1.0
    prices: Mapping[int, int] = field(default_factory=dict)  # row -> cents
    stocks: Mapping[int, int] = field(default_factory=dict)  # row -> how many
    edits: Mapping[int, Texts] = field(default_factory=dict)  # row -> what the shop writes now
    removed: frozenset[int] = frozenset()
    touched: Mapping[int, int] = field(default_factory=dict)  # row -> when it changed last, epoch ms
    all_touched: int = 0  # when all changed, epoch ms

    @property
    def published_at(self) -> datetime:
        """When it was published: what every interface of a network says of the feed."""
        return _published_at(self.version, self.days)

    def next(
        self,
        *,
        days: int = 0,
        price_factor: float | None = None,
        prices: Mapping[int, int] | None = None,
        stocks: Mapping[int, int] | None = None,
        edits: Mapping[int, Texts] | None = None,
        removed: Collection[int] = (),
        back: Collection[int] = (),
        new_rows: Collection[int] = (),
    ) -> Change:
        """Return the version after this one; no texts for a row means those that it had at first."""
        version, passed = self.version + 1, self.days + days
        changed = [*(prices or ()), *(stocks or ()), *(edits or ()), *back, *new_rows]
        at = int(_published_at(version, passed).timestamp() * 1000)
        return Change(
            version=version,
            days=passed,
            added=self.added + len(new_rows),
            price_factor=self.price_factor if price_factor is None else price_factor,
            prices={**self.prices, **(prices or {})},
            stocks={**self.stocks, **(stocks or {})},
            edits={row: texts for row, texts in {**self.edits, **(edits or {})}.items() if texts},
            removed=self.removed - frozenset(back) | frozenset(removed),
            touched={**self.touched, **dict.fromkeys(changed, at)},
            all_touched=self.all_touched if price_factor is None else at,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"removed": sorted(self.removed)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Change:
        """Return what `to_json` was made of: JSON writes rows as text."""
        by_row = ("prices", "stocks", "edits", "touched")
        rows = {name: {int(row): value for row, value in values[name].items()} for name in by_row}
        return cls(**values | rows | {"removed": frozenset(values["removed"])})


def _published_at(version: int, days: int) -> datetime:
    return FIRST_PUBLISHED + timedelta(days=days, hours=version)
