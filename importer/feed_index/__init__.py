"""Rows -> FeedItem by COPY, and the search over them. The only place of this app with SQL for feed items."""

from importer.feed_index.delete import delete_gone, delete_items_of
from importer.feed_index.known import find_known
from importer.feed_index.matches import add_matches_to_run
from importer.feed_index.merge import Outlook, Written
from importer.feed_index.query import SORTS, IndexQuery
from importer.feed_index.search import Facet, IndexPage, search
from importer.feed_index.stale import add_stale_to_run, confirm_offers, find_stale
from importer.feed_index.sync import Tally, replace_feed, store_hits

__all__ = [
    "SORTS",
    "Facet",
    "IndexPage",
    "IndexQuery",
    "Outlook",
    "Tally",
    "Written",
    "add_matches_to_run",
    "add_stale_to_run",
    "confirm_offers",
    "delete_gone",
    "delete_items_of",
    "find_known",
    "find_stale",
    "replace_feed",
    "search",
    "store_hits",
]
