"""Pictures in an S3-compatible store: the real client, against a store that keeps its objects in a dict."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import reload
from urllib.parse import unquote, urlsplit

import pytest
from django.core.files.storage import default_storage

from affiliate_site import settings as site_settings
from catalog import services
from catalog.pictures.picture import Picture
from tests.importer.pictures.make import jpeg

pytestmark = pytest.mark.django_db(transaction=True)


class Handler(BaseHTTPRequestHandler):
    """PUT, HEAD, GET and DELETE of objects, as S3 has them."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" in self.headers.get("Content-Encoding", ""):
            size, _, rest = body.partition(b"\r\n")
            body = rest[: int(size.partition(b";")[0], 16)]
        self.server.objects[self.key] = (body, dict(self.headers))
        self.answer(200)

    def do_HEAD(self):
        self.answer(200 if self.key in self.server.objects else 404)

    def do_DELETE(self):
        self.server.objects.pop(self.key, None)
        self.answer(204)

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("ETag", '"0"')
        self.end_headers()

    def log_message(self, *args):
        """Stay quiet."""


@pytest.fixture
def bucket(settings, monkeypatch):
    """The storage as the site's settings make it from the environment."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.objects = {}
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    for name, value in {
        "S3_BUCKET": "shop",
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "S3_REGION": "eu-central-1",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
        "S3_PUBLIC_URL": "https://pictures.example/",
    }.items():
        monkeypatch.setenv(name, value)
    default = reload(site_settings).STORAGES["default"]
    settings.STORAGES = settings.STORAGES | {"default": default}
    yield server.objects
    server.shutdown()
    server.server_close()
    monkeypatch.undo()
    reload(site_settings)


def test_pictures_are_put_into_the_bucket_and_taken_out_again(bucket, make_image, media):
    image = make_image("https://img.example/a.jpg")
    assert services.attach_picture(image.pk, Picture(jpeg()))
    image.refresh_from_db()
    assert sorted(bucket) == sorted(f"shop/{name}" for name in image.stored.names)
    body, headers = bucket[f"shop/{image.stored.names[0]}"]
    assert body[8:12] == b"WEBP"
    assert (headers["Content-Type"], "immutable" in headers["Cache-Control"]) == ("image/webp", True)
    assert image.stored.urls[0] == f"https://pictures.example/{image.stored.names[0]}"
    assert default_storage.exists(image.stored.names[0])
    assert not media.exists()
    services.trash([image.product])
    services.delete_permanently([image.product])
    assert bucket == {}
