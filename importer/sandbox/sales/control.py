"""The control address of sales, time, rates and logins (`importer.sandbox.control`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from importer.sandbox.catalogue.shops import FEEDS
from importer.sandbox.sales.ledger import NETWORKS, History, find_program
from importer.sandbox.sales.sale import Sale

if TYPE_CHECKING:
    from importer.sandbox.state import State

MOST_DAYS = 4000


def sales(state: State, method: str, values: dict) -> Any:
    """Show every row as it is reported now, or have others.

    `{"history": 1000, "days": 365, "networks": [...], "sub_ids": [...], "plain": true}` makes up a past;
    `{"add": [{"network", "program", "id", "sub_id", "happened_at", "value", "commission", "currency",
    "events": [{"at", "state", ...}]}]}` adds rows or replaces them (amounts in hundredths);
    `{"hide": ["id", ...]}` no longer reports some.
    """
    ledger = state.sales
    if method == "DELETE":
        state.sales = type(ledger)()
        return []
    if method == "POST":
        if unknown := set(values) - {"history", "days", "networks", "sub_ids", "plain", "add", "hide"}:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        if "history" in values:
            networks = list(values.get("networks", NETWORKS))
            if unknown := set(networks) - set(NETWORKS):
                raise ValueError(f"no such network: {', '.join(sorted(unknown))}")
            sub_ids = tuple(map(str, values.get("sub_ids", [])))
            past = History(
                int(values["history"]),
                int(values.get("days", 365)),
                datetime.now(UTC),
                sub_ids,
                not values.get("plain"),
            )
            ledger.have_history(networks, past)
        ledger.add([_sale(datetime.now(UTC), dict(one)) for one in values.get("add", [])])
        if "hide" in values:
            ledger.hide(set(map(str, values["hide"])))
        return {"history": {name: one.count for name, one in ledger.history.items()}}
    return [
        {**row.sale.to_json(), "state": row.state, "value": row.value, "commission": row.commission}
        for network in NETWORKS
        for row in ledger.rows(network, None, None)
    ]


def _sale(now: datetime, values: dict[str, Any]) -> Sale:
    feed = find_program(values["network"], str(values.pop("program", "")))
    if feed is None:
        raise ValueError("program: no such program of this network")
    happened_at = values.get("happened_at") or now.isoformat()
    defaults = {
        "program_id": feed.program_id,
        "program_name": f"{feed.shop.name} {feed.shop.market.code}",
        "currency": feed.shop.market.currency,
        "clicked_at": happened_at,
        "created_at": happened_at,
        "happened_at": happened_at,
    }
    sale = Sale.from_json({**defaults, **values})
    times = (sale.happened_at, sale.created_at, sale.clicked_at, *(event.at for event in sale.events))
    if any(at is not None and at.tzinfo is None for at in times):
        raise ValueError("times have a zone")
    return sale


def time(state: State, method: str, values: dict) -> Any:
    """Let `{"days": 40}` pass for the sales that there are; DELETE puts the clock right."""
    if method == "DELETE":
        state.sales.set_back()
    elif method == "POST":
        days = values.get("days")
        if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MOST_DAYS:
            raise ValueError(f"days is a number up to {MOST_DAYS}")
        state.sales.pass_days(days)
    return {"days": state.sales.days, "now": state.sales.clock.now.isoformat()}


def rates(state: State, method: str, values: dict) -> Any:
    """Let programs pay so many per cent: `{"tradedoubler:31101": 2.5}`."""
    if method == "DELETE":
        state.rates = {}
    elif method == "POST":
        if unknown := set(values) - {feed.key for feed in FEEDS}:
            raise ValueError(f"no such feed: {', '.join(sorted(unknown))}")
        state.rates |= {key: float(value) for key, value in values.items()}
    return state.rates


def logins(state: State, method: str, values: dict) -> Any:
    """Change passwords at Tradedoubler's management host (`{"username": "password"}`), which ends every
    sign-in; DELETE ends the access tokens alone, as time would.
    """
    tokens = state.connect_tokens
    with tokens.lock:
        if method == "POST":
            tokens.passwords |= {str(name): str(password) for name, password in values.items()}
            tokens.access.clear()
            tokens.refresh.clear()
        elif method == "DELETE":
            tokens.access.clear()
    return {"access": len(tokens.access), "refresh": len(tokens.refresh), "changed": sorted(tokens.passwords)}
