"""One sale, all that will ever happen to it, and what it looks like at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PENDING, APPROVED, REJECTED, PAID = "pending", "approved", "rejected", "paid"


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that is put forward now and then: `moves` are when it was, and by how many days."""

    real_now: datetime
    moves: tuple[tuple[datetime, int], ...] = ()

    @property
    def now(self) -> datetime:
        return self.real_now + self.ahead(self.real_now)

    def ahead(self, at: datetime) -> timedelta:
        """Return how far it was ahead of the real one at a real time."""
        return timedelta(days=sum(days for moved_at, days in self.moves if moved_at <= at))

    def real(self, at: datetime) -> datetime:
        """Return when it really showed a time; of one that was jumped over, when it jumped."""
        ahead = timedelta(0)
        for moved_at, days in self.moves:
            if at - ahead < moved_at:
                break
            ahead += timedelta(days=days)
            if at - ahead < moved_at:
                return moved_at
        return at - ahead


@dataclass(frozen=True, slots=True)
class Event:
    """From `at` on it is so. Amounts are in hundredths; None: as before."""

    at: datetime
    state: str
    value: int | None = None
    commission: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """Amounts are in hundredths of the currency. Times have a zone."""

    id: str
    network: str
    program_id: int
    program_name: str
    currency: str
    clicked_at: datetime | None
    happened_at: datetime
    created_at: datetime  # nobody sees it before
    sub_id: str = ""
    sub_id2: str = ""
    kind: str = "sale"
    value: int = 0
    commission: int = 0
    order: str = ""
    product: str = ""
    claim: bool = False
    events: tuple[Event, ...] = ()

    def at(self, clock: Clock) -> Row | None:
        """Return how it is reported now; None before it is known at all."""
        now = clock.now - clock.ahead(self.happened_at)  # as many days as passed since it happened
        if now < self.created_at:
            return None
        state, value, commission, reason, changed_at = PENDING, self.value, self.commission, "", None
        for event in self.events:
            if event.at > now:
                break
            state, reason = event.state, event.reason or reason
            changed_at = clock.real(event.at + clock.ahead(self.happened_at))
            value = value if event.value is None else event.value
            commission = commission if event.commission is None else event.commission
        return Row(self, state, value, commission, reason, changed_at)

    def to_json(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__slots__ if name != "events"}
        values |= {
            name: value and value.isoformat() for name, value in values.items() if name.endswith("_at")
        }
        events = [{**{n: getattr(e, n) for n in e.__slots__}, "at": e.at.isoformat()} for e in self.events]
        return {**values, "events": events}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Sale:
        values = dict(values)
        for name in ("clicked_at", "happened_at", "created_at"):
            if values.get(name):
                values[name] = datetime.fromisoformat(values[name])
        events = [
            Event(**{**event, "at": datetime.fromisoformat(event["at"])})
            for event in values.pop("events", [])
        ]
        return cls(**values, events=tuple(sorted(events, key=lambda event: event.at)))


@dataclass(frozen=True, slots=True)
class Row:
    """A sale as it is reported at one time."""

    sale: Sale
    state: str
    value: int
    commission: int
    reason: str
    changed_at: datetime | None = field(default=None)
