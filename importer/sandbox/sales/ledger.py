"""All sales of the sandbox: of clicks that it received, of a made-up history, and of what a test adds."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from importer.sandbox.catalogue.items import mix
from importer.sandbox.catalogue.shops import Feed, network_feeds
from importer.sandbox.sales.sale import Clock, Event, Row, Sale
from importer.sandbox.sales.simulator import PLAIN, simulate

_FIRST_LIVE, _FIRST_HISTORIC = 700_000_000, 100_000_000
MOST_LIVE = 20_000  # sales of clicks that are remembered
NETWORKS = ("tradedoubler", "adtraction", "tradetracker")
LATE = timedelta(days=6)  # nothing becomes known later than that


@dataclass(frozen=True, slots=True)
class History:
    """`count` sales of each network in the `days` before `until`, evenly; `sub_ids` are ours."""

    count: int
    days: int
    until: datetime
    sub_ids: tuple[str, ...] = ()
    odd: bool = True

    def happened_at(self, place: int) -> datetime:
        step = timedelta(days=self.days) / self.count
        return self.until - step * (self.count - place)


class Ledger:
    """Thread-safe. Its clock goes forward by days: what there is grows older, what comes is of today."""

    def __init__(self) -> None:
        self.moves: list[tuple[datetime, int]] = []
        self.history: dict[str, History] = {}
        self.version = 0  # of everything but the time
        self._live: dict[str, list[Sale]] = {network: [] for network in NETWORKS}
        self._click_counts = dict.fromkeys(NETWORKS, 0)
        self._clicks: dict[tuple[str, int, str, str], int] = {}  # network, program, sub-id, day -> count
        self._hidden: set[str] = set()
        self._decided: dict[tuple[str, str], Event] = {}  # network, id -> what an advertiser decided
        self._kept: dict[tuple, list[Row]] = {}  # the last answers: a list is read page by page
        self._lock = threading.Lock()

    # --- what happens -----------------------------------------------------------------------------
    @property
    def days(self) -> int:
        """How far its clock was put forward."""
        return sum(days for _, days in self.moves)

    @property
    def clock(self) -> Clock:
        return Clock(datetime.now(UTC), tuple(self.moves))

    @staticmethod
    def now() -> datetime:
        """Return the time at which something happens now."""
        return datetime.now(UTC)

    def pass_days(self, days: int) -> None:
        with self._lock:
            self.moves.append((datetime.now(UTC), days))
            self.version += 1

    def set_back(self) -> None:
        with self._lock:
            self.moves = []
            self.version += 1

    def click(self, click: dict[str, Any], *, share: float, delay: float, odd: bool) -> list[Sale]:
        """Count a click, and return the sales that come of it."""
        network, feed = click["network"], find_program(click["network"], click["program"])
        if feed is None:
            return []
        now = datetime.now(UTC)
        with self._lock:
            number = self._click_counts[network]
            self._click_counts[network] += 1
            key = (network, feed.program_id, click["sub_id"], now.date().isoformat())
            if key in self._clicks or len(self._clicks) < MOST_LIVE:
                self._clicks[key] = self._clicks.get(key, 0) + 1
            self.version += 1
            if len(self._live[network]) >= MOST_LIVE or (number and mix(number) % 1000 >= share * 1000):
                return []
            sales = simulate(
                _FIRST_LIVE + number * 10,
                feed,
                click["sub_id"],
                click["sub_id2"],
                now,
                now + timedelta(seconds=delay),
                odd=odd and number >= PLAIN,
            )
            self._live[network] += sales
            return sales

    def add(self, sales: list[Sale]) -> None:
        """Have these sales, too; one with a known id takes the other's place."""
        with self._lock:
            ids = {(sale.network, sale.id) for sale in sales}
            for network, live in self._live.items():
                live[:] = [sale for sale in live if (network, sale.id) not in ids]
            for sale in sales:
                self._live[sale.network].append(sale)
            self.version += 1

    def decide(self, network: str, number: str, event: Event) -> None:
        """Let an advertiser decide on a sale: what chance had in mind for it does not happen any more."""
        with self._lock:
            self._decided[network, number] = event
            self.version += 1

    def _as_decided(self, sale: Sale) -> Sale:
        event = self._decided.get((sale.network, sale.id))
        if event is None:
            return sale
        clock = self.clock  # on the sale's own calendar
        at = event.at + clock.ahead(event.at) - clock.ahead(sale.happened_at)
        return replace(sale, events=(replace(event, at=at),))

    def hide(self, ids: set[str]) -> None:
        """Report these no more."""
        with self._lock:
            self._hidden = ids
            self.version += 1

    def have_history(self, networks: list[str], history: History | None) -> None:
        with self._lock:
            for network in networks:
                self.history.pop(network, None)
                if history and history.count:
                    self.history[network] = history
            self.version += 1

    # --- what is reported -------------------------------------------------------------------------
    def rows(
        self, network: str, start: datetime | None, end: datetime | None, *, changed: bool = False
    ) -> list[Row]:
        """Return the rows of a time, by when they happened (or changed), `end` not included; oldest first."""
        clock = self.clock
        key = (
            network,
            start,
            end,
            changed,
            self.version,
            int(clock.real_now.timestamp()) // (1 if self._live[network] else 600),
        )
        with self._lock:
            if key not in self._kept:
                if len(self._kept) > 8:
                    self._kept.clear()
                network, start, end, changed, *_ = key
                self._kept[key] = self._read(network, start, end, changed, clock)
            return self._kept[key]

    def _read(
        self, network: str, start: datetime | None, end: datetime | None, changed: bool, clock: Clock
    ) -> list[Row]:
        rows = [row for sale in self._sales(network, start, end, changed) if (row := sale.at(clock))]
        if changed:
            rows = [row for row in rows if row.changed_at and _is_between(row.changed_at, start, end)]
            return sorted(rows, key=lambda row: (row.changed_at, row.sale.id))
        rows = [row for row in rows if _is_between(row.sale.happened_at, start, end)]
        return sorted(rows, key=lambda row: (row.sale.happened_at, row.sale.id))

    def _sales(
        self, network: str, start: datetime | None, end: datetime | None, changed: bool
    ) -> Iterator[Sale]:
        yield from (self._as_decided(sale) for sale in self._live[network] if sale.id not in self._hidden)
        history = self.history.get(network)
        if history is None:
            return
        places = range(history.count)
        first = 0 if start is None or changed else bisect_left(places, start, key=history.happened_at)
        last = history.count if end is None or changed else bisect_left(places, end, key=history.happened_at)
        for place in places[first:last]:
            sale = historic_sale(network, history, place)
            if sale.id not in self._hidden:
                yield self._as_decided(sale)

    def clicks(self, network: str, first: str, last: str) -> list[tuple[int, str, str, int]]:
        """Return (program, sub-id, day, count) of the days, both included."""
        with self._lock:
            found = [(p, s, d, n) for (net, p, s, d), n in self._clicks.items() if net == network]
        return sorted(one for one in found if first <= one[2] <= last)

    # --- kept -------------------------------------------------------------------------------------
    def to_json(self) -> dict[str, Any]:
        with self._lock:
            return {
                "moves": [[at.isoformat(), days] for at, days in self.moves],
                "click_counts": self._click_counts,
                "clicks": [[*key, count] for key, count in self._clicks.items()],
                "sales": [sale.to_json() for live in self._live.values() for sale in live],
            }

    def read_json(self, kept: dict[str, Any]) -> None:
        self.moves = [(datetime.fromisoformat(at), days) for at, days in kept["moves"]]
        self._click_counts = {**self._click_counts, **kept["click_counts"]}
        self._clicks = {(a, int(b), c, d): count for a, b, c, d, count in kept["clicks"]}
        self.add([Sale.from_json(values) for values in kept["sales"]])


