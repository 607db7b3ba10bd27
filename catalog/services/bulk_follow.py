"""Write what many products take of their feeds (`bulk_data.FollowedData`), in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from catalog.models import Product
from catalog.services.bulk import get_brand_ids
from catalog.services.bulk_data import FollowedData
from catalog.services.pictures_of_feeds import set_pictures
from catalog.services.revisions import revising
from catalog.services.rows import copy_rows, update_rows

_HEARD = ("imported", "provenance", "moved_fields")
_WRITTEN = ("title", "description", "gtin", "attributes", "brand_id", *_HEARD)


def follow_feeds(products: Sequence[tuple[int, FollowedData]], *, at: datetime) -> None:
    """Write (product id, what it takes) pairs; the products are locked.

    Where nothing changes on the page, `updated_at` stays: nobody who has the product in an editor is asked.
    """
    brand_ids = get_brand_ids(data.brand for _, data in products if data.brand)
    for _, data in products:
        if data.brand:
            data.brand_id = brand_ids[data.brand.lower()]
    visible = [(pk, data) for pk, data in products if data.visible]
    update_rows(Product, visible, _WRITTEN, also={"updated_at": at})
    update_rows(Product, [(pk, data) for pk, data in products if not data.visible], _HEARD)
    _write_related(visible)


def _write_related(products: Sequence[tuple[int, FollowedData]]) -> None:
    pictures = {pk: data.images for pk, data in products if data.images is not None}
    categories = {pk: data.category_ids for pk, data in products if data.category_ids is not None}
    if not pictures and not categories:
        return
    with revising(sorted({*pictures, *categories}), "pictures", "category_ids"):
        if pictures:
            set_pictures(pictures, linked={pk for pk, data in products if data.links_images})
        if categories:
            through = Product.categories.through
            through.objects.filter(product_id__any=list(categories)).delete()
            rows = [(pk, category_id) for pk, ids in categories.items() for category_id in ids]
            copy_rows(through, ("product_id", "category_id"), rows)
