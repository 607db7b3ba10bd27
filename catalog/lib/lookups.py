"""`field__any=[...]`: like `__in`, with the whole list as one array parameter.

A chunk looks up a thousand keys at a time; as a thousand parameters, writing the statement alone takes longer
than the query. Very long ones may come as the text of an array, which costs nothing to send.
"""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignKey, Lookup
from django.db.models.sql.compiler import SQLCompiler


class Any(Lookup):
    lookup_name = "any"

    def get_prep_lookup(self) -> list[object] | str:
        if isinstance(self.rhs, str):
            return self.rhs
        field = self.lhs.output_field
        return [field.get_prep_value(value) for value in self.rhs]

    # Django 5.2 makes a list of the parameters; its stubs say a tuple.
    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[object]]:
        left, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection) or self.lhs.output_field.db_type(connection)
        return f"{left} = ANY(%s::{kind}[])", [*params, self.rhs]


def register() -> None:
    Field.register_lookup(Any)
    ForeignKey.register_lookup(Any)
