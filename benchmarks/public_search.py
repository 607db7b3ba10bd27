"""What a search of visitors takes, uncached, at 100,000 products; and pages that show none, to compare."""

import os
import statistics
from time import perf_counter

from benchmarks.site import running_site, say

PRODUCTS = int(os.environ.get("PRODUCTS", 100_000))
TIMES = int(os.environ.get("TIMES", 9))
# Titles of 60 compounds, 40 adjectives, 200 brands, and a number each.
_FIRST = [
    "tisch",
    "steh",
    "wand",
    "garten",
    "küchen",
    "bad",
    "kinder",
    "büro",
    "decken",
    "boden",
    "lese",
    "nacht",
]
_SECOND = ["lampe", "stuhl", "schrank", "regal", "teppich"]
_ADJECTIVES = ["grün", "waldgrün", "rot", "blau", "weiß", "schwarz", "modern", "klassisch", "rund", "eckig"]
_FILL = """
    INSERT INTO catalog_brand (name, slug)
    SELECT 'Marke ' || n, 'marke-' || n FROM generate_series(1, 200) AS n;
    INSERT INTO catalog_shop (name, slug, url, logo, logo_url)
    SELECT 'Shop ' || n, 'shop-' || n, '', '', '' FROM generate_series(1, 30) AS n;
    INSERT INTO catalog_category (name, slug, position) SELECT 'Lampen', 'lampen', 0;
    INSERT INTO catalog_product (
        title, slug, description, brand_id, gtin, status, published_at, created_at, updated_at, imported,
        attributes, lowest_price, currency, offer_count, is_available, shop_ids, category_ids, reduced_percent
    )
    SELECT initcap((%(adjectives)s::text[])[1 + n %% 10]) || ' '
            || initcap((%(first)s::text[])[1 + n %% 12] || (%(second)s::text[])[1 + n / 12 %% 5])
            || ' Nordfjell Modell ' || n,
        'p-' || n, '<p>Text</p>', (SELECT min(id) FROM catalog_brand) + n %% 200, '', 'published',
        now() - n * interval '1 second', now(), now(), '{}', '{"colour": "rot"}',
        10 + n %% 500, 'EUR', 2, true,
        ARRAY[(SELECT min(id) FROM catalog_shop) + n %% 30,
            (SELECT min(id) FROM catalog_shop) + (n + 1) %% 30],
        '{}', 0
    FROM generate_series(1, %(count)s) AS n;
    INSERT INTO catalog_product_categories (product_id, category_id)
    SELECT product.id, category.id FROM catalog_product AS product, catalog_category AS category;
"""
PAGES = {
    "home": "/",
    "product": "/product/p-500/",
    "category": "/category/lampen/",
    "category, filtered": "/category/lampen/?brand=marke-7&available=1",
    "brand": "/brand/marke-7/",
    "not found": "/tischlampe-waldgruen-nordfjell/",
    "search, a word of all": "/search/?q=nordfjell",
    "search, two words": "/search/?q=nordfjell+tischlampe",
    "search, one hit": "/search/?q=4711",
    "search, page 20": "/search/?q=nordfjell&page=20",
    "search, compounds": "/search/?q=lampe",
    "search, a form and a compound": "/search/?q=lampen+nordfjell",
    "search, umlaut": "/search/?q=waldgruen+regal",
    "search, a typo": "/search/?q=tishclampe",
    "search, two typos each": "/search/?q=nrodfjlel+tischlmape+waldgrün",
    "search, a brand": "/search/?q=marke+7",
    "search, two letters": "/search/?q=ti",
    "search, one letter": "/search/?q=t",
    "search, a digit": "/search/?q=4",
    "search, ten words": "/search/?q=ti+no+mo+te+la+ro+gr+ga+ma+re",
    "search, nothing": "/search/?q=qqqqqq",
    "search, filtered": "/search/?q=lampe&brand=marke-7&available=1",
    "search, by price": "/search/?q=lampe&sort=price",
    "suggestions": "/search/suggest/?q=tisch",
    "suggestions, two letters": "/search/suggest/?q=ti",
}


def main() -> None:
    print(f"Public search at {PRODUCTS:,} products, best and median of {TIMES} whole requests, not kept")
    with running_site():
        fill()
        for name, path in PAGES.items():
            measure(name, path)


def fill() -> None:
    from django.db import connection

    from catalog import services
    from catalog.models import SiteSettings

    SiteSettings.objects.update_or_create(pk=1, defaults={"language": "de"})
    values = {"adjectives": _ADJECTIVES, "first": _FIRST, "second": _SECOND, "count": PRODUCTS}
    with connection.cursor() as cursor:
        started = perf_counter()
        for statement in _FILL.strip().split(";\n"):
            if statement.strip():
                cursor.execute(statement, values)
        say("fill", f"{perf_counter() - started:.1f} s")
    if learn := getattr(services, "learn_words", None):
        started = perf_counter()
        while learn():
            pass
        say("learn the words", f"{perf_counter() - started:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measure(name: str, path: str) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    path += f"{'&' if '?' in path else '?'}anew=1"
    times = []
    for _ in range(TIMES):
        started = perf_counter()
        response = client.get(path)
        times.append(perf_counter() - started)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    best, median = min(times) * 1000, statistics.median(times) * 1000
    found = (response.context or {}).get("listing")
    say(
        name,
        f"{best:.0f}, {median:.0f} ms",
        f"{len(queries):>3} queries, {found.page.paginator.count if found else '-'} found",
    )


if __name__ == "__main__":
    main()
