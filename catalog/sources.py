"""What the sources of offers are called. The catalogue knows only their slugs; who imports names them."""

from collections.abc import Callable, Mapping

_get_labels: Callable[[], Mapping[str, str]] = dict


def name_sources(get_labels: Callable[[], Mapping[str, str]]) -> None:
    """Take the labels by slug from `get_labels`, which is called only when one is shown."""
    global _get_labels
    _get_labels = get_labels


def source_label(slug: str) -> str:
    """Return the source's name; its slug where nobody named it."""
    return _get_labels().get(slug, slug)
