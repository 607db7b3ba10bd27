"""Pictures of products, read in the same query as the products."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from catalog.models import ProductImage

FIELDS = ("id", "source_url", "file", "width", "height", "alt", "position")


class Pictures(ArraySubquery):
    """Annotate products with their first `limit` pictures, as unsaved `ProductImage` objects in order.

    `Product.objects.annotate(pictures=Pictures(1))`: a list of products costs one query, not two.
    """

    def __init__(self, limit: int):
        images = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
        super().__init__(images.values(data=JSONObject(**{name: name for name in FIELDS}))[:limit])

    def get_db_converters(self, connection):
        return [*super().get_db_converters(connection), _to_images]


def _to_images(rows: list[dict], expression, connection) -> list[ProductImage]:
    return [ProductImage(**row) for row in rows or ()]
