"""A week in the made-up shops: prices move, texts are rewritten, articles go, come back and are new.

What happens to a row in a week is computed from its shop, its place and the week: the same weeks are the same
for ever, and a shop does the same on every network that it is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from importer.sandbox.catalogue.changes import Change
from importer.sandbox.catalogue.items import Catalogue, mix, round_cents
from importer.sandbox.catalogue.shops import FEEDS, Feed

DAYS = 7
# Per cent of the old price: sales are deep, rises are small.
_PRICES = (72, 80, 85, 90, 93, 97, 103, 105, 108, 112)
# One of so many rows; of those that are gone, two of three come back in the next week.
_PRICE_MOVES, _IS_REWRITTEN, _GOES, _SELLS_OUT = 3, 12, 25, 20
_NEW_ROWS = 40  # one new row for so many
_TITLES = {"sv": "Ny", "de": "Neu", "en": "New", "da": "Ny", "nb": "Ny"}
_SENTENCES = {
    "sv": "Uppdaterad modell, vecka {week}.",
    "de": "Überarbeitetes Modell, Woche {week}.",
    "en": "Updated model, week {week}.",
    "da": "Opdateret model, uge {week}.",
    "nb": "Oppdatert modell, uke {week}.",
}


@dataclass(slots=True)
class Week:
    """What differs in one feed after a week, by row."""

    prices: dict[int, int] = field(default_factory=dict)
    stocks: dict[int, int] = field(default_factory=dict)
    edits: dict[int, dict[str, str]] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    back: set[int] = field(default_factory=set)
    added: int = 0


def pass_week(catalogue: Catalogue, watched: Sequence[tuple[str, str]] = ()) -> list[tuple[Feed, Week]]:
    """Let a week pass in every feed; return what came of each.

    `watched` are articles as (feed key, id) that something surely happens to, so that who has few of them
    sees it: of every three the first gets another price and other texts, the second goes, or comes back, and
    the third gets dearer. What is listed nowhere is passed over.
    """
    number = catalogue.weeks + 1
    weeks = [(feed, _week_of(catalogue, feed, number)) for feed in FEEDS]
    of_feed = {feed.key: (feed, week) for feed, week in weeks}
    rows = {key: _rows_by_id(catalogue, feed) for key, (feed, _) in of_feed.items() if key in dict(watched)}
    for place, (key, sku) in enumerate(watched):
        if key in of_feed and (row := rows[key].get(sku)) is not None:
            feed, week = of_feed[key]
            _WATCHED[place % len(_WATCHED)](catalogue, feed, week, row, number)
    for feed, week in weeks:
        catalogue.publish(
            feed,
            days=DAYS,
            prices=week.prices,
            stocks=week.stocks,
            edits=week.edits,
            removed=week.removed,
            back=week.back,
            added=week.added,
        )
    catalogue.weeks = number
    return weeks


def _week_of(catalogue: Catalogue, feed: Feed, number: int) -> Week:
    change, week = catalogue.change(feed), Week()
    count = catalogue.row_count(feed, change)
    for row in range(count):
        dice = mix(feed.shop.number, row, number)
        if row in change.removed:
            if dice % 3:
                week.back.add(row)
        elif dice % _GOES == 0:
            week.removed.add(row)
        else:
            _move(catalogue, feed, change, week, row, dice // _GOES, number)
    week.added = 1 + count // _NEW_ROWS
    return week


def _move(
    catalogue: Catalogue, feed: Feed, change: Change, week: Week, row: int, dice: int, number: int
) -> None:
    if dice % _PRICE_MOVES == 0:
        _reprice(catalogue, feed, week, row, _PRICES[dice // _PRICE_MOVES % len(_PRICES)])
    dice //= _PRICE_MOVES * len(_PRICES)
    if dice % _IS_REWRITTEN == 0:
        _rewrite(catalogue, feed, week, row, number)
    if dice // _IS_REWRITTEN % _SELLS_OUT == 0:
        week.stocks[row] = 0 if catalogue.stock(feed, row, change) else 12


def _reprice(catalogue: Catalogue, feed: Feed, week: Week, row: int, percent: int) -> None:
    cents = catalogue.cents(feed, row)
    new = round_cents(feed.shop.market, cents / 100 * percent / 100, odd=cents % 10 == 9)
    if new == cents:  # cheap things: the step of the market is more than the change
        new = cents + 100 if percent > 100 or cents <= 200 else cents - 100
    week.prices[row] = new


def _rewrite(catalogue: Catalogue, feed: Feed, week: Week, row: int, number: int) -> None:
    """Write the title as news, or back, and tell the week at the end of the description."""
    language = feed.shop.market.language
    item = catalogue.row(feed, row)
    if not item.title or item.description is None:
        return
    news = f"{_TITLES[language]}: "
    title = item.title.removeprefix(news) if item.title.startswith(news) else news + item.title
    first = catalogue.row(feed, row, Change()).description or ""
    description = f"{first} {_SENTENCES[language].format(week=number)}"
    week.edits[row] = {
        **catalogue.change(feed).edits.get(row, {}),
        "title": title,
        "description": description,
    }


def _rows_by_id(catalogue: Catalogue, feed: Feed) -> dict[str, int]:
    """Return the rows by their ids, those that are gone included; of two with one id, the first."""
    rows: dict[str, int] = {}
    for row in range(catalogue.row_count(feed)):
        rows.setdefault(catalogue.row(feed, row).sku, row)
    return rows


# --- what is watched -----------------------------------------------------------------------------


def _is_cheaper_and_rewritten(catalogue: Catalogue, feed: Feed, week: Week, row: int, number: int) -> None:
    _stays(week, row)
    _reprice(catalogue, feed, week, row, 88)
    _rewrite(catalogue, feed, week, row, number)


def _goes_or_comes_back(catalogue: Catalogue, feed: Feed, week: Week, row: int, number: int) -> None:
    for changes in (week.prices, week.stocks, week.edits):
        changes.pop(row, None)
    _stays(week, row)
    if row in catalogue.change(feed).removed:
        week.back.add(row)
    else:
        week.removed.add(row)


def _is_dearer(catalogue: Catalogue, feed: Feed, week: Week, row: int, number: int) -> None:
    _stays(week, row)
    _reprice(catalogue, feed, week, row, 108)


def _stays(week: Week, row: int) -> None:
    week.removed.discard(row)
    week.stocks.pop(row, None)


_WATCHED = (_is_cheaper_and_rewritten, _goes_or_comes_back, _is_dearer)
