"""What people and tasks do with accounts, searches, runs and feeds."""

from importer.services.accounts import (
    check_account,
    connect_account,
    network_of,
    refresh_account,
)
from importer.services.feeds import SYNC_INTERVAL, count_sync_progress, sync_feed
from importer.services.runs import (
    cancel_run,
    claim_collecting,
    collect_matches,
    fail_run,
    retry_failed,
    start_import,
    start_import_of_matches,
)
from importer.services.search import Hit, SearchResult, fetch_categories, get_hits, search, store_hits

__all__ = [
    "SYNC_INTERVAL",
    "Hit",
    "SearchResult",
    "cancel_run",
    "check_account",
    "claim_collecting",
    "collect_matches",
    "connect_account",
    "count_sync_progress",
    "fail_run",
    "fetch_categories",
    "get_hits",
    "network_of",
    "refresh_account",
    "retry_failed",
    "search",
    "start_import",
    "start_import_of_matches",
    "store_hits",
    "sync_feed",
]
