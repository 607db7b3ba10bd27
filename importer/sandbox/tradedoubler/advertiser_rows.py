"""What the advertiser's calls do alike: find a row, ask for fields, tell the outcome of a batch."""

from __future__ import annotations

from typing import Any

from importer.sandbox.tradedoubler.advertiser_call import Call
from importer.sandbox.tradedoubler.calls import CallRefused
from importer.sandbox.web import Response, json_response


def find(rows: list[dict], key: str, value: object, what: str) -> dict:
    for row in rows:
        if str(row[key]) == str(value):
            return row
    raise CallRefused(404, f"{what} not found")


def need(body: Any, *names: str) -> dict:
    if not isinstance(body, dict):
        raise CallRefused(400, "Malformed JSON")
    for name in names:
        if body.get(name) in (None, "", []):
            raise CallRefused(400, f"{name} is required", "1001")
    return body


def take(row: dict, body: dict, *names: str) -> None:
    row.update({name: body[name] for name in names if name in body})


def outcome(call: Call, good: list, bad: list, good_name: str, bad_name: str) -> Response:
    if call.state.options.outcome_lists == 0:
        return json_response(
            {"total": len(good) + len(bad), "success": len(good), "fail": len(bad), "items": good + bad}
        )
    counts = {"total": len(good) + len(bad), "success": len(good), "fail": len(bad)}
    return json_response({**counts, good_name: good, bad_name: bad})


def program_of(call: Call) -> dict:
    """Return the program of the path."""
    return find(call.state.organisation.programs, "id", call.parts[0], "Program")
