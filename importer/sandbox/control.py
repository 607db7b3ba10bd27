"""The control address for tests and demos: `/_control/faults`, `catalogue`, `week`, `sales` and so on.

GET shows, POST (JSON) sets, DELETE clears. `POST /_control` sets several at once, by name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields
from typing import Any

from importer.sandbox.catalogue.gtins import FAMILY_NUMBER
from importer.sandbox.catalogue.shops import FEEDS
from importer.sandbox.catalogue.told import changes_of
from importer.sandbox.catalogue.week import DAYS, pass_week
from importer.sandbox.sales import control as sales_control
from importer.sandbox.state import Fault, State
from importer.sandbox.web import Request, Response, json_response, read_json

MOST_WEEKS = 60  # at once: a year, and some


def answer(state: State, request: Request) -> Response:
    name = request.path.removeprefix("/_control").strip("/")
    part = _PARTS.get(name) if name else _several
    if part is None:
        return json_response({"error": f"known: {', '.join(_PARTS)}"}, 404)
    values: dict[str, Any] | None = read_json(request.body) if request.method == "POST" else {}
    if values is None:
        return json_response({"error": "the body is not a JSON object"}, 400)
    try:
        answer = part(state, request.method, values)
        if request.method != "GET":
            state.keep()
        return json_response(answer)
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
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


def _several(state: State, method: str, values: dict) -> Any:
    """Show every part, or set those that are named, in their order."""
    if unknown := set(values) - set(_PARTS):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    if not all(isinstance(part, dict) for part in values.values()):
        raise ValueError("each part is an object")
    chosen = values if method == "POST" else dict.fromkeys(_PARTS, {})
    return {name: _PARTS[name](state, method, part) for name, part in chosen.items()}


def _catalogue(state: State, method: str, values: dict) -> Any:
    """Publish a new version of a feed, of a network's, or of all; see `changes_of`."""
    if method == "DELETE":
        state.catalogue.reset()
    elif method == "POST":
        values = dict(values)
        wanted = values.pop("feed", None)
        feeds = [feed for feed in FEEDS if wanted in (None, feed.key, feed.network)]
        if not feeds:
            raise ValueError(f"no such feed: {wanted}")
        for feed, changes in [(feed, changes_of(state.catalogue, feed, values)) for feed in feeds]:
            state.catalogue.publish(feed, **changes)
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
            "published_at": state.catalogue.change(feed).published_at.isoformat(),
        }
        for feed in FEEDS
    ]


def _week(state: State, method: str, values: dict) -> Any:
    """Let weeks pass: one (`{}`), or those up to `{"to": 3}`, which is safe to say twice.

    `watched`: [[feed, id], ...], articles that something surely happens to (`week.pass_week`).
    """
    catalogue = state.catalogue
    if method == "DELETE":
        catalogue.reset()
    if method != "POST":
        return {"week": catalogue.weeks, "feeds": []}
    if unknown := set(values) - {"to", "watched"}:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    watched = [(str(feed), str(sku)) for feed, sku in values.get("watched", [])]
    with state.weeks_lock:
        to = values.get("to", catalogue.weeks + 1)
        if not isinstance(to, int) or isinstance(to, bool) or not 0 <= to <= catalogue.weeks + MOST_WEEKS:
            raise ValueError(f"to is the number of a week, at most {MOST_WEEKS} from now")
        feeds: dict[str, Counter[str]] = {feed.key: Counter() for feed in FEEDS}
        while catalogue.weeks < to:
            state.sales.pass_days(DAYS)
            for feed, week in pass_week(catalogue, watched):
                feeds[feed.key].update(
                    prices=len(week.prices),
                    texts=len(week.edits),
                    gone=len(week.removed),
                    back=len(week.back),
                    new=week.added,
                )
        return {
            "week": catalogue.weeks,
            "feeds": [{"feed": key, **counts} for key, counts in feeds.items() if counts],
        }


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
    "week": _week,
    "options": _options,
    "sales": sales_control.sales,
    "time": sales_control.time,
    "rates": sales_control.rates,
    "logins": sales_control.logins,
    "requests": _requests,
    "clicks": _clicks,
    "reset": _reset,
}
