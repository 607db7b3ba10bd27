"""The catalogue's writes: verb first, safe to repeat, and the only way to a product's status and prices."""

from catalog.services.attributes import AttributeChoice, save_attribute_choices
from catalog.services.clicks import add_waiting_clicks
from catalog.services.edits import save_edit
from catalog.services.errors import CatalogError
from catalog.services.facets import read_all_facets_again, refresh_facets
from catalog.services.following import (
    choose_feeder,
    keep_field,
    lock_field,
    set_policies,
    take_feed,
    unlock_field,
)
from catalog.services.gone import bring_back, let_go
from catalog.services.lists import choose_list
from catalog.services.many import set_brand, set_policy
from catalog.services.offers import choose_main_offer, join_products, move_offers, split_offers
from catalog.services.old_prices import hide_old_prices, show_checked_prices
from catalog.services.own_offers import OwnOffer, add_own_offer, update_own_offer
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
    lock_product,
    remove_offers,
    update_product,
)
from catalog.services.revisions import revising
from catalog.services.shops import delete_shop, merge_shops
from catalog.services.slugs import unique_slug
from catalog.services.status import delete_permanently, publish, publish_due, restore, trash, unpublish
from catalog.services.taxonomy import (
    adopt_categories,
    delete_brand,
    get_or_create_brand,
    get_or_create_category,
    merge_brands,
    remove_from_categories,
    set_categories,
)
from catalog.services.tree import Place, delete_category, merge_categories, move_category, update_category
from catalog.services.words import learn_words

__all__ = [
    "AttributeChoice",
    "CatalogError",
    "EditConflict",
    "OwnOffer",
    "Place",
    "add_images",
    "add_own_offer",
    "add_waiting_clicks",
    "adopt_categories",
    "arrange_images",
    "attach_picture",
    "bring_back",
    "change_status",
    "choose_feeder",
    "choose_list",
    "choose_main_offer",
    "create_product",
    "delete_brand",
    "delete_category",
    "delete_orphans",
    "delete_permanently",
    "delete_shop",
    "expire_offers",
    "get_or_create_brand",
    "get_or_create_category",
    "hide_old_prices",
    "join_products",
    "keep_field",
    "learn_words",
    "let_go",
    "lock_field",
    "lock_product",
    "merge_brands",
    "merge_categories",
    "merge_shops",
    "move_category",
    "move_offers",
    "publish",
    "publish_due",
    "read_all_facets_again",
    "refresh_facets",
    "refresh_prices",
    "remove_from_categories",
    "remove_images",
    "remove_offers",
    "restore",
    "retry_pictures",
    "revising",
    "save_attribute_choices",
    "save_edit",
    "set_brand",
    "set_categories",
    "set_policies",
    "set_policy",
    "show_checked_prices",
    "split_offers",
    "take_feed",
    "trash",
    "unique_slug",
    "unlock_field",
    "unpublish",
    "update_category",
    "update_own_offer",
    "update_product",
]
