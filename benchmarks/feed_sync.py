"""Sync of a whole feed: first, unchanged, and with 1 % changed; memory; and others on the same rows.

`python -m benchmarks feed_sync`; `FEED_ITEMS=1000000` for the largest. The floors are measured in the same
run: *parse* reads the same bytes into the same items, *load* copies those rows into an unlogged table and
inserts them from there into a table with the same indexes, *bare COPY* only copies them. Beside each time
stands the processor time of this process and of its PostgreSQL session, which a busy machine changes little;
ratios are of that.
"""

import gc
import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import psutil

from benchmarks.feeds import floor_of, items_of, write_as, write_feed
from benchmarks.site import make_feed, own_backend, processor_seconds, running_site, say

ITEMS = int(os.environ.get("FEED_ITEMS", "300_000"))
FEW = ITEMS // 10  # to compare memory and time per item with
PEER_ITEMS = min(20_000, ITEMS)
PEERS = ("dlt", "import_export", "tablib")
ROUNDS = 3


def main() -> None:
    print(f"Sync of a feed of {ITEMS:,} items of about 1.4 kB")
    with running_site():
        folder = Path(os.environ["BENCHMARK_DIR"])
        few = first_sync(write_feed(folder / "few.json.gz", FEW), FEW, "few")
        whole = write_feed(folder / "whole.json.gz", ITEMS)
        floor = cost("bytes to dictionaries, quickest library", lambda: floor_of(whole))
        parse = cost("parse floor", lambda: drain(items_of(whole)))
        copy, load = load_floor(whole, parse)
        first = first_sync(whole, ITEMS, "whole")
        before = cost("again, unchanged, each row read", lambda: sync("whole", whole, knows=False))
        again = cost("again, unchanged", lambda: sync("whole", whole))
        changed = write_feed(folder / "changed.json.gz", ITEMS, changed=0.01)
        percent = cost("again, 1 % changed", lambda: sync("whole", changed))
        others = {form: again_as(folder, form) for form in ("json", "xml", "csv")}
        if missing := [package for package in PEERS if not find_spec(package)]:
            say("the others are not installed", f"{len(missing)} of {len(PEERS)}", "pip install -e .[bench]")
        else:
            peers(folder)  # last: they grow this process
    say("first sync against parse + load", f"{first / (parse + load):.2f}x", "goal: at most 1.5x")
    say("unchanged: each row read against the known way", f"{before / again:.1f}x", "goal: at least 5x")
    for form, (full, quick) in others.items():
        goal = "5x" if form == "json" else "3x"
        say(f"the same, {form}, {FEW:,}", f"{full / quick:.1f}x", f"goal: at least {goal}")
    say("unchanged against bytes to dictionaries", f"{again / floor:.2f}x")
    say("first sync against bytes to dictionaries", f"{first / floor:.2f}x")
    say("unchanged against parse + bare COPY", f"{again / (parse + copy):.2f}x", "goal: at most 1.4x")
    say("1 % changed against unchanged", f"{percent / again:.2f}x", "goal: at most 1.5x")
    ratio = first / ITEMS / (few / FEW)
    say(f"time per item, {ITEMS:,} against {FEW:,}", f"{ratio:.2f}x", "goal: at most 1.15x")


# --- Ours --------------------------------------------------------------------------------------
def sync(name: str, path: Path, *, knows: bool = True):
    """Sync; with `knows=False` as if nothing were known of the rows, so that each is read and compared."""
    from importer import feed_index
    from importer.models import Feed, FeedRows
    from importer.networks.contract import FeedWatch

    feed = Feed.objects.filter(name=name).first()
    if feed is None:
        feed = make_feed()
        feed.name, feed.language = name, "de"
        feed.save()
    if not knows:
        FeedRows.objects.filter(feed=feed).delete()
    watch = FeedWatch()
    return feed_index.replace_feed(feed, items_of(path, watch), watch=watch)


def first_sync(path: Path, count: int, name: str) -> float:
    """Sync in this process; return the seconds, and show the most memory that it held on top."""
    process = psutil.Process()
    gc.collect()
    peak = Peak(process)
    with peak:
        taken = cost(f"first sync of {count:,}", lambda: sync(name, path))
    say(f"peak resident memory with {count:,}", f"{peak.bytes / 2**20:,.0f} MB", "goal: at most 200 MB")
    return taken


def again_as(folder: Path, form: str) -> tuple[float, float]:
    """Return the seconds of an unchanged sync in another format, each row read, and known."""
    path = write_as(folder / f"feed.{form}.gz", FEW, form)
    cost(f"{form}: bytes to dictionaries, quickest library", lambda: floor_of(path))
    cost(f"{form}: first", lambda: sync(form, path))
    full = cost(f"{form}: unchanged, each row read", lambda: sync(form, path, knows=False))
    return full, cost(f"{form}: unchanged", lambda: sync(form, path))


