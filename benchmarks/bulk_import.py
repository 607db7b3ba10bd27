"""Bulk import of 10,000 found items to published products.

Against the same writes row by row through the ORM, and django-import-export's bulk mode on one flat table;
with 1,000 and with 100,000 products there already; and the memory of the worker that does it.
"""

import statistics
import threading
import time

import psutil

from benchmarks.site import make_feed, make_items, running_site, say, seconds

ITEMS = 10_000
ROW_BY_ROW = 1_000  # enough to time a loop whose cost per row does not change
ROUNDS = 3


def main() -> None:
    print(f"Bulk import of {ITEMS:,} items to published products")
    with running_site():
        from django.contrib.auth import get_user_model

        get_user_model().objects.create_superuser("admin", password=None)
        feed = make_feed()
        category = make_category()
        warm_up(make_items(feed, 1_000), category)
        few = [import_seconds(feed, 1_000 + ITEMS * number, category) for number in range(ROUNDS)]
        rows = list(rows_of(feed))
        flat, blind = flat_table_seconds(rows), flat_table_seconds(rows, is_blind=True)
        loop = row_by_row_seconds(feed, category)
        fill(feed, 100_000, category)
        many = [import_seconds(feed, 200_000 + ITEMS * number, category) for number in range(ROUNDS)]
        peak = worker_peak(feed, 300_000, category)
    ours = statistics.median(few) / ITEMS
    say("ours, median of three", f"{1 / ours:,.0f}/s", "goal: at least 2,500/s")
    say("row by row through the ORM", f"{1 / loop:,.0f}/s")
    say("ours against row by row", f"{loop / ours:.1f}x", "goal: at least 10x")
    say("django-import-export, bulk mode, one flat table", f"{1 / flat:,.0f}/s")
    say(
        "the same without looking for rows that are there",
        f"{1 / blind:,.0f}/s",
        "(a second import would fail)",
    )
    say("ours against django-import-export", f"{flat / ours:.1f}x", "goal: more than 1x")
    say("ours with 100,000 products there", f"{ITEMS / statistics.median(many):,.0f}/s")
    say(
        "per item, 100,000 there against 1,000 there",
        f"{statistics.median(many) / ITEMS / ours:.2f}x",
        "goal: at most 1.15x",
    )
    say("peak resident memory of the worker", f"{peak / 2**20:,.0f} MB", "goal: under 200 MB")


def make_category() -> int:
    from catalog.models import Category

    return Category.objects.create(name="Shoes", slug="shoes").pk


def import_run(ids, category):
    from importer.imports.runs import start_import

    return start_import(ids, kind="bulk", status="published", category_ids=[category])


def warm_up(ids, category) -> None:
    from importer.imports import apply

    apply.work(import_run(ids, category))


def import_seconds(feed, start, category) -> float:
    """Time one run from its start to its last row, then take its products away again."""
    from django.db import connection

    from importer.imports import apply
    from importer.models import ImportRun

    ids = make_items(feed, ITEMS, start)
    started = time.perf_counter()
    run = import_run(ids, category)
    apply.work(run)
    taken = time.perf_counter() - started
    run.refresh_from_db()
    assert (run.state, run.created_count) == (ImportRun.State.DONE, ITEMS), run.counts
    products = list(run.items.values_list("product", flat=True))
    ImportRun.objects.all().delete()
    remove(products)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return taken


def remove(products) -> None:
    from catalog.models import Product

    Product.objects.filter(pk__any=products).delete()


def fill(feed, count, category) -> None:
    from catalog.models import Product
    from importer.imports import apply

    missing = count - Product.objects.count()
    apply.work(import_run(make_items(feed, missing, 1_000 + ITEMS * ROUNDS), category))


def rows_of(feed):
    from importer.models import FeedItem

    return FeedItem.objects.filter(feed=feed).order_by("id")[1_000 : 1_000 + ITEMS]


