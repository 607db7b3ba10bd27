"""Ids that name another article now: EAN and title are both others. Held until a person accepts it.

Shops give ids of articles that are gone to new ones, and mix up columns. A product would get another
article's name, price and link. While one is held, its item stays as it was, and neither its offer nor its
product follows the feed; when the feed says the old article again, the hold is over.
"""

from collections import Counter

from django.db import connection
from psycopg import sql

from catalog.lib.named_sql import read_statements
from events.kinds import Kind
from events.record import record
from importer.feed_index.merge import lock_feeds
from importer.feed_index.rows import CONTENT
from importer.models import Feed

_COLUMNS = [name for name in (*CONTENT, "variant_key", "search") if name not in ("external_id", "source_key")]
_CONTENT = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
_SQL = read_statements(__file__)
_HOLD = sql.SQL(_SQL["hold"]).format(
    content=_CONTENT,
    stored=sql.SQL(", ").join(sql.SQL("item.{}").format(sql.Identifier(name)) for name in _COLUMNS),
)
_ACCEPT = sql.SQL(_SQL["accept"]).format(content=_CONTENT)


def hold_swapped() -> int:
    """Let staged rows that make another article of an imported item keep that; return how many.

    Before prices are compared, and before the merge. Of each feed, an event says how many were not held yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD)
        held = cursor.fetchall()
    new = Counter(feed_id for feed_id, is_new in held if is_new)
    feeds = Feed.objects.select_related("account", "program").in_bulk(new) if new else {}
    for pk, feed in sorted(feeds.items()):
        after = {"name": str(feed), "items": new[pk]}
        record(Kind.FEED_ARTICLES_HELD, f"feed:{pk}", after=after, sources=[feed.account.network])
    return len(held)


def accept_swapped(feed_id: int, item_ids: list[int] | None = None) -> int:
    """Let held items of the feed be what it says now, all or some; return how many. In a transaction."""
    lock_feeds([feed_id])
    with connection.cursor() as cursor:
        return cursor.execute(_ACCEPT, {"feed": feed_id, "items": item_ids}).rowcount
