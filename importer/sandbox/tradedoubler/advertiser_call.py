"""A call of an advertiser's login, and how pages and filters are made of rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from importer.sandbox.credentials import ConnectLogin
from importer.sandbox.state import State
from importer.sandbox.tradedoubler import calls
from importer.sandbox.tradedoubler.calls import CallRefused
from importer.sandbox.web import Response, json_response

MOST = 100  # of one page


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a login: the numbers of its path, its query, its body."""

    state: State
    login: ConnectLogin
    parts: tuple[str, ...]
    query: dict[str, str]
    body: Any

    def page(self, items: Iterable[dict]) -> Response:
        """Answer one page of a list, sorted as asked; advertisers get its total."""
        rows = list(items)
        if (key := self.query.get("sortBy", "")) and rows and any(key in row for row in rows):
            rows.sort(key=lambda row: _orderly(row.get(key)), reverse=self.query.get("sortOrder") == "desc")
        offset, limit = self._number("offset", 0), min(self._number("limit", 20), MOST)
        page = {"offset": offset, "limit": limit, "total": len(rows), "items": rows[offset : offset + limit]}
        return json_response(page)

    def _number(self, name: str, default: int) -> int:
        text = self.query.get(name, "")
        return int(text) if text.isdecimal() else default

    def listed(self, name: str) -> set[str]:
        return {part for part in self.query.get(name, "").split(",") if part}

    def given(self, row: dict, **columns: str) -> bool:
        """Does the row pass the filters of the query: parameter -> column?"""
        return all(
            not self.query.get(name)
            or str(row.get(column)).lower() in {part.lower() for part in self.listed(name)}
            for name, column in columns.items()
        )


def _orderly(value: Any) -> tuple:
    return (value is not None, value if isinstance(value, int | float) else 0, str(value))


Listed = tuple[str, str, Callable[[calls.Call], object]]


def route(method: str, path: str, handler: Callable[[Call], Response], lowest: int = 4) -> Listed:
    """List a call. `{}` in the path are its numbers; `lowest`: the role that may, 1 owner to 4 reader."""

    def answer(given: calls.Call) -> Response:
        if given.login.role > lowest:
            raise CallRefused(403, "Access is denied")
        request = given.request
        try:
            body = json.loads(request.body) if request.body else {}
        except ValueError:
            raise CallRefused(400, "Malformed JSON") from None
        with given.state.organisation.lock:
            return handler(Call(given.state, given.login, given.parts, request.query, body))

    return method, re.escape(path).replace(r"\{\}", "([^/]+)"), answer
