"""The writes of pages, guides and menus: the only way to them, for pages, commands and the API."""

from pages.services.menus import MenuError, add_item, change_item, delete_item, move_item
from pages.services.posts import FIELDS, PostConflict, PostError, create_post, save_post, share_draft
from pages.services.restoring import restore_post, take_back
from pages.services.status import change_status, delete_permanently, publish_due
from pages.services.thinning import thin

__all__ = [
    "FIELDS",
    "MenuError",
    "PostConflict",
    "PostError",
    "add_item",
    "change_item",
    "change_status",
    "create_post",
    "delete_item",
    "delete_permanently",
    "move_item",
    "publish_due",
    "restore_post",
    "save_post",
    "share_draft",
    "take_back",
    "thin",
]
