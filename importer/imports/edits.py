"""What a person changed of an item before its import."""

from typing import TypedDict


class ImageEdit(TypedDict):
    url: str
    alt: str


class Edits(TypedDict, total=False):
    """What a person changed in the import dialog; an absent key means as the feed says."""

    title: str
    description: str
    brand: str
    status: str
    category_ids: list[int]
    images: list[ImageEdit]  # the first is the main picture
    product_id: int  # add the offer to this product instead of making one
