"""Make the index say what a feed or a search says."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from importer.feed_files import KnownRows
from importer.feed_index.held import count_held_again, hold_far_prices
from importer.feed_index.known import forget_known, note_ambiguous, store_known, take_known
from importer.feed_index.merge import (
    Diff,
    Written,
    adopt_pending_words,
    deduplicate,
    link_existing,
    lock_feeds,
    mark_gone,
    merge_rows,
    preview,
)
from importer.feed_index.rows import Changed, RowMaker
from importer.feed_index.samples import refresh_samples
from importer.feed_index.shared_codes import find_repeated_codes, note_shared_codes
from importer.feed_index.staging import Entry, staging
from importer.feed_index.swapped import hold_swapped
from importer.models import Feed, FeedItem
from importer.networks.contract import FeedWatch, ItemData
from importer.reasons import Reason

BATCH = 2_000  # rows staged at once
PATIENCE = 1.0  # seconds after which a smaller batch is staged, so that a slow network still shows progress
MAX_SAMPLES = 20
SAMPLE_LENGTH = 300
Key = tuple[int, str]  # the feed's id, the item's external id


@dataclass(slots=True)
class Tally:
    """What was read of a feed so far. `samples` are the first bad rows: {"reason", "row"}.

    `nameless` rows are bad and have no id. `doubt` says why what came may not be the whole feed.
    """

    rows: int = 0
    bad: int = 0
    nameless: int = 0
    doubt: Reason | None = None
    samples: list[dict[str, str]] = field(default_factory=list)

    def add_unread(self, watch: FeedWatch) -> None:
        """Count the rows that never became an item."""
        self.rows += watch.bad_count
        self.bad += watch.bad_count
        self.nameless += watch.bad_count
        self.samples = [*({"reason": row.reason, "row": row.sample} for row in watch.bad_rows), *self.samples]
        del self.samples[MAX_SAMPLES:]
        self.doubt = watch.doubt

    def note_bad(self, reason: str, row: str) -> None:
        self.bad += 1
        if len(self.samples) < MAX_SAMPLES:
            self.samples.append({"reason": reason, "row": row[:SAMPLE_LENGTH]})


def replace_feed(
    feed: Feed,
    items: Iterable[ItemData | int],
    *,
    watch: FeedWatch | None = None,
    hold_prices: bool = True,
    on_progress: Callable[[Tally], None] = lambda tally: None,
    check: Callable[[Tally, Diff], None] = lambda tally, diff: None,
    on_written: Callable[[Tally, Written], None] = lambda tally, written: None,
) -> Written:
    """Make the index of `feed` equal to `items`, which is read as a stream.

    Rows are staged outside of any long transaction and adopted in one, only after the last: an iterator that
    raises leaves the index as it was, and so does `check(tally, diff)`, which is asked before anything is
    written. `on_progress(tally)` is called after every batch, `on_written(tally, written)` before the commit;
    they may raise, too. Of rows with one id the last counts. Rows that the reader of `items` told `watch` it
    could not read are bad ones, and their items not gone. `hold_prices`: one far from what it was is held.
    In place of the items of rows that it gets to know by `watch.known` their places may come.
    Call it outside of a transaction.
    """
    maker, tally, watch = RowMaker(feed), Tally(), watch or FeedWatch()
    watch.known, token = take_known(feed.pk, maker.salt)
    with staging() as stage:
        for batch in _batches(_counted(items, tally, watch.known)):
            stage.add(maker, batch, watch.known)
            on_progress(tally)
        on_progress(tally)
        tally.add_unread(watch)
        maker.note_words()
        with transaction.atomic():
            lock_feeds([feed.pk])
            link_existing(feed.pk)
            if watch.known.is_changed:
                note_ambiguous()
            deduplicate()
            diff = preview(feed.pk, tally.nameless, watch.bad_texts)
            check(tally, diff)
            if hold_prices:
                hold_swapped()
                hold_far_prices()
            repeated = find_repeated_codes(feed.pk)
            new, changed = merge_rows()
            count_held_again(feed.pk)
            written = Written(new=new, changed=changed, unchanged=diff.unchanged, gone=mark_gone())
            store_known(feed.pk, watch.known, token)
            if new or changed or written.gone:
                adopt_pending_words()
                refresh_samples(feed.pk)
                note_shared_codes(feed, repeated)
            on_written(tally, written)
        return written


def store_hits(feeds: Mapping[str, Feed], items: Iterable[ItemData]) -> list[FeedItem]:
    """Store search hits and return them as feed items, in order and each once.

    `feeds` maps the network's feed ids to our feeds. Nothing is marked as gone: a search is never complete.
    An item that a feed's mirror has stays as the feed says it, while the mirror is current (`docs/feeds.md`).
    While a sync is writing to one of the feeds, what is not stored yet is left out rather than waited for.
    """
    hits = {(feeds[item.feed_id].pk, item.external_id): item for item in items}
    makers = {feed.pk: RowMaker(feed) for feed in feeds.values()}
    current = {feed.pk for feed in feeds.values() if feed.is_current}
    rows = {key: makers[key[0]].row(item) for key, item in hits.items()}

    def find_changed(stored: Mapping[Key, FeedItem]) -> dict[RowMaker, list[Changed]]:
        changed: dict[RowMaker, list[Changed]] = {}
        for place, (key, row) in enumerate(rows.items()):
            known = stored.get(key)
            is_mirrored = known and key[0] in current and known.missing_at is None
            if not known or (known.digest.hex != row.digest and not is_mirrored):
                item = Changed(hits[key], row, known.pk if known else None, place)
                changed.setdefault(makers[key[0]], []).append(item)
        return changed

    stored = _stored(hits)
    if changed := find_changed(stored):
        try:
            with transaction.atomic(), staging() as stage:
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '500ms'")
                lock_feeds(maker.feed_id for maker in changed)
                stored = _stored(hits)
                for maker, of_feed in find_changed(stored).items():
                    stage.add_rows(maker, of_feed)
                    maker.note_words()
                    if any(item.item_id for item in of_feed):
                        forget_known([maker.feed_id])
                hold_swapped()
                hold_far_prices()
                merge_rows()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
        stored = _stored(hits)
    return [stored[key] for key in hits if key in stored]


def _stored(keys: Collection[Key]) -> dict[Key, FeedItem]:
    items = FeedItem.objects.filter(
        feed__in={feed_id for feed_id, _ in keys}, external_id__any=[external_id for _, external_id in keys]
    )
    return {(item.feed_id, item.external_id): item for item in items}


def _counted(items: Iterable[ItemData | int], tally: Tally, known: KnownRows) -> Iterator[Entry]:
    """Yield the items that can be kept, with their origins; count them, and what is bad."""
    for item in items:
        tally.rows += 1
        if isinstance(item, int):
            yield item
            continue
        if item.problem:
            tally.note_bad(item.problem, f"{item.external_id} {item.title}".strip())
        if item.external_id:
            yield item, known.origin
        else:
            tally.nameless += 1


def _batches(items: Iterator[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    deadline = time.monotonic() + PATIENCE
    for item in items:
        batch.append(item)
        if len(batch) >= BATCH or time.monotonic() > deadline:
            yield batch
            batch, deadline = [], time.monotonic() + PATIENCE
    if batch:
        yield batch
