"""Files are kept once per content and go with the last product that shows them."""

import os
import threading
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from catalog import services
from catalog.models import Product, ProductImage, StoredImage
from catalog.pictures.picture import Picture
from catalog.services.pictures import delete_unused
from tests.importer.pictures.make import jpeg
from tests.importer.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def files(media) -> list[str]:
    return sorted(name for _, _, names in os.walk(media) for name in names)


def attach(image: ProductImage, data: bytes) -> ProductImage:
    assert services.attach_picture(image.pk, Picture(data))
    image.refresh_from_db()
    return image


def delete_products(*products: Product) -> None:
    services.trash(list(products))
    services.delete_permanently(list(products))


def test_the_last_product_takes_the_files_with_it(make_image, media):
    one = attach(make_image("https://a.example/1.jpg"), jpeg())
    two = attach(make_image("https://b.example/2.jpg"), jpeg())
    assert one.stored == two.stored
    assert len(files(media)) == 3
    delete_products(one.product)
    assert len(files(media)) == 3
    delete_products(two.product)
    assert files(media) == []
    assert not StoredImage.objects.exists()


def test_removing_a_picture_in_the_editor_deletes_its_file_after_the_commit(make_image, media):
    image = attach(make_image("https://a.example/1.jpg"), jpeg())
    with transaction.atomic():
        services.remove_images(image.product, images=[image])
        assert len(files(media)) == 3
    assert files(media) == []


def test_a_rollback_keeps_the_files(make_image, media):
    image = attach(make_image("https://a.example/1.jpg"), jpeg())
    with transaction.atomic():
        services.remove_images(image.product, images=[image])
        transaction.set_rollback(True)
    assert len(files(media)) == 3
    assert ProductImage.objects.get().stored


def test_an_uploaded_picture_shares_the_files_of_a_copied_one(make_image, media):
    image = attach(make_image("https://a.example/1.jpg"), jpeg())
    other = Product.objects.create(title="Other", slug="other")
    with transaction.atomic():
        services.add_images(other, pictures=[Picture(jpeg()), Picture(jpeg(colour="blue"))])
    assert [each.stored == image.stored for each in other.images.all()] == [True, False]
    assert len(files(media)) == 6
    delete_products(image.product)
    assert len(files(media)) == 6


def test_many_workers_with_the_same_picture_write_it_once(make_image, media):
    images = [make_image(f"https://a.example/{number}.jpg") for number in range(4)]
    at_once(*[lambda image=image: services.attach_picture(image.pk, Picture(jpeg())) for image in images])
    assert StoredImage.objects.get().users.count() == 4
    assert len(files(media)) == 3


def test_deleting_waits_for_whoever_is_about_to_use_the_files(make_image, media):
    old = attach(make_image("https://a.example/1.jpg"), jpeg())
    new = make_image("https://b.example/1.jpg")
    stored_id = old.stored_id
    old.delete()
    with transaction.atomic():
        StoredImage.objects.select_for_update().get(pk=stored_id)
        deleting = threading.Thread(target=lambda: at_once(lambda: delete_unused([stored_id])))
        deleting.start()
        deleting.join(0.5)
        assert deleting.is_alive()
        ProductImage.objects.filter(pk=new.pk).update(stored=stored_id, state="stored")
    deleting.join(20)
    assert len(files(media)) == 3
    assert StoredImage.objects.get().widths


def test_half_written_and_half_deleted_files_are_written_again(make_image, media):
    first = attach(make_image("https://a.example/1.jpg"), jpeg())
    name = first.stored.names[0]
    whole = default_storage.size(name)
    with open(default_storage.path(name), "wb") as file:
        file.write(b"half")
    first.delete()
    StoredImage.objects.update(widths=[])  # as a process leaves it that dies in between
    second = attach(make_image("https://a.example/1.jpg"), jpeg())
    assert second.stored.names[0] == name
    assert default_storage.size(name) == whole


def test_what_nobody_shows_is_swept_up_when_it_is_old(make_image, media):
    image = attach(make_image("https://a.example/1.jpg"), jpeg())
    used = attach(make_image("https://a.example/2.jpg"), jpeg(colour="blue"))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_productimage WHERE id = %s", [image.pk])
    assert services.delete_orphans() == 0, "young: a worker may be about to use it"
    StoredImage.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert services.delete_orphans() == 1
    assert len(files(media)) == 3
    assert StoredImage.objects.get() == used.stored


def test_a_failed_picture_is_tried_again_from_the_start(make_image):
    image = make_image("https://a.example/1.jpg", state="failed", reason="It is animated.", tries=4)
    kept = attach(make_image("https://a.example/2.jpg"), jpeg())
    assert services.retry_pictures(ProductImage.objects.all()) == 1
    image.refresh_from_db()
    assert (image.state, image.reason, image.tries) == ("waiting", "", 0)
    kept.refresh_from_db()
    assert kept.state == "stored"
