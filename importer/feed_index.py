"""Rows -> FeedItem by COPY, and the search over them. The only place of this app with SQL for feed items."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.contrib.postgres.search import SearchQuery as TextQuery
from django.contrib.postgres.search import SearchRank
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Jsonb

from importer.models import Feed, FeedItem, NetworkAccount
from importer.networks.base import ItemData, SearchQuery

BATCH = 2_000  # rows staged between two commits, so that progress shows and no transaction grows old
CONTENT = [
    "source_key",
    "program_key",
    "shop_name",
    "title",
    "description",
    "brand",
    "category",
    "price",
    "old_price",
    "shipping",
    "currency",
    "gtin",
    "in_stock",
    "product_url",
    "tracking_url",
    "image_urls",
    "attributes",
    "problem",
]
COLUMNS = ("feed_id", "external_id", *CONTENT, "digest")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Written:
    """How many items were new, changed, unchanged, and gone from the feed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


def store_hits(feeds: Mapping[str, Feed], items: Iterable[ItemData], network: str) -> list[FeedItem]:
    """Store search hits and return them as feed items, in order and each once.

    `feeds` maps the network's feed ids to our feeds. Nothing is marked as gone: a search is never complete.
    """
    rows = [_row(feeds[item.feed_id], item, network) for item in items]
    with transaction.atomic(), _staging() as stage:
        stage(rows)
        _merge()
    keys = list(dict.fromkeys((row[0], row[1]) for row in rows))
    stored = {
        (item.feed_id, item.external_id): item
        for item in FeedItem.objects.filter(
            feed_id__in={feed_id for feed_id, _ in keys},
            external_id__in=[external_id for _, external_id in keys],
        )
    }
    return [stored[key] for key in keys]


def replace_feed(feed: Feed, items: Iterable[ItemData], on_progress=lambda count, bad_count: None) -> Written:
    """Make the index of `feed` equal to `items`, which is read as a stream.

    Rows are staged outside of any long transaction and adopted in one, only after the last: an iterator that
    raises leaves the index as it was. `on_progress(count, bad_count)` is called after every batch. Call it
    outside of a transaction.
    """
    network = feed.account.network
    count = bad_count = 0
    stream = iter(items)
    with _staging() as stage:
        while batch := list(islice(stream, BATCH)):
            stage([_row(feed, item, network) for item in batch])
            count += len(batch)
            bad_count += sum(1 for item in batch if item.problem)
            on_progress(count, bad_count)
        with transaction.atomic():
            new, changed, unchanged = _merge()
            return Written(new, changed, unchanged, _mark_gone(feed))


def find_matches(account: NetworkAccount, query: SearchQuery) -> QuerySet[FeedItem]:
    """Return the account's indexed items that match the query, in its order."""
    items = FeedItem.objects.filter(feed__account=account, missing_at=None)
    if query.program_id:
        items = items.filter(feed__program__external_id=query.program_id)
    if query.category:
        items = items.filter(category=query.category)
    if query.min_price is not None:
        items = items.filter(price__gte=query.min_price)
    if query.max_price is not None:
        items = items.filter(price__lte=query.max_price)
    if query.currency and (query.min_price is not None or query.max_price is not None):
        items = items.filter(currency=query.currency)
    if query.in_stock:
        items = items.exclude(in_stock=False)
    if query.gtin:
        items = items.filter(gtin=query.gtin)
    text = _text_query(query.keywords)
    if text is not None:
        items = items.filter(search=text)
    match query.sort:
        case "price":
            return items.order_by(F("price").asc(nulls_last=True), "id")
        case "-price":
            return items.order_by(F("price").desc(nulls_last=True), "id")
        case "newest":
            return items.order_by("-id")
        case _ if text is not None:
            return items.annotate(rank=SearchRank("search", text)).order_by("-rank", "id")
        case _:
            return items.order_by("title", "id")