def _is_between(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or start <= at) and (end is None or at < end)


def find_program(network: str, program: str) -> Feed | None:
    """Return the feed of a program by what a click names: its id, or at Adtraction that of its ad."""
    for feed in network_feeds(network):
        if program in (
            str(feed.program_id),
            str(1_487_000_000 + feed.feed_id) if network == "adtraction" else None,
        ):
            return feed
    return None


def historic_sale(network: str, history: History, place: int) -> Sale:
    """Return one sale of a history: exactly one row for each place."""
    number = _FIRST_HISTORIC + place
    feeds = _connected(network)
    feed = feeds[mix(number) % len(feeds)]
    happened_at = history.happened_at(place)
    sub_id = (
        history.sub_ids[number % len(history.sub_ids)] if history.sub_ids else f"p{1 + number % 50}-offer"
    )
    clicked_at = happened_at - timedelta(minutes=mix(number, 1) % 4000)
    sale = simulate(number, feed, sub_id, "", clicked_at, happened_at, odd=history.odd)[0]
    return replace(sale, id=str(number), order=f"H-{place // 3 if mix(place // 3) % 20 == 0 else place}")


@lru_cache(maxsize=3)
def _connected(network: str) -> tuple[Feed, ...]:
    return tuple(feed for feed in network_feeds(network) if feed.state == "connected")
