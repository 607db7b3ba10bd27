"""Keep the past true: sales go where their products and offers went, and shops that come to be known.

The outbox says what changed within seconds. A look over all sales now and then finds what it could not say:
what was deleted by hand, or while its reader was behind.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from catalog.lib.named_sql import read_statements
from events.kinds import Kind
from events.models import Event
from events.readers import read
from sales.match.matching import find_astray, match_sales, sales_about

_SQL = read_statements(__file__)
READER = "sales"
EVENTS = 50  # one may be about a thousand offers
OF_OFFERS = {Kind.OFFER_MOVED, Kind.OFFER_REMOVED}
OF_PRODUCTS = {
    *(Kind.PRODUCT_JOINED, Kind.PRODUCT_SPLIT, Kind.PRODUCT_DELETED, Kind.PRODUCT_STATUS_CHANGED),
    *(Kind.OFFER_ADDED, Kind.PRODUCT_CATEGORIES_CHANGED),
}
OF_SHOPS = {Kind.SHOP_MERGED, Kind.SHOP_DELETED}


def follow_catalogue() -> bool:
    """Match the sales anew that the next events are about; False where there are no more events.

    May run twice, also at once.
    """
    batch = read(READER, limit=EVENTS, fields=("kind", "subjects", "before", "after", "at"))
    if not batch.events:
        return False
    with transaction.atomic():
        _note_stays(batch.events)
        offers = set(_ids(batch.events, OF_OFFERS))
        products = {*_ids(batch.events, OF_PRODUCTS), *_products_of_offers(batch.events)}
        if offers or products:
            for ids in sales_about(products, offers):
                match_sales(ids)
            _touch(_ids(batch.events, {Kind.PRODUCT_CATEGORIES_CHANGED}))
        batch.done()
    if any(event.kind in OF_SHOPS for event in batch.events):
        look()
    return True


def look() -> int:
    """Match all sales anew that the catalogue contradicts; return how many are matched otherwise now."""
    count, after = 0, 0
    while ids := find_astray(after=after):
        with transaction.atomic():
            count += match_sales(ids)
        after = ids[-1]
    return count


def _ids(events: Iterable[Event], kinds: set[Kind]) -> list[int]:
    return [
        int(subject.partition(":")[2])
        for event in events
        if event.kind in kinds
        for subject in event.subjects
    ]


def _products_of_offers(events: Iterable[Event]) -> Iterable[int]:
    """Yield the products that had the offers, and those that have them now: one more or less decides."""
    for event in events:
        if event.kind in OF_OFFERS:
            for said in (event.before.get("product"), event.after.get("product")):
                yield from said if isinstance(said, list) else [said] if said else ()


def _note_stays(events: Iterable[Event]) -> None:
    """Remember on which products the offers were that were moved."""
    rows = [
        (int(subject.partition(":")[2]), product, event.at)
        for event in events
        if event.kind == Kind.OFFER_MOVED
        for subject, product in zip(event.subjects, _each(event), strict=True)
    ]
    if rows:
        offers, products, times = zip(*rows, strict=True)
        values = {"offers": list(offers), "products": list(products), "times": list(times)}
        with connection.cursor() as cursor:
            cursor.execute(_SQL["note_stays"], values)


def _each(event: Event) -> list[Any]:
    was = event.before["product"]
    return was if isinstance(was, list) else [was] * len(event.subjects)


def _touch(products: list[int]) -> None:
    """Have the sums of the days made anew on which these products were sold: their categories are others."""
    if products:
        with connection.cursor() as cursor:
            cursor.execute(_SQL["touch_products"], {"products": products})
