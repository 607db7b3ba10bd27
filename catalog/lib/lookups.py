"""`field__any=[...]`: like `__in`, with the whole list as one array parameter.

A chunk looks up a thousand keys at a time; as a thousand parameters, writing the statement alone takes longer
than the query.
"""

from django.db.models import Field, ForeignKey, Lookup


class Any(Lookup):
    lookup_name = "any"

    def get_prep_lookup(self) -> list:
        field = self.lhs.output_field
        return [field.get_prep_value(value) for value in self.rhs]

    def as_sql(self, compiler, connection) -> tuple[str, list]:
        left, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection) or self.lhs.output_field.db_type(connection)
        return f"{left} = ANY(%s::{kind}[])", [*params, self.rhs]


def register() -> None:
    Field.register_lookup(Any)
    ForeignKey.register_lookup(Any)
