from pages.models.menus import MenuItem
from pages.models.posts import Post, PostAddress, PostRevision

__all__ = ["MenuItem", "Post", "PostAddress", "PostRevision"]
