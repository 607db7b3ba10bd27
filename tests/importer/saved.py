"""Saved searches of boots, for tests."""

from datetime import datetime

from importer.imports import apply
from importer.imports.saved import (
    approve,
    fingerprint_of,
    save_search,
)
from importer.models import FeedItem, ImportRun, SavedSearch
from importer.networks.query import ItemQuery
from tests.importer.make import make_item

BOOTS = ItemQuery(keywords="boot")


def boots(feed, count: int, **values) -> list[FeedItem]:
    """Make boots that no two of which are one article."""
    names = ("red", "blue", "green", "brown", "white", "black", "grey", "pink", "olive", "sand")
    return [
        make_item(feed, title=f"{names[n % 10]} boot {'abcdefghij'[n // 10] * 4}", gtin="", **values)
        for n in range(count)
    ]


def keep(query=BOOTS, *, name="Boots", is_approved=True, **values) -> SavedSearch:
    saved = save_search(query, name=name, **{"keep_adding": True, "daily_limit": 3} | values)
    if is_approved:
        assert approve(saved, fingerprint_of(saved))
    saved.refresh_from_db()
    return saved


def finish(run: ImportRun) -> ImportRun:
    apply.work(run)
    run.refresh_from_db()
    return run


def said(saved: SavedSearch) -> str:
    saved.refresh_from_db()
    return str(saved.outcome)


def appear(items: list[FeedItem], at: datetime) -> None:
    FeedItem.objects.filter(pk__in=[item.pk for item in items]).update(first_seen_at=at)
