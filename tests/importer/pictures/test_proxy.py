"""Pictures that are not copied come through us, and nothing else does."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from django.core.cache import caches
from django.urls import reverse

from affiliate_site.places import Full
from catalog.models import Product, Shop
from catalog.pictures.links import host_of, logo_proxy_url, proxy_url
from catalog.pictures.picture import Picture
from catalog.services import attach_picture
from importer.pictures import proxy
from tests.http_server import Server
from tests.importer.pictures.make import answer, jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_cache():
    caches["pictures"].clear()
    yield
    caches["pictures"].clear()


@pytest.fixture
def counting():
    """A server of one picture that counts who asks, and what they say of themselves."""
    server = Server(lambda connection, number: connection.sendall(answer(jpeg())))
    yield server
    server.socket.close()


def test_a_linked_picture_comes_through_us_and_is_kept(client, counting, make_image):
    image = make_image(f"{counting.url}/a.jpg", state="linked")
    for _ in range(2):
        response = client.get(proxy_url(image), headers={"X-Forwarded-For": "203.0.113.9", "Cookie": "a=b"})
        assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
        assert response.content[8:12] == b"WEBP"
    assert response["Cache-Control"] == "public, max-age=604800"
    assert "sandbox" in response["Content-Security-Policy"]
    assert len(counting.requests) == 1
    assert "203.0.113.9" not in str(counting.requests[0])
    assert "a=b" not in str(counting.requests[0])


def test_the_page_of_a_linked_picture_asks_no_shop(client, counting, make_image):
    image = make_image(f"{counting.url}/a.jpg", state="linked")
    Product.objects.update(status="published")
    html = client.get(image.product.get_absolute_url()).content.decode()
    assert counting.url not in html
    assert re.search(rf'<img [^>]*src="{re.escape(proxy_url(image))}"', html)


def test_a_picture_that_was_copied_meanwhile_is_found_at_its_old_address(client, make_image):
    image = make_image("https://img.example/a.jpg")
    attach_picture(image.pk, Picture(jpeg()))
    image.refresh_from_db()
    response = client.get(proxy_url(make_waiting(image)))
    assert (response.status_code, response["Location"]) == (302, image.stored.urls[-1])


def make_waiting(image):
    """The row as a kept page saw it."""
    return type(image)(pk=image.pk, source_url=image.source_url)


@pytest.mark.parametrize(
    "token",
    ["1", "1.abc", "https://evil.example/a.jpg", "1:abc", "..%2f..%2fetc", "é", "x" * 3000],
)
def test_nothing_is_shown_that_we_did_not_sign(client, counting, make_image, token):
    make_image(f"{counting.url}/a.jpg", state="linked")
    assert client.get(f"/picture/{token}").status_code == 404
    assert counting.requests == []


def test_the_signature_of_one_picture_is_not_that_of_another(client, counting, make_image):
    one, two = (make_image(f"{counting.url}/{name}.jpg", state="linked") for name in "ab")
    signature = proxy_url(one).rpartition("/")[2].partition(".")[2]
    assert client.get(reverse("picture", args=[f"{two.pk}.{signature}"])).status_code == 404


def test_only_https_goes_through_us(make_image, settings):
    assert proxy_url(make_image("https://img.example/a.jpg", state="linked"))
    assert proxy_url(make_image("http://img.example/a.jpg", state="linked")) == ""
    assert proxy_url(make_image("javascript:alert(1)", state="linked")) == ""


def test_a_private_address_is_not_fetched(client, make_image):
    image = make_image("https://10.0.0.1/a.jpg", state="linked")
    assert client.get(proxy_url(image)).status_code == 404


@pytest.mark.parametrize(
    "body", [answer(b"<html>"), answer(b"\0" * (11 << 20)), b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"]
)
def test_what_is_no_picture_is_not_shown_and_not_asked_for_again(client, make_image, body):
    server = Server(lambda connection, number: connection.sendall(body))
    image = make_image(f"{server.url}/a.jpg", state="linked")
    assert client.get(proxy_url(image)).status_code == 404
    asked = len(server.requests)
    assert client.get(proxy_url(image)).status_code == 404
    assert len(server.requests) == asked
    server.socket.close()


def test_a_failed_picture_is_not_linked_and_not_fetched(client, counting, make_image):
    image = make_image(f"{counting.url}/a.jpg", state="failed")
    assert image.url == ""
    assert client.get(proxy_url(image)).status_code == 404
    assert counting.requests == []


def test_a_page_of_many_pictures_gets_them_all_in_turn(monkeypatch):
    """More than a shop is asked for at once wait in a short queue; whoever finds that full is told so."""
    monkeypatch.setattr(proxy, "PATIENCE", 30)
    monkeypatch.setattr(proxy, "DEADLINE", 30)
    released = threading.Event()

    def hold_up(connection, number):
        assert released.wait(30)
        connection.sendall(answer(jpeg()))

    server = Server(hold_up)
    with ThreadPoolExecutor(proxy.AT_THE_DOOR) as pool:
        asked = [
            pool.submit(proxy.get_picture, f"{server.url}/{number}.jpg", 320)
            for number in range(proxy.AT_THE_DOOR)
        ]
        host = host_of(server.url)
        ends_at = time.monotonic() + 30
        while not (host in proxy._hosts and proxy._hosts[host].at_the_door == proxy.AT_THE_DOOR):
            assert time.monotonic() < ends_at
            time.sleep(0.01)
        with pytest.raises(Full):
            proxy.get_picture(f"{server.url}/one-more.jpg", 320)
        assert proxy._hosts[host].fetching <= proxy.FETCHING
        released.set()
        assert all(future.result().startswith(b"RIFF") for future in asked)
    server.socket.close()
    assert not proxy._hosts


def test_nobody_waits_long_at_the_door_of_a_slow_shop(counting, monkeypatch):
    monkeypatch.setattr(proxy, "PATIENCE", 0.05)
    with ExitStack() as stack:
        for _ in range(proxy.FETCHING):
            stack.enter_context(proxy._turn_at("127.0.0.1"))
        with pytest.raises(Full):
            proxy.get_picture(f"{counting.url}/a.jpg", 320)
    assert proxy.get_picture(f"{counting.url}/a.jpg", 320)
    assert len(counting.requests) == 1


def test_a_logo_of_a_network_comes_through_us(client, counting):
    shop = Shop.objects.create(name="OTTO", slug="otto", logo_url=f"{counting.url}/otto.png")
    for _ in range(2):
        response = client.get(shop.logo_address)
        assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert len(counting.requests) == 1


@pytest.mark.parametrize(
    "address", ["http://img.example/a.png", "", "javascript:alert(1)"], ids=["not secure", "none", "script"]
)
def test_a_logo_that_we_may_not_fetch_is_not_asked_for(client, address):
    shop = Shop.objects.create(name="OTTO", slug="otto", logo_url=address)
    assert shop.logo_address == ""
    Shop.objects.update(logo_url="https://img.example/a.png")
    shop.refresh_from_db()
    token = logo_proxy_url(shop)
    Shop.objects.update(logo_url=address)
    assert client.get(token).status_code == 404


def test_a_logo_needs_our_signature_and_not_that_of_a_picture(client, make_image):
    image = make_image("https://img.example/a.jpg")
    token = proxy_url(image).rpartition("/")[2]
    for each in (token, "1", "1.x", "x" * 500):
        assert client.get(f"/picture/shop/{each}").status_code == 404
