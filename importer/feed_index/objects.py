"""Feeds and items as objects of their models, read for each search.

By hand: the ORM takes several times as long to write such a statement as PostgreSQL takes to answer it.
"""

import json
from collections.abc import Collection, Iterable
from itertools import islice

from django.db import connection

from importer.feed_index.blocked import NOTHING, Blocked, read_blocked
from importer.feed_index.columns import Columns
from importer.models import Feed, FeedItem, NetworkAccount, Program

# What a search and its page need; the rest is read when somebody asks for it.
_OF_FEED = Columns(Feed, ("id", "account_id", "program_id", "name", "language", "item_count", "shared_codes"))
_OF_ACCOUNT = Columns(NetworkAccount, ("id", "network"))
_OF_PROGRAM = Columns(Program, ("id", "name", "market"))
_OF_ITEM = Columns(FeedItem, {field.attname for field in FeedItem._meta.concrete_fields} - {"search"})

# Whether anything is blocked comes with the feeds: nearly always nothing is, and nobody has to ask what.
_FEEDS = f"""
    SELECT EXISTS (SELECT FROM importer_block),
        {_OF_FEED.sql("feed")}, {_OF_ACCOUNT.sql("account")}, {_OF_PROGRAM.sql("program")}
    FROM importer_feed AS feed
    JOIN importer_networkaccount AS account ON account.id = feed.account_id
    LEFT JOIN importer_program AS program ON program.id = feed.program_id
    WHERE {{}}
"""
_ITEMS = f"SELECT {_OF_ITEM.sql('item')} FROM importer_feeditem AS item WHERE id = ANY(%s)"


def get_feeds_and_blocked(
    *,
    networks: Collection[str] = (),
    account_id: int | None = None,
    programs: Collection[str] = (),
    feed_ids: Collection[int] = (),
    of_item: int | None = None,
) -> tuple[dict[int, Feed], Blocked]:
    """Return the feeds that are mirrored here and were read, by primary key; empty values do not filter.

    `of_item`: the feed of that item instead, whether it is mirrored or was only searched at its network. And
    what is blocked among their items; nothing is where there is no feed.
    """
    if of_item is None:
        statement, params = _FEEDS.format("feed.is_searchable"), []
    else:
        is_its = "feed.id = (SELECT feed_id FROM importer_feeditem WHERE id = %s)"
        statement, params = _FEEDS.format(is_its), [of_item]
    for column, values in (
        ("account.network", networks),
        ("feed.account_id", [account_id] if account_id else ()),
        ("program.external_id", programs),
        ("feed.id", feed_ids),
    ):
        if values:
            statement += f" AND {column} = ANY(%s)"
            params.append([*values])
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY feed.name, feed.id", params)
        rows = cursor.fetchall()
    feeds = [_make_feed(row[1:]) for row in rows]
    is_any_blocked = rows and rows[0][0]
    return {feed.pk: feed for feed in feeds}, read_blocked() if is_any_blocked else NOTHING


def get_items(ids: Iterable[int]) -> dict[int, FeedItem]:
    """Return the items that are there, by primary key."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [[*ids]])
        items = [_OF_ITEM.make(row) for row in cursor.fetchall()]
    for item in items:
        item.attributes = json.loads(item.attributes)
    return {item.pk: item for item in items}


def _make_feed(row: tuple) -> Feed:
    values = iter(row)
    feed, account, program = (
        columns.make([*islice(values, len(columns))]) for columns in (_OF_FEED, _OF_ACCOUNT, _OF_PROGRAM)
    )
    feed.account = account
    if feed.program_id:
        feed.program = program
    return feed
