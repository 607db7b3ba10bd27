"""The sitemap of a million products: how long it takes, and that memory does not depend on its size."""

import os
import resource
from time import perf_counter

from benchmarks.site import running_site, say

PRODUCTS = int(os.environ.get("PRODUCTS", 1_000_000))


def main() -> None:
    print(f"Sitemap of {PRODUCTS:,} products with an offer and a picture each")
    with running_site():
        from django.test import Client

        fill()
        client = Client(SERVER_NAME="127.0.0.1")
        index, seconds = read(client, "/sitemap.xml")
        say("index", f"{seconds:.1f} s", f"{index.count('<sitemap>')} files")
        files = [part.split("</loc>")[0] for part in index.split("<loc>")[1:]]
        paths = ["/" + file.split("/", 3)[3] for file in files if "products" in file]
        body, seconds = read(client, paths[0])
        say("a file of 50,000", f"{seconds:.1f} s", f"{len(body) / 1e6:.1f} MB; at most 50 MB are allowed")
        del body
        before = peak_memory()
        started = perf_counter()
        count = sum(stream(client, path) for path in paths)
        say("all files", f"{perf_counter() - started:.0f} s", f"{count:,} addresses")
        say("memory added by all files after the first", f"{peak_memory() - before:.1f} MB", "goal: none")


def fill() -> None:
    """Make one product with an offer and a picture, and let PostgreSQL copy all three."""
    from django.db import connection
    from django.utils import timezone

    from catalog.models import Offer, Product, ProductImage, Shop

    product = Product.objects.create(
        title="Trail shoe",
        slug="trail-shoe",
        description="<p>Ours.</p>",
        status=Product.Status.PUBLISHED,
        published_at=timezone.now(),
    )
    image = ProductImage.objects.create(product=product, source_url="https://img.example/shoe.jpg")
    offer = Offer.objects.create(
        product=product,
        shop=Shop.objects.create(name="OTTO", slug="otto"),
        source="tradedoubler",
        source_key="0",
        tracking_url="https://clk.tradedoubler.com/click?p=1&a=2",
        price=10,
        currency="EUR",
        checked_at=timezone.now(),
    )
    with connection.cursor() as cursor:
        copies = {"slug": "slug || '-' || n", "updated_at": "updated_at - n * interval '1 second'"}
        copy(cursor, product, copies, "generate_series(1, %s) AS n", PRODUCTS - 1)
        copy(cursor, image, {"product_id": "n"}, "generate_series(%s, %s) AS n", product.pk + 1, PRODUCTS)
        copies = {"product_id": "n", "source_key": "n::text"}
        copy(cursor, offer, copies, "generate_series(%s, %s) AS n", product.pk + 1, PRODUCTS)
        cursor.execute("VACUUM ANALYZE")


def copy(cursor, row, changes: dict[str, str], numbers: str, *parameters: int) -> None:
    """Insert the row again for each of the numbers `n`, with some of its columns changed."""
    columns = [
        field.column for field in row._meta.concrete_fields if not (field.primary_key or field.generated)
    ]
    values = ", ".join(changes.get(column, column) for column in columns)
    table = row._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, {numbers} WHERE id = %s",
        [*parameters, row.pk],
    )


def read(client, path: str) -> tuple[str, float]:
    started = perf_counter()
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.getvalue().decode(), perf_counter() - started


def stream(client, path: str) -> int:
    """Read a file as a server sends it, piece by piece; return how many addresses it has."""
    response = client.get(path)
    return sum(piece.count(b"<url>") for piece in response.streaming_content)


def peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
