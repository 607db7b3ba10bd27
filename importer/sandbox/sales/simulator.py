"""Dice that make sales of clicks. The same number gives the same sale for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from importer.sandbox.catalogue.items import mix
from importer.sandbox.catalogue.shops import MARKETS, Feed
from importer.sandbox.sales.sale import APPROVED, PAID, REJECTED, Event, Sale

PLAIN = 5  # the first of a network's live sales have no oddity, so that a demo shows what it should
_REASONS = ("returned_goods", "order_canceled", "payment_not_received")
_DAY = timedelta(days=1)


def simulate(
    number: int,
    feed: Feed,
    sub_id: str,
    sub_id2: str,
    clicked_at: datetime,
    happened_at: datetime,
    *,
    odd: bool,
) -> list[Sale]:
    """Return what a click earns: mostly one row; one order may be three, and a lead nothing.

    `odd`: sub-ids get lost, rows come late, amounts are corrected, as in life.
    """
    dice = mix(number, feed.program_id)
    value = 900 + dice % 24_000
    rate = 30 + dice // 7 % 60  # in thousandths
    sale = Sale(
        id=f"{number}",
        network=feed.network,
        program_id=feed.program_id,
        program_name=f"{feed.shop.name} {feed.shop.market.code}",
        currency=feed.shop.market.currency,
        clicked_at=clicked_at,
        happened_at=happened_at,
        created_at=happened_at,
        sub_id=sub_id,
        sub_id2=sub_id2,
        value=value,
        commission=value * rate // 1000,
        order=f"N-{5000 + number % 90_000}",
        product=f"{dice % 16**12:024x}" if dice % 3 else "",
    )
    sale = replace(sale, events=_decisions(sale, dice, odd))
    return _odd(sale, dice // 1_000_003) if odd else [sale]


def _decisions(sale: Sale, dice: int, odd: bool) -> tuple[Event, ...]:
    """Return when it is decided, and paid: after 20 to 59 days, and 30 after that."""
    decided_at = sale.happened_at + (20 + dice // 11 % 40) * _DAY
    chance = dice // 13 % 100
    if chance < 12:
        return (Event(decided_at, REJECTED, reason=_REASONS[dice % 3]),)
    if odd and chance < 17:  # a part went back
        half = Event(decided_at, APPROVED, sale.value // 2, sale.commission // 2, "partial_return")
        return half, Event(decided_at + 30 * _DAY, PAID)
    if odd and chance == 17:  # approved, and taken back after all
        return Event(decided_at, APPROVED), Event(decided_at + 10 * _DAY, REJECTED, reason=_REASONS[0])
    if odd and chance == 18:  # more was taken back than it brought
        return (Event(decided_at, APPROVED, -sale.value, -sale.commission),)
    return Event(decided_at, APPROVED), Event(decided_at + 30 * _DAY, PAID)


def _odd(sale: Sale, dice: int) -> list[Sale]:
    chance = dice % 100
    if chance < 8:  # lost, as across devices
        return [replace(sale, sub_id="", sub_id2="", clicked_at=None if chance < 2 else sale.clicked_at)]
    if chance < 10:
        return [replace(sale, sub_id=f"otherplugin_{dice % 997}")]
    if chance < 15:
        return [replace(sale, sub_id=sale.sub_id.lower())]
    if chance < 17:
        return [replace(sale, sub_id=sale.sub_id.upper())]
    if chance < 20:  # one order, three groups of products
        third = replace(sale, value=sale.value // 3, commission=sale.commission // 3)
        thirds = [
            Event(e.at, e.state, e.value and e.value // 3, e.commission and e.commission // 3, e.reason)
            for e in sale.events
        ]
        return [replace(third, id=f"{sale.id}{part}", events=tuple(thirds)) for part in "123"]
    if chance < 24:
        return [replace(sale, kind="lead", value=0, commission=0, events=sale.events[:1])]
    if chance < 28:
        return [replace(sale, created_at=sale.happened_at + 5 * _DAY)]
    if chance < 31:
        other = sorted(set(MARKETS) - {sale.currency})[dice % 5]
        return [replace(sale, currency=MARKETS[other].currency)]
    if chance < 33:
        return [replace(sale, claim=True)]
    return [sale]
