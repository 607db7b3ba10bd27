"""Storage of the tests' own, products with pictures to copy, and servers that misbehave."""

import pytest
from django.utils import timezone

from catalog.lib.addresses import host_of
from catalog.models import Product, ProductImage
from importer.http.client import Http
from importer.pictures import copy as copying
from tests.http_server import Server


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def make_image(db):
    """Make a product with one picture that waits, as an import leaves it."""

    def make(url: str, product: Product | None = None, **fields) -> ProductImage:
        number = Product.objects.count()
        product = product or Product.objects.create(title=f"Lamp {number}", slug=f"lamp-{number}")
        return ProductImage.objects.create(
            product=product, source_url=url, host=host_of(url), try_at=timezone.now(), **fields
        )

    return make


@pytest.fixture
def serve():
    """Answer every connection with the bytes that are given; return the address."""
    servers = []

    def start(*parts: bytes, path: str = "/a.jpg") -> str:
        def answer(connection, number):
            for part in parts:
                connection.sendall(part)

        servers.append(Server(answer))
        return servers[-1].url + path

    yield start
    for server in servers:
        server.socket.close()


def copied(image: ProductImage) -> ProductImage:
    """Let a worker's code copy the picture once; return the row afterwards."""
    taken = copying.take(image.host)
    assert taken == image
    copying.copy(taken, Http())
    image.refresh_from_db()
    return image
