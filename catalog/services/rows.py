"""Many rows in one statement: COPY for new ones, UPDATE for those that are there."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from psycopg import sql

from catalog.lib.arrays import text_array


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """COPY rows into the model's table. Raises Django's database errors."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def draw_ids(model: type[models.Model], count: int) -> list[int]:
    """Take `count` fresh primary keys from the model's sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def update_rows(
    model: type[models.Model],
    rows: Iterable[tuple[int, Any]],
    columns: Sequence[str],
    *,
    also: Mapping[str, Any] | None = None,
    computed: Mapping[str, str] | None = None,
    only_changed: bool = False,
) -> int:
    """Write (primary key, object) pairs in one UPDATE; return how many rows it wrote.

    Each of `columns` takes the attribute of its name, and is sent as one array of the type that the model
    says. `also` gives columns one value for all rows, `computed` an SQL expression of `old`, `new` and the
    names of `also` (`%(at)s`). Rows are written in the order of their keys, which is the order of locks.
    `only_changed` leaves rows alone that have these values already.
    """
    rows = sorted(rows, key=lambda row: row[0])
    if not rows:
        return 0
    also, computed = also or {}, computed or {}
    fields = [_field_of(model, name) for name in columns]
    params = {f"new_{name}": _array(field, rows) for name, field in zip(columns, fields, strict=True)}
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    assignments = [
        *(
            sql.SQL("{0} = new.{0}{1}").format(sql.Identifier(name), _from_text(field))
            for name, field in zip(columns, fields, strict=True)
        ),
        *(sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in also),
        *(sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(text)) for name, text in computed.items()),
    ]
    statement = sql.SQL(
        """
        UPDATE {table} AS old SET {assignments}
        FROM unnest(%(new_id)s::bigint[], {arrays}) AS new(id, {names})
        WHERE old.id = new.id {differs}
        """
    ).format(
        table=sql.Identifier(model._meta.db_table),
        assignments=sql.SQL(", ").join(assignments),
        arrays=sql.SQL(", ").join(
            sql.SQL("{}::{}").format(sql.Placeholder(f"new_{name}"), sql.SQL(_array_type(field)))
            for name, field in zip(columns, fields, strict=True)
        ),
        names=names,
        differs=_differs(columns, fields) if only_changed else sql.SQL(""),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"new_id": [pk for pk, _ in rows], **params, **also})
        return cursor.rowcount


def _field_of(model: type[models.Model], column: str) -> models.Field:
    for field in model._meta.concrete_fields:
        if field.column == column:
            return field
    raise ValueError(f"{model.__name__} has no column {column}")


def _array_type(field: models.Field) -> str:
    if isinstance(field, ArrayField):
        return "text[]"
    # Without its length: a cast to varchar(3) would cut what is too long, where the column refuses it.
    return re.sub(r"\([^)]*\)", "", field.db_type(connection) or "") + "[]"


def _array(field: models.Field, rows: Sequence[tuple[int, Any]]) -> str:
    """Return the values of a column as the text of an array."""
    get, write = attrgetter(str(field.column)), _writer(field)
    values = [get(row) for _, row in rows]
    if write is not None:
        values = [None if value is None else write(value) for value in values]
    return text_array(values)


def _writer(field: models.Field) -> Callable[[Any], str] | None:
    """Return what writes a value of the field as PostgreSQL reads it; None for what is text already."""
    if isinstance(field, ArrayField):
        # PostgreSQL has no ragged arrays of arrays: each goes as text.
        if isinstance(field.base_field, models.CharField):
            return text_array
        return lambda numbers: "{" + ",".join(map(str, map(int, numbers))) + "}"
    if isinstance(field, models.JSONField):
        return (field.encoder or json.JSONEncoder)().encode
    return None if isinstance(field, models.CharField | models.TextField) else str


def _from_text(field: models.Field) -> sql.SQL:
    return sql.SQL(f"::{field.db_type(connection)}" if isinstance(field, ArrayField) else "")


def _differs(columns: Sequence[str], fields: Sequence[models.Field]) -> sql.Composed:
    new = (
        sql.SQL("new.{}{}").format(sql.Identifier(name), _from_text(field))
        for name, field in zip(columns, fields, strict=True)
    )
    old = (sql.SQL("old.{}").format(sql.Identifier(name)) for name in columns)
    return sql.SQL("AND ({}) IS DISTINCT FROM ({})").format(sql.SQL(", ").join(old), sql.SQL(", ").join(new))
