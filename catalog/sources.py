"""What is known of the sources of offers. The catalogue has only their keys; who imports says the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """What a source says of the article that an offer was made of. The description is clean HTML."""

    title: str
    description: str = ""
    brand: str = ""
    image_urls: Sequence[str] = ()
    links_pictures: bool = False  # show them through our proxy instead of copying them
    attributes: dict = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)  # what a product takes of it (`catalog.lib.merge`)


OWN = "own"  # the source of offers that a person wrote
OWN_LABEL = "By hand"

_get_labels: Callable[[], Mapping[str, str]] = dict
_find_item: Callable[[str], SourceItem | None] = {}.get


def name_sources(get_labels: Callable[[], Mapping[str, str]]) -> None:
    """Take the labels by slug from `get_labels`, which is called only when one is shown."""
    global _get_labels
    _get_labels = get_labels


def source_label(slug: str) -> str:
    """Return the source's name; its slug where nobody named it."""
    return OWN_LABEL if slug == OWN else _get_labels().get(slug, slug)


def describe_items(find: Callable[[str], SourceItem | None]) -> None:
    """Take what `find` returns for an offer's `source_key`."""
    global _find_item
    _find_item = find


def find_item(source_key: str) -> SourceItem | None:
    """Return the item that the offer was made of; None where nobody knows it any more."""
    return _find_item(source_key)
