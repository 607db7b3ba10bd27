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
    cheapest_for,
    daily_lows,
    known_since,
    lowest_between,
    lowest_of,
    prove_reduction,
)

SPANS = {1: 30, 3: 91, 6: 180, 12: 365}  # months that can be chosen, as days
MONTHS = 6  # where nobody chose
MIN_CHEAPEST = 30  # days; fewer say nothing


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row with the same lowest price; None: there was nothing to buy."""

    first: date
    last: date
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class History:
    """What the log says of the last months, of `MONTHS` unless a visitor chose.

    `low` is the lowest price of the last 30 days, where the log knows all of them. `cheapest_days` is for how
    many days it was never as cheap as now, 0 where the log proves none, or not 30. `choices` are the months
    that tell more than fewer would.
    """

    currency: str
    days: list[Day]
    low: Decimal | None
    reduction: Reduction | None
    cheapest_days: int = 0
    months: int = MONTHS
    choices: tuple[int, ...] = ()

    @classmethod
    def of(
        cls,
        own: Sequence[Point],
        logs: Sequence[Sequence[Point]],
        currency: str,
        now: datetime,
        months: int = MONTHS,
    ) -> "History":
        """Return the history of several offers in one currency; `own` is the log of the leading one."""
        market = lowest_of(logs)
        since = known_since(market)
        knows_window = since is not None and since <= now - WINDOW
        return cls(
            currency=currency,
            days=daily_lows(market, now, SPANS[months], timezone.get_current_timezone()),
            low=lowest_between(market, now - WINDOW, now) if knows_window else None,
            reduction=prove_reduction(own, market, now),
            cheapest_days=days if (days := cheapest_for(market, now).days) >= MIN_CHEAPEST and own else 0,
            months=months,
            choices=_choices((now - since).days if since else 0),
        )

    @property
    def is_worth_showing(self) -> bool:
        """Whether there are two days at least: a single point is no history."""
        return len(self.days) > 1

    @property
    def links(self) -> list[tuple[int, str]]:
        """Return the months to choose from, with what the address says for each: "" for the usual ones."""
        return [(each, "" if each == MONTHS else str(each)) for each in self.choices]

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


def _choices(known_days: int) -> tuple[int, ...]:
    """Return the months that a log of so many days has something for, none where one would do."""
    spans = list(SPANS)
    last = next((place for place, each in enumerate(spans) if SPANS[each] >= known_days), len(spans) - 1)
    return tuple(spans[: last + 1]) if last else ()
