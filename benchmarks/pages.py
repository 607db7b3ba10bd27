"""Server time and queries of the pages: 100,000 products, three offers each, runs of 100,000 items."""

import os
import statistics
from time import perf_counter

from benchmarks.bulk_import import import_run, make_category
from benchmarks.site import make_feed, make_items, running_site, say

PRODUCTS = int(os.environ.get("PRODUCTS", 100_000))
OFFERS = 3
TIMES = 7


def main() -> None:
    print(f"Pages at {PRODUCTS:,} products, {OFFERS} offers each, median of {TIMES} requests each")
    with running_site():
        from django.contrib.auth import get_user_model
        from django.db import connection
        from django.test import Client
        from django.urls import reverse

        user = get_user_model().objects.create_superuser("admin", password=None)
        run = fill()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(user)
        print(f"  {'dashboard':58} {'server time':>16}   queries")
        for name, path in dashboard_paths(reverse, run):
            measure(client, name, path, "at most 100 ms and 12 queries")
        print(f"  {'public':58} {'server time':>16}   queries")
        for name, path in public_paths(reverse):
            # A parameter that no page reads: the page is made anew each time.
            path += f"{'&' if '?' in path else '?'}anew=1"
            goal = "at most 30 ms and 6 queries" if name == "product" else "at most 60 ms"
            measure(Client(SERVER_NAME="127.0.0.1"), name, path, goal)


def fill():
    """Import the same products from three feeds, so that their offers are joined; return the last run."""
    from catalog.models import Offer
    from importer.imports import apply

    category = make_category()
    for turn in range(OFFERS):
        run = import_run(make_items(make_feed(), PRODUCTS, turn=turn), category)
        apply.work(run)
    assert Offer.objects.count() == PRODUCTS * OFFERS
    return run


def dashboard_paths(reverse, run):
    from catalog.models import Product

    products = reverse("catalog:product-list")
    product = Product.objects.order_by("id")[PRODUCTS // 2]
    yield "home", reverse("dashboard:home")
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
    from catalog.models import Brand, Category, Product, Shop

    product = Product.objects.order_by("id")[PRODUCTS // 2]
    yield "home", reverse("public:home")
    yield "product", reverse("public:product", args=[product.slug])
    yield "category", reverse("public:category", args=[Category.objects.get().slug])
    yield (
        "category, page 50",
        reverse("public:category", args=[Category.objects.get().slug]) + "?page=50",
    )
    yield "shop", reverse("public:shop", args=[Shop.objects.first().slug])
    filters = f"?brand={Brand.objects.first().slug}&available=1"
    yield "category, filtered", reverse("public:category", args=[Category.objects.get().slug]) + filters
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
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    say(f"  {name}", f"{statistics.median(times) * 1000:.0f} ms", f"{len(queries):>3}      goal: {goal}")


if __name__ == "__main__":
    main()
