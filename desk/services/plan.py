"""Read a feed's source and say what a push would do: new, changed, gone, refused. Nothing leaves the site.

Rows pass through two tables of this session; one transaction at the end takes them over: a source that
breaks off changes nothing. What did not change since the last read costs a look at its digest.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from catalog.lib.named_sql import read_statements
from desk.models import OwnFeed, OwnProduct, PushRun
from desk.services.own_rows import ID, OwnRow, Reading, id_of, learn_style, price_text_of, read_row
from desk.services.own_sources import Row, columns_of, default_columns, look_ahead, open_rows
from desk.services.runs import Overtaken, RunBeat, State, beating, claim, move_on, wait_or_fail
from importer.feed_files import BadRow
from importer.http.errors import NetworkError
from importer.networks.tradedoubler.own_products import digest_of
from importer.normalise.currencies import get_decimals
from importer.reasons import Reason

VERSION = 1  # of how rows are read: raised, every row is read anew once
BATCH = 1_000
MAX_SAMPLES = 20
FEW = 20  # prices, of which it is not asked what they mean
ROUND_CURRENCIES = frozenset({"SEK", "NOK", "DKK", "ISK", "CZK", "HUF"})  # prices are often whole there
REQUIRED = (ID, "name", "productUrl", "productImage", "price")
_SQL = read_statements(__file__)


@dataclass(slots=True)
class Tally:
    """What was seen while reading."""

    rows: int = 0
    bad: list[dict[str, str]] = field(default_factory=list)  # the first rows without a product
    bad_count: int = 0
    price_count: int = 0
    whole_count: int = 0  # prices without decimals
    round_count: int = 0  # of them, those that end as prices in cents do
    least_whole: int = 10**9
    example: str = ""

    def note_price(self, text: str) -> None:
        self.price_count += 1
        digits = text.split(" ")[0]
        if digits.isdecimal():
            self.whole_count += 1
            self.round_count += digits[-2:] in ("00", "50", "90", "95", "99")
            self.least_whole = min(self.least_whole, int(digits[:9]))
            self.example = self.example or text[:20]

    def note_bad(self, reason: str, sample: str) -> None:
        self.bad_count += 1
        if len(self.bad) < MAX_SAMPLES:
            self.bad.append({"reason": reason, "row": sample[:300]})


def work(run_id: int) -> PushRun | None:
    """Read and plan a run that waits for it; return it, or None where another is at it. May run twice."""
    run = claim(run_id, (State.READING,))
    if run is None:
        return None
    try:
        with beating(run) as beat:
            _read(run, beat)
    except NetworkError as error:
        wait_or_fail(run, error)
    except Overtaken:
        return None
    run.refresh_from_db()
    return run


def _read(run: PushRun, beat: RunBeat) -> None:
    feed, tally = run.feed, Tally()
    with connection.cursor() as cursor:
        cursor.execute(_SQL["make_tables"])
    with open_rows(feed) as rows:
        first, rows = look_ahead(rows)
        reading = reading_of(feed, first)
        for batch in _batches(rows, tally):
            _stage(feed, batch, reading, tally)
            beat.rows = tally.rows
            beat.check()
    with transaction.atomic():
        doubts = _merge(run, reading, tally)
        beat.stop()
        move_on(
            run,
            state=State.PLANNED,
            row_count=tally.rows,
            counts=count(feed) | {"rows": tally.rows, "bad": tally.bad_count, "bad_rows": tally.bad},
            doubts=[doubt.to_json() for doubt in doubts],
            claim=None,
            message="",
            wait_count=0,
        )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.own_seen, pg_temp.own_staged")


def reading_of(feed: OwnFeed, first: Sequence[Row | BadRow]) -> Reading:
    """Return how the rows of a feed are read, by its mapping and its first rows. Raises NetworkError."""
    columns = feed.columns or default_columns(feed, columns_of(first))
    if missing := [name for name in REQUIRED if not columns.get(name)]:
        raise NetworkError("own_columns_missing", missing=missing)
    price = columns["price"]
    texts = (str(row.get(price) or "") for row in first if not isinstance(row, BadRow))
    return Reading(
        columns=columns,
        currency=feed.currency,
        style=learn_style(texts),
        in_cents=feed.cents == OwnFeed.Cents.YES,
    )


def _batches(rows: Iterable[Row | BadRow], tally: Tally) -> Iterator[list[Row]]:
    """Yield the rows in batches; those that could not be read are counted."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        found = []
        for row in batch:
            tally.rows += 1
            if isinstance(row, BadRow):
                tally.note_bad(row.reason, row.sample)
            else:
                found.append(row)
        yield found


