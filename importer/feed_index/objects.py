"""Feeds and items as objects of their models, read for each search.

By hand: the ORM takes several times as long to write such a statement as PostgreSQL takes to answer it.
"""

import json
from collections.abc import Collection, Iterable

from django.db import connection

from importer.models import Feed, FeedItem, NetworkAccount, Program

# What a search and its page need; the rest is read when somebody asks for it. `from_db` looks names up.
_OF_FEED = dict.fromkeys(("id", "account_id", "program_id", "name", "language", "item_count"))
_OF_ACCOUNT = dict.fromkeys(("id", "network"))
_OF_PROGRAM = dict.fromkeys(("id", "name", "market"))
_OF_ITEM = dict.fromkeys(field.attname for field in FeedItem._meta.concrete_fields if field.name != "search")

_FEEDS = f"""
    SELECT {", ".join(f"feed.{name}" for name in _OF_FEED)}, account.network, program.name, program.market
    FROM importer_feed AS feed
    JOIN importer_networkaccount AS account ON account.id = feed.account_id
    LEFT JOIN importer_program AS program ON program.id = feed.program_id
    WHERE feed.is_mirrored AND feed.synced_at IS NOT NULL
"""
_ITEMS = f"SELECT {', '.join(_OF_ITEM)} FROM importer_feeditem WHERE id = ANY(%s)"


def get_feeds(
    *,
    networks: Collection[str] = (),
    account_ids: Collection[int] = (),
    program_ids: Collection[int] = (),
    feed_ids: Collection[int] = (),
) -> dict[int, Feed]:
    """Return the feeds that are mirrored here and were read, by primary key; empty values do not filter."""
    statement, params = _FEEDS, []
    for column, values in (
        ("account.network", networks),
        ("feed.account_id", account_ids),
        ("feed.program_id", program_ids),
        ("feed.id", feed_ids),
    ):
        if values:
            statement += f" AND {column} = ANY(%s)"
            params.append([*values])
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY feed.name, feed.id", params)
        return {row[0]: _make_feed(*row) for row in cursor.fetchall()}


def get_items(ids: Iterable[int]) -> dict[int, FeedItem]:
    """Return the items that are there, by primary key."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [[*ids]])
        items = [FeedItem.from_db(connection.alias, _OF_ITEM, row) for row in cursor.fetchall()]
    for item in items:
        item.attributes = json.loads(item.attributes)
    return {item.pk: item for item in items}


def _make_feed(*row) -> Feed:
    *of_feed, network, program_name, market = row
    feed = Feed.from_db(connection.alias, _OF_FEED, of_feed)
    feed.account = NetworkAccount.from_db(connection.alias, _OF_ACCOUNT, (feed.account_id, network))
    if feed.program_id:
        feed.program = Program.from_db(connection.alias, _OF_PROGRAM, (feed.program_id, program_name, market))
    return feed
