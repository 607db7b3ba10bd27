"""Columns of a model that a statement of ours reads, and objects made of them."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, models


class Columns:
    """Some columns of a model. Django makes an object of values in the model's own order, so that is theirs,
    however they are named here; a name that the model does not have raises ValueError.

    Much quicker than the ORM, which writes each statement anew.
    """

    def __init__(self, model: type[models.Model], names: Collection[str]) -> None:
        known = [field.attname for field in model._meta.concrete_fields]
        if unknown := set(names) - set(known):
            raise ValueError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
        self._model = model
        self.names = dict.fromkeys(name for name in known if name in set(names))  # `from_db` looks them up

    def __len__(self) -> int:
        return len(self.names)

    def sql(self, table: str) -> str:
        """Return the columns as a SELECT of `table` names them."""
        return ", ".join(f"{table}.{name}" for name in self.names)

    def make(self, values: Sequence[Any]) -> models.Model:
        """Return the object that has the values, which are in the order of `sql`."""
        return self._model.from_db(connection.alias, self.names, values)