# --- Floors ------------------------------------------------------------------------------------
def load_floor(path: Path, parse: float) -> tuple[float, float]:
    """Return the seconds of COPY alone, and of COPY and INSERT, of the same rows; reading them taken off."""
    from django.db import connection

    from importer.feed_index import merge, staging
    from importer.feed_index.rows import Changed, RowMaker

    feed = make_feed()
    feed.language = "de"
    maker = RowMaker(feed)
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNLOGGED TABLE floor_item (LIKE importer_feeditem INCLUDING ALL)")
        cursor.execute("CREATE SEQUENCE floor_id; ALTER TABLE floor_item ALTER id DROP IDENTITY IF EXISTS")
        cursor.execute("ALTER TABLE floor_item ALTER id SET DEFAULT nextval('floor_id')")
    with staging.staging():
        numbers = itertools.count(1)

        def copy() -> None:
            for batch in batches(items_of(path), 2_000):
                # Made first: the stems of new words are asked of the same session.
                lines = maker.lines(
                    [
                        Changed(item, None, None, 0, number)
                        for item, number in zip(batch, numbers, strict=False)
                    ]
                )
                with connection.cursor() as cursor, cursor.copy(staging._COPY_ITEMS) as rows:
                    rows.write("".join(lines))

        copying = cost("parse and bare COPY", copy) - parse
        insert = merge._INSERT.as_string(connection.connection).replace("importer_feeditem", "floor_item")
        with connection.cursor() as cursor:
            inserting = cost("INSERT ... SELECT", lambda: cursor.execute(insert, {"now": "2026-01-01"}))
            cursor.execute("DROP TABLE floor_item; DROP SEQUENCE floor_id")
    return copying, copying + inserting


# --- Others ------------------------------------------------------------------------------------
def peers(folder: Path) -> None:
    """Let others do what they are for with the same rows: put them into a table, then bring it up to date.

    All start from the same parsed rows and an empty table, and write to the same server, which waits for the
    disk at each commit.
    The first time is taken in rounds, each with all of them and new tables: the median counts. What they
    import is imported before.
    As they come, theirs make a table with one index, the unique key, that nobody can search; ours has seven
    and the text search. The best of them also makes a table with the same indexes. Ours tells what is new,
    changed and gone, and leaves the table alone when it fails; of the others, only dlt does the latter.
    """
    for module in ("dlt.destinations", "import_export.resources", "tablib"):
        import_module(module)
    items = list(items_of(write_feed(folder / "peers.json.gz", PEER_ITEMS)))
    changed = list(items_of(write_feed(folder / "peers-1.json.gz", PEER_ITEMS, changed=0.01)))
    flat = "django-import-export, bulk"
    # Each makes an empty table and returns what fills it.
    ways: dict[str, Callable[[], Callable[[list], object]]] = {
        "ours": ours,
        "dlt, merge": lambda: partial(dlt_merge, folder, f"round_{next(_numbers)}"),
        flat: lambda: partial(import_export, flat_model()),
        f"{flat}, the same indexes": lambda: partial(import_export, with_our_indexes(flat_model())),
        "update_or_create, a tenth": lambda: partial(update_or_create, flat_model()),
    }
    first: dict[str, list[float]] = {name: [] for name in ways}
    way: dict[str, Callable[[list], object]] = {}
    for _ in range(ROUNDS):
        for name, start in ways.items():
            way[name] = start()
            first[name].append(timed(f"{name}: first, {PEER_ITEMS:,}", way[name], items))
    again = {name: timed(f"{name}: again, 1 % changed", way[name], changed) for name in ways}
    for what, taken in (
        ("first", {name: statistics.median(seconds) for name, seconds in first.items()}),
        ("again, 1 % changed", again),
    ):
        for name in [name for name in ways if name != "ours"]:
            say(f"{what}: ours against {name}", f"{taken[name] / taken['ours']:.1f}x", "goal: at least 3x")


