"""Find out what was clicked."""

from collections.abc import Collection


def match_sales(ids: Collection[int]) -> None:
    """Match these sales anew, within the caller's transaction."""
