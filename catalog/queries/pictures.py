"""Pictures of products, read in the same query as the products."""

from collections.abc import Collection

from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL

from catalog.models import Product, ProductImage, StoredImage

MAX_GALLERY = 12
STORED = ("digest", "widths", "width", "height")
# Plain SQL: the ORM took a tenth of a page's time to write the same for each page anew.
_PICTURES = """
    (SELECT jsonb_agg(picture) FROM (
        SELECT image.id, image.source_url, image.state, image.alt, image.position,
               stored.digest, stored.widths, stored.width, stored.height
        FROM catalog_productimage AS image
        LEFT JOIN catalog_storedimage AS stored ON stored.id = image.stored_id
        WHERE image.product_id = catalog_product.id AND image.state <> 'failed'
        ORDER BY image.position, image.id LIMIT %s
    ) AS picture)
"""


class Pictures(RawSQL):
    """Annotate products with their first `limit` pictures, as unsaved `ProductImage` objects in order.

    `Product.objects.annotate(pictures=Pictures(1))`: a list of products costs one query, not two. Pictures
    that cannot be had are left out.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(_PICTURES, [limit], output_field=JSONField())

    def get_db_converters(self, connection):
        return [*super().get_db_converters(connection), _to_images]


def with_gallery(products: QuerySet[Product]) -> QuerySet[Product]:
    """Read what a product's own page shows, in the same query."""
    return products.select_related("brand").annotate(pictures=Pictures(MAX_GALLERY))


def _to_images(rows: list[dict] | None, expression, connection) -> list[ProductImage]:
    return [_to_image(row) for row in rows or ()]


def _to_image(row: dict) -> ProductImage:
    stored = {name: row.pop(name) for name in STORED}
    return ProductImage(**row, stored=StoredImage(**stored) if stored["digest"] else None)


def find_picture_keys(product_ids: Collection[int]) -> dict[int, list[str | int]]:
    """Return the pictures of products in order: the address of one that came from a feed, the id of others.

    One that was there twice counts once.
    """
    found: dict[int, list[str | int]] = {}
    if product_ids:
        rows = ProductImage.objects.filter(product_id__any=list(product_ids)).order_by("position", "id")
        for product_id, pk, url in rows.values_list("product_id", "id", "source_url"):
            found.setdefault(product_id, []).append(url or pk)
    return {pk: list(dict.fromkeys(pictures)) for pk, pictures in found.items()}
