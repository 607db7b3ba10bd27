"""Pictures from the sandbox and from hostile servers: copied, or failed with a reason in words."""

import gzip
import logging
import os
import time
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from catalog.models import ProductImage, StoredImage
from importer.http import client as http_module
from importer.http.client import Http
from importer.http.leases import Lease
from importer.pictures import copy as copying
from tests.http_server import Server
from tests.importer.pictures.conftest import copied
from tests.importer.pictures.make import animated, answer, encode, jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(http_module, "READ_TIMEOUT", 1.0)
    monkeypatch.setattr(copying, "DEADLINE", 1.5)


def test_a_picture_of_the_sandbox_is_copied_in_its_widths(sandbox, make_image):
    image = copied(make_image(f"{sandbox.url}/images/1.jpg"))
    assert (image.state, image.reason) == ("stored", "")
    assert image.stored.widths == [320, 640]
    assert (image.stored.width, image.stored.height) == (640, 640)
    for name, width in zip(image.stored.names, image.stored.widths, strict=True):
        with default_storage.open(name) as file, Image.open(file) as picture:
            assert (picture.format, picture.width) == ("WEBP", width)


def test_a_placeholder_of_many_products_is_kept_once(sandbox, make_image, media):
    url = f"{sandbox.url}/images/placeholder.png"
    rows = [copied(make_image(f"{url}?product={number}")) for number in range(5)]
    assert len({image.stored_id for image in rows}) == 1
    assert StoredImage.objects.count() == 1
    assert len([file for _, _, files in os.walk(media) for file in files]) == 2


HTML = b"<!DOCTYPE html><title>Not found</title>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BOMB = encode(Image.new("1", (30_000, 30_000)), "PNG")
WIDE_BOMB = encode(Image.new("1", (12_000, 6_000)), "PNG")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(answer(HTML), "A web page came instead", id="web page that says it is a JPEG"),
        pytest.param(answer(SVG, "image/png"), "SVG", id="SVG that says it is a PNG"),
        pytest.param(answer(jpeg()[:2000]), "cut off or damaged", id="half a JPEG"),
        pytest.param(answer(animated("GIF"), "image/gif"), "animated", id="animated GIF"),
        pytest.param(answer(animated("PNG"), "image/png"), "animated", id="animated PNG"),
        pytest.param(answer(animated("WEBP"), "image/webp"), "animated", id="animated WebP"),
        pytest.param(answer(BOMB, "image/png"), "far too many pixels", id="decompression bomb"),
        pytest.param(answer(WIDE_BOMB, "image/png"), "At most 50 megapixels", id="72 megapixels"),
        pytest.param(answer(jpeg((1, 1))), "only 1 × 1 pixels", id="one pixel"),
        pytest.param(answer(jpeg((2000, 20))), "a line, not a picture", id="a line"),
        pytest.param(answer(b""), "Nothing came", id="nothing"),
        pytest.param(answer(b"%PDF-1.7"), "not a JPEG", id="PDF"),
        pytest.param(answer(b"\0" * (11 << 20)), "too large", id="eleven megabytes"),
        pytest.param(
            answer(gzip.compress(b"\0" * (64 << 20)), extra="Content-Encoding: gzip\r\n"),
            "too large",
            id="compressed bomb",
        ),
        pytest.param(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "does not know", id="missing"),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/a.jpg\r\nContent-Length: 0\r\n\r\n",
            "private address",
            id="redirect to a private address",
        ),
        pytest.param(
            b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
            "cannot be used",
            id="redirect to a file",
        ),
    ],
)
def test_what_is_no_picture_fails_with_a_reason(serve, make_image, body, reason):
    image = copied(make_image(serve(body)))
    assert image.state == "failed"
    assert reason in image.reason
    assert not StoredImage.objects.exists()


def test_a_picture_that_never_ends_is_too_large(serve, make_image):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"
    image = copied(make_image(serve(head, *[jpeg() + b"\0" * (1 << 20)] * 12)))
    assert (image.state, "too large" in image.reason) == ("failed", True)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(answer(jpeg(), length=10**9), "cut off", id="a length that is a lie"),
        pytest.param(b"", "cannot be reached", id="hangs up"),
        pytest.param(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "has a problem", id="503"),
    ],
)
def test_what_may_get_better_is_tried_again_later_and_given_up_at_last(serve, make_image, body, reason):
    image = make_image(serve(body))
    waits = []
    for _ in copying.PAUSES:
        copied(image)
        assert image.state == "waiting"
        assert reason in image.reason
        assert "Try again" not in image.reason
        waits.append(image.try_at - timezone.now())
        assert copying.take(image.host) is None, "not before its time"
        ProductImage.objects.update(try_at=timezone.now())
    assert waits == sorted(waits)
    assert copied(image).state == "failed"
    assert reason in image.reason


def test_too_many_requests_are_waited_out_as_long_as_the_host_asks(serve, make_image):
    url = serve(b"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")
    image = copied(make_image(url))
    assert image.state == "waiting"
    assert timedelta(minutes=55) < image.try_at - timezone.now() < timedelta(minutes=65)


def test_no_other_picture_is_asked_of_a_host_that_said_when(make_image):
    server = Server(
        lambda connection, number: connection.sendall(
            b"HTTP/1.1 429 Slow\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"
        )
    )
    made = [make_image(f"{server.url}/{number}.jpg") for number in range(4)]
    copying.work(5)
    assert len(server.requests) == 1
    soonest = min(image.try_at for image in ProductImage.objects.filter(pk__in=[image.pk for image in made]))
    assert soonest > timezone.now() + timedelta(seconds=580)
    server.socket.close()