def list_categories(account: NetworkAccount, limit: int = 500) -> list[str]:
    """Return the categories of the account's indexed items, by name."""
    items = FeedItem.objects.filter(feed__account=account, missing_at=None).exclude(category="")
    return list(items.order_by("category").values_list("category", flat=True).distinct()[:limit])


def _text_query(keywords: str) -> TextQuery | None:
    """Every word must occur; the last may be the beginning of one."""
    words = _WORD.findall(keywords)
    if not words:
        return None
    return TextQuery(" & ".join([*words[:-1], f"{words[-1]}:*"]), search_type="raw", config="simple")


def _row(feed: Feed, item: ItemData, network: str) -> tuple:
    content = (
        f"{network}:{item.feed_id}:{item.external_id}",
        f"{network}:{item.program_id or 'feed-' + item.feed_id}",
        item.shop_name,
        item.title,
        item.description,
        item.brand,
        item.category,
        item.price,
        item.old_price,
        item.shipping,
        item.currency,
        item.gtin,
        item.in_stock,
        item.product_url,
        item.tracking_url,
        list(item.image_urls),
        item.attributes,
        item.problem,
    )
    digest = UUID(bytes=hashlib.blake2b(repr(content).encode("utf-8", "replace"), digest_size=16).digest())
    return (feed.pk, item.external_id, *content[:-2], Jsonb(item.attributes), item.problem, digest)


@contextmanager
def _staging() -> Iterator:
    """Yield a function that copies rows into a table of this session, emptied at the start and the end."""
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.staged_item")
        cursor.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE staged_item AS SELECT {} FROM importer_feeditem WITH NO DATA"
            ).format(columns)
        )
        cursor.execute("ALTER TABLE staged_item ADD COLUMN row_number bigint GENERATED ALWAYS AS IDENTITY")

    def stage(rows: Iterable[tuple]) -> None:
        statement = sql.SQL("COPY staged_item ({}) FROM STDIN").format(columns)
        with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    try:
        yield stage
    finally:
        if connection.connection is not None and not connection.needs_rollback and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE IF EXISTS pg_temp.staged_item")


def _merge() -> tuple[int, int, int]:
    """Adopt the staged rows, the last one of each id; return how many were new, changed and unchanged.

    Rows whose digest is the same are not written, so an unchanged feed costs no dead rows.
    """
    content = sql.SQL(", ").join(map(sql.Identifier, (*CONTENT, "digest")))
    columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
    assignments = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in (*CONTENT, "digest")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                WITH newest AS (
                    SELECT DISTINCT ON (feed_id, external_id) {columns}
                    FROM staged_item ORDER BY feed_id, external_id, row_number DESC
                ), written AS (
                    INSERT INTO importer_feeditem AS item (feed_id, external_id, {content}, seen_at)
                    SELECT feed_id, external_id, {content}, %s FROM newest
                    ON CONFLICT (feed_id, external_id) DO UPDATE
                    SET {assignments}, seen_at = excluded.seen_at, missing_at = NULL
                    WHERE item.digest <> excluded.digest OR item.missing_at IS NOT NULL
                    RETURNING xmax = 0 AS is_new
                )
                SELECT (SELECT count(*) FROM newest),
                       count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new)
                FROM written
                """
            ).format(columns=columns, content=content, assignments=assignments),
            [timezone.now()],
        )
        total, new, changed = cursor.fetchone()
    return new, changed, total - new - changed


def _mark_gone(feed: Feed) -> int:
    """Note which items of the feed are not among the staged rows; they stay, for the offers made of them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE staged_item")
        cursor.execute(
            """
            UPDATE importer_feeditem AS item SET missing_at = %s
            WHERE item.feed_id = %s AND item.missing_at IS NULL
              AND NOT EXISTS (
                SELECT FROM staged_item AS staged
                WHERE staged.feed_id = item.feed_id AND staged.external_id = item.external_id
              )
            """,
            [timezone.now(), feed.pk],
        )
        return cursor.rowcount
