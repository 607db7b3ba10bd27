"""The API: a list of 100 products among 100,000, by cursor near and far, and one product."""

import os
import statistics
from datetime import timedelta
from time import perf_counter

from benchmarks.site import running_site, say

PRODUCTS = int(os.environ.get("PRODUCTS", 100_000))
TIMES = 15


def main() -> None:
    print(f"API at {PRODUCTS:,} products, median of {TIMES} requests each")
    with running_site():
        from django.contrib.auth import get_user_model
        from django.db import connection
        from django.utils import timezone

        from api.scopes import SCOPES
        from api.tokens import make_token
        from catalog.models import Product

        user = get_user_model().objects.create_superuser("admin", password=None)
        expires_at = timezone.now() + timedelta(days=1)
        _, text = make_token(user, name="Benchmark", scopes=list(SCOPES), expires_at=expires_at)
        rows = (Product(title=f"Trail Shoe Number {n}", slug=f"shoe-{n}") for n in range(PRODUCTS))
        Product.objects.bulk_create(rows, batch_size=5_000)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        far = far_cursor(Product)
        measure(text, "100 products", "/products?limit=100")
        measure(text, "100 products, far", f"/products?limit=100&cursor={far}")
        measure(text, "100 products, by time of change", "/products?limit=100&order=updated")
        measure(text, "100 products, search", "/products?limit=100&q=trail+numb")
        measure(text, "one product", f"/products/{Product.objects.latest('pk').pk}")


def far_cursor(model) -> str:
    from api.paging import write_cursor

    pk = model.objects.order_by("pk")[PRODUCTS // 10].pk
    return write_cursor("id", pk, pk)


def measure(token: str, name: str, path: str) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {token}"})
    times = []
    for _ in range(TIMES):
        started = perf_counter()
        response = client.get(f"/api/v1{path}")
        times.append(perf_counter() - started)
        assert response.status_code == 200, (path, response.content)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/api/v1{path}")
    say(
        f"  {name}",
        f"{statistics.median(times) * 1000:.0f} ms",
        f"{len(queries):>3}      goal: at most 60 ms",
    )


if __name__ == "__main__":
    main()
