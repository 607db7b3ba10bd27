"""What the network tells, as people read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from desk.services.program.calls import Field, Row

SECRETS = {"password", "currentPassword", "newPassword", "token"}


def look_up(row: Any, name: str) -> Any:
    """Return a value by its name, "a.b" for one inside another; a number in the place of `a` is its first."""
    for part in name.split("."):
        if not isinstance(row, Mapping):
            return row if part == "publisherCommission" else None
        row = row.get(part)
    return row


def cell(row: Row, name: str) -> str:
    """Return a value of a row as people read it."""
    value = look_up(row, name)
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(_part, value)) or "–"
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return value[:16].replace("T", " ")
    return str(value)


def _part(one: Any) -> str:
    """Return one of several: by its name, else with all it says."""
    if not isinstance(one, Mapping):
        return str(one)
    return str(one.get("name") or ": ".join(str(value) for value in one.values() if value is not None))


def facts_of(thing: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Return all that a thing has, named in words."""
    if not isinstance(thing, Mapping):
        return []
    found: list[tuple[str, str]] = []
    for name, value in thing.items():
        label = f"{prefix}{_label(name)}"
        if name in SECRETS:
            continue
        if isinstance(value, Mapping):
            found += facts_of(value, f"{label}: ")
        else:
            found.append((label, cell({name: value}, name)))
    return found


_LABELS = {
    "iLeads": "Leads after impressions",
    "ileads": "Leads after impressions",
    "iSales": "Sales after impressions",
    "iSalesOrderValue": "Order value after impressions",
    "salesOrderValue": "Order value",
    "publisherCommission": "Commission",
    "tdCommission": "Fee",
}


def _label(name: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return words[:1].upper() + words[1:]


def plain(value: Any) -> Any:
    """Return a value to compare: numbers and texts that read alike are alike."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(sorted(str(one.get("id", one) if isinstance(one, dict) else one) for one in value))
    if isinstance(value, Decimal | float):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return text[:10] if re.fullmatch(r"\d{4}-\d\d-\d\dT.*", text) else text


def words_of(one: Field, value: Any) -> str:
    choices = dict(getattr(one.form, "choices", ()))
    text = plain(value)
    return str(choices.get(text, text))
