"""Nothing that a visitor can send makes the site keep more than its pages."""

import gc
from itertools import count

import psutil
import pytest

from affiliate_site.redis import get_redis
from catalog import services
from catalog.models import Brand
from catalog.site.page_cache import RECENT_BYTES, RECENT_PAGES, Page, RecentPages
from tests.catalog.public.test_page_cache import keys

pytestmark = pytest.mark.django_db(transaction=True)
REQUESTS = 1_000
_numbers = count()


@pytest.fixture(autouse=True)
def pages_are_kept(settings, transactional_db):
    settings.PAGE_CACHE_SECONDS = 300
    for key in get_redis().scan_iter("page:*"):
        get_redis().delete(key)


@pytest.fixture
def shelf(make_product, make_offer, make_shop):
    brand = Brand.objects.create(name="Alta", slug="alta")
    product = make_product(categories=[services.get_or_create_category("Shoes")], brand=brand)
    make_offer(product, shop=make_shop("OTTO"))


ODD = {
    "sort": lambda n: (f"/?sort=x{n}", {}),
    "page": lambda n: (f"/?page={n + 2}", {}),
    "page, written otherwise": lambda n: (f"/?page={'0' * (n % 80)}1", {}),
    "parameter": lambda n: (f"/?x{n}=1", {}),
    "value of a list": lambda n: (f"/category/shoes/?sort=price{n}", {}),
    "facets": lambda n: (f"/category/shoes/?brand=alta&brand=b{n}&min={n}", {}),
    "search": lambda n: (f"/search/?q=shoe+{n}", {}),
    "no such address": lambda n: (f"/nothing-{n}/", {}),
    "no such product": lambda n: (f"/product/shoe-{n}/", {}),
    "no such style": lambda n: (f"/style-{n}.css", {}),
    "endless path": lambda n: (f"/{n}" + "x" * 20_000, {}),
    "endless query": lambda n: (f"/?sort={n}" + "x" * 20_000, {}),
    "language": lambda n: ("/", {"accept-language": f"x{n}"}),
    "encoding": lambda n: ("/", {"accept-encoding": f"x{n}, gzip"}),
    "cookie": lambda n: ("/", {"cookie": f"c{n}=1"}),
    "session": lambda n: ("/", {"cookie": f"sessionid=s{n}"}),
    "agent": lambda n: ("/", {"user-agent": f"Mozilla/5.0 {n}"}),
    "host": lambda n: ("/", {"host": f"h{n}.example"}),
    "forwarded": lambda n: ("/", {"x-forwarded-host": f"h{n}.example", "x-forwarded-for": f"{n}"}),
    "etag": lambda n: ("/", {"if-none-match": f'"{n}"'}),
}


def test_odd_requests_keep_no_more_pages_than_there_are(client, shelf):
    pages = ["/", "/?sort=price", "/category/shoes/", "/category/shoes/?sort=price"]
    for path in pages:
        client.get(path)
    before = sorted(keys())
    assert len(before) == len(pages)
    everything = get_redis().dbsize()
    for odd in ODD.values():
        for number in range(30):
            path, headers = odd(number)
            client.get(path, headers=headers)
    more = set(keys()) - set(before)
    assert more <= {b"page:" + key.split(b":")[1] + b":/?page=1" for key in before}
    assert get_redis().dbsize() <= everything + len(more)


def test_whatever_is_kept_for_visitors_has_an_end(client, shelf):
    for path in ("/", "/product/trail-shoe/", "/go/1/"):
        client.get(path)
    assert all(get_redis().ttl(key) > 0 for key in keys())


def test_endless_addresses_leave_the_process_as_it_was(client, shelf, caplog):
    caplog.set_level("CRITICAL", "django.request")  # pytest would keep each line

    def visit() -> None:
        for _ in range(REQUESTS):
            client.get(f"/{next(_numbers)}" + "x" * 50_000)

    def memory() -> int:
        gc.collect()
        return psutil.Process().memory_info().rss

    for _ in range(50):
        client.get(f"/{next(_numbers)}" + "x" * 50_000)
    before = memory()
    visit()
    assert memory() - before < 25 * 2**20  # remembering the addresses takes 50 MB


def test_the_memory_of_a_process_has_an_end():
    recent = RecentPages()
    for number in range(RECENT_PAGES * 2):
        recent.keep(str(number), Page({}, b"x", "", 0.0))
    kept = [number for number in range(RECENT_PAGES * 2) if recent.get(str(number))]
    assert kept == list(range(RECENT_PAGES, RECENT_PAGES * 2))
    for number in range(20):
        recent.keep(f"big {number}", Page({}, b"x" * (RECENT_BYTES // 10), "", 0.0))
    assert sum(bool(recent.get(f"big {number}")) for number in range(20)) == 10
    assert recent.get("big 19")


def test_redis_gives_up_what_has_an_end_and_never_the_queues(own_redis):
    redis = get_redis()
    assert int(redis.config_get("maxmemory")["maxmemory"]) > 0
    redis.config_set("maxmemory", "8mb")  # sooner full
    for number in range(200):
        redis.rpush("imports", b"message %d" % number)
    for number in range(3_000):
        redis.set(f"page:x:{number}", b"x" * 10_000, ex=3600)
    assert redis.llen("imports") == 200
    assert 0 < redis.dbsize() < 1_500
