"""The control address for tests and demos: `/_control/faults`, `catalogue`, `options` and so on.

GET shows, POST (JSON) sets, DELETE clears.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from importer.sandbox.catalogue.gtins import FAMILY_NUMBER
from importer.sandbox.catalogue.shops import FEEDS
from importer.sandbox.state import Fault, State
from importer.sandbox.web import Request, Response, json_response, read_json


def answer(state: State, request: Request) -> Response:
    name = request.path.removeprefix("/_control/").strip("/")
    part = _PARTS.get(name)
    if part is None:
        return json_response({"error": f"known: {', '.join(_PARTS)}"}, 404)
    values: dict[str, Any] | None = read_json(request.body) if request.method == "POST" else {}
    if values is None:
        return json_response({"error": "the body is not a JSON object"}, 400)
    try:
        return json_response(part(state, request.method, values))
    except (KeyError, TypeError, ValueError) as error:
        return json_response({"error": str(error)}, 400)


def _faults(state: State, method: str, values: dict) -> Any:
    """`{"path": "/adtraction/", "status": 500, "times": 2}`, or `{"faults": [...]}`; see `state.Fault`."""
    if method == "DELETE":
        state.clear_faults()
    elif method == "POST":
        known = {entry.name for entry in fields(Fault)}
        faults = []
        for entry in values.get("faults", [values]):
            entry = dict(entry)
            if network := entry.pop("network", None):
                entry["path"] = f"/{network}/"
            if unknown := set(entry) - known:
                raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
            faults.append(Fault(**entry))
        state.set_faults(faults)
    return state.list_faults()


def _catalogue(state: State, method: str, values: dict) -> Any:
    """Publish a new version of a feed (or of all): `{"feed": "tradedoubler:31101", "price_factor": 0.9,
    "prices": {"<row>": "12.50"}, "remove": [<row>], "restore": true}`; rows count from 0."""
    if method == "DELETE":
        state.catalogue.reset()
    elif method == "POST":
        wanted = values.get("feed")
        feeds = [feed for feed in FEEDS if wanted in (None, feed.key, feed.network)]
        if not feeds:
            raise ValueError(f"no such feed: {wanted}")
        prices = {int(row): round(float(price) * 100) for row, price in values.get("prices", {}).items()}
        for feed in feeds:
            state.catalogue.new_version(
                feed,
                values.get("price_factor"),
                prices,
                [int(row) for row in values.get("remove", [])],
                bool(values.get("restore")),
            )
    return [
        {
            "feed": feed.key,
            "program_id": feed.program_id,
            "shop": feed.shop.name,
            "market": feed.shop.market.code,
            "currency": feed.shop.market.currency,
            "state": feed.state,
            "rows": state.catalogue.live_count(feed),
            "first_item": state.catalogue.number(feed, 0),
            "version": state.catalogue.change(feed).version,
        }
        for feed in FEEDS
    ]


def _options(state: State, method: str, values: dict) -> Any:
    if method == "POST":
        state.options.update(values)
    return asdict(state.options)


def _requests(state: State, method: str, values: dict) -> Any:
    if method == "DELETE":
        state.requests.clear()
    return list(state.requests)


def _clicks(state: State, method: str, values: dict) -> Any:
    if method == "DELETE":
        state.clicks.clear()
    return list(state.clicks)


def _reset(state: State, method: str, values: dict) -> Any:
    if method == "POST":
        state.forget()
    return {"items": state.catalogue.size, "feeds": len(FEEDS), "families": len(FAMILY_NUMBER)}


_PARTS = {
    "faults": _faults,
    "catalogue": _catalogue,
    "options": _options,
    "requests": _requests,
    "clicks": _clicks,
    "reset": _reset,
}
