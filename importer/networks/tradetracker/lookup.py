"""Known items found again where there is no asking by id (docs/networks/tradetracker.md 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from importer.networks.contract import FeedData, ItemData, KnownItem
from importer.normalise import CENT


class Find(Protocol):
    """Returns what a filter of the service finds in a feed, and whether that is all."""

    def __call__(self, feed: FeedData, **options: object) -> tuple[list[ItemData], bool]: ...


def look_up(find: Find, feed: FeedData, items: Sequence[KnownItem]) -> Iterator[tuple[str, ItemData | None]]:
    """Yield what is found of each item by its title, else by its price: seldom do both change in a day.

    None where both answers are whole and it is in neither. What an answer says of others is used too.
    """
    seen: dict[str, ItemData] = {}
    for item in items:
        is_whole = True
        for options in filter(None, (_by_title(item), _by_price(item))):
            if item.external_id in seen:
                break
            found, is_all = find(feed, **options)
            is_whole &= is_all
            for each in found:
                seen.setdefault(each.external_id, each)
        if item.external_id in seen:
            yield item.external_id, seen[item.external_id]
        elif is_whole and _by_title(item):
            yield item.external_id, None


def _by_title(item: KnownItem) -> dict[str, object]:
    return {"query": item.title} if item.title else {}


def _by_price(item: KnownItem) -> dict[str, object]:
    return {} if item.price is None else {"priceFrom": item.price - CENT, "priceTo": item.price + CENT}