def row_by_row_seconds(feed, category) -> float:
    """Time the same writes, one object after the other, a transaction per item; return seconds per item."""
    from django.db import transaction
    from django.utils import timezone
    from django.utils.text import slugify

    from catalog.models import Brand, Offer, PricePoint, Product, ProductImage, Shop
    from events.kinds import Kind
    from events.record import record
    from importer.models import ImportItem, ImportRun

    items = list(rows_of(feed)[:ROW_BY_ROW])
    run = ImportRun.objects.create(kind="bulk", status="published", total_count=len(items))

    def work() -> None:
        for item in items:
            with transaction.atomic():
                entry = ImportItem.objects.create(run=run, feed_item=item)
                brand, _ = Brand.objects.get_or_create(
                    name=item.brand, defaults={"slug": slugify(item.brand)}
                )
                shop, _ = Shop.objects.get_or_create(
                    name=item.shop_name, defaults={"slug": slugify(item.shop_name)}
                )
                product = Product.objects.create(
                    title=item.title,
                    slug=slugify(item.title)[:120],
                    brand=brand,
                    gtin=item.gtin,
                    status="published",
                    published_at=timezone.now(),
                    imported={"title": item.title, "brand": item.brand, "source_key": item.source_key},
                    attributes=item.attributes,
                    lowest_price=item.price,
                    currency=item.currency,
                    offer_count=1,
                )
                product.categories.add(category)
                for position, url in enumerate(item.image_urls):
                    ProductImage.objects.create(
                        product=product, source_url=url, alt=item.title, position=position
                    )
                offer = Offer.objects.create(
                    product=product,
                    shop=shop,
                    source="tradedoubler",
                    source_key=item.source_key,
                    title=item.title,
                    tracking_url=item.tracking_url,
                    price=item.price,
                    old_price=item.old_price,
                    shipping=item.shipping,
                    currency=item.currency,
                    in_stock=item.in_stock,
                    checked_at=timezone.now(),
                )
                PricePoint.objects.create(
                    offer=offer, price=item.price, currency=item.currency, recorded_at=timezone.now()
                )
                entry.verdict, entry.product = "created", product
                entry.save(update_fields=["verdict", "product"])
                record(Kind.PRODUCT_CREATED, f"product:{product.pk}", after={"status": "published"})

    taken = seconds(work)
    remove(list(run.items.values_list("product", flat=True)))
    run.delete()
    return taken / ROW_BY_ROW


def flat_table_seconds(items, *, is_blind: bool = False) -> float:
    """Time django-import-export putting the same rows into one table of its own; return seconds per item.

    `is_blind`: its quickest settings, with which it does not look for rows that are there.
    """
    import tablib
    from django.db import connection, models
    from import_export import resources

    columns = [
        *("external_id", "source_key", "shop_name", "title", "brand", "category", "price", "old_price"),
        *("shipping", "currency", "gtin", "in_stock", "product_url", "tracking_url"),
    ]

    class FlatProduct(models.Model):
        external_id = models.CharField(max_length=500)
        source_key = models.TextField(unique=True)
        shop_name = models.CharField(max_length=120)
        title = models.CharField(max_length=300)
        brand = models.CharField(max_length=120)
        category = models.CharField(max_length=300)
        price = models.DecimalField(max_digits=14, decimal_places=2)
        old_price = models.DecimalField(max_digits=14, decimal_places=2, null=True)
        shipping = models.DecimalField(max_digits=14, decimal_places=2, null=True)
        currency = models.CharField(max_length=3)
        gtin = models.CharField(max_length=14)
        in_stock = models.BooleanField(null=True)
        product_url = models.CharField(max_length=2000)
        tracking_url = models.CharField(max_length=2000)

        class Meta:
            app_label = "benchmarks"

        def __str__(self) -> str:
            return self.title

    class FlatProductResource(resources.ModelResource):
        class Meta:
            model = FlatProduct
            fields = columns
            import_id_fields = ("source_key",)
            use_bulk = True
            batch_size = 1_000
            force_init_instance = is_blind
            skip_diff = True
            skip_html_diff = True

    with connection.schema_editor() as editor:
        editor.create_model(FlatProduct)
    data = tablib.Dataset(*[[getattr(item, name) for name in columns] for item in items], headers=columns)
    taken = seconds(lambda: FlatProductResource().import_data(data, raise_errors=True))
    assert FlatProduct.objects.count() == len(items)
    with connection.schema_editor() as editor:
        editor.delete_model(FlatProduct)
    return taken / len(items)


def worker_peak(feed, start, category) -> int:
    """Let a real Celery worker do a run; return the most memory that one of its processes held, in bytes."""
    from django.conf import settings

    from affiliate_site.run import processes
    from affiliate_site.run.supervisor import Supervisor
    from importer import tasks

    ids = make_items(feed, ITEMS, start)
    supervisor = Supervisor(settings.VAR_DIR / "log", say=print)
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            for process in psutil.Process().children(recursive=True):
                try:
                    if "celery" in " ".join(process.cmdline()):
                        peak = max(peak, process.memory_info().rss)
                except psutil.Error:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        supervisor.start(processes.worker({}))
        run = import_run(ids, category)
        tasks.run_import.delay(run.pk)
        while run.is_active:
            time.sleep(0.1)
            run.refresh_from_db()
        assert run.created_count == ITEMS, run.counts
    finally:
        done.set()
        watcher.join()
        supervisor.stop()
    return peak


if __name__ == "__main__":
    main()
