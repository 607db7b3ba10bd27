"""The pictures of products as their feeds declare them: added, removed and put in order, many at once."""

from collections.abc import Collection, Mapping, Sequence

from django.utils import timezone

from catalog.lib.addresses import host_of
from catalog.models import ProductImage
from catalog.services.pictures import delete_files_after
from catalog.services.rows import copy_rows, update_rows

State = ProductImage.State


def set_pictures(wanted: Mapping[int, Sequence[str | int]], *, linked: Collection[int] = ()) -> None:
    """Give products, which are locked, exactly these pictures, in order; what stays keeps its text and file.

    New ones are copied by the workers; those of the products in `linked` are shown through our proxy.
    """
    images = ProductImage.objects.filter(product_id__any=list(wanted)).order_by("position", "id")
    stored: dict[int, dict[str | int, int]] = {pk: {} for pk in wanted}
    doubles = []
    for product_id, pk, url in images.values_list("product_id", "id", "source_url"):
        if stored[product_id].setdefault(url or pk, pk) != pk:
            doubles.append(pk)
    gone = [
        pk
        for product_id, keys in stored.items()
        for key, pk in keys.items()
        if key not in set(wanted[product_id])
    ]
    if gone or doubles:
        removed = ProductImage.objects.filter(pk__any=[*gone, *doubles])
        delete_files_after(removed)
        removed.delete()
    places = [
        (stored[product_id][key], _Place(position))
        for product_id, keys in wanted.items()
        for position, key in enumerate(keys)
        if key in stored[product_id]
    ]
    update_rows(ProductImage, places, ["position"], only_changed=True)
    now = timezone.now()
    copy_rows(
        ProductImage,
        ("product_id", "source_url", "host", "state", "reason", "tries", "try_at", "alt", "position"),
        (
            (product_id, key, host_of(key), state, "", 0, now, "", position)
            for product_id, keys in wanted.items()
            for state in [State.LINKED.value if product_id in linked else State.WAITING.value]
            for position, key in enumerate(keys)
            if isinstance(key, str) and key not in stored[product_id]
        ),
    )


class _Place:
    """What `update_rows` reads of a picture."""

    def __init__(self, position: int) -> None:
        self.position = position
