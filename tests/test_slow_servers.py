"""The web server as it is shipped, while shops and networks hold it up: visitors' pages do not notice."""

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.conf import settings
from django.core.cache import cache, caches
from django.urls import reverse
from django.utils import timezone

from affiliate_site import places
from affiliate_site.run import processes
from affiliate_site.run.supervisor import Supervisor
from catalog.models import Product, ProductImage
from catalog.pictures.links import host_of, proxy_url
from importer.models import NetworkAccount
from importer.pictures import proxy
from importer.sandbox.credentials import DEMO_CREDENTIALS
from tests.slow_server import WAYS, SlowServer

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 24
LOOKS = 40  # at the page, while the others wait
HUNG = 4.0  # seconds: a page that takes so long waited for the slow server
WEB_PROCESSES = 2


@pytest.fixture(scope="module")
def slow_server():
    server = SlowServer()
    yield server
    server.socket.close()


@pytest.fixture(scope="module")
def web(worker_env, slow_server, tmp_path_factory):
    """The address of a web server of its own, whose Tradedoubler is the slow server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("web")
    env = worker_env | {"VAR_DIR": str(folder), "TRADEDOUBLER_API_URL": f"{slow_server.url}/1.0/"}
    collect = [sys.executable, str(settings.BASE_DIR / "manage.py"), "collectstatic", "--no-input"]
    subprocess.run(collect, env={**os.environ, **env}, check=True, capture_output=True)
    url = f"http://127.0.0.1:{port}"
    supervisor = Supervisor(folder / "log", say=print)
    try:
        supervisor.start(processes.web("127.0.0.1", port, f"{url}/healthz", env))
        supervisor.wait_until_ready()
        yield url
    finally:
        supervisor.stop()


@pytest.fixture(params=WAYS)
def slow(request, slow_server):
    slow_server.way = request.param
    slow_server.released.clear()
    cache.clear()
    caches["pictures"].clear()
    yield slow_server
    slow_server.released.set()


def timed(url, **kwargs):
    began = time.monotonic()
    response = requests.get(url, timeout=60, allow_redirects=False, **kwargs)
    return response, time.monotonic() - began


def look_while_waiting(addresses, page, slow, held, record_property, **kwargs):
    """Ask for all addresses at once and look at the page meanwhile; return the answers and their seconds.

    The slow server lets go when all but the `held` that each web process may hold have their answer.
    """
    for _ in range(4 * WEB_PROCESSES):
        assert timed(page)[0].status_code == 200  # both processes keep it from here on
    with ThreadPoolExecutor(len(addresses)) as pool:
        asked = [pool.submit(timed, address, **kwargs) for address in addresses]
        ends_at = time.monotonic() + HUNG
        while slow.waiting < 2 and time.monotonic() < ends_at:
            time.sleep(0.01)
        assert slow.waiting >= 2
        looks = []
        for _ in range(LOOKS):
            response, seconds = timed(page)
            assert response.status_code == 200
            looks.append(seconds)
        assert slow.waiting  # they still did
        turned_away = len(addresses) - WEB_PROCESSES * held
        ends_at = time.monotonic() + 10 * HUNG
        while sum(future.done() for future in asked) < turned_away:
            assert time.monotonic() < ends_at
            time.sleep(0.01)
        slow.released.set()
        answers = [future.result() for future in asked]
    found = f"median {statistics.median(looks) * 1000:.0f} ms, slowest {max(looks) * 1000:.0f} ms"
    record_property("page", found)
    print(f"{slow.way}: page {found}")
    assert max(looks) < HUNG
    return answers


@pytest.fixture
def page(web):
    Product.objects.create(title="Lamp", slug="lamp", status="published", published_at=timezone.now())
    return f"{web}/product/lamp/"


def test_pages_do_not_wait_for_the_pictures_of_a_slow_shop(web, slow, page, record_property):
    pictures = [
        ProductImage.objects.create(
            product=Product.objects.create(title=f"Shoe {number}", slug=f"shoe-{number}"),
            source_url=f"{slow.url}/{slow.way.replace(' ', '-')}/{number}.jpg",
            host=host_of(slow.url),
            try_at=timezone.now(),
            state="linked",
        )
        for number in range(AT_ONCE)
    ]
    answers = look_while_waiting(
        [web + proxy_url(picture) for picture in pictures], page, slow, proxy.FETCHING, record_property
    )
    turned_away = [(answer, seconds) for answer, seconds in answers if answer.status_code == 503]
    assert turned_away
    for answer, seconds in turned_away:
        assert int(answer.headers["Retry-After"]) > 0
        assert seconds < proxy.PATIENCE + HUNG
    assert {answer.status_code for answer, _ in answers} == {404, 503}


def test_pages_do_not_wait_for_the_search_of_a_slow_network(web, slow, page, admin_client, record_property):
    account = NetworkAccount(network="tradedoubler", label="Mine")
    account.set_credentials(DEMO_CREDENTIALS["tradedoubler"])
    account.save()
    cookies = {settings.SESSION_COOKIE_NAME: admin_client.cookies[settings.SESSION_COOKIE_NAME].value}
    url = web + reverse("importer:network-search", args=["tradedoubler"])
    answers = look_while_waiting(
        [f"{url}?account={account.pk}&keywords=lamp{number}" for number in range(AT_ONCE)],
        page,
        slow,
        places.OUTSIDE["networks"],
        record_property,
        cookies=cookies,
    )
    turned_away = [(answer, seconds) for answer, seconds in answers if answer.status_code == 503]
    assert turned_away
    for answer, _ in turned_away:
        assert answer.text.startswith("Too many searches are waiting for networks")  # a page would cost time
        assert int(answer.headers["Retry-After"]) == int(answer.headers["Refresh"]) > 0
    assert {answer.status_code for answer, _ in answers} <= {200, 503}


def test_a_place_comes_back_whatever_happens():
    """Whoever broke off outside leaves neither kind of place taken."""

    def fail(request):
        with places.outside("networks"), places.outside("pictures"):
            raise ZeroDivisionError

    application = places.PlacesMiddleware(fail)
    for _ in range(3 * places.THREADS):
        with contextlib.suppress(ZeroDivisionError):
            application(None)
    assert places._pages.qsize() == places.PAGES
    with places.outside("networks"):
        pass


def test_over_full_is_said_at_once():
    entered, leave = threading.Semaphore(0), threading.Event()

    def wait(request):
        with places.outside("networks"):
            entered.release()
            leave.wait(HUNG)

    application = places.PlacesMiddleware(wait)
    count = places.OUTSIDE["networks"]
    with ThreadPoolExecutor(count) as pool:
        waiting = [pool.submit(application, None) for _ in range(count)]
        for _ in range(count):
            assert entered.acquire(timeout=HUNG)
        with pytest.raises(places.Full):
            application(None)
        assert places._pages.qsize() == places.PAGES  # who waits outside holds no page's place
        leave.set()
        for each in waiting:
            each.result()