def test_a_type_that_lies_does_no_harm_to_a_picture(serve, make_image):
    assert copied(make_image(serve(answer(jpeg(), "text/html")))).state == "stored"


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/a.jpg", "ftp://img.example/a.jpg", "javascript:alert(1)", ""]
)
def test_addresses_that_are_not_for_us_fail_at_once(make_image, url):
    image = copied(make_image(url))
    assert image.state == "failed"
    assert image.reason


def test_a_picture_in_hand_of_one_worker_is_not_taken_by_another(make_image):
    image = make_image("https://img.example/a.jpg")
    assert copying.take("img.example") == image
    assert copying.take("img.example") is None


def test_what_a_dead_worker_had_taken_comes_up_again_and_ends_some_day(make_image):
    image = make_image("https://img.example/a.jpg")
    for _ in range(len(copying.PAUSES) + 1):
        assert copying.take("img.example") == image  # and dies
        ProductImage.objects.update(try_at=timezone.now())
    copied(image)
    assert (image.state, image.reason) == ("failed", "It broke the worker that read it.")


def test_a_time_limit_in_the_middle_of_a_picture_is_its_failure_and_nobody_elses(make_image, monkeypatch):
    class TooLong(Exception):
        """Like Celery's SoftTimeLimitExceeded."""

    def hang(*args, **kwargs):
        time.sleep(0.2)
        raise TooLong

    image = make_image("https://img.example/a.jpg")
    monkeypatch.setattr(copying, "DEADLINE", 0.1)
    monkeypatch.setattr("importer.http.client.Http.get_bytes", hang)
    copied(image)
    assert (image.state, image.reason) == ("waiting", "img.example took too long.")


def test_a_bug_is_logged_and_costs_only_the_picture(make_image, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    image = make_image("http://127.0.0.1/a.jpg")
    monkeypatch.setattr("importer.http.client.Http.get_bytes", broken)
    with caplog.at_level(logging.ERROR):
        copied(image)
    assert (image.state, image.tries) == ("waiting", 1)
    assert "ZeroDivisionError" in caplog.text
    assert image.reason == "It could not be copied (ZeroDivisionError)."


def test_a_host_that_does_not_serve_is_left_alone(serve, make_image):
    url = serve(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
    for number in range(8):
        make_image(f"{url}?{number}")
    assert not copying.work(20), "nothing more to do for now"
    assert ProductImage.objects.filter(tries=1).count() == copying.HOST_DOWN_AFTER
    assert ProductImage.objects.filter(state="waiting").count() == 8


def test_a_host_that_fails_so_slowly_that_its_time_is_over_is_left_alone_too(serve, make_image, monkeypatch):
    url = serve(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
    images = [make_image(f"{url}?{number}") for number in range(8)]
    real, ends_at = copying.copy, time.monotonic() + 5

    def copy_slowly(image, http):
        is_served = real(image, http)
        while time.monotonic() <= ends_at:
            time.sleep(0.01)
        return is_served

    monkeypatch.setattr(copying, "copy", copy_slowly)
    copying._work_on(images[0].host, Lease("pictures:slow", 2, 6), ends_at)
    assert ProductImage.objects.filter(tries=1).count() == 1
    assert copying.find_due_hosts() == []


def test_a_picture_whose_worker_died_is_due_again_in_seconds_and_not_while_one_is_at_it(make_image):
    image = make_image("http://img.example/1.jpg")
    taken = copying.take(image.host)
    assert copying.find_due_hosts() == []
    before = taken.try_at
    assert copying._extend(taken.pk, Lease("pictures:img.example", 2, 6)) == 1
    taken.refresh_from_db()
    assert before < taken.try_at <= timezone.now() + timedelta(seconds=6)
    ProductImage.objects.update(try_at=timezone.now() + timedelta(minutes=3))  # it was put off meanwhile
    assert copying._extend(taken.pk, Lease("pictures:img.example", 2, 6)) == 0


def test_no_host_gets_more_than_two_downloads_at_once(sandbox, make_image):
    image = make_image(f"{sandbox.url}/images/1.jpg")
    leases = [Lease("pictures:127.0.0.1", 2, 60) for _ in range(3)]
    assert [lease.take() for lease in leases] == [True, True, False]
    assert copying.work(5), "it is still to do"
    image.refresh_from_db()
    assert image.tries == 0
    leases[0].free()
    copying.work(5)
    image.refresh_from_db()
    assert image.state == "stored"


def test_due_hosts_are_found_among_many(make_image):
    later = timezone.now() + timedelta(hours=1)
    for host in ("b.example", "a.example", "b.example"):
        make_image(f"https://{host}/a.jpg")
    ProductImage.objects.update(try_at=later)
    make_image("https://c.example/a.jpg")
    make_image("https://d.example/a.jpg", state="failed")
    make_image("https://b.example/b.jpg")
    assert copying.find_due_hosts() == ["b.example", "c.example"]


def test_a_product_deleted_meanwhile_leaves_no_file(sandbox, make_image, media):
    image = make_image(f"{sandbox.url}/images/1.jpg")
    taken = copying.take(image.host)
    image.product.delete()
    copying.copy(taken, Http())
    assert not StoredImage.objects.exists()
    assert [file for _, _, files in os.walk(media) for file in files] == []
