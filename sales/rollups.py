"""Sums by day that pages read."""

from collections.abc import Collection
from datetime import date


def rebuild(touched: Collection[date]) -> None:
    """Build the sums of these days anew, within the caller's transaction."""
