"""Conversions out of a CSV or JSON file, as a shop exports them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

MOST_LINES = 20_000


def read_file(text: str) -> list[dict[str, Any]]:
    """Return the conversions of a CSV (its first line names the fields) or a JSON array.

    Raises ValueError for what is neither.
    """
    text = text.lstrip("\ufeff")
    if text.lstrip()[:1] in ("[", "{"):
        return _read_json(text)
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(";,\t", key=head.count))
    names = [name for name in reader.fieldnames or [] if name]
    if not names:
        raise ValueError("The first line names the fields: tid, amount, currency and so on.")
    rows: list[dict[str, Any]] = []
    for row in reader:
        values = {name: value for name, value in row.items() if name and value not in (None, "")}
        if values:
            rows.append(values)
        if len(rows) > MOST_LINES:
            raise ValueError(f"A file has {MOST_LINES:,} conversions at most.")
    return rows


def _read_json(text: str) -> list[dict[str, Any]]:
    try:
        told = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise ValueError("The file is no JSON.") from None
    rows = [told] if isinstance(told, dict) else told
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("The file is an array of objects.")
    if len(rows) > MOST_LINES:
        raise ValueError(f"A file has {MOST_LINES:,} conversions at most.")
    return rows
