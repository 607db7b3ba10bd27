"""What a real worker in a process of its own makes of pictures."""

import time

import pytest
from django.utils import timezone

from catalog.models import ProductImage
from importer import tasks
from importer.imports.runs import start_import
from importer.pictures import copy as copying
from tests.importer.make import make_items
from tests.importer.pictures.make import answer

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_pictures_come_after_the_import_and_the_worker_outlives_hostile_servers(
    worker, sandbox, serve, make_image
):
    urls = [(f"{sandbox.url}/images/{number}.jpg",) for number in range(5)]
    items = [item for url in urls for item in make_items(image_urls=url)]
    hostile = [
        make_image(serve(answer(b"<html>"))),
        make_image(serve(answer(b"\0" * (11 << 20)))),
        make_image(serve(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n")),
    ]
    run = start_import([item.pk for item in items], kind="bulk")
    tasks.run_import.delay(run.pk)
    wait_for(lambda: ProductImage.objects.filter(state="stored").count() == 5)
    wait_for(lambda: ProductImage.objects.filter(state="failed").count() == 3)
    for image in hostile:
        image.refresh_from_db()
        assert image.reason
    later = make_image(f"{sandbox.url}/images/placeholder.png")
    tasks.fetch_images.delay()
    wait_for(lambda: ProductImage.objects.get(pk=later.pk).state == "stored")


def test_pictures_whose_message_was_lost_are_found(worker, sandbox, make_image):
    image = make_image(f"{sandbox.url}/images/1.jpg")
    tasks.resume()
    wait_for(lambda: ProductImage.objects.get(pk=image.pk).state == "stored")


def test_what_a_dead_worker_had_in_hand_is_done_after_its_lease(worker, sandbox, make_image):
    image = make_image(f"{sandbox.url}/images/1.jpg")

    assert copying.take(image.host) == image  # and dies
    tasks.resume()
    time.sleep(0.5)
    assert ProductImage.objects.get().state == "waiting"
    ProductImage.objects.update(try_at=timezone.now())
    tasks.resume()
    wait_for(lambda: ProductImage.objects.get().state == "stored")


def test_the_task_has_a_time_limit_that_leaves_room_for_a_slow_picture():

    assert tasks.fetch_images.soft_time_limit > tasks.PICTURE_SECONDS + copying.DEADLINE
    assert tasks.fetch_images.soft_time_limit < tasks.fetch_images.time_limit
