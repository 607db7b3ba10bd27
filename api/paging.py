"""Pages that are found again by where the last one ended, so that far ones cost no more than the first."""

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from ninja import Field, Schema
from pydantic import ConfigDict

from api.problems import Problem

MAX_LIMIT = 200
Row = TypeVar("Row", bound=Model)


class Paging(Schema):
    """Which page: `cursor` is the `next` of the one before."""

    model_config = ConfigDict(extra="ignore")

    cursor: str = Field("", max_length=500, description="The `next` of the page before; empty: the first.")
    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="Rows of a page.")


def page_of(
    rows: QuerySet[Row],
    paging: Paging,
    *,
    key: str = "id",
    falls: bool = True,
    prepare: Callable[[QuerySet[Row]], QuerySet[Row]] | None = None,
) -> dict[str, Any]:
    """Return `{"items", "next"}` of rows in the order of `key` (a column without empty values) and id."""
    sign, compare = ("-", "lt") if falls else ("", "gt")
    order = [f"{sign}{key}"] if key == "id" else [f"{sign}{key}", f"{sign}id"]
    if after := read_cursor(paging.cursor, key):
        value, pk = after
        beyond = Q(**{f"id__{compare}": pk})
        if key != "id":
            beyond = Q(**{f"{key}__{compare}": value}) | (Q(**{key: value}) & beyond)
            # The plain bound is what an index reads by.
            rows = rows.filter(**{f"{key}__{compare}e": value})
        rows = rows.filter(beyond)
    found = rows.order_by(*order)
    ids = list(found.values_list("pk", flat=True)[: paging.limit + 1])
    shown = prepare(found.model._default_manager.all()) if prepare else rows.order_by()
    by_id = shown.filter(pk__in=ids[: paging.limit]).in_bulk() if ids else {}
    items = [by_id[pk] for pk in ids[: paging.limit] if pk in by_id]
    last = items[-1] if items and len(ids) > paging.limit else None
    return {"items": items, "next": write_cursor(key, getattr(last, key), last.pk) if last else ""}


def write_cursor(key: str, value: Any, pk: int) -> str:
    """Return the text that `read_cursor` reads."""
    stored = value.isoformat() if isinstance(value, datetime) else value
    text = json.dumps([key, stored, pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str, key: str) -> tuple[Any, int] | None:
    """Return where the page before ended, None for the first page. Raises Problem on anything else."""
    if not text:
        return None
    try:
        name, value, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if name == key and type(pk) is int and 0 <= pk < 2**63:
            if key == "id":
                return pk, pk
            read = datetime.fromisoformat(value)
            if read.tzinfo:
                return read, pk
    except (ValueError, TypeError, binascii.Error):
        pass
    message = "This is no cursor of this list."
    raise Problem("invalid", errors=[{"field": "cursor", "code": "cursor", "message": message}])
