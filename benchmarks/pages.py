"""Server time and queries of the pages, with 100,000 products and a run of 100,000 items."""

import os
import statistics
from time import perf_counter

from benchmarks.bulk_import import import_run, make_category
from benchmarks.site import make_feed, make_items, running_site, say

PRODUCTS = 100_000
TIMES = 7


def main() -> None:
    print(f"Pages at {PRODUCTS:,} products, median of {TIMES} requests each")
    os.environ["PAGE_CACHE_SECONDS"] = "0"  # what it costs to make a page
    with running_site():
        from django.contrib.auth import get_user_model
        from django.db import connection
        from django.test import Client
        from django.urls import reverse

        user = get_user_model().objects.create_superuser("admin", password=None)
        feed = make_feed()
        run = fill(feed)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(user)
        print(f"  {'dashboard':58} {'server time':>16}   queries")
        for name, path in dashboard_paths(reverse, run):
            measure(client, name, path, "at most 100 ms and 12 queries")
        print(f"  {'public':58} {'server time':>16}   queries")
        for name, path in public_paths(reverse):
            measure(Client(SERVER_NAME="127.0.0.1"), name, path, "at most 60 ms")


def fill(feed):
    from importer import importing

    run = import_run(make_items(feed, PRODUCTS), make_category())
    importing.work(run)
    return run


def dashboard_paths(reverse, run):
    from catalog.models import Product

    products = reverse("catalog:product-list")
    product = Product.objects.order_by("id")[PRODUCTS // 2]
    yield "home", reverse("importer:home")
    yield "products", products
    yield "products, search", f"{products}?q=trail+numb"
    yield "products, one hit", f"{products}?q=4711"
    yield "products, by price", f"{products}?sort=price"
    yield "products, drafts", f"{products}?status=draft"
    yield "products, page 1,000", f"{products}?page=1000"
    yield "product editor", reverse("catalog:product-edit", args=[product.pk])
    yield "categories", reverse("catalog:category-list")
    yield "brands", reverse("catalog:brand-list")
    yield "shops", reverse("catalog:shop-list")
    yield "runs", reverse("importer:run-list")
    yield "run of 100,000 items", reverse("importer:run-detail", args=[run.pk])
    yield "API log", reverse("importer:network-log", args=["tradedoubler"])
    yield "settings of a network", reverse("importer:network-settings", args=["tradedoubler"])
    yield "site settings", reverse("catalog:site-settings")


def public_paths(reverse):
    from catalog.models import Category, Product, Shop

    product = Product.objects.order_by("id")[PRODUCTS // 2]
    yield "home", reverse("public:home")
    yield "product", reverse("public:product", args=[product.slug])
    yield "category", reverse("public:category", args=[Category.objects.get().slug])
    yield (
        "category, page 50",
        reverse("public:category", args=[Category.objects.get().slug]) + "?page=50",
    )
    yield "shop", reverse("public:shop", args=[Shop.objects.first().slug])
    yield "search", reverse("public:search") + "?q=trail+shoe"
    yield "search, one hit", reverse("public:search") + "?q=4711"


def measure(client, name, path, goal) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times = []
    for _ in range(TIMES):
        started = perf_counter()
        response = client.get(path)
        times.append(perf_counter() - started)
        assert response.status_code == 200, (path, response.status_code)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(path)
    say(f"  {name}", f"{statistics.median(times) * 1000:.0f} ms", f"{len(queries):>3}      goal: {goal}")


if __name__ == "__main__":
    main()
