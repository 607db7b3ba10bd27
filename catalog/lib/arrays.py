"""Lists of texts for PostgreSQL."""

from collections.abc import Sequence
from typing import cast


def text_array(values: Sequence[str | None]) -> str:
    """Return an array of texts, None for NULL, as PostgreSQL reads it: for COPY, and for long parameters.

    A parameter that is a list costs twenty times as much: psycopg looks at each text for itself.
    """
    if not values:
        return "{}"
    if None in values:
        return f"{{{','.join(['NULL' if value is None else _quoted(value) for value in values])}}}"
    texts = cast("Sequence[str]", values)
    inner = '","'.join(texts)
    if "\\" in inner or inner.count('"') > 2 * (len(texts) - 1):
        inner = '","'.join([_escaped(value) for value in texts])
    return f'{{"{inner}"}}'


def _quoted(value: str) -> str:
    return f'"{_escaped(value)}"'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
