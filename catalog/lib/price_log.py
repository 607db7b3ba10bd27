"""What our price log proves: daily lows, the low of the last 30 days, and whether a price was reduced.

Pure functions over logs. A reduction follows Article 6a of the EU Price Indication Directive: the price to
compare with is the lowest of the 30 days *before* the reduction began. What a merchant calls its old price
plays no part.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

WINDOW = timedelta(days=30)


class Point(NamedTuple):
    """A price that holds from `at` until the next point of its log. None: there was nothing to buy."""

    at: datetime
    price: Decimal | None


class Day(NamedTuple):
    """The lowest price of a day; None where there was nothing to buy."""

    date: date
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Reduction:
    """A price that is lower than the lowest one (`prior`) of the 30 days before it began."""

    price: Decimal
    prior: Decimal
    began: datetime

    @property
    def percent(self) -> int:
        """Return by how much, rounded down: never more than is true."""
        return int((self.prior - self.price) * 100 / self.prior)

    @property
    def until(self) -> datetime:
        """Return when it stops being one: after 30 days the lower price is the usual one."""
        return self.began + WINDOW


def lowest_of(logs: Iterable[Sequence[Point]]) -> list[Point]:
    """Return the log of the lowest price over several logs, each sorted by time."""
    changes = sorted(
        ((point.at, number, point.price) for number, log in enumerate(logs) for point in log),
        key=lambda change: change[:2],
    )
    current: dict[int, Decimal | None] = {}
    series: list[Point] = []
    for at, number, price in changes:
        current[number] = price
        lowest = min((price for price in current.values() if price is not None), default=None)
        if series and series[-1].at == at:
            series[-1] = Point(at, lowest)
        else:
            series.append(Point(at, lowest))
    return without_repeats(series)


def without_repeats(series: Iterable[Point]) -> list[Point]:
    """Return the series without points that say what the one before them says."""
    kept: list[Point] = []
    for point in series:
        if not kept or kept[-1].price != point.price:
            kept.append(point)
    return kept


def lowest_between(series: Sequence[Point], start: datetime, end: datetime) -> Decimal | None:
    """Return the lowest price that held at any time from `start` until before `end`; None: nothing did."""
    prices = (
        point.price
        for point, until in _steps(series, end)
        if point.price is not None and point.at < end and until > start
    )
    return min(prices, default=None)


def _steps(series: Sequence[Point], end: datetime) -> Iterator[tuple[Point, datetime]]:
    """Yield each point with the time until which it holds."""
    following = itertools.chain((point.at for point in series[1:]), [end])
    return zip(series, following, strict=False)


def known_since(series: Sequence[Point]) -> datetime | None:
    """Return when the log first knew a price."""
    return next((point.at for point in series if point.price is not None), None)


def cheapest_for(series: Sequence[Point], now: datetime) -> timedelta:
    """Return for how long nothing was as cheap as the last price is; zero where the log does not prove it.

    That counts back to when it last cost as little or less, or to where the log begins. A price that was
    never higher since then is the usual one, and cheapest for no time.
    """
    series = without_repeats(series)
    if not series or (price := series[-1].price) is None:
        return timedelta()
    dearer = False
    for point, until in reversed(list(_steps(series[:-1], series[-1].at))):
        if point.price is None:
            continue
        if point.price <= price:
            return now - until if dearer else timedelta()
        dearer = True
    since = known_since(series)
    return now - since if dearer and since else timedelta()


def find_reduction(series: Sequence[Point], now: datetime) -> Reduction | None:
    """Return the reduction that the last price of the series is; None where the log does not prove one.

    The reduction begins with the last change of the price. It counts for 30 days, and only where the log
    reaches back 30 days or more before it began.
    """
    series = without_repeats(series)
    if not series:
        return None
    began, price = series[-1]
    since = known_since(series)
    if price is None or since is None or now - began > WINDOW or since > began - WINDOW:
        return None
    prior = lowest_between(series[:-1], began - WINDOW, began)
    if prior is None:
        return None
    reduction = Reduction(price, prior, began)
    return reduction if prior > price and reduction.percent else None


def prove_reduction(own: Sequence[Point], market: Sequence[Point], now: datetime) -> Reduction | None:
    """Return the reduction of an offer that its shop's own log and that of all shops prove, the smaller one.

    The law asks what this shop took before; a visitor, what the article cost. A shop that raises its price
    and comes back with the old one, or is new and cheap, has reduced nothing; nor has one that is undercut.
    """
    of_shop, of_market = find_reduction(own, now), find_reduction(market, now)
    if of_shop is None or of_market is None or of_shop.price != of_market.price:
        return None
    return min(of_shop, of_market, key=lambda reduction: (reduction.prior, reduction.began))


def daily_lows(series: Sequence[Point], now: datetime, days: int, zone: tzinfo) -> list[Day]:
    """Return the lowest price of each of the last `days` days, from the first with a price; today last."""
    today = now.astimezone(zone).date()
    start = today - timedelta(days=days - 1)
    lows: dict[date, Decimal | None] = {}
    for point, end in _steps(series, now):
        if end < point.at:
            continue  # the clock went back
        # A price that ended at midnight was none of the new day's.
        last = (end - timedelta(microseconds=1)).astimezone(zone).date() if end < now else today
        day = max(point.at.astimezone(zone).date(), start)
        while day <= last:
            known = [price for price in (lows.get(day), point.price) if price is not None]
            lows[day] = min(known, default=None)
            day += timedelta(days=1)
    found = [Day(day, price) for day, price in sorted(lows.items())]
    while found and found[0].price is None:
        del found[0]
    return found
