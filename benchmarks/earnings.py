"""Earnings at full size: how long the pages take, and how long the sums, with a million sales.

Rows are made by SQL: a million sales over 13 months of 100,000 products in 150 shops, and ten million clicks
as counts of days. Smaller with `BENCHMARK_SALES`.
"""

import os
import time

import psutil

from benchmarks.site import own_backend, processor_seconds, running_site, say, seconds

SALES = int(os.environ.get("BENCHMARK_SALES", 1_000_000))
CLICKS = 10 * SALES
PRODUCTS = max(1000, SALES // 10)
SHOPS = 150
DAYS = 395
GOAL = "goal: at most 150 ms of processors"

CATALOGUE = """
    INSERT INTO catalog_shop (name, slug, url, logo, logo_url)
    SELECT 'Shop ' || n, 'shop-' || n, '', '', '' FROM generate_series(1, %(shops)s) AS n;
    INSERT INTO catalog_shopsource (shop_id, key) SELECT id, 'adtraction:' || id FROM catalog_shop;
    INSERT INTO importer_program (account_id, external_id, name, url, logo_url, market, currency)
    SELECT (SELECT id FROM importer_networkaccount), id, name, '', '', '', 'EUR' FROM catalog_shop;
    INSERT INTO catalog_category (name, slug, position)
    SELECT 'Category ' || n, 'category-' || n, n FROM generate_series(1, 300) AS n;
    INSERT INTO catalog_product (title, slug, description, gtin, status, published_at, created_at, updated_at,
        imported, attributes, currency, offer_count, is_available, shop_ids, category_ids, reduced_percent)
    SELECT 'Product ' || n, 'product-' || n, '', '', 'published', now(), now(), now(), '{}', '{}', 'EUR', 1,
        true, ARRAY[1 + n %% %(shops)s], ARRAY[1 + n %% 300], 0
    FROM generate_series(1, %(products)s) AS n;
    INSERT INTO catalog_offer (product_id, shop_id, source, source_key, title, tracking_url, price, currency,
        checked_at, created_at)
    SELECT id, 1 + id %% %(shops)s, 'adtraction', 'adtraction:1:' || id, '', 'https://t.example', 10, 'EUR',
        now(), now()
    FROM catalog_product;
"""
# Five at a time. The square of chance: some products sell much more than others.
CLICKED = """
    INSERT INTO catalog_dailyclicks (offer_id, product_id, shop_id, source, day, place, count)
    SELECT pk, pk, 1 + pk %% %(shops)s, 'adtraction', day, place, 5 * count(*)
    FROM (
        SELECT 1 + floor(%(products)s * power(random(), 2))::bigint AS pk,
            current_date - (n %% %(days)s)::int AS day,
            CASE WHEN n %% 2 = 0 THEN 'top' ELSE 'offer' END AS place
        FROM generate_series(1, %(clicks)s / 5) AS n
    ) AS click
    GROUP BY 1, 2, 3, 4, 5, 6
"""
SOLD = """
    INSERT INTO sales_sale (account_id, external_id, program_key, program_name, channel_id, kind, state,
        network_state, order_value, commission, currency, clicked_at, happened_at, clicked_on, happened_on,
        decided_on, sub_id, sub_id2, order_mark, order_tail, reason, product_hint, payment_id, has_open_claim,
        problem, first_seen_at, match, place)
    SELECT (SELECT id FROM importer_networkaccount), n, 1 + pk %% %(shops)s, '', '', 'sale',
        CASE WHEN n %% %(days)s < 40 THEN 'pending'
            ELSE (ARRAY['approved', 'approved', 'paid', 'rejected'])[1 + n %% 4] END,
        '', 50, round((random() * 10)::numeric, 2), CASE WHEN n %% 20 = 0 THEN 'SEK' ELSE 'EUR' END,
        clicked_at, clicked_at, clicked_at::date, clicked_at::date,
        CASE WHEN n %% %(days)s >= 40 THEN least(current_date, clicked_at::date + 40) END,
        CASE WHEN n %% 10 < 8 THEN 'p' || pk || '-top' ELSE 'blog-' || n %% 1000 END,
        '', '', '', '', '', '', false, '', clicked_at, 'none', ''
    FROM (
        SELECT n, 1 + floor(%(products)s * power(random(), 2))::bigint AS pk,
            now() - make_interval(days => (n %% %(days)s)::int) AS clicked_at
        FROM generate_series(1, %(sales)s) AS n
    ) AS sold
"""
UNREFERENCED = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
    WHERE contype = 'f' AND conrelid IN ('catalog_dailyclicks'::regclass, 'sales_sale'::regclass)
"""
TOUCHED = """
    INSERT INTO sales_touched (kind, day)
    SELECT kind, current_date - n FROM generate_series(0, %s) AS n, unnest('{day, clicks}'::text[]) AS kind
"""


def main() -> None:
    print(f"Earnings: {SALES:,} sales, {CLICKS:,} clicks, {PRODUCTS:,} products")
    with running_site():
        make_rows()
        measure_sums()
        measure_pages()
    say("load of the machine meanwhile", f"{psutil.getloadavg()[1]:.1f}")


def make_rows() -> None:
    from django.db import connection

    from importer.models import NetworkAccount

    account = NetworkAccount(network="adtraction", label="Benchmark")
    account.set_credentials({"token": "none"})
    account.save()
    sizes = {"shops": SHOPS, "products": PRODUCTS, "clicks": CLICKS, "sales": SALES, "days": DAYS}
    with connection.cursor() as cursor:
        # References are right here; looking for each would take longer than all the rest.
        cursor.execute(UNREFERENCED)
        for (drop,) in cursor.fetchall():
            cursor.execute(drop)
        for name, sql in (("catalogue", CATALOGUE), ("clicks", CLICKED), ("sales", SOLD)):
            say(f"rows of {name}", f"{seconds(lambda sql=sql: cursor.execute(sql, sizes)):.0f} s")
        cursor.execute(TOUCHED, [DAYS])
        cursor.execute("VACUUM ANALYZE")


def measure_sums() -> None:
    from django.db import connection

    from sales.match import match_sales
    from sales.models import Sale
    from sales.rollups import make_touched, turn_day

    ids = list(Sale.objects.values_list("pk", flat=True))
    say("all sales matched", f"{seconds(lambda: match_sales(ids)):.0f} s", f"{len(ids):,} sales")

    def make_all() -> None:
        turn_day()
        while make_touched():
            pass

    say("all sums made", f"{seconds(make_all):.0f} s", "by a worker")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    some = list(Sale.objects.order_by("-happened_at").values_list("pk", flat=True)[:100])

    def change() -> None:
        Sale.objects.filter(pk__in=some).update(commission=time.monotonic())
        make_touched()

    say("100 of today changed, and their sums made", f"{seconds(change) * 1000:.0f} ms")


def measure_pages() -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    from sales.models import Basis, Dimension

    client = Client()
    client.force_login(User.objects.create_superuser("benchmark"))

    def get(address: str):
        response = client.get(address, HTTP_HOST="localhost")
        assert response.status_code == 200, response.status_code
        return response

    processes = [psutil.Process(), own_backend()]

    def cost(address: str) -> float:
        """Return milliseconds of processors: other work on the machine counts little."""
        get(address)
        before = processor_seconds(processes)
        for _ in range(TIMES):
            get(address)
        return (processor_seconds(processes) - before) / TIMES * 1000

    addresses = [
        f"/dashboard/earnings/?by={by}&period={period}&basis={basis}"
        for by in Dimension.values
        for period in ("30", "90")
        for basis in (Basis.CLICK.value, Basis.DECISION.value)
        if by != Dimension.ALL
    ]
    costs = {address: cost(address) for address in (*addresses, *PAGES)}
    for address, taken in costs.items():
        say(address.removeprefix("/dashboard/earnings/"), f"{taken:.0f} ms")
    say("slowest", f"{max(costs.values()):.0f} ms", f"{max(costs, key=lambda each: costs[each])}, {GOAL}")


TIMES = 5
PAGES = (
    "/dashboard/earnings/sales/",
    "/dashboard/earnings/sales/?state=approved&period=90",
    "/dashboard/earnings/unmatched/",
)

if __name__ == "__main__":
    main()
