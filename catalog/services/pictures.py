"""Pictures and their files: kept once per content, gone with the last product that shows them.

Whoever adds or removes a user of a `StoredImage` holds its row lock until the end of the transaction: so the
files of a picture are written and deleted by one at a time.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import reduce
from operator import or_

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.locks import lock
from catalog.models import Product, ProductImage, StoredImage
from catalog.pictures.picture import WIDTHS, Picture
from catalog.services.provenance import note_many_written
from catalog.services.revisions import revising
from events.kinds import Kind
from events.record import record

State = ProductImage.State
ORPHAN_AFTER = timedelta(hours=1)  # a worker may be about to use a row that nobody uses yet
BATCH = 1_000
_REVISED = ("pictures", "provenance", "moved_fields")


def attach_picture(image_id: int, picture: Picture) -> bool:
    """Make the picture that of a product image, and write its files unless we have them.

    False where the image is gone meanwhile. Raises PictureError; safe to repeat.
    """
    if not _is_stored(picture.digest):
        picture.renditions  # noqa: B018 decoding takes time: not under the lock, and not for a picture we have
    # Committed before any file is written: a process that dies on the way leaves no file without a row.
    StoredImage.objects.get_or_create(digest=picture.digest)
    with transaction.atomic():
        lock(ProductImage.objects.filter(pk=image_id))  # before the picture, as who removes both does
        stored = _hold(picture)
        found = ProductImage.objects.filter(pk=image_id).update(
            stored=stored, state=State.STORED, reason="", tries=0
        )
    if not found:
        delete_unused([stored.pk])
    return bool(found)


def add_images(product: Product, *, pictures: Iterable[Picture]) -> list[ProductImage]:
    """Add uploaded pictures behind those that are there, inside a transaction. Raises PictureError.

    Files stay where the transaction fails later: call it last.
    """
    last = product.images.aggregate(last=Max("position"))["last"]
    first = 0 if last is None else last + 1
    pictures = list(pictures)
    for picture in sorted(pictures, key=lambda picture: picture.digest):
        _hold(picture)
    with revising([product.pk] if pictures else [], *_REVISED):
        made = [
            ProductImage.objects.create(
                product=product, stored=_hold(picture), state=State.STORED, position=position
            )
            for position, picture in enumerate(pictures, first)
        ]
        if made:
            note_many_written([product.pk], "images")
    if made:
        _record(product, after={"added": [image.pk for image in made]})
    return made


def arrange_images(product: Product, *, images: Iterable[ProductImage]) -> None:
    """Save the alternative texts and the order of these pictures; the first becomes the main picture."""
    images = list(images)
    old = {pk: (alt, place) for pk, alt, place in product.images.values_list("pk", "alt", "position")}
    for position, image in enumerate(images):
        image.position = position
    with transaction.atomic(), revising([product.pk], *_REVISED):
        ProductImage.objects.bulk_update(images, ["alt", "position"])
        if moved := [image for image in images if old.get(image.pk) != (image.alt, image.position)]:
            now = [(image.pk, image.alt, image.position) for image in moved]
            was = [(image.pk, *old.get(image.pk, ())) for image in moved]
            note_many_written([product.pk], "images")
            _record(product, before={"arranged": was}, after={"arranged": now})


def remove_images(product: Product, *, images: Iterable[ProductImage]) -> None:
    """Remove pictures, with their files once that is certain and no other product shows them."""
    ids = [image.pk for image in images]
    removed = product.images.filter(pk__in=ids)
    with transaction.atomic(), revising([product.pk], *_REVISED):
        urls = list(removed.order_by("position").values_list("source_url", flat=True))
        delete_files_after(removed)
        removed.delete()
        if urls:
            note_many_written([product.pk], "images")
            _record(product, before={"removed": urls})


def _record(product: Product, **values) -> None:
    record(Kind.PRODUCT_PICTURES_CHANGED, f"product:{product.pk}", **values)


def retry_pictures(images) -> int:
    """Let workers try failed pictures of this queryset again, from the start; return how many."""
    with transaction.atomic():
        failed = ProductImage.objects.filter(pk__any=lock(_rows(images.filter(state=State.FAILED))))
        return failed.update(state=State.WAITING, reason="", tries=0, try_at=timezone.now())


def _rows(images) -> QuerySet[ProductImage]:
    """Return the images of a queryset, which may join what cannot be locked."""
    return ProductImage.objects.filter(pk__in=images.order_by().values("pk"))


def delete_files_after(images) -> None:
    """Delete the files of these images (a queryset) once the transaction that removes them is over."""
    ids = set(images.exclude(stored=None).order_by().values_list("stored", flat=True))
    if ids:
        transaction.on_commit(lambda: delete_unused(ids), robust=True)


def delete_orphans() -> int:
    """Delete what no product shows, however it came to that; return how many pictures."""
    orphans = StoredImage.objects.filter(_unused(), created_at__lt=timezone.now() - ORPHAN_AFTER)
    return delete_unused(list(orphans.values_list("pk", flat=True)))


def delete_unused(ids: Collection[int]) -> int:
    """Delete those of the stored pictures that no product shows, with their files; return how many.

    First their widths go: a process that dies between the files and the rows leaves rows that own up to
    having no files. Safe to repeat.
    """
    ids, count = sorted(ids), 0
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with transaction.atomic():
            StoredImage.objects.filter(pk__in=_hold_unused(batch)).update(widths=[])
        with transaction.atomic():
            unused = StoredImage.objects.filter(pk__in=_hold_unused(batch), widths=[])
            for digest in unused.values_list("digest", flat=True):
                for place in range(len(WIDTHS)):
                    default_storage.delete(StoredImage.file_name(digest, place))
            count += unused.delete()[0]
    return count


def _unused() -> Q:
    """Find what nothing shows: no product, and nothing else that leads to it."""
    users = [
        Q(Exists(relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})))
        for relation in StoredImage._meta.related_objects
    ]
    return ~reduce(or_, users)


def _hold_unused(ids: list[int]) -> list[int]:
    """Lock the rows and return which are unused: asked after the lock, when nobody can begin to use them."""
    list(StoredImage.objects.filter(pk__in=ids).order_by("pk").select_for_update().values_list("pk"))
    return list(StoredImage.objects.filter(_unused(), pk__in=ids).values_list("pk", flat=True))


def store_picture(picture: Picture) -> StoredImage:
    """Return the row of an uploaded picture, its files written. Inside a transaction. Raises PictureError.

    Files stay where the transaction fails later: call it last.
    """
    return _hold(picture)


def _is_stored(digest: str) -> bool:
    return StoredImage.objects.filter(digest=digest).exclude(widths=[]).exists()


def _hold(picture: Picture) -> StoredImage:
    """Return the locked row of a picture, its files written. Inside a transaction."""
    while True:
        StoredImage.objects.get_or_create(digest=picture.digest)
        stored = StoredImage.objects.select_for_update().filter(digest=picture.digest).first()
        if stored is not None:  # else it was deleted while we waited for the lock
            break
    if not stored.widths:
        for place, rendition in enumerate(picture.renditions):
            name = StoredImage.file_name(picture.digest, place)
            default_storage.delete(name)  # half a file of a process that died
            default_storage.save(name, ContentFile(rendition.data))
        stored.widths = [rendition.width for rendition in picture.renditions]
        stored.width, stored.height = picture.renditions[-1].width, picture.renditions[-1].height
        stored.save(update_fields=["widths", "width", "height"])
    return stored