def _stage(feed: OwnFeed, rows: Sequence[Row], reading: Reading, tally: Tally) -> None:
    """Note what was seen, and keep whole what does not stand in the row that it was read from last.

    A row says the same while it is the same and read in the same way: only others are made products of.
    """
    salt = hashlib.md5(f"{VERSION} {reading!r}".encode(), usedforsecurity=False)
    named = []
    for row in rows:
        if product_id := id_of(row, reading):
            digesting = salt.copy()
            digesting.update(repr(row).encode("utf-8", "surrogatepass"))
            named.append((product_id, digesting.hexdigest(), row))
            tally.note_price(price_text_of(row, reading))
        else:
            tally.note_bad("The row has no product ID.", str(dict(row)))
    known = {
        product_id: (row_digest, digest)
        for product_id, row_digest, digest in OwnProduct.objects.filter(
            feed=feed, missed=0, source_product_id__any=[product_id for product_id, *_ in named]
        ).values_list("source_product_id", "row_digest", "digest")
    }
    seen, staged = [], []
    for place, (product_id, row_digest, row) in enumerate(named, tally.rows):
        was, digest = known.get(product_id, ("", ""))
        if was != row_digest:
            product = read_row(row, reading)
            digest = digest_of(product.product)
            if product.reason:
                digest = digest_of({"refused": product.reason.code, "digest": digest})
            staged.append(_staged(place, product, digest, row_digest))
        seen.append((product_id, digest))
    with connection.wrap_database_errors, connection.cursor() as cursor:
        with cursor.copy("COPY own_seen (id, digest) FROM STDIN") as copy:
            for pair in seen:
                copy.write_row(pair)
        if staged:
            columns = "place, id, digest, row_digest, data, category, reason, price"
            with cursor.copy(f"COPY own_staged ({columns}) FROM STDIN") as copy:  # noqa: S608 names of its own
                for line in staged:
                    copy.write_row(line)


def _staged(place: int, row: OwnRow, digest: str, row_digest: str) -> tuple[Any, ...]:
    data = orjson.dumps(row.product).decode()
    categories = row.product["categories"]
    category = categories[0].get("name", "") if categories and not categories[0].get("id") else ""
    reason = row.reason.to_text() if row.reason else ""
    return (
        place,
        row.id,
        digest,
        row_digest,
        data,
        category[:300],
        reason,
        None if row.reason else _amount(row.product),
    )


def _amount(product: dict[str, Any]) -> Decimal | None:
    try:
        return Decimal(product["price"])
    except InvalidOperation:
        return None


def _merge(run: PushRun, reading: Reading, tally: Tally) -> list[Reason]:
    """Take over what was read, and return why somebody should look before it is pushed."""
    feed, values = run.feed, {"feed": run.feed_id}
    with connection.cursor() as cursor:
        cursor.execute(_SQL["refuse_doubles"])
        cursor.execute(_SQL["keep_last"])
        cursor.execute(_SQL["count_factors"], values)
        changed, dearer, cheaper = cursor.fetchone()
        for name in ("merge", "forget_missing", "note_missing", "learn_categories", "forget_categories"):
            cursor.execute(_SQL[name], values)
    OwnFeed.objects.filter(pk=feed.pk).update(read_at=timezone.now(), counts=count(feed))
    doubts = []
    for found, factor in ((dearer, "100"), (cheaper, "1/100")):
        if found and found * 2 >= changed:
            doubts.append(Reason("own_price_factor", {"count": found, "total": changed, "factor": factor}))
    if not doubts and _looks_like_cents(feed, tally):
        doubts.append(Reason("own_prices_whole", {"count": tally.price_count, "example": tally.example}))
    return doubts + _guard(feed, run.kind)


def _looks_like_cents(feed: OwnFeed, tally: Tally) -> bool:
    """Tell whether a first read has only prices that could be hundredths, and nobody said what they are."""
    if feed.cents or tally.price_count < FEW or tally.whole_count < tally.price_count:
        return False
    if (
        get_decimals(feed.currency) == 0
        or OwnProduct.objects.filter(feed=feed).exclude(sent_digest="").exists()
    ):
        return False
    if feed.currency in ROUND_CURRENCIES:
        return tally.least_whole >= 1_000 and tally.round_count * 10 >= tally.price_count * 8
    return tally.least_whole >= 100


def _guard(feed: OwnFeed, kind: str) -> list[Reason]:
    counts = count(feed)
    held, gone = counts["held"], counts["gone" if kind == PushRun.Kind.REPLACE else "to_delete"]
    stays = counts["new"] + counts["changed"] + counts["sent"]
    if not held:
        return []
    if not stays:
        return [Reason("own_all_gone", {"held": held})]
    if gone * 100 > feed.guard_percent * held:
        return [Reason("own_many_gone", {"gone": gone, "held": held})]
    return []


NAMES = ("new", "changed", "sent", "refused", "gone", "to_delete", "held", "waiting")


def count(feed: OwnFeed) -> dict[str, int]:
    """Return how many products of a feed are in each state (NAMES).

    "held": the network has them; "to_delete": gone for long enough; "waiting": for a category's mapping.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL["count"], {"feed": feed.pk, "after": feed.delete_after_reads})
        return dict(zip(NAMES, cursor.fetchone(), strict=True))


def refused_by_code(feed: OwnFeed) -> list[tuple[str, int]]:
    """Return why products of a feed are refused, by sentence, the most frequent first."""
    found: Counter[str] = Counter()
    reasons = OwnProduct.objects.filter(feed=feed, state=OwnProduct.State.REFUSED).order_by()
    for reason in reasons.values_list("reason", flat=True).iterator():
        found[str(reason)] += 1
    return found.most_common(MAX_SAMPLES)
