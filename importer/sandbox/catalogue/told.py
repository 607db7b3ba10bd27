"""What somebody tells a feed to change, read from JSON: every mistake is named before anything changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from importer.sandbox.catalogue.changes import EDITABLE
from importer.sandbox.catalogue.items import Catalogue
from importer.sandbox.catalogue.shops import Feed

KNOWN = ("price_factor", "prices", "stock", "edit", "swap", "remove", "back", "restore", "add")
MOST_NEW_ROWS = 100_000


def changes_of(catalogue: Catalogue, feed: Feed, told: dict[str, Any]) -> dict[str, Any]:
    """Return what `Catalogue.publish` takes; raise ValueError for what is not understood. Rows count from 0.

    price_factor  of the first prices       prices   {"0": "12.50"}          stock  {"0": 0}
    edit          {"0": {"title": "...", "sku": "..."}}: what the shop writes now; null: as at first
    swap          [[3, 7]]: the two articles change their ids
    remove, back  [3], [3]: no longer listed, listed again;  restore: true, all are;  add  how many new rows
    """
    if unknown := set(told) - set(KNOWN):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    count = catalogue.row_count(feed)
    old = catalogue.change(feed)
    edits = {row: _read_texts(texts, old.edits.get(row, {})) for row, texts in _by_row(told, "edit", count)}
    for one, other in _pairs(told.get("swap", []), count):
        # The ids of a row that is edited and swapped at once are the new ones.
        ids = [edits.get(row, {}).get("sku") or catalogue.row(feed, row).sku for row in (one, other)]
        for row, sku in ((one, ids[1]), (other, ids[0])):
            edits[row] = {**old.edits.get(row, {}), **edits.get(row, {}), "sku": sku}
    factor = told.get("price_factor")
    return {
        "price_factor": None if factor is None else _positive(float(factor)),
        "prices": {row: round(float(price) * 100) for row, price in _by_row(told, "prices", count)},
        "stocks": {row: _read_count(stock) for row, stock in _by_row(told, "stock", count)},
        "edits": edits,
        "removed": _rows(told.get("remove", []), count),
        "back": old.removed if told.get("restore") else _rows(told.get("back", []), count),
        "added": _read_count(told.get("add", 0), MOST_NEW_ROWS),
    }


def _read_texts(texts: Any, old: Mapping[str, str]) -> dict[str, str]:
    if texts is None:
        return {}
    if not isinstance(texts, dict) or not texts or set(texts) - set(EDITABLE):
        raise ValueError(f"edit is an object of {', '.join(EDITABLE)}")
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("what a shop writes is text")
    return {**old, **texts}


def _by_row(told: dict[str, Any], name: str, count: int) -> list[tuple[int, Any]]:
    values = told.get(name, {})
    if not isinstance(values, dict):
        raise ValueError(f"{name} is an object by row")
    return [(_row(row, count), value) for row, value in values.items()]


def _rows(values: Any, count: int) -> list[int]:
    if not isinstance(values, list):
        raise ValueError("rows come as a list")
    return [_row(row, count) for row in values]


def _pairs(values: Any, count: int) -> list[tuple[int, int]]:
    pairs = [_rows(pair, count) for pair in values] if isinstance(values, list) else [[]]
    if not all(len(pair) == 2 and pair[0] != pair[1] for pair in pairs):
        raise ValueError("swap is a list of pairs of rows")
    return [(one, other) for one, other in pairs]


def _row(value: Any, count: int) -> int:
    return _within(int(value), count - 1, "row")


def _read_count(value: Any, most: int = 10**9) -> int:
    return _within(int(value), most, "number")


def _within(value: int, most: int, what: str) -> int:
    if not 0 <= value <= most:
        raise ValueError(f"a {what} is from 0 to {most}, not {value}")
    return value


def _positive(value: float) -> float:
    if not 0 < value < 1000:
        raise ValueError("price_factor is above 0 and below 1000")
    return value
