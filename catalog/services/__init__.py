"""The catalogue's writes: verb first, safe to repeat, and the only doors to a product's status and prices."""

from catalog.services.pictures import (
    add_images,
    arrange_images,
    attach_picture,
    delete_orphans,
    remove_images,
    retry_pictures,
)
from catalog.services.prices import expire_offers, refresh_prices
from catalog.services.products import (
    EditConflict,
    change_status,
    create_product,
    leave_redirect,
    lock_product,
    remove_offers,
    update_product,
)
from catalog.services.slugs import unique_slug
from catalog.services.status import delete_permanently, publish, publish_due, restore, trash, unpublish
from catalog.services.taxonomy import (
    CatalogError,
    delete_category,
    delete_shop,
    get_or_create_brand,
    get_or_create_category,
    merge_brands,
    set_categories,
    update_category,
)

__all__ = [
    "CatalogError",
    "EditConflict",
    "add_images",
    "arrange_images",
    "attach_picture",
    "change_status",
    "create_product",
    "delete_category",
    "delete_orphans",
    "delete_permanently",
    "delete_shop",
    "expire_offers",
    "get_or_create_brand",
    "get_or_create_category",
    "leave_redirect",
    "lock_product",
    "merge_brands",
    "publish",
    "publish_due",
    "refresh_prices",
    "remove_images",
    "remove_offers",
    "restore",
    "retry_pictures",
    "set_categories",
    "trash",
    "unique_slug",
    "unpublish",
    "update_category",
    "update_product",
]
