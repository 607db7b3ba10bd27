"""Own products at full size: read and plan what did not change, push what is new, open the pages.

`DESK_PRODUCTS=20_000 python -m benchmarks own_products` for a quick look.
"""

import csv
import os
import statistics
import time

from benchmarks.site import own_backend, running_site, say, seconds

PRODUCTS = int(os.environ.get("DESK_PRODUCTS", "100_000"))


def main() -> None:
    import psutil

    print(f"{PRODUCTS:,} own products")
    with running_site():
        from django.conf import settings

        from importer.sandbox.server import running_server

        with running_server(items=100) as sandbox:
            settings.TRADEDOUBLER_API_URL = f"{sandbox.url}/tradedoubler/1.0/"
            settings.DESK_DIR = settings.VAR_DIR / "desk"
            feed = make_feed()
            write_file(PRODUCTS)
            from desk.services import plan, push
            from desk.services.runs import start_run

            process, backend = psutil.Process(), own_backend()
            run = start_run(feed)
            taken = seconds(lambda: plan.work(run.pk))
            say("first read and plan, all new", f"{taken:.1f} s", f"{PRODUCTS / taken:,.0f}/s")
            push.start_push(run)
            before = process.memory_info().rss
            taken = seconds(lambda: push.work(run.pk))
            run.refresh_from_db()
            assert (run.state, run.sent_count) == ("done", PRODUCTS), run.message
            assert len(sandbox.state.shelf.products[41001]) == PRODUCTS
            # The sandbox works in this process, too, and keeps all products.
            say("push, all new", f"{PRODUCTS / taken:,.0f}/s", "goal: at least 1,500/s")
            before = process.memory_info().rss
            run = start_run(feed)
            taken = seconds(lambda: plan.work(run.pk))
            run.refresh_from_db()
            assert run.counts["sent"] == PRODUCTS, run.counts
            say("read and plan, nothing changed", f"{taken:.1f} s", "goal: at most 10 s")
            grown = (process.memory_info().rss - before) / 10**6
            say("memory that it took", f"{grown:.0f} MB", "goal: at most 150 MB")
            say("PostgreSQL's session", f"{backend.memory_info().rss / 10**6:.0f} MB")
            say_pages(feed, run)
    say("load of the machine", f"{os.getloadavg()[0]:.1f}")


def make_feed():
    from django.utils import timezone

    from desk.models import DeskAccount, OwnFeed
    from importer.sandbox.credentials import DEMO_ADVERTISER_CREDENTIALS

    account = DeskAccount(network="tradedoubler", kind="products", label="Shop", checked_at=timezone.now())
    account.set_credentials(DEMO_ADVERTISER_CREDENTIALS["tradedoubler"]["products"])
    account.save()
    return OwnFeed.objects.create(
        account=account, external_id="41001", name="Own", currency="EUR", source="folder", folder="own"
    )


def write_file(count: int) -> None:
    from django.conf import settings

    path = settings.DESK_DIR / "own" / "products.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "title", "description", "link", "image_link", "price", "product_type", "gtin"))
        for number in range(count):
            writer.writerow(
                (
                    f"a-{number}",
                    f"Concert ukulele {number}",
                    "Part of a range for musicians who want the best. " * 6,
                    f"https://shop.example/p/{number}",
                    f"https://shop.example/p/{number}.jpg",
                    f"{10 + number % 900}.90",
                    f"Music > Ukuleles {number % 300}",
                    "4006381333931",
                )
            )


def say_pages(feed, run) -> None:
    from django.contrib.auth.models import User
    from django.db import connection, reset_queries
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(User.objects.create_superuser("admin"))
    pages = {name: reverse(f"desk:{name}") for name in ("overview", "feed-list", "log")}
    pages |= {"feed": feed.get_absolute_url(), "state": f"{feed.get_absolute_url()}?state=sent"}
    pages |= {"plan": run.get_absolute_url(), "categories": reverse("desk:feed-categories", args=[feed.pk])}
    for name, address in pages.items():
        client.get(address)
        times = []
        for _ in range(7):
            started = time.perf_counter()
            assert client.get(address).status_code == 200
            times.append(time.perf_counter() - started)
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        say(f"page: {name}", f"{statistics.median(times) * 1000:.0f} ms", f"{len(queries)} queries")


if __name__ == "__main__":
    main()
