"""Rows -> FeedItem by COPY, and the search over them. The only place of this app with SQL for feed items."""

from importer.feed_index.blocked import find_blocks, lexemes_of, read_blocked
from importer.feed_index.delete import delete_gone, delete_items_of
from importer.feed_index.held import accept_held_prices
from importer.feed_index.merge import Diff, Written, mark_items_gone
from importer.feed_index.results import FIRST_PAGE, Facet, IndexPage, Paging, search
from importer.feed_index.swapped import accept_swapped
from importer.feed_index.sync import Tally, replace_feed, store_hits
from importer.feed_index.unknown_ids import find_unknown_ids
from importer.feed_index.variants import MAX_VARIANTS, Variants, group_page, ids_of_model

__all__ = [
    "FIRST_PAGE",
    "MAX_VARIANTS",
    "Facet",
    "IndexPage",
    "Paging",
    "Diff",
    "Tally",
    "Variants",
    "Written",
    "accept_held_prices",
    "accept_swapped",
    "delete_gone",
    "delete_items_of",
    "find_blocks",
    "find_unknown_ids",
    "group_page",
    "ids_of_model",
    "mark_items_gone",
    "lexemes_of",
    "read_blocked",
    "replace_feed",
    "search",
    "store_hits",
]