def timed(name: str, way: Callable[[list], object], items: list) -> float:
    """Return the seconds by the clock, or what they would be for all where a tenth is enough to know."""
    gc.collect()  # what the one before left behind
    if "tenth" in name:
        return 10 * cost(name, lambda: way(items[: len(items) // 10]), by_clock=True)
    return cost(name, lambda: way(items), by_clock=True)


def ours() -> Callable[[list], object]:
    from importer import feed_index

    empty_our_tables()
    feed = make_feed()
    feed.language = "de"
    feed.save()
    return partial(feed_index.replace_feed, feed)


def empty_our_tables() -> None:
    """Let ours start as the others do."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE importer_feeditem, importer_sampleitem, importer_indexedword CASCADE")


COLUMNS = (
    *("external_id", "program_id", "shop_name", "title", "description", "brand", "category", "price"),
    *("old_price", "shipping", "currency", "gtin", "in_stock", "product_url", "tracking_url"),
)


def dlt_merge(folder: Path, dataset: str, items: Iterable) -> None:
    import dlt
    from django.db import connection

    at = connection.settings_dict
    os.environ["DLT_DATA_DIR"] = str(folder / "dlt")
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    credentials = {
        **{"drivername": "postgresql", "username": at["USER"], "database": at["NAME"]},
        # It wants all of these; the query's host, a socket, is the one that is used.
        **{"password": "none", "host": "localhost", "port": 5432},
        "query": {"host": at["OPTIONS"].get("host") or at["HOST"]},
    }

    @dlt.resource(name="items", primary_key="external_id", write_disposition="merge")
    def rows():
        for item in items:
            yield {name: getattr(item, name) for name in COLUMNS} | {"attributes": dict(item.attributes)}

    destination = dlt.destinations.postgres(credentials=credentials)
    pipeline = dlt.pipeline(dataset, destination=destination, dataset_name=dataset, pipelines_dir=str(folder))
    pipeline.run(rows(), loader_file_format="insert_values")


def flat_model():
    """Return a new model with a table of its own."""
    from django.db import connection, models

    fields = {name: models.TextField(default="") for name in COLUMNS if name != "external_id"}
    for name in ("price", "old_price", "shipping"):
        fields[name] = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    fields["in_stock"] = models.BooleanField(null=True)
    fields["external_id"] = models.CharField(max_length=500, unique=True)
    meta = type("Meta", (), {"app_label": "benchmarks"})
    name = f"Flat{next(_numbers)}"
    model = type(name, (models.Model,), {**fields, "Meta": meta, "__module__": __name__})
    with connection.schema_editor() as editor:
        editor.create_model(model)
    return model


def with_our_indexes(model):
    """Give the model's table what is needed to search it as ours is searched."""
    from django.db import connection

    table = model._meta.db_table
    text = "to_tsvector('german', title || ' ' || brand || ' ' || category)"
    columns = ("price, id", "old_price, id", "gtin", "program_id, external_id", "external_id, id, currency")
    with connection.cursor() as cursor:
        for column in columns:
            cursor.execute(f"CREATE INDEX ON {table} ({column})")
        cursor.execute(f"CREATE INDEX ON {table} USING gin (({text}))")
    return model


_numbers = itertools.count()


def import_export(model, items: list) -> None:
    import tablib
    from import_export import instance_loaders, resources

    class Resource(resources.ModelResource):
        class Meta:
            use_bulk = True
            batch_size = 1_000
            skip_diff = skip_html_diff = True
            skip_unchanged = True
            instance_loader_class = instance_loaders.CachedInstanceLoader
            import_id_fields = ("external_id",)
            fields = COLUMNS

    resource = resources.modelresource_factory(model, resource_class=Resource)()
    data = tablib.Dataset(*[[getattr(item, name) for name in COLUMNS] for item in items], headers=COLUMNS)
    resource.import_data(data, raise_errors=True)
    assert model.objects.count() == len(items)


def update_or_create(model, items: list) -> None:
    for item in items:
        values = {name: getattr(item, name) for name in COLUMNS if name != "external_id"}
        model.objects.update_or_create(external_id=item.external_id, defaults=values)


# --- Figures -----------------------------------------------------------------------------------
def cost(name: str, work: Callable[[], object], *, by_clock: bool = False) -> float:
    """Run the work and show what it took; return the processor seconds of it and its database session.

    `by_clock`: return the wall clock's, for work whose sessions are its own and end with it.
    """
    backend = [own_backend()]
    started, own, theirs = time.perf_counter(), time.process_time(), processor_seconds(backend)
    work()
    wall, own = time.perf_counter() - started, time.process_time() - own
    theirs = processor_seconds(backend) - theirs
    used = f"processor: {own:.1f} s here, {theirs:.1f} s in its PostgreSQL session"
    say(name, f"{wall:.1f} s", used)
    return wall if by_clock else own + theirs


def batches(rows: Iterable, size: int) -> Iterable[list]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, size)):
        yield batch


def drain(rows: Iterable) -> None:
    for _ in rows:
        pass


class Peak:
    """The most memory that the process held while open, looked at twenty times a second."""

    def __init__(self, process: psutil.Process) -> None:
        import threading

        self.bytes, self._process, self._over = 0, process, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *exc) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.bytes = max(self.bytes, self._process.memory_info().rss)


if __name__ == "__main__":
    main()
