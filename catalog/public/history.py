"""The price history of a product, as the page shows it: sentences, a drawing and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from django.utils import timezone

from catalog.lib.charts import Chart, draw_steps
from catalog.lib.price_log import (
    WINDOW,
    Day,
    Point,
    Reduction,
    daily_lows,
    known_since,
    lowest_between,
    lowest_of,
    prove_reduction,
)

DAYS = 180


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row with the same lowest price; None: there was nothing to buy."""

    first: date
    last: date
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class History:
    """What the log says of the last 180 days.

    `low` is the lowest price of the last 30 days, where the log knows all of them.
    """

    currency: str
    days: list[Day]
    low: Decimal | None
    reduction: Reduction | None

    @classmethod
    def of(
        cls, own: Sequence[Point], logs: Sequence[Sequence[Point]], currency: str, now: datetime
    ) -> "History":
        """Return the history of several offers in one currency; `own` is the log of the leading one."""
        market = lowest_of(logs)
        since = known_since(market)
        knows_window = since is not None and since <= now - WINDOW
        return cls(
            currency=currency,
            days=daily_lows(market, now, DAYS, timezone.get_current_timezone()),
            low=lowest_between(market, now - WINDOW, now) if knows_window else None,
            reduction=prove_reduction(own, market, now),
        )

    @property
    def is_worth_showing(self) -> bool:
        """Whether there are two days at least: a single point is no history."""
        return len(self.days) > 1

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def spans(self) -> list[Span]:
        """Return the table behind the drawing, newest first."""
        spans = []
        for price, alike in groupby(self.days, key=lambda day: day.price):
            days = list(alike)
            spans.append(Span(days[0].date, days[-1].date, price))
        return spans[::-1]

    @property
    def chart(self) -> Chart:
        return draw_steps([day.price for day in self.days])
