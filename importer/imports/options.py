"""What a run decides for all its items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Category, Product
from importer.models import ImportRun, NetworkAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A person's choices for a run, and what its kind says; None or "" leaves it to each item's account."""

    status: str = ""
    import_description: bool | None = None
    category_ids: Sequence[int] = ()
    uses_map: bool = True  # where no category was chosen: those of the category map
    is_quick: bool = False
    is_update: bool = False  # only bring up to date what is there: make nothing, expire what is gone

    @classmethod
    def of_run(cls, run: ImportRun) -> Options:
        """Return the run's options, with the categories that still exist."""
        return cls.from_json(
            run.options,
            is_quick=run.kind == ImportRun.Kind.QUICK,
            is_update=run.kind == ImportRun.Kind.UPDATE,
        )

    @classmethod
    def from_json(
        cls, choices: dict[str, Any], *, is_quick: bool = False, is_update: bool = False
    ) -> Options:
        """Return the options that `to_json` wrote, with the categories that still exist."""
        wanted = choices.get("category_ids")
        there = Category.objects.filter(pk__in=wanted).values_list("pk", flat=True) if wanted else ()
        return cls(**choices | {"category_ids": list(there)}, is_quick=is_quick, is_update=is_update)

    def to_json(self) -> dict[str, Any]:
        """Return the choices as `ImportRun.options` keeps them; the kind is the run's."""
        choices = {
            "status": self.status,
            "import_description": self.import_description,
            "category_ids": list(self.category_ids),
            "uses_map": None if self.uses_map else False,
        }
        return {name: value for name, value in choices.items() if value not in ("", None, [])}

    def status_for(self, account: NetworkAccount) -> str:
        if self.is_quick and not self.status:
            return Product.Status.PUBLISHED if account.quick_publishes else account.product_status
        return self.status or account.product_status

    def wants_description(self, account: NetworkAccount) -> bool:
        return account.import_description if self.import_description is None else self.import_description
