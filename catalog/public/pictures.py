"""Pictures of products, read in the same query as the products."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from catalog.models import ProductImage, StoredImage

FIELDS = ("id", "source_url", "state", "alt", "position")
STORED = ("digest", "widths", "width", "height")


class Pictures(ArraySubquery):
    """Annotate products with their first `limit` pictures, as unsaved `ProductImage` objects in order.

    `Product.objects.annotate(pictures=Pictures(1))`: a list of products costs one query, not two. Pictures
    that cannot be had are left out.
    """

    def __init__(self, limit: int):
        images = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
        stored = {f"stored__{name}": f"stored__{name}" for name in STORED}
        row = JSONObject(**{name: name for name in FIELDS}, **stored)
        super().__init__(images.exclude(state=ProductImage.State.FAILED).values(data=row)[:limit])

    def get_db_converters(self, connection):
        return [*super().get_db_converters(connection), _to_images]


def _to_images(rows: list[dict], expression, connection) -> list[ProductImage]:
    return [_to_image(row) for row in rows or ()]


def _to_image(row: dict) -> ProductImage:
    stored = {name: row.pop(f"stored__{name}") for name in STORED}
    return ProductImage(**row, stored=StoredImage(**stored) if stored["digest"] else None)
