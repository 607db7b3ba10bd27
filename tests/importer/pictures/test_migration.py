"""A site that had pictures before keeps them."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.importer.pictures.make import jpeg

BEFORE = [("catalog", "0004_comparison")]
AFTER = [("catalog", "0006_pictures_without_old_columns")]


@pytest.mark.django_db(transaction=True)
def test_uploaded_files_move_to_the_new_store_and_linked_ones_wait_to_be_copied(media):
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    old = migrate(BEFORE)
    try:
        product = old.get_model("catalog", "Product").objects.create(title="Lamp", slug="lamp")
        image = old.get_model("catalog", "ProductImage").objects
        default_storage.save("products/a.jpg", ContentFile(jpeg()))
        default_storage.save("products/b.jpg", ContentFile(b"not a picture"))
        for number, values in enumerate(
            (
                {"file": "products/a.jpg", "alt": "Mine"},
                {"file": "products/b.jpg"},
                {"source_url": "https://Img.example/c.jpg"},
            )
        ):
            image.create(product=product, position=number, **values)
        new = migrate(AFTER)
        kept, broken, linked = new.get_model("catalog", "ProductImage").objects.order_by("position")
        assert (kept.state, kept.alt, kept.stored.widths) == ("stored", "Mine", [320, 640, 800])
        assert default_storage.exists(
            f"pictures/{kept.stored.digest[:2]}/{kept.stored.digest[:40]}-1280.webp"
        )
        assert (broken.state, bool(broken.reason)) == ("failed", True)
        assert (linked.state, linked.host, linked.stored) == ("waiting", "img.example", None)
    finally:
        migrate(newest)


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps
